"""Tokens and cost by day, endpoint, model and client, kept over restarts.

Booking adds to what is in memory, and the sums go to the database as often as it writes: the file holds sums too,
so a row grows and nothing has to be read before it is written.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import lru_cache
from operator import add
from typing import Any, Literal

import msgspec

from cccc_tui.state.database import Database, Write
from cccc_tui.wire.model import Usage

Column = Literal["day", "endpoint", "model", "client"]

_Key = tuple[str, str, str, str]
_TOKENS = Usage.__struct_fields__
_SUMMED = ("requests", "failures", *_TOKENS, "cost_usd", "unpriced")
_KEY = ("day", "endpoint", "model", "client")
_PLACES = ", ".join("?" * len((*_KEY, *_SUMMED)))
_ADD = (
    f"INSERT INTO usage ({', '.join((*_KEY, *_SUMMED))}) VALUES ({_PLACES}) "
    f"ON CONFLICT DO UPDATE SET {', '.join(f'{name} = {name} + excluded.{name}' for name in _SUMMED)}"
)
QUARTER_S = 900
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
        self._unwritten: dict[_Key, list[float]] = {}
        self._sums = threading.Lock()
        """Held while sums grow, or are taken away by the thread that writes."""

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
        tokens = msgspec.structs.astuple(usage)
        amounts = (1, 0 if ok else 1, *tokens, cost or 0.0, 1 if cost is None else 0)
        with self._sums:
            is_first = not self._unwritten
            sums = self._unwritten.setdefault((day, endpoint, model, client), [0] * len(amounts))
            sums[:] = map(add, sums, amounts)
        if is_first:
            self._database.write_gathered(self._take_sums)
        if day >= self._day:
            self._begin(day)
            self._today.add(usage)

    def today(self) -> Usage:
        """Since local midnight, restarts included."""
        self._begin(day_of(self._clock()))
        return msgspec.structs.replace(self._today)

    async def totals(self, by: Column, since: str = "", until: str = "9999") -> list[UsageTotal]:
        """Sums by one column over the days `since` to `until`, both included, of what is on disk."""
        sql = f"SELECT {by}, {_SUMS} FROM usage WHERE day BETWEEN ? AND ? GROUP BY {by} ORDER BY {by}"
        return [_total(row) for row in await self._database.read(sql, (since, until))]

    def _take_sums(self) -> list[Write]:
        with self._sums:
            taken, self._unwritten = self._unwritten, {}
        return [(_ADD, (*key, *sums)) for key, sums in taken.items()]

    def _begin(self, day: str) -> None:
        if day > self._day:
            self._day, self._today = day, Usage()


def day_of(at: float) -> str:
    """The local date of a moment."""
    return _day_of_quarter(int(at // QUARTER_S))


@lru_cache(maxsize=16)
def _day_of_quarter(number: int) -> str:
    # Midnight is at a quarter of an hour everywhere, so all of one is on the same day.
    return time.strftime("%Y-%m-%d", time.localtime(number * QUARTER_S))


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
