"""The ledger: what each exchange and each endpoint did, for the screens, the rates and the state database.

Everything here is attribute writes on the loop; what must survive goes to the usage book, which has its own thread.
"""

from __future__ import annotations

import asyncio
import logging
import statistics
import time
from collections import deque
from collections.abc import Callable
from sys import intern
from typing import Any

import msgspec

from cccc_tui.config.schema import Logging
from cccc_tui.routing.select import Route
from cccc_tui.state.usage import UsageBook, day_of
from cccc_tui.traffic.exchange import Attempt, Consideration, Exchange, Headers, State
from cccc_tui.traffic.rates import Rates
from cccc_tui.traffic.ring import Ring
from cccc_tui.wire.model import Usage

log = logging.getLogger(__name__)

_MOST_ROUTES = 64


class Tally(msgspec.Struct, kw_only=True):
    """What one endpoint did since the start."""

    in_flight: int = 0
    requests: int = 0
    failures: int = 0
    last_error: str = ""
    last_used_at: float | None = None
    first_content_ms: deque[float] = msgspec.field(default_factory=lambda: deque(maxlen=50))
    usage: Usage = msgspec.field(default_factory=Usage)

    @property
    def median_first_content_ms(self) -> float | None:
        return statistics.median(self.first_content_ms) if self.first_content_ms else None


class Ledger:
    """Opens and closes exchanges and attempts."""

    def __init__(
        self, ring: Ring, rates: Rates, usage: UsageBook, clock: Callable[[], float] = time.time
    ) -> None:
        self.ring = ring
        self.rates = rates
        self.tallies: dict[str, Tally] = {}
        self.handlers: dict[int, asyncio.Task[Any]] = {}
        """The task of each exchange that is running."""
        self.cancelled_by_user: set[int] = set()
        self._usage = usage
        self._clock = clock
        self._considered: dict[int, tuple[Route, tuple[Consideration, ...]]] = {}
        """By the route's identity: most requests share one, and it may name many endpoints."""

    @property
    def in_flight(self) -> int:
        return len(self.handlers)

    def tally(self, endpoint_id: str) -> Tally:
        tally = self.tallies.get(endpoint_id)
        if tally is None:
            tally = self.tallies[endpoint_id] = Tally()
        return tally

    def open(self, method: str, path: str, headers: Headers) -> Exchange:
        """`headers` have no secret in them."""
        exchange = Exchange(
            id=self.ring.next_id,
            began_at=self._clock(),
            method=method,
            path=intern(path),
            request_headers=headers,
        )
        self.ring.add(exchange)
        self.rates.count("requests")
        task = asyncio.current_task()
        assert task is not None
        self.handlers[exchange.id] = task
        return exchange

    def routed(self, exchange: Exchange, route: Route) -> None:
        known = self._considered.get(id(route))
        if known is None or known[0] is not route:
            if len(self._considered) >= _MOST_ROUTES:
                self._considered.clear()
            known = self._considered[id(route)] = (route, _considerations(route))
        exchange.route = known[1]
        exchange.state = "waiting"
        self.ring.touch(exchange.id)

    def begin_attempt(self, exchange: Exchange, endpoint_id: str, attempt: Attempt) -> None:
        exchange.attempts.append(attempt)
        exchange.endpoint = attempt.endpoint
        tally = self.tally(endpoint_id)
        tally.in_flight += 1
        tally.requests += 1
        tally.last_used_at = self._clock()
        self.ring.touch(exchange.id)

    def end_attempt(self, exchange: Exchange, endpoint_id: str, attempt: Attempt) -> None:
        attempt.ended_s = self._clock() - exchange.began_at
        tally = self.tally(endpoint_id)
        tally.in_flight -= 1
        if attempt.error:
            tally.failures += 1
            tally.last_error = attempt.error
        elif attempt.first_content_s is not None:
            tally.first_content_ms.append((attempt.first_content_s - attempt.began_s) * 1000)
        self.ring.touch(exchange.id)

    def close(
        self, exchange: Exchange, endpoint_id: str, state: State, error: str, logging_: Logging
    ) -> None:
        """Books an exchange that is over."""
        exchange.state = state
        exchange.error = error
        exchange.ended_s = self._clock() - exchange.began_at
        self.handlers.pop(exchange.id, None)
        self.cancelled_by_user.discard(exchange.id)
        if state == "failed":
            self.rates.count("errors")
        if exchange.attempts:
            self._book_usage(exchange, endpoint_id)
        self.ring.settle(exchange)
        _log_line(exchange, logging_)

    def book_lost(
        self, exchange: Exchange, endpoint_id: str, endpoint: str, model: str, input_tokens: int
    ) -> None:
        """Books what a call that another one overtook has cost its endpoint."""
        self.rates.count("tokens", input_tokens)
        self.tally(endpoint_id).usage.input_tokens += input_tokens
        usage = Usage(input_tokens=input_tokens)
        self._usage.book(day_of(exchange.began_at), endpoint, model, exchange.client, usage, ok=True)

    def _book_usage(self, exchange: Exchange, endpoint_id: str) -> None:
        usage, attempts, endpoint = exchange.usage, exchange.attempts, exchange.endpoint
        self.rates.count("tokens", usage.total)
        self.tally(endpoint_id).usage.add(usage)
        asked = attempts[-1]
        if asked.endpoint != endpoint:
            asked = next((each for each in reversed(attempts) if each.endpoint == endpoint), asked)
        day, ok = day_of(exchange.began_at), exchange.state == "done"
        self._usage.book(day, endpoint, asked.model, exchange.client, usage, ok=ok)


def _considerations(route: Route) -> tuple[Consideration, ...]:
    return (
        *(
            Consideration(candidate.name, place, candidate.reason)
            for place, candidate in enumerate(route.candidates, 1)
        ),
        *(Consideration(left.name, None, left.reason) for left in route.left_out),
    )


def _log_line(exchange: Exchange, settings: Logging) -> None:
    failed = exchange.state == "failed" or exchange.status >= 400
    wanted = settings.log_request_types
    if (wanted == "failed" and not failed) or (wanted == "success" and failed):
        return
    path = exchange.path.partition("?")[0]
    level = logging.WARNING if failed else logging.INFO
    if path in settings.exclude_paths or not log.isEnabledFor(level):
        return
    asked = f"#{exchange.id} {exchange.client} {path} {exchange.model or '–'}"
    answered = f"{exchange.endpoint or 'no endpoint'} {exchange.status or '–'} {exchange.state}"
    why = f": {exchange.error}" if exchange.error else ""
    log.log(level, f"{asked} → {answered} in {exchange.ended_s or 0.0:.2f} s{why}")
