"""Rounds: all servers of a case in turns, so that what disturbs the machine disturbs all of them."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import uvloop

from benchmarks.asking import Work
from benchmarks.load import Measured, closed_loop
from benchmarks.processes import Running

WARM_UP_S = 0.7


class Effort(NamedTuple):
    """How long is measured."""

    rounds: int
    seconds: float
    """Length of a round."""
    exchanges: int
    """After how many the memory is looked at."""


QUICK = Effort(3, 1.0, 5_000)
NORMAL = Effort(5, 3.0, 20_000)
FULL = Effort(7, 5.0, 100_000)

Rounds = dict[str, list[Measured]]
"""By the name of the server."""
Ask = Callable[[str, float], Measured]
"""Asks a URL for so many seconds."""


def in_turns(servers: Sequence[Running], ask: Ask, effort: Effort, say: Callable[[str], None]) -> Rounds:
    """One warm-up, then round after round."""
    taken: Rounds = {server.name: [] for server in servers}
    for server in servers:
        ask(server.url, min(WARM_UP_S, effort.seconds))
    for number in range(effort.rounds):
        for server in servers:
            taken[server.name].append(with_cpu(server, partial(ask, server.url, effort.seconds)))
        rates = ", ".join(f"{name} {rounds[-1].requests_per_s:.0f}/s" for name, rounds in taken.items())
        say(f"round {number + 1} of {effort.rounds}: {rates}")
    return taken


def with_cpu(server: Running, ask: Callable[[], Measured]) -> Measured:
    before = server.cpu_s()
    measured = ask()
    used_ms = 1_000 * (server.cpu_s() - before)
    return measured._replace(cpu_ms=used_ms / measured.requests if measured.requests else 0.0)


def loop_of(work: Work, clients: int) -> Ask:
    return lambda url, seconds: uvloop.run(closed_loop(url, work, clients, seconds))


def median(rounds: Sequence[Measured], field: str) -> float:
    return statistics.median(float(getattr(each, field)) for each in rounds)


def medians(rounds: Sequence[Measured]) -> dict[str, float]:
    """Each figure by itself; errors are added up."""
    figures = {
        field: median(rounds, field) for field in Measured._fields if field not in ("faults", "errors")
    }
    return figures | {"errors": float(sum(each.errors for each in rounds))}


def faults(taken: Mapping[str, Sequence[Measured]]) -> str:
    """What was wrong with answers, for a reader; empty if nothing was."""
    found = {
        f"{name}: {count} × {fault}"
        for name, rounds in taken.items()
        for each in rounds
        for fault, count in each.faults.items()
    }
    return "; ".join(sorted(found))


def share(of: float, whole: float) -> float:
    return of / whole if whole else 0.0
