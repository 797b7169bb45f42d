"""How endpoints did when cccc last ran: a failing one is not trusted again only because of a restart."""

from __future__ import annotations

import msgspec

from cccc_tui.state.database import Database

_COLUMNS = ("endpoint_id", "state", "since", "back_at", "failures", "reason", "error_class")
_SAVE = f"INSERT OR REPLACE INTO health ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"


class HealthRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The health of one endpoint, as small as it can be."""

    endpoint_id: str
    """Also `ENDPOINT/KEY` for one key of it, and `ENDPOINT//MODEL` for one model."""
    state: str
    """As the engine names it; `untried` means that nothing speaks against it."""
    since: float
    """Wall-clock moment at which the state began."""
    back_at: float | None = None
    """Wall-clock moment at which it may be tried again, where there is one."""
    consecutive_failures: int = 0
    reason: str = ""
    error_class: str = ""
    """Of the upstream's error, if it was one: an agent is told to wait or to stop by it."""


RESET = "reset"
"""A state that `cccc reset` writes: whoever runs is to forget the failures of the endpoint with its keys and models."""


class HealthStore:
    """The last record of each endpoint."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, record: HealthRecord) -> None:
        """Keeps `record` in the place of the endpoint's last one."""
        self._database.write(_SAVE, msgspec.structs.astuple(record))

    def forget(self, endpoint_id: str) -> None:
        self._database.write("DELETE FROM health WHERE endpoint_id = ?", (endpoint_id,))

    def ask_reset(self, endpoint_id: str) -> None:
        """Has the failures of an endpoint forgotten, by a cccc that runs or the next one that starts."""
        of_its_parts = "UPDATE health SET state = ? WHERE endpoint_id GLOB ?"
        self._database.write(of_its_parts, (RESET, f"{endpoint_id}/*"))
        self.save(HealthRecord(endpoint_id=endpoint_id, state=RESET, since=0.0))

    async def asked_resets(self) -> list[str]:
        """The places whose failures are to be forgotten; each is handed out once."""
        rows = await self._database.read("SELECT endpoint_id FROM health WHERE state = ?", (RESET,))
        for (place,) in rows:
            self.forget(place)
        return [place for (place,) in rows]

    async def load(self, now: float) -> dict[str, HealthRecord]:
        """The records by endpoint id; one whose time has passed is usable again."""
        rows = await self._database.read(f"SELECT {', '.join(_COLUMNS)} FROM health")
        records = (
            HealthRecord(**dict(zip(HealthRecord.__struct_fields__, row, strict=True))) for row in rows
        )
        return {record.endpoint_id: _fresh(record, now) for record in records}


def _fresh(record: HealthRecord, now: float) -> HealthRecord:
    if record.back_at is None or record.back_at > now:
        return record
    return HealthRecord(endpoint_id=record.endpoint_id, state="untried", since=now)
