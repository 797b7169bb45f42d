"""Routes of a running engine: what pure routing needs besides a request, kept from one request to the next."""

from __future__ import annotations

import re
import time
from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from cccc_tui.engine.bindings import Bindings
from cccc_tui.engine.live import LiveConfig
from cccc_tui.routing.conditions import HealthView, LearnedView
from cccc_tui.routing.detect import RequestFacts
from cccc_tui.routing.order import Moment
from cccc_tui.routing.select import choose
from cccc_tui.routing.slots import Candidate, Route
from cccc_tui.traffic.exchange import Exchange

_MOST_POOLS = 1024
"""Pools are named by tags, which headers can put on a request: nobody may fill the memory with them."""


ROUTE = "x-cccc-route"
"""The header that says why this endpoint answered."""

_MOST_CHARS = 240
_NOT_PLAIN = re.compile(r"[^ -~]")


def route_line(exchange: Exchange) -> str:
    """`spare 2/3: priority 2; speaks anthropic`: who answered, its place in the route, and why it stands there."""
    tried = sum([attempt.endpoint == exchange.endpoint for attempt in exchange.attempts])
    found = None
    for step in exchange.route:
        if step.place is None:
            break
        if step.endpoint == exchange.endpoint:
            found = step
            tried -= 1
            if tried <= 0:
                break
    if found is None:
        return ""
    count = bisect_left(exchange.route, True, key=lambda step: step.place is None)
    return _plain(f"{found.endpoint} {found.place}/{count}: {found.reason}")


@lru_cache(maxsize=256)
def _plain(line: str) -> str:
    """As a header may be."""
    plain = _NOT_PLAIN.sub("?", line)
    return plain if len(plain) <= _MOST_CHARS else plain[: _MOST_CHARS - 3] + "..."


class Routed(NamedTuple):
    """A route, and what its success is booked under."""

    route: Route
    tags: tuple[str, ...]
    """The request's, with the one that a rule gave it."""
    session: str
    pool: str


class Router:
    """Gives each request its route, a pool its turns, and a conversation its place."""

    def __init__(self, clock: Callable[[], float] = time.time, bindings: Bindings | None = None) -> None:
        self._clock = clock
        self._bindings = Bindings(clock) if bindings is None else bindings
        self._turns: dict[str, int] = {}

    def route(
        self,
        live: LiveConfig,
        facts: RequestFacts,
        tags: Sequence[str],
        health: HealthView,
        learned: LearnedView,
    ) -> Routed:
        """The route at this moment."""
        table = live.table
        aim = table.aim(facts)
        tags = (*tags, aim.tag) if aim.tag and aim.tag not in tags else tuple(tags)
        plan = table.plan(facts, tags, aim, learned)
        bound = self._bindings.find(facts.session, plan.pool, live.config.routing.sticky)
        turn = self._turn(plan.pool) if bound is None and facts.operation == "generate" else 0
        moment = Moment(health, self._clock(), turn, table.expiring_first)
        return Routed(choose(plan, facts, moment, learned, bound), tags, facts.session, plan.pool)

    def answered(self, routed: Routed, candidate: Candidate) -> None:
        """The candidate answered: the conversation stays there."""
        self._bindings.bind(routed.session, routed.pool, candidate)

    def _turn(self, pool: str) -> int:
        """0, 1, 2 … for each pool by itself: with one counter for all, two pools that alternate would never rotate."""
        if len(self._turns) >= _MOST_POOLS:
            self._turns.clear()
        turn = self._turns.get(pool, 0)
        self._turns[pool] = turn + 1
        return turn
