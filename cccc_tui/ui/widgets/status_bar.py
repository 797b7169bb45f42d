"""The line that always says how the gateway is: address, endpoint, load, errors, loop lag, and the view's own
state."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static


class StatusBar(Static):
    """One line of facts, redrawn only when they change."""

    DEFAULT_CSS = (
        "StatusBar { dock: bottom; height: 1; background: $panel; color: $foreground; padding: 0 1; }"
    )

    def __init__(self) -> None:
        super().__init__("", markup=False)

    def show(self, text: Content) -> None:
        if text != self.content:
            self.update(text)
