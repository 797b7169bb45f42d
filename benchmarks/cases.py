"""Throughput: which requests, in which formats, from how many connections, beside which server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import NamedTuple

from benchmarks.asking import work
from benchmarks.bodies import Size
from benchmarks.experiment import Lab
from benchmarks.processes import Running
from benchmarks.results import Result
from benchmarks.rounds import Rounds, faults, in_turns, loop_of, median, medians, share
from benchmarks.servers import cccc, limit
from cccc_tui.wire.model import Format


class Case(NamedTuple):
    """One kind of work."""

    name: str
    title: str
    size: Size
    events: int = 0
    """Events of a streamed answer; 0 for one that is not streamed."""
    client: Format = "anthropic"
    upstream: Format = "anthropic"
    connections: int = 16


CASES = (
    Case("small", "small, whole", "small"),
    Case("agent", "agent, whole", "agent"),
    Case("agent-stream", "agent, 50 events", "agent", 50),
    Case("agent-to-chat", "agent, whole, anthropic → chat", "agent", 0, upstream="chat"),
    Case("agent-stream-to-chat", "agent, 50 events, anthropic → chat", "agent", 50, upstream="chat"),
    Case(
        "responses-stream-to-anthropic",
        "agent, 50 events, responses → anthropic",
        "agent",
        50,
        client="responses",
    ),
    Case("long-stream", "small, 2,000 events", "small", 2_000),
    Case("long-stream-to-chat", "small, 2,000 events, anthropic → chat", "small", 2_000, upstream="chat"),
    Case("huge", "1 MB, whole", "huge"),
    Case("huge-to-chat", "1 MB, whole, anthropic → chat", "huge", upstream="chat"),
    Case("small-64", "small, whole, 64 connections", "small", connections=64),
    Case("small-512", "small, whole, 512 connections", "small", connections=512),
    Case("agent-stream-64", "agent, 50 events, 64 connections", "agent", 50, connections=64),
)


def throughput(lab: Lab, case: Case) -> Iterator[Result]:
    """cccc beside the limit, which passes on what an upstream of the client's own format says."""
    with ExitStack() as stack:
        servers = [
            stack.enter_context(limit(lab.place, case.client)),
            stack.enter_context(cccc(lab.place, case.upstream)),
            lab.direct,
        ]
        taken = rounds_of(lab, case, servers)
    yield Result(
        name=case.name,
        title=case.title,
        what="× the limit's requests/s",
        value=share(median(taken["cccc"], "requests_per_s"), median(taken["limit"], "requests_per_s")),
        cpu=share(median(taken["limit"], "cpu_ms"), median(taken["cccc"], "cpu_ms")),
        measured={name: medians(rounds) for name, rounds in taken.items()},
        note=faults(taken) or _bottleneck(taken),
    )


def rounds_of(lab: Lab, case: Case, servers: list[Running]) -> Rounds:
    lab.say(case.title)
    lab.place.plan(case.events)
    ask = loop_of(work(case.client, case.size, case.events), case.connections)
    return in_turns(servers, ask, lab.effort, lab.say)


def _bottleneck(taken: Rounds) -> str:
    """A measurement in which the load is the slowest says nothing of the servers."""
    ours, direct = (median(taken[name], "requests_per_s") for name in ("limit", "direct"))
    return "" if direct > 1.5 * ours else "the load is hardly faster than the limit: the ratio flatters cccc"


def latency(lab: Lab) -> Iterator[Result]:
    """What a proxy adds to the latency of one client, beside what the limit adds."""
    case = Case("latency", "small, whole, one connection", "small", connections=1)
    with ExitStack() as stack:
        servers = [
            stack.enter_context(limit(lab.place, case.client)),
            stack.enter_context(cccc(lab.place, case.upstream)),
            lab.direct,
        ]
        taken = rounds_of(lab, case, servers)
    p50 = {name: median(rounds, "p50_ms") for name, rounds in taken.items()}
    yield Result(
        name=case.name,
        title=case.title,
        what="× the limit's added p50",
        value=share(p50["cccc"] - p50["direct"], p50["limit"] - p50["direct"]),
        cpu=share(median(taken["cccc"], "cpu_ms"), median(taken["limit"], "cpu_ms")),
        measured={name: medians(rounds) for name, rounds in taken.items()},
        note=faults(taken),
    )
