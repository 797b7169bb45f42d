"""The load: so many clients at once, each asking again as soon as it has its answer (a closed loop), or requests
at a given rate, each when its time comes."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Callable
from typing import NamedTuple

from benchmarks.asking import Client, Tally, Work, now, place

RECONNECT_AFTER_S = 0.05
DRAIN_S = 30.0
"""How long the last answers may take after the time is over."""


class Measured(NamedTuple):
    """One round, as the clients saw it."""

    requests: int
    seconds: float
    requests_per_s: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    first_byte_p50_ms: float
    first_byte_p99_ms: float
    gap_p99_ms: float
    errors: int
    faults: dict[str, int]
    """What was wrong with answers that count as errors, and how often."""
    cpu_ms: float = 0.0
    """Processor time of the server, an answer; 0 where it was not measured."""


async def closed_loop(url: str, work: Work, clients: int, duration_s: float, at_most: int = 0) -> Measured:
    """Asks `url` for `duration_s`, or until `at_most` answers have come."""
    tally, begun = Tally(), now()
    loop = _Loop(url, work, tally, begun + duration_s, at_most)
    await asyncio.gather(*(loop.connect() for _ in range(clients)))
    await loop.over(clients, duration_s + DRAIN_S)
    return summary(tally, loop.last_answer - begun)


async def paced(url: str, work: Work, rate: float, duration_s: float) -> Measured:
    """Asks `rate` times a second, whatever the answers take; latency counts from when a request was due."""
    tally, begun = Tally(), now()
    idle: list[Client] = []
    host, port = place(url)
    loop = asyncio.get_running_loop()
    count = int(rate * duration_s)

    class OneOfMany(Client):
        def answered(self, is_right: bool) -> None:
            idle.append(self)

    async def fresh() -> Client:
        _, client = await loop.create_connection(lambda: OneOfMany(work, tally), host, port)
        return client

    for number in range(count):
        due = begun + number / rate
        await asyncio.sleep(max(0.0, due - now()))
        while idle and not idle[-1].is_open:
            idle.pop()
        client = idle.pop() if idle else await fresh()
        client.ask(due)
    await _until(lambda: len(tally.latency) + sum(tally.faults.values()) >= count, DRAIN_S)
    for client in idle:
        client.close()
    return summary(tally, now() - begun)


async def _until(is_so: Callable[[], bool], timeout_s: float) -> None:
    end = now() + timeout_s
    while not is_so() and now() < end:
        await asyncio.sleep(0.02)


class _Loop:
    """The clients of a closed loop, and when it ends."""

    def __init__(self, url: str, work: Work, tally: Tally, end: float, at_most: int) -> None:
        self.host, self.port = place(url)
        self.work, self.tally, self.end = work, tally, end
        self.left = at_most or 1 << 60
        self.last_answer = now()
        self._at_rest = 0
        self._over = asyncio.Event()
        self._open: set[_LoopClient] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def connect(self) -> None:
        """A client that has its connection; a refusal counts, and is tried again until the time is over."""
        while now() < self.end:
            try:
                _, client = await asyncio.get_running_loop().create_connection(
                    lambda: _LoopClient(self), self.host, self.port
                )
            except OSError as error:
                self.tally.blame(f"no connection: {error.strerror or error}")
                await asyncio.sleep(RECONNECT_AFTER_S)
                continue
            self._open.add(client)
            return client.go_on()
        return self.rest()

    def may_ask(self) -> bool:
        self.left -= 1
        return self.left >= 0 and now() < self.end

    def rest(self) -> None:
        self._at_rest += 1
        self._over.set()

    def replace(self, client: _LoopClient) -> None:
        """A lost connection gets a successor after a moment."""
        self._open.discard(client)

        async def later() -> None:
            await asyncio.sleep(RECONNECT_AFTER_S)
            await self.connect()

        task = asyncio.get_running_loop().create_task(later())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def over(self, clients: int, timeout_s: float) -> None:
        """Waits until all are at rest, and ends them."""
        try:
            async with asyncio.timeout(timeout_s):
                while self._at_rest < clients:
                    self._over.clear()
                    await self._over.wait()
        except TimeoutError:
            for _ in range(clients - self._at_rest):
                self.tally.blame(f"no answer within {DRAIN_S:.0f} s of the end")
        for client in tuple(self._open):
            client.is_done = True
            client.close()


class _LoopClient(Client):
    def __init__(self, loop: _Loop) -> None:
        super().__init__(loop.work, loop.tally)
        self._loop = loop
        self.is_done = False

    def answered(self, is_right: bool) -> None:
        self._loop.last_answer = now()
        self.go_on()

    def go_on(self) -> None:
        """Asks again, unless the time is over."""
        if self._loop.may_ask():
            self.ask()
        else:
            self.is_done = True
            self._loop.rest()

    def lost(self) -> None:
        if not self.is_done:
            self.is_done = True
            self._loop.replace(self)


def summary(tally: Tally, seconds: float) -> Measured:
    latency, first, gaps = sorted(tally.latency), sorted(tally.first_byte), sorted(tally.gaps)
    return Measured(
        requests=len(latency),
        seconds=seconds,
        requests_per_s=len(latency) / seconds if seconds else 0.0,
        p50_ms=quantile_ms(latency, 0.5),
        p95_ms=quantile_ms(latency, 0.95),
        p99_ms=quantile_ms(latency, 0.99),
        first_byte_p50_ms=quantile_ms(first, 0.5),
        first_byte_p99_ms=quantile_ms(first, 0.99),
        gap_p99_ms=quantile_ms(gaps, 0.99),
        errors=sum(tally.faults.values()),
        faults=tally.faults,
    )


def quantile_ms(ordered: list[float] | array[float], share: float) -> float:
    return 1_000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
