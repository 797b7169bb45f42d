"""How an endpoint that is out comes back sooner than by its turn: it is looked at, or its configuration is renewed.

A look costs nothing (its list of models) or next to nothing (`tiny`), and happens only while the breaker is open and
nobody has named a moment: a rate limit or a quota is never probed. An endpoint that is seen to be alive is not healthy
for that; the next real request is its trial, without waiting for the end of `check_interval`.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable, Iterator
from typing import Final

import aiohttp

from cccc_tui.engine.health import HealthBook, Place
from cccc_tui.engine.live import LiveConfig, Target
from cccc_tui.engine.models import fetch_models
from cccc_tui.engine.probe import probe
from cccc_tui.engine.upstream import Upstream

log = logging.getLogger(__name__)

LOOKS_PER_INTERVAL: Final = 3
"""Looks within `check_interval`."""
TICK_S: Final = 1.0

_MATTERS: Final = (
    "auth_type",
    "proxy",
    "header_overrides",
    "path_prefix",
    "endpoint_type",
    "model_rewrite",
    "parameter_overrides",
)
"""Settings that change what an endpoint is asked: what it said before is no longer about it."""


class Recovery:
    """Looks after the endpoints whose breaker is open."""

    def __init__(
        self,
        health: HealthBook,
        upstream: Upstream,
        live: Callable[[], LiveConfig],
        clock: Callable[[], float] = time.time,
        jitter: Callable[[], float] = lambda: random.uniform(0.75, 1.25),
    ) -> None:
        self._health, self._upstream, self._live = health, upstream, live
        self._clock, self._jitter = clock, jitter
        self._look_at: dict[str, float] = {}
        """Endpoint id → the moment of its next look."""

    async def run(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            await self.look()

    async def look(self) -> None:
        """Looks at every endpoint whose time has come."""
        live = self._live()
        if live.config.blacklist.probe == "off":
            return
        await asyncio.gather(*(self._look(target, live) for target in self._due(live)))

    def _due(self, live: LiveConfig) -> list[Target]:
        now, due = self._clock(), []
        period_s = self._health.check_interval_s / LOOKS_PER_INTERVAL
        out = [target for target in live.in_service if self._is_out(target, now)]
        self._look_at = {
            target.facts.id: self._look_at.get(target.facts.id, now + period_s * self._jitter())
            for target in out
        }
        for target in out:
            if now >= self._look_at[target.facts.id]:
                self._look_at[target.facts.id] = now + period_s * self._jitter()
                due.append(target)
        return due

    def _is_out(self, target: Target, now: float) -> bool:
        health = self._health.of(target.facts.id)
        return health.state == "open" and now < health.open_until and now >= health.cool_until

    async def _look(self, target: Target, live: LiveConfig) -> None:
        timeouts = live.config.timeouts
        try:
            async with asyncio.timeout(timeouts.health_check_timeout):
                await fetch_models(self._upstream, target, timeouts.tls_handshake)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            log.debug("%s is still out: %s", target.facts.name, error or "no answer in time")
            if not (_says_nothing(error) and live.config.blacklist.probe == "tiny"):
                return
            if not any(result.ok for result in await probe(target, self._upstream, timeouts)):
                return
        log.info("%s answers again; the next request tries it", target.facts.name)
        self._health.answers(target.facts.id)


def _says_nothing(error: Exception) -> bool:
    """Whether it may be well all the same: it answers, but has no such list."""
    if isinstance(error, aiohttp.ClientResponseError):
        return error.status in (400, 404, 405, 501)
    return isinstance(error, ValueError)


def renewed(before: LiveConfig, now: LiveConfig) -> Iterator[Place]:
    """The places whose failures are no longer theirs, since the user has given them another key or setting."""
    for endpoint_id in before.targets.keys() & now.targets.keys():
        old, new = before.targets[endpoint_id], now.targets[endpoint_id]
        changed = {key for key in new.secrets if old.secrets.get(key) != new.secrets[key]}
        is_other = any(getattr(old.endpoint, name) != getattr(new.endpoint, name) for name in _MATTERS)
        if is_other or (changed and len(new.facts.keys) == 1):
            yield Place(endpoint_id)
        else:
            yield from (Place(endpoint_id, key) for key in sorted(changed))
