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
        self._by_place: dict[tuple[str, str], dict[str, Fact]] = {}
        """The same facts by endpoint and model: a request must not search all of them."""
        self._by_name: dict[str, dict[_Key, Fact]] = {}
        """The same by name: what routing acts on are few names of many."""
        self.revision = 0
        """Rises with every change, so that what was made of the facts can be kept until then."""

    async def load(self) -> None:
        """Takes up what earlier runs learned, and drops what has expired; newer knowledge of this run
        stays."""
        now = self._clock()
        for row in await self._database.read(f"SELECT {', '.join(_COLUMNS)} FROM facts"):
            fact = _read(row)
            if fact.holds_at(now):
                if _key(fact) not in self._facts:
                    self._hold(fact)
            else:
                self._database.write(_FORGET, _key(fact))

    async def reload(self, revision: int) -> bool:
        """Takes up what another process has made of the facts; not if something was learned since `revision`,
        which may not be on disk yet. Whether it did."""
        now = self._clock()
        rows = await self._database.read(f"SELECT {', '.join(_COLUMNS)} FROM facts")
        if self.revision != revision:
            return False
        self._facts.clear()
        self._by_place.clear()
        self._by_name.clear()
        self.revision += 1
        for fact in map(_read, rows):
            if fact.holds_at(now):
                self._hold(fact)
        return True

    def holds(self, fact: Fact) -> bool:
        """Whether it holds now."""
        return fact.holds_at(self._clock())

    def put(self, fact: Fact) -> None:
        """Keeps a fact as it is, in the place of the one that holds: one that comes from elsewhere."""
        self._keep(fact)

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
            self._by_place[endpoint_id, model].pop(name, None)
            self._by_name[name].pop(_key(fact), None)
            self.revision += 1
            self._database.write(_FORGET, _key(fact))
        return fact

    def list(self, endpoint_id: str | None = None) -> tuple[Fact, ...]:
        """The facts that hold now, of one endpoint or of all, in the order of endpoint, model and name."""
        now = self._clock()
        chosen = (fact for _, fact in sorted(self._facts.items()) if endpoint_id in (None, fact.endpoint_id))
        return tuple(fact for fact in chosen if fact.holds_at(now))

    def named(self, name: str) -> tuple[Fact, ...]:
        """The facts of that name that hold now, of all endpoints and models."""
        now = self._clock()
        return tuple(fact for fact in self._by_name.get(name, {}).values() if fact.holds_at(now))

    def at(self, endpoint_id: str, model: str) -> tuple[Fact, ...]:
        """The facts that hold now of the endpoint as a whole and of this model of it, in the order of their names."""
        places = [self._by_place.get((endpoint_id, scope)) for scope in dict.fromkeys(("", model))]
        if not any(places):
            return ()
        now = self._clock()
        found = {name: fact for place in places if place for name, fact in place.items()}
        return tuple(fact for _, fact in sorted(found.items()) if fact.holds_at(now))

    def _hold(self, fact: Fact) -> None:
        self._facts[_key(fact)] = fact
        self._by_place.setdefault((fact.endpoint_id, fact.model), {})[fact.name] = fact
        self._by_name.setdefault(fact.name, {})[_key(fact)] = fact
        self.revision += 1

    def _keep(self, fact: Fact) -> None:
        self._hold(fact)
        fields = msgspec.structs.asdict(fact) | {"value": msgspec.json.encode(fact.value).decode()}
        self._database.write(_SAVE, [fields[name] for name in _COLUMNS])


def _key(fact: Fact) -> _Key:
    return fact.endpoint_id, fact.model, fact.name


def _read(row: tuple[Any, ...]) -> Fact:
    fields: dict[str, Any] = dict(zip(_COLUMNS, row, strict=True))
    fields["value"] = _decode_value(fields["value"])
    fields["pinned"] = bool(fields["pinned"])
    return Fact(**fields)
