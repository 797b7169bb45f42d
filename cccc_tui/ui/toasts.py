"""Short messages in the corner: merged when they repeat, and errors stay until they are read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

Severity = Literal["information", "warning", "error"]

SHOWN_S: dict[Severity, float] = {"information": 4.0, "warning": 5.0, "error": 86_400.0}
MAX_TOASTS = 4


class Toast(msgspec.Struct):
    """One message on screen."""

    text: str
    severity: Severity
    until: float
    count: int = 1

    @property
    def shown_text(self) -> str:
        return f"{self.text}  ×{self.count}" if self.count > 1 else self.text


class Toasts:
    """What is in the corner now. `show` and `clear` are Textual's ways to draw it."""

    def __init__(
        self,
        show: Callable[[str, Severity, float], None],
        clear: Callable[[], None],
        clock: Callable[[], float],
    ) -> None:
        self._show, self._clear, self._clock = show, clear, clock
        self._toasts: list[Toast] = []

    def add(self, text: str, severity: Severity = "information") -> None:
        """Shows a message, or counts it up when it is there already."""
        now = self._clock()
        self._toasts = [toast for toast in self._toasts if toast.until > now]
        until = now + SHOWN_S[severity]
        same = next(
            (toast for toast in self._toasts if (toast.text, toast.severity) == (text, severity)), None
        )
        if same is None:
            self._toasts = [*self._toasts, Toast(text, severity, until)][-MAX_TOASTS:]
        else:
            same.count, same.until = same.count + 1, until
        self._redraw(now)

    def dismiss(self) -> None:
        """The person has read them."""
        if self._toasts:
            self._toasts = []
            self._clear()

    def _redraw(self, now: float) -> None:
        self._clear()
        for toast in self._toasts:
            self._show(toast.shown_text, toast.severity, toast.until - now)
