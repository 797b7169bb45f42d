"""The system's wish that we end, as two events: the first asks kindly, the second cuts the grace."""

from __future__ import annotations

import asyncio
import signal
from types import FrameType

NAMES = ("SIGTERM", "SIGINT", "SIGHUP")
"""Windows has no SIGHUP."""


class Signals:
    """Listens from `watch` on; belongs to the loop that runs then."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.insisted = asyncio.Event()
        self.name = ""
        """The first signal that came, `SIGTERM`."""

    def watch(self) -> None:
        loop = asyncio.get_running_loop()
        for number in _available():
            try:
                loop.add_signal_handler(number, self.take, number)
            except NotImplementedError:  # the loops of Windows

                def handle(caught: int, _frame: FrameType | None) -> None:
                    loop.call_soon_threadsafe(self.take, signal.Signals(caught))

                signal.signal(number, handle)

    def take(self, number: signal.Signals) -> None:
        """What a signal means: to stop, and for the impatient to stop now."""
        if self.asked.is_set():
            self.insisted.set()
            return
        self.name = number.name
        self.asked.set()


def _available() -> list[signal.Signals]:
    return [signal.Signals[name] for name in NAMES if name in signal.Signals.__members__]
