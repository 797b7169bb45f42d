"""Two endpoints asked for one answer: the second one only when the first has been silent for a while.

Each is a context that is entered in a task of its own. The one that begins to answer first has won, and the other is
left, which ends its call.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import NamedTuple, TypeVar

from cccc_tui.engine.asking import LOST, Begun
from cccc_tui.engine.attempt import AttemptFailed
from cccc_tui.tasks import spawn

T = TypeVar("T")


class Entered(NamedTuple):
    """A runner that has begun to answer."""

    number: int
    begun: Begun


class Race:
    """Runners in their order; `after_s` is the head start of each over the next."""

    def __init__(self, runners: Sequence[AbstractAsyncContextManager[Begun]], after_s: float) -> None:
        self._runners = runners
        self._after_s = after_s
        self._stacks = [AsyncExitStack() for _runner in runners]
        self._running: dict[asyncio.Task[Begun | AttemptFailed], int] = {}
        self.unheard: list[tuple[int, AttemptFailed]] = []
        """Failures of runners that had ended when another one won, by number: somebody must still judge them."""

    async def outcomes(self, names: Sequence[T]) -> AsyncIterator[tuple[T, Entered | AttemptFailed]]:
        """Each runner's name with its beginning or its failure, as they come; a failure lets the next one start."""
        waiting = list(range(len(self._runners)))
        while waiting or self._running:
            if waiting:
                number = waiting.pop(0)
                task = spawn(self._entered(number), f"ask endpoint {number + 1} of {len(self._runners)}")
                self._running[task] = number
            limit_s = self._after_s if waiting else None
            done, _pending = await asyncio.wait(
                self._running, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                number = self._running.pop(task)
                outcome = task.result()
                yield (
                    names[number],
                    outcome if isinstance(outcome, AttemptFailed) else Entered(number, outcome),
                )

    async def _entered(self, number: int) -> Begun | AttemptFailed:
        try:
            return await self._stacks[number].enter_async_context(self._runners[number])
        except AttemptFailed as failure:
            return failure

    @asynccontextmanager
    async def won(self, entered: Entered) -> AsyncIterator[Begun]:
        """The winner's context; the others end at once."""
        await self._leave(keep=entered.number)
        async with self._stacks[entered.number]:
            yield entered.begun

    async def close(self) -> None:
        """Ends whatever still runs."""
        await self._leave()

    async def _leave(self, keep: int | None = None) -> None:
        for task in self._running:
            task.cancel(LOST)
        if self._running:
            await asyncio.wait(self._running)
        for task, number in self._running.items():
            outcome = None if task.cancelled() or task.exception() else task.result()
            if isinstance(outcome, AttemptFailed):
                self.unheard.append((number, outcome))
        self._running.clear()
        for number, stack in enumerate(self._stacks):
            if number != keep:
                # Not `aclose`: a runner that had begun must learn that its answer was not wanted.
                lost = asyncio.CancelledError(LOST)
                with contextlib.suppress(asyncio.CancelledError):
                    await stack.__aexit__(asyncio.CancelledError, lost, None)
