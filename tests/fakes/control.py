"""A scripted engine for the control center's tests and pictures: every kind of endpoint and exchange, a
frozen clock.

The same moment and the same data every time, so that a picture of a screen changes only when the screen does.
Commands are recorded in `calls` and answered kindly; `outcome` changes the answer.
"""

from __future__ import annotations

import math
import os
import time

import msgspec

from cccc_tui.engine.control import EndpointStatus, EngineStatus, FactStatus, Health, Outcome, TestResult
from cccc_tui.traffic.exchange import Exchange
from cccc_tui.traffic.notices import Notices
from cccc_tui.traffic.rates import Rates
from cccc_tui.traffic.ring import Ring
from cccc_tui.wire.model import Usage
from tests.fakes.scenario import (
    CONFIG_PATH,
    NOTICES,
    NOW,
    attempt,
    body,
    endpoint,
    exchange,
    fresh_endpoints,
    scripted_endpoints,
    scripted_exchanges,
    scripted_facts,
)

__all__ = [
    "CONFIG_PATH",
    "NOW",
    "FakeControl",
    "attempt",
    "body",
    "endpoint",
    "exchange",
    "pin_timezone",
]


def pin_timezone() -> None:
    """Local times in pictures are UTC."""
    os.environ["TZ"] = "UTC"
    time.tzset()


