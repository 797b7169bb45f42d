"""Parallel streams whose events come at an interval: how many of them stay in time, and what an event costs.

A stream is clean if it is whole and no event comes later than twice the interval after the one before it. The count
of streams is raised until they do not stay clean any more, twice in a row. Of several tries the best one counts: what
else the machine does only ever makes streams late.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from typing import NamedTuple

import uvloop

from benchmarks.asking import Answer, Client, Tally, Work, now, place, work
from benchmarks.experiment import Lab
from benchmarks.load import DRAIN_S, Measured, summary
from benchmarks.processes import Running
from benchmarks.results import Result
from benchmarks.rounds import median, medians, share, with_cpu
from benchmarks.servers import cccc, limit

INTERVAL_MS = 50.0
LATE_S = 2 * INTERVAL_MS / 1_000
EVENTS = 80
BEGUN_WITHIN_S = 2.0
"""Half as long as a stream: to begin all of them at once would measure how fast requests are taken."""
FIRST, GROWTH, MOST = 100, 1.2, 3_000
TRIES, PATIENCE = 3, 2
CLEAN_SHARE = 0.95
"""A count at which fewer stay clean in every try is too many."""
HEADROOM = 1.2
"""The load must bear so many times the streams of the limit by itself."""
NO_ROOM = "the load has no room above the limit: the ratio flatters cccc"
STEADY = 100
"""Streams by which the cost of an event is measured: every server keeps up with them."""


class Round(NamedTuple):
    clean: int
    measured: Measured


class TimedClient(Client):
    """One stream, and whether its events came in time."""

    def __init__(self, work: Work, tally: Tally) -> None:
        super().__init__(work, tally)
        self.over = asyncio.get_running_loop().create_future()
        self.is_whole = self.was_late = False

    def data_received(self, data: bytes) -> None:
        answer, last = self._answer, self._last
        super().data_received(data)
        if _has_begun_before(answer, data) and self._last - last > LATE_S:
            self.was_late = True

    def answered(self, is_right: bool) -> None:
        self.is_whole = is_right
        self._settle()

    def lost(self) -> None:
        self._settle()

    def _settle(self) -> None:
        if not self.over.done():
            self.over.set_result(None)


def _has_begun_before(answer: Answer | None, data: bytes) -> bool:
    return answer is not None and answer.size > len(data)


async def parallel(url: str, asked: Work, count: int) -> Round:
    """So many streams, begun one after the other, and all of them open for as long as that took."""
    tally, begun = Tally(), now()
    host, port = place(url)
    loop = asyncio.get_running_loop()
    made = await asyncio.gather(
        *(loop.create_connection(lambda: TimedClient(asked, tally), host, port) for _ in range(count))
    )
    clients, first = [client for _, client in made], now()
    for number, client in enumerate(clients):
        await asyncio.sleep(max(0.0, first + number * BEGUN_WITHIN_S / count - now()))
        client.ask()
    done, late = await asyncio.wait([client.over for client in clients], timeout=DRAIN_S)
    for client in clients:
        client.close()
    for _ in late:
        tally.blame(f"no end within {DRAIN_S:.0f} s")
    clean = sum(client.over in done and client.is_whole and not client.was_late for client in clients)
    return Round(clean, summary(tally, now() - begun))


def clean_streams(lab: Lab) -> Iterator[Result]:
    """The most streams that stay clean, beside the limit's; and what an event costs, at a count that both bear."""
    lab.place.plan(EVENTS, INTERVAL_MS)
    asked = work("anthropic", "small", EVENTS)
    with ExitStack() as stack:
        servers = [stack.enter_context(start(lab.place, "anthropic")) for start in (limit, cccc)]
        yield _event_cost(lab, servers, asked)
        most = _most(lab, servers, asked)
        ahead = int(HEADROOM * most["limit"])
        alone = _best(lab.direct, asked, ahead)
    yield Result(
        name="clean-streams",
        title=f"most parallel streams in time, an event each {INTERVAL_MS:.0f} ms",
        what="× the limit's streams",
        value=share(most["cccc"], most["limit"]),
        measured={name: {"clean_streams": clean} for name, clean in (most | {"direct": alone}).items()},
        note="" if alone >= CLEAN_SHARE * ahead else NO_ROOM,
    )


def _most(lab: Lab, servers: list[Running], asked: Work) -> dict[str, int]:
    """By server, how many stayed clean at the largest count at which nearly all did."""
    most, failed = ({server.name: 0 for server in servers} for _ in range(2))
    count = FIRST
    while count <= MOST and (rising := [server for server in servers if failed[server.name] < PATIENCE]):
        found = {server.name: _best(server, asked, count) for server in rising}
        lab.say(f"{count} streams: " + ", ".join(f"{name} {clean} clean" for name, clean in found.items()))
        for name, clean in found.items():
            is_clean = clean >= CLEAN_SHARE * count
            most[name] = clean if is_clean else most[name]
            failed[name] = 0 if is_clean else failed[name] + 1
        count = int(count * GROWTH)
    return most


def _best(server: Running, asked: Work, count: int) -> int:
    best = 0
    for _ in range(TRIES):
        best = max(best, uvloop.run(parallel(server.url, asked, count)).clean)
        if best >= CLEAN_SHARE * count:
            break
    return best


def _steady(url: str, asked: Work) -> Measured:
    return uvloop.run(parallel(url, asked, STEADY)).measured


def _event_cost(lab: Lab, servers: list[Running], asked: Work) -> Result:
    taken: dict[str, list[Measured]] = {server.name: [] for server in servers}
    for number in range(lab.effort.rounds):
        for server in servers:
            taken[server.name].append(with_cpu(server, partial(_steady, server.url, asked)))
        lab.say(f"cost of an event: round {number + 1} of {lab.effort.rounds}")
    per_event_us = {name: 1_000 * median(rounds, "cpu_ms") / EVENTS for name, rounds in taken.items()}
    return Result(
        name="event-cost",
        title=f"processor time of a streamed event, {STEADY} streams",
        what="× the limit's",
        value=share(per_event_us["cccc"], per_event_us["limit"]),
        measured={
            name: medians(rounds) | {"cpu_us_per_event": per_event_us[name]} for name, rounds in taken.items()
        },
    )
