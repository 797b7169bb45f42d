"""Where conversations live, over a restart: else the first turn after one would leave every prompt cache behind."""

from __future__ import annotations

from typing import NamedTuple

from cccc_tui.state.database import Database

_SAVE = "INSERT OR REPLACE INTO bindings (session, pool, endpoint_id, key_id, used_at) VALUES (?, ?, ?, ?, ?)"
_NEWEST = "SELECT session, pool, endpoint_id, key_id, used_at FROM bindings ORDER BY used_at DESC LIMIT ?"


class BindingRecord(NamedTuple):
    """The place of one conversation."""

    session: str
    pool: str
    endpoint_id: str
    key_id: str
    used_at: float
    """Wall-clock moment of its last answer there, at most a minute too early."""


class BindingStore:
    """The last record of each conversation."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, record: BindingRecord) -> None:
        """Keeps `record` in the place of the conversation's last one."""
        self._database.write(_SAVE, record)

    async def load(self, most: int) -> list[BindingRecord]:
        """The newest ones, oldest first; those before them are forgotten for good."""
        rows = await self._database.read(_NEWEST, (most,))
        records = [BindingRecord(*row) for row in reversed(rows)]
        if len(records) == most:
            self._database.write("DELETE FROM bindings WHERE used_at < ?", (records[0].used_at,))
        return records