class FakeControl:
    """`Control` without an engine. `FakeControl(empty=True)` has seen no request yet."""

    def __init__(self, *, empty: bool = False) -> None:
        self.time = NOW
        self.calls: list[tuple[object, ...]] = []
        self.outcome = Outcome(done=True, message="Done.")
        self.changed_status: dict[str, object] = {}
        """Fields of `status()` that a test wants otherwise."""
        self.endpoint_list = list(fresh_endpoints() if empty else scripted_endpoints())
        self.fact_list = [] if empty else scripted_facts()
        self.facts_revision = 1
        self.facts_read = 0
        self._forgotten: list[FactStatus] = []
        self._ring = Ring()
        self._notices = Notices()
        self.time = NOW - 900
        self._rates = Rates(self.clock)
        self.time = NOW
        self._is_empty = empty
        if not empty:
            self._script()

    def clock(self) -> float:
        return self.time

    def advance(self, seconds: float) -> None:
        """Lets time pass; nothing else happens."""
        self.time += seconds

    def add(self, exchange: Exchange) -> None:
        """A new exchange comes in, or has come and gone."""
        self._ring.add(exchange)
        if exchange.is_over:
            self._ring.settle(exchange)

    def _script(self) -> None:
        for scripted in scripted_exchanges():
            self.add(scripted)
        for ago_s, level, source, text in NOTICES:
            self._notices.add(NOW - ago_s, level, source, text)  # type: ignore[arg-type]
        self.time = NOW - 900
        for second in range(900):
            self.time += 1
            self._rates.count("requests", _wave(second))
            self._rates.count("tokens", 900 * _wave(second + 3))
            self._rates.count("bytes", 4_000 * _wave(second + 3))
            self._rates.count("errors", int(second % 97 == 0))

    @property
    def traffic(self) -> Ring:
        return self._ring

    @property
    def notices(self) -> Notices:
        return self._notices

    @property
    def rates(self) -> Rates:
        return self._rates

    def status(self) -> EngineStatus:
        status = EngineStatus(
            version="0.1.0",
            address="http://127.0.0.1:8080",
            listening=True,
            banner="",
            config_path=CONFIG_PATH,
            profiles=("balanced", "cost", "reliability"),
            started_at=NOW - 3 * 3600 - 125,
            in_flight=sum(not each.is_over for each in self._ring),
            requests_total=0 if self._is_empty else 1_248,
            requests_per_min=0 if self._is_empty else 14,
            errors_5min=0 if self._is_empty else 3,
            tokens_today=Usage()
            if self._is_empty
            else Usage(
                input_tokens=182_400,
                output_tokens=96_120,
                cache_read_tokens=2_914_000,
                cache_write_tokens=210_300,
                reasoning_tokens=31_000,
            ),
            loop_lag_ms=1.4,
            demo=False,
        )
        return msgspec.structs.replace(status, **self.changed_status)

    def endpoints(self) -> tuple[EndpointStatus, ...]:
        return tuple(self.endpoint_list)

    async def set_enabled(self, endpoint: str, enabled: bool) -> Outcome:
        self.calls.append(("set_enabled", endpoint, enabled))
        if self.outcome.done:
            health: Health = "untried" if enabled else "disabled"
            self._change(endpoint, enabled=enabled, health=health)
        return self.outcome

    async def move_endpoint(self, endpoint: str, places: int) -> Outcome:
        self.calls.append(("move_endpoint", endpoint, places))
        if self.outcome.done:
            index = self._index(endpoint)
            moved = self.endpoint_list.pop(index)
            self.endpoint_list.insert(max(0, index + places), moved)
        return self.outcome

    async def reset_endpoint(self, endpoint: str | None) -> Outcome:
        self.calls.append(("reset_endpoint", endpoint))
        return self.outcome

    async def test_endpoint(self, endpoint: str) -> tuple[TestResult, ...]:
        self.calls.append(("test_endpoint", endpoint))
        status = self.endpoint_list[self._index(endpoint)]
        return tuple(
            TestResult(
                endpoint=endpoint,
                ok=status.health == "healthy",
                format=each,
                status=200 if status.health == "healthy" else 503,
                elapsed_ms=412.0,
                model="claude-haiku-4-5" if each == "anthropic" else "gpt-5-mini",
                message="It answered: Hello!"
                if status.health == "healthy"
                else "It answered 503: overloaded.",
            )
            for each in status.formats
        )

    async def cancel_exchange(self, exchange_id: int) -> Outcome:
        self.calls.append(("cancel_exchange", exchange_id))
        found = self._ring.get(exchange_id)
        if self.outcome.done and found is not None:
            found.state, found.ended_s = "cancelled", self.time - found.began_at
            self._ring.settle(found)
        return self.outcome

    def facts(self) -> tuple[FactStatus, ...]:
        self.facts_read += 1
        return tuple(
            fact for fact in self.fact_list if fact.pinned or self.time < (fact.expires_at or math.inf)
        )

    def teach(self, *facts: FactStatus) -> None:
        """An endpoint teaches something."""
        self._learn([*self.fact_list, *facts])

    def _learn(self, facts: list[FactStatus]) -> None:
        self.fact_list = sorted(facts, key=lambda fact: (fact.endpoint, fact.model, fact.name))
        self.facts_revision += 1

    async def pin_fact(self, endpoint: str, model: str, name: str, pinned: bool = True) -> Outcome:
        self.calls.append(("pin_fact", endpoint, model, name, pinned))
        if self.outcome.done:
            self._learn(
                [
                    msgspec.structs.replace(fact, pinned=pinned) if _is(fact, endpoint, model, name) else fact
                    for fact in self.fact_list
                ]
            )
        return self.outcome

    async def undo_fact(self, endpoint: str, model: str, name: str) -> Outcome:
        self.calls.append(("undo_fact", endpoint, model, name))
        if self.outcome.done:
            self._forgotten += [fact for fact in self.fact_list if _is(fact, endpoint, model, name)]
            self._learn([fact for fact in self.fact_list if not _is(fact, endpoint, model, name)])
        return self.outcome

    async def restore_fact(self, endpoint: str, model: str, name: str) -> Outcome:
        self.calls.append(("restore_fact", endpoint, model, name))
        if self.outcome.done:
            self._learn([*self.fact_list, *(f for f in self._forgotten if _is(f, endpoint, model, name))])
        return self.outcome

    def export_facts(self) -> str:
        return '{"cccc_facts": 1, "facts": []}'

    async def import_facts(self, text: str) -> Outcome:
        self.calls.append(("import_facts", text))
        return self.outcome

    async def clear_traffic(self) -> Outcome:
        self.calls.append(("clear_traffic",))
        self._ring.clear()
        return self.outcome

    async def reload_config(self) -> Outcome:
        self.calls.append(("reload_config",))
        return self.outcome

    async def set_profile(self, profile: str) -> Outcome:
        self.calls.append(("set_profile", profile))
        return self.outcome

    async def undo_edit(self) -> Outcome:
        self.calls.append(("undo_edit",))
        return self.outcome

    def _index(self, endpoint: str) -> int:
        return next(index for index, status in enumerate(self.endpoint_list) if status.name == endpoint)

    def _change(self, endpoint: str, **fields: object) -> None:
        index = self._index(endpoint)
        self.endpoint_list[index] = msgspec.structs.replace(self.endpoint_list[index], **fields)


def _is(fact: FactStatus, endpoint: str, model: str, name: str) -> bool:
    return (fact.endpoint, fact.model, fact.name) == (endpoint, model, name)


def _wave(second: int) -> int:
    """Requests of one second: a slow swell with bursts, the same every time."""
    swell = (1, 3, 2, 0, 1, 2, 4, 2)[second // 20 % 8]
    return swell // 2 * (second * 7919 % 13 == 0) + (second * 31 % 7 == 0) * (second % 60 < 12 * swell)
