"""What endpoints taught us by their own answers: each fact with its evidence, an expiry, and a way to undo
it.

Reading is a look into memory, since every request does it; writing goes through to the database.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import msgspec

from cccc_tui.state.database import Database

FactValue = bool | int | float | str

_COLUMNS = (
    "endpoint_id",
    "model",
    "name",
    "value",
    "evidence",
    "exchange_id",
    "first_seen",
    "last_seen",
    "expires_at",
    "pinned",
)
_SAVE = f"INSERT OR REPLACE INTO facts ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"
_FORGET = "DELETE FROM facts WHERE endpoint_id = ? AND model = ? AND name = ?"

_decode_value = msgspec.json.Decoder(FactValue).decode

_Key = tuple[str, str, str]


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """Something learned about an endpoint."""

    endpoint_id: str
    model: str
    """Model that it holds for; empty for the whole endpoint."""
    name: str
    value: FactValue
    evidence: str
    """What the endpoint said, from which we know it."""
    exchange_id: int
    """Exchange in which it last said so."""
    first_seen: float
    last_seen: float
    expires_at: float | None
    """Wall-clock moment after which it is found out anew; None means never."""
    pinned: bool = False
    """Whether a person has fixed it: it neither expires nor changes by learning."""

    def holds_at(self, now: float) -> bool:
        return self.pinned or self.expires_at is None or now < self.expires_at


class FactStore:
    """Facts by endpoint, model and name."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock
        self._facts: dict[_Key, Fact] = {}

    async def load(self) -> None:
        """Takes up what earlier runs learned, and drops what has expired; newer knowledge of this run
        stays."""
        now = self._clock()
        for row in await self._database.read(f"SELECT {', '.join(_COLUMNS)} FROM facts"):
            fact = _read(row)
            if fact.holds_at(now):
                self._facts.setdefault(_key(fact), fact)
            else:
                self._database.write(_FORGET, _key(fact))

    def get(self, endpoint_id: str, model: str, name: str) -> Fact | None:
        """The fact for this model, else the one for the whole endpoint; None if neither holds now."""
        now = self._clock()
        for scope in dict.fromkeys((model, "")):
            fact = self._facts.get((endpoint_id, scope, name))
            if fact and fact.holds_at(now):
                return fact
        return None

    def learn(
        self,
        endpoint_id: str,
        model: str,
        name: str,
        value: FactValue,
        *,
        evidence: str,
        exchange_id: int = 0,
        ttl_s: float | None = None,
    ) -> Fact:
        """Keeps a fact, or confirms it; the one that holds afterwards, which is the old one if that is
        pinned."""
        now = self._clock()
        known = self._facts.get((endpoint_id, model, name))
        if known and known.pinned:
            return known
        is_confirmed = known is not None and known.value == value and known.holds_at(now)
        fact = Fact(
            endpoint_id=endpoint_id,
            model=model,
            name=name,
            value=value,
            evidence=evidence,
            exchange_id=exchange_id,
            first_seen=known.first_seen if known and is_confirmed else now,
            last_seen=now,
            expires_at=None if ttl_s is None else now + ttl_s,
        )
        self._keep(fact)
        return fact

    def pin(self, endpoint_id: str, model: str, name: str, pinned: bool = True) -> Fact | None:
        """Fixes a fact, or lets go of it; None if there is no such fact."""
        known = self._facts.get((endpoint_id, model, name))
        if known is None:
            return None
        fact = msgspec.structs.replace(known, pinned=pinned)
        self._keep(fact)
        return fact

    def undo(self, endpoint_id: str, model: str, name: str) -> Fact | None:
        """Forgets a fact, pinned or not, as if it had never been learned; what was forgotten."""
        fact = self._facts.pop((endpoint_id, model, name), None)
        if fact:
            self._database.write(_FORGET, _key(fact))
        return fact

    def list(self, endpoint_id: str | None = None) -> tuple[Fact, ...]:
        """The facts that hold now, of one endpoint or of all, in the order of endpoint, model and name."""
        now = self._clock()
        chosen = (fact for _, fact in sorted(self._facts.items()) if endpoint_id in (None, fact.endpoint_id))
        return tuple(fact for fact in chosen if fact.holds_at(now))

    def _keep(self, fact: Fact) -> None:
        self._facts[_key(fact)] = fact
        fields = msgspec.structs.asdict(fact) | {"value": msgspec.json.encode(fact.value).decode()}
        self._database.write(_SAVE, [fields[name] for name in _COLUMNS])


def _key(fact: Fact) -> _Key:
    return fact.endpoint_id, fact.model, fact.name


def _read(row: tuple[Any, ...]) -> Fact:
    fields: dict[str, Any] = dict(zip(_COLUMNS, row, strict=True))
    fields["value"] = _decode_value(fields["value"])
    fields["pinned"] = bool(fields["pinned"])
    return Fact(**fields)
