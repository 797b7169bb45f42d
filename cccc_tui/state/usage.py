"""Tokens and cost by day, endpoint, model and client, kept over restarts.

Booking adds to what is in memory and queues the same addition for the database: the file holds sums, so a
row grows and nothing has to be read before it is written.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Literal

import msgspec

from cccc_tui.state.database import Database
from cccc_tui.wire.model import Usage

Column = Literal["day", "endpoint", "model", "client"]

_TOKENS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens")
_SUMMED = ("requests", "failures", *_TOKENS, "cost_usd", "unpriced")
_KEY = ("day", "endpoint", "model", "client")
_PLACES = ", ".join("?" * len((*_KEY, *_SUMMED)))
_ADD = (
    f"INSERT INTO usage ({', '.join((*_KEY, *_SUMMED))}) VALUES ({_PLACES}) "
    f"ON CONFLICT DO UPDATE SET {', '.join(f'{name} = {name} + excluded.{name}' for name in _SUMMED)}"
)
_SUMS = ", ".join(f"TOTAL({name})" for name in _SUMMED)


class UsageTotal(msgspec.Struct, frozen=True, kw_only=True):
    """A sum over exchanges."""

    of: str
    """The day, endpoint, model or client that it is the sum of."""
    requests: int
    failures: int
    usage: Usage
    cost_usd: float
    unpriced: int
    """Requests whose cost is unknown, and so not in `cost_usd`."""


class UsageBook:
    """Books exchanges. Days are local dates, `2026-11-20`."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock
        self._day = ""
        self._today = Usage()

    async def load(self) -> None:
        """Takes up today's sum of earlier runs; to be called once, before the first booking."""
        day = day_of(self._clock())
        for total in await self.totals("day", since=day, until=day):
            self._day, self._today = day, total.usage

    def book(
        self,
        day: str,
        endpoint: str,
        model: str,
        client: str,
        usage: Usage,
        cost: float | None = None,
        *,
        ok: bool,
    ) -> None:
        """Adds one exchange; `cost` is in USD, None where no price is known."""
        tokens = [getattr(usage, name) for name in _TOKENS]
        sums = (1, 0 if ok else 1, *tokens, cost or 0.0, 1 if cost is None else 0)
        self._database.write(_ADD, (day, endpoint, model, client, *sums))
        if day >= self._day:
            self._begin(day)
            for name, amount in zip(_TOKENS, tokens, strict=True):
                setattr(self._today, name, getattr(self._today, name) + amount)

    def today(self) -> Usage:
        """Since local midnight, restarts included. A copy: it does not change any more."""
        self._begin(day_of(self._clock()))
        return msgspec.structs.replace(self._today)

    async def totals(self, by: Column, since: str = "", until: str = "9999") -> list[UsageTotal]:
        """Sums by one column over the days `since` to `until`, both included, of what is on disk."""
        sql = f"SELECT {by}, {_SUMS} FROM usage WHERE day BETWEEN ? AND ? GROUP BY {by} ORDER BY {by}"
        return [_total(row) for row in await self._database.read(sql, (since, until))]

    def _begin(self, day: str) -> None:
        if day > self._day:
            self._day, self._today = day, Usage()


def day_of(at: float) -> str:
    """The local date of a moment."""
    return time.strftime("%Y-%m-%d", time.localtime(at))


def _total(row: tuple[Any, ...]) -> UsageTotal:
    of, *sums = row
    values = dict(zip(_SUMMED, sums, strict=True))
    return UsageTotal(
        of=of,
        requests=int(values["requests"]),
        failures=int(values["failures"]),
        usage=Usage(**{name: int(values[name]) for name in _TOKENS}),
        cost_usd=values["cost_usd"],
        unpriced=int(values["unpriced"]),
    )
