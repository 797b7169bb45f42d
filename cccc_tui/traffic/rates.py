"""Per-second counts over the last minutes, for rates and graphs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

Series = Literal["requests", "errors", "tokens", "bytes"]

SERIES: tuple[Series, ...] = ("requests", "errors", "tokens", "bytes")


class Rates:
    """Counters in one-second buckets, `span_s` of them per series, on one clock."""

    def __init__(self, clock: Callable[[], float], span_s: int = 900) -> None:
        self._clock = clock
        self._span_s = span_s
        self._newest = int(clock())
        self._buckets: dict[Series, list[int]] = {series: [0] * span_s for series in SERIES}

    def count(self, series: Series, amount: int = 1) -> None:
        self._advance()
        self._buckets[series][self._newest % self._span_s] += amount

    def total(self, series: Series, last_s: int) -> int:
        """Sum over the last `last_s` seconds, the running one included."""
        return sum(self.history(series, last_s))

    def history(self, series: Series, last_s: int) -> list[int]:
        """One number a second, oldest first."""
        self._advance()
        buckets = self._buckets[series]
        end = self._newest % self._span_s + 1
        oldest_first = buckets[end:] + buckets[:end]
        return oldest_first[-min(last_s, self._span_s) :]

    def _advance(self) -> None:
        now = int(self._clock())
        if now == self._newest:
            return
        for second in range(max(self._newest, now - self._span_s) + 1, now + 1):
            for buckets in self._buckets.values():
                buckets[second % self._span_s] = 0
        self._newest = max(self._newest, now)
