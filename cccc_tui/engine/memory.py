"""The state that the engine keeps over a restart: one database, and what lives in it."""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path
from typing import cast, get_args

from cccc_tui.engine.bindings import MAX_BINDINGS, Bindings
from cccc_tui.engine.health import EndpointHealth, HealthBook, Place, State
from cccc_tui.state.bindings import BindingStore
from cccc_tui.state.database import Database
from cccc_tui.state.facts import FactStore
from cccc_tui.state.health import RESET, HealthRecord, HealthStore
from cccc_tui.state.usage import UsageBook
from cccc_tui.wire.errors import ErrorClass, UpstreamError

log = logging.getLogger(__name__)

FILE_NAME = "state.db"
LOOK_EVERY_S = 1.0


class Memory:
    """Opened before the engine listens, closed after it has stopped."""

    def __init__(self, folder: Path) -> None:
        self._database = Database(folder / FILE_NAME)
        self._health = HealthStore(self._database)
        self._bindings = BindingStore(self._database)
        self._book: HealthBook | None = None
        self.usage = UsageBook(self._database)
        self.facts = FactStore(self._database)
        self._is_stale = False
        """Whether another process has changed the file, and what it changed is not taken up yet."""

    async def open(self, health: HealthBook, bindings: Bindings | None = None) -> None:
        """Opens the database and hands `health` and `bindings` what was known when cccc last ran."""
        self._book = health
        await asyncio.to_thread(self._database.open)
        await self.usage.load()
        await self.facts.load()
        if bindings is not None:
            bindings.restore(await self._bindings.load(MAX_BINDINGS))
            bindings.on_change = self._bindings.save
        await self._health.asked_resets()
        for record in (await self._health.load(time.time())).values():
            if record.state != RESET and (record.back_at or record.state not in ("untried", "closed")):
                _restore(health, record)

    async def watch(self) -> None:
        """Takes up facts that `cccc facts` or another cccc has changed, and what `cccc reset` asks for."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            await self.look()

    async def look(self) -> None:
        """One look of `watch`."""
        revision = self.facts.revision
        self._is_stale |= await self._database.changed_elsewhere()
        if self._is_stale:
            for place in await self._health.asked_resets():
                self._forget(Place(*place.split("/", 2)))
            self._is_stale = not await self.facts.reload(revision)

    def _forget(self, place: Place) -> None:
        if self._book and not place.key_id and not place.model:
            self._book.reset(place.endpoint_id)
            log.info("failures are forgotten, as `cccc reset` asks")

    async def close(self) -> None:
        """Returns once everything is on disk."""
        await asyncio.to_thread(self._database.close)

    def health_changed(self, place: Place, health: EndpointHealth) -> None:
        self._health.save(
            HealthRecord(
                endpoint_id="/".join(place).rstrip("/"),
                state=health.state,
                since=health.since,
                back_at=health.back_at or None,
                consecutive_failures=health.cooled_in_a_row,
                reason=health.reason,
                error_class=health.error.error_class if health.error else "",
            )
        )


def _restore(health: HealthBook, record: HealthRecord) -> None:
    back_at = record.back_at or 0.0
    # A trial that the end of the process cut short proves nothing: the next request tries again.
    state: State = "open" if record.state in ("open", "trial") else "closed"
    health.restore(
        Place(*record.endpoint_id.split("/", 2)),
        state,
        record.reason,
        cool_until=back_at if state == "closed" else 0.0,
        open_until=back_at if state == "open" else 0.0,
        in_a_row=record.consecutive_failures,
        error=_error(record),
    )


def _error(record: HealthRecord) -> UpstreamError | None:
    """The upstream's error as far as it is kept; a class that this version does not know is none."""
    known = get_args(ErrorClass)
    if record.error_class not in known:
        return None
    return UpstreamError.of(cast(ErrorClass, record.error_class), record.reason)
