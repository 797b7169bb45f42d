"""What a token is to an upstream model, learned from what its answers say they were charged for.

The estimate of `wire.tokens` is off by as much as a third, in a direction that depends on the model. After an
answer with known usage its request is estimated once more, in a thread and not for every exchange, and the ratio
of the two is kept as a fact: it rises fast and falls slowly, so that it stands near the upper end of what was
seen. Counts are asked for to stay below a limit: too many is an early compaction, too few is a refused request.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from cccc_tui.state.facts import FactStore
from cccc_tui.tasks import spawn
from cccc_tui.wire.model import ConversionRefused, Format, Usage
from cccc_tui.wire.tokens import UNKNOWN_FACTOR, estimate_tokens

FACTOR = "token_factor"
MARGIN = 1.05
"""On a factor that was learned."""
UNKNOWN = UNKNOWN_FACTOR
"""The factor of a model of which nothing is known."""
EVERY_S = 30.0
"""An estimate costs up to a millisecond: each model is looked at no more often, but for its first answers."""
FIRST = 3
LEAST_TOKENS = 200
"""Of a shorter request the frame that providers put around it is the most."""
_BELIEVABLE = (0.25, 4.0)
_RISE, _FALL = 0.6, 0.05
_KEPT_S = 90 * 24 * 3600.0


class Calibration:
    """The factors by endpoint and model."""

    def __init__(self, store: FactStore, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._looked: dict[tuple[str, str], tuple[int, float]] = {}
        """How often, and when last."""

    def factor(self, endpoint_id: str, model: str) -> float | None:
        """What an estimate is to be multiplied by; None where nothing was learned."""
        fact = self._store.get(endpoint_id, model, FACTOR)
        return float(fact.value) * MARGIN if fact else None

    def observe(
        self, endpoint_id: str, model: str, form: Format, body: bytes, usage: Usage, exchange_id: int
    ) -> None:
        """Takes an answer into account, soon and aside, if it is this model's turn."""
        reported = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens
        key = (endpoint_id, model)
        count, at = self._looked.get(key, (0, 0.0))
        now = self._clock()
        if reported < LEAST_TOKENS or (count >= FIRST and now - at < EVERY_S):
            return
        self._looked[key] = (count + 1, now)
        spawn(self._look(key, form, body, reported, exchange_id), f"learn what a token of {model} is")

    async def _look(
        self, key: tuple[str, str], form: Format, body: bytes, reported: int, exchange_id: int
    ) -> None:
        try:
            estimated = await asyncio.to_thread(estimate_tokens, form, body)
        except ConversionRefused:
            return  # it passed in its own format and holds what we do not read: nothing to learn from
        self.learn(key, estimated, reported, exchange_id)

    def learn(self, key: tuple[str, str], estimated: int, reported: int, exchange_id: int) -> None:
        """Moves the factor towards what was seen, unless that cannot be about the same text."""
        seen = reported / max(1, estimated)
        if not _BELIEVABLE[0] < seen < _BELIEVABLE[1]:
            return
        fact = self._store.get(*key, FACTOR)
        known = float(fact.value) if fact else seen
        moved = known + (_RISE if seen > known else _FALL) * (seen - known)
        evidence = f"{reported} tokens were reported where {estimated} were estimated"
        self._store.learn(
            *key, FACTOR, round(moved, 4), evidence=evidence, exchange_id=exchange_id, ttl_s=_KEPT_S
        )
