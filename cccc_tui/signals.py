"""The system's wish that we end, as two events: the first asks kindly, the second cuts the grace."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

NAMES = ("SIGTERM", "SIGINT", "SIGHUP")
"""Windows has no SIGHUP."""


class Signals:
    """What was asked by signals so far; `on_first` is called at the first one, even while the loop is stuck."""

    def __init__(self, on_first: Callable[[], None]) -> None:
        self.asked = asyncio.Event()
        self.insisted = asyncio.Event()
        self.name = ""
        """The first signal that came, `SIGTERM`."""
        self._on_first = on_first

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Listens meanwhile, in the loop that runs now.

        Not by the loop's own `add_signal_handler`, which would wait for the loop: Python calls these handlers
        between any two steps of the main thread, so that a program that hangs can still be ended.
        """
        loop = asyncio.get_running_loop()

        def handle(number: int, _frame: FrameType | None) -> None:
            if not self.name:
                self.name = signal.Signals(number).name
                self._on_first()
            loop.call_soon_threadsafe(self.take)

        before = {number: signal.signal(number, handle) for number in _available()}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def take(self) -> None:
        """What one more signal means: to stop, and for the impatient to stop now."""
        (self.insisted if self.asked.is_set() else self.asked).set()


def _available() -> list[signal.Signals]:
    return [signal.Signals[name] for name in NAMES if name in signal.Signals.__members__]
