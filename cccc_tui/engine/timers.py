"""Deadlines that move: a limit on a block of code that each piece of progress pushes back for the price of an addition.

`asyncio.timeout().reschedule()` makes and cancels a timer for each chunk of a stream; here the one timer re-arms itself
when it finds that there was progress meanwhile.
"""

from __future__ import annotations

import asyncio
from types import TracebackType


class Deadline:
    """Raises TimeoutError in the block when `extend` was not called for the seconds last given."""

    def __init__(self, seconds: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._due = self._loop.time() + seconds
        self._seconds = seconds
        self._expired = False
        self._handle: asyncio.TimerHandle | None = None
        self.paused = False
        """While true the limit cannot pass: the wait is somebody else's."""

    def extend(self, seconds: float) -> None:
        """The limit is now `seconds` from this moment; it may only move back."""
        self._due = self._loop.time() + seconds

    def restart(self, seconds: float) -> None:
        """The limit is now `seconds` from this moment, sooner or later than it was."""
        before = self._due
        self.extend(seconds)
        self._seconds = seconds
        if self._due < before:  # a timer that fires too early finds it out; one too late would not
            if self._handle:
                self._handle.cancel()
            self._handle = self._loop.call_at(self._due, self._check)

    async def __aenter__(self) -> Deadline:
        task = asyncio.current_task(self._loop)
        assert task is not None
        self._task = task
        self._cancels_before = task.cancelling()
        self._handle = self._loop.call_at(self._due, self._check)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._handle:
            self._handle.cancel()
        # Somebody else (the client's disconnect) may have cancelled as well: then that wins.
        if self._expired and self._task.uncancel() <= self._cancels_before and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def _check(self) -> None:
        if self.paused:
            self.extend(self._seconds)
        if self._loop.time() < self._due:
            self._handle = self._loop.call_at(self._due, self._check)
        else:
            self._expired = True
            self._task.cancel()
