"""How much may be asked of an endpoint: at the same time, and within a minute.

A request that finds no place goes on to another endpoint; when there is none left it waits its turn, in a queue with
an end. Nobody waits behind a request that has left: a place that becomes free goes to the first who still waits.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from cccc_tui.config.schema import Limits

MINUTE_S = 60.0


class Busy(Exception):
    """There is no place; `retry_after_s` says when there may be one."""

    def __init__(self, message: str, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class _Gate:
    """Who is inside, who waits, and when the last minute's requests were sent."""

    def __init__(self) -> None:
        self.inside = 0
        self.waiting: deque[asyncio.Future[None]] = deque()
        self.sent: deque[float] = deque()

    def leave(self) -> None:
        """Hands the place to the first who still waits, so that nobody who comes just now slips in before him."""
        while self.waiting:
            first = self.waiting.popleft()
            if not first.done():
                first.set_result(None)
                return
        self.inside -= 1


class Gates:
    """One gate an endpoint, by id; the limits come with each request, since a reload may change them."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._gates: dict[str, _Gate] = {}

    def queued(self, endpoint_id: str) -> int:
        """How many wait for a place."""
        gate = self._gates.get(endpoint_id)
        return len(gate.waiting) if gate else 0

    @asynccontextmanager
    async def entered(self, endpoint_id: str, limits: Limits, may_wait: bool) -> AsyncIterator[None]:
        """A place for as long as the context lasts. Raises `Busy`."""
        if not limits.are_set:
            yield
            return
        gate = self._gates.setdefault(endpoint_id, _Gate())
        try:
            async with asyncio.timeout(limits.queue_timeout if may_wait else None):
                await self._rate(gate, limits, may_wait)
                await self._place(gate, limits, may_wait)
        except TimeoutError:
            message = f"no place within {limits.queue_timeout:g} s"
            raise Busy(message, limits.queue_timeout) from None
        if limits.requests_per_minute:
            gate.sent.append(self._clock())
        try:
            yield
        finally:
            gate.leave()

    async def _place(self, gate: _Gate, limits: Limits, may_wait: bool) -> None:
        """Returns with the place taken."""
        if not limits.max_concurrent or (gate.inside < limits.max_concurrent and not gate.waiting):
            gate.inside += 1
            return
        if not may_wait:
            raise Busy(f"it answers {gate.inside} requests already, its limit", 1.0)
        if len(gate.waiting) >= limits.max_queued:
            raise Busy(f"{len(gate.waiting)} requests wait for it already", limits.queue_timeout)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        gate.waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                gate.leave()  # the place was ours already
            raise
        finally:
            if turn in gate.waiting:
                gate.waiting.remove(turn)

    async def _rate(self, gate: _Gate, limits: Limits, may_wait: bool) -> None:
        while limits.requests_per_minute:
            now = self._clock()
            while gate.sent and now - gate.sent[0] >= MINUTE_S:
                gate.sent.popleft()
            if len(gate.sent) < limits.requests_per_minute:
                return
            wait_s = gate.sent[0] + MINUTE_S - now
            if not may_wait or wait_s > limits.queue_timeout:
                raise Busy(f"it had its {limits.requests_per_minute} requests of this minute", wait_s)
            await asyncio.sleep(wait_s)
