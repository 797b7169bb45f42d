"""The facts as a person handles them: by the endpoint's name, with words for what was done, to a file and from one.

Used by the running engine and by `cccc facts` alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from cccc_tui.engine.control import FactStatus, Outcome
from cccc_tui.engine.learn import (
    AUTH_FORM,
    CONTEXT_TOKENS,
    COUNTS_TOKENS,
    LACKS,
    PARAMETER,
    SPEAKS_RESPONSES,
)
from cccc_tui.state.facts import Fact, FactStore, FactValue

VERSION: Final = 1
MOST_BYTES: Final = 16 * 1024 * 1024
"""Room for as many facts as are taken in: what was exported must come back."""
MOST_FACTS: Final = 10_000
MOST_CHARACTERS: Final = 300
MOST_FORGOTTEN: Final = 100
"""Facts that can be put back after they were forgotten: the last ones."""

_KNOWN: Final = (AUTH_FORM, SPEAKS_RESPONSES, COUNTS_TOKENS, CONTEXT_TOKENS, PARAMETER, LACKS)
"""Names, or beginnings of names, that mean something to the engine and may come from a file."""


class ExportedFact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    endpoint: str
    endpoint_id: str
    model: str
    name: str
    value: FactValue
    evidence: str
    first_seen: float
    last_seen: float
    expires_at: float | None
    pinned: bool


class Export(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file."""

    cccc_facts: int
    """Version of this form."""
    facts: list[ExportedFact]


class FactBook:
    """`names` gives the names of the configured endpoints by their ids."""

    def __init__(self, store: FactStore, names: Callable[[], Mapping[str, str]]) -> None:
        self._store = store
        self._names = names
        self._forgotten: dict[tuple[str, str, str], Fact] = {}
        """The last ones, the oldest first."""
        self._revision = 0
        self._seen: tuple[int, Mapping[str, str]] = (-1, {})

    @property
    def revision(self) -> int:
        """Rises when `list` may say something else: with the facts, and with the names of the endpoints."""
        seen = (self._store.revision, self._names())
        if seen != self._seen:
            self._seen = seen
            self._revision += 1
        return self._revision

    def list(self) -> tuple[FactStatus, ...]:
        """By endpoint, model and name; the calibration of estimates is no fact that a person would look for."""
        names = self._names()
        found = [_status(fact, names) for fact in self._store.list() if _is_known(fact.name)]
        return tuple(sorted(found, key=lambda fact: (fact.endpoint, fact.model, fact.name)))

    def pin(self, endpoint: str, model: str, name: str, pinned: bool = True) -> Outcome:
        fact = self._store.pin(self._id(endpoint), model, name, pinned)
        done = "is fixed" if pinned else "may change again"
        return Outcome(done=True, message=f"{name} {done}.") if fact else _unknown(endpoint, model, name)

    def undo(self, endpoint: str, model: str, name: str) -> Outcome:
        key = (self._id(endpoint), model, name)
        fact = self._store.undo(*key)
        if fact is None:
            return _unknown(endpoint, model, name)
        self._forgotten.pop(key, None)
        self._forgotten[key] = fact
        if len(self._forgotten) > MOST_FORGOTTEN:
            del self._forgotten[next(iter(self._forgotten))]
        return Outcome(done=True, message=f"Forgotten: {name} of {endpoint}. It is found out anew.")

    def restore(self, endpoint: str, model: str, name: str) -> Outcome:
        """Puts back what `undo` forgot, unless it was learned anew or would have expired since."""
        key = (self._id(endpoint), model, name)
        fact = self._forgotten.pop(key, None)
        if fact is None:
            return _refused(f"{name} of {endpoint} was not forgotten here, so it cannot be put back.")
        known = self._store.get(*key)
        if known and known.model == model:
            return _refused(f"{name} of {endpoint} has been learned anew; that one stays.")
        if not self._store.holds(fact):
            return _refused(f"{name} of {endpoint} would have expired by now, so it is not put back.")
        self._store.put(fact)
        return Outcome(done=True, message=f"Put back: {name} of {endpoint}.")

    def export(self) -> str:
        names = self._names()
        facts = [_exported(fact, names) for fact in self._store.list() if _is_known(fact.name)]
        encoded = msgspec.json.encode(Export(cccc_facts=VERSION, facts=facts))
        return msgspec.json.format(encoded, indent=2).decode() + "\n"

    def take_in(self, text: str) -> Outcome:
        """Takes up what an export says of endpoints that are configured here. All or nothing of a file that is none."""
        try:
            export = _read(text)
        except (msgspec.DecodeError, ValueError) as error:
            return Outcome(done=False, message=f"Nothing is taken up: this is no export of facts ({error}).")
        names = self._names()
        taken = sum(self._take(fact, names) for fact in export.facts)
        left = len(export.facts) - taken
        rest = f" {left} left out: of unknown endpoints, expired, or fixed here." if left else ""
        return Outcome(done=bool(taken) or not left, message=f"{taken} facts taken up.{rest}")

    def _take(self, said: ExportedFact, names: Mapping[str, str]) -> bool:
        by_name = {name: endpoint_id for endpoint_id, name in names.items()}
        endpoint_id = said.endpoint_id if said.endpoint_id in names else by_name.get(said.endpoint)
        if endpoint_id is None or not _is_known(said.name):
            return False
        known = self._store.get(endpoint_id, said.model, said.name)
        if known and known.pinned and known.model == said.model:
            return False
        given = {name: getattr(said, name) for name in _COPIED}
        fact = Fact(endpoint_id=endpoint_id, exchange_id=0, **given)
        if not self._store.holds(fact):
            return False
        self._store.put(fact)
        return True

    def _id(self, endpoint: str) -> str:
        """By name, or by the id of an endpoint that is not configured any more."""
        return next((key for key, name in self._names().items() if name == endpoint), endpoint)


_COPIED: Final = ("model", "name", "value", "evidence", "first_seen", "last_seen", "expires_at", "pinned")


def _read(text: str) -> Export:
    if len(text) > MOST_BYTES:
        raise ValueError(f"it is longer than {MOST_BYTES >> 20} MiB")
    export = msgspec.json.decode(text, type=Export)
    if export.cccc_facts != VERSION:
        raise ValueError(f"its version is {export.cccc_facts}, and only {VERSION} is understood")
    if len(export.facts) > MOST_FACTS:
        raise ValueError(f"it has more than {MOST_FACTS} facts")
    for fact in export.facts:
        if max(map(len, (fact.model, fact.name, fact.evidence, str(fact.value)))) > MOST_CHARACTERS:
            raise ValueError(f"{fact.name[:40]!r} has a text that is too long")
        if fact.name == CONTEXT_TOKENS and (isinstance(fact.value, bool) or not isinstance(fact.value, int)):
            raise ValueError(f"{CONTEXT_TOKENS} must be a whole number")
    return export


def _is_known(name: str) -> bool:
    return name.startswith(_KNOWN)


def _status(fact: Fact, names: Mapping[str, str]) -> FactStatus:
    # Field by field: a screen lists ten thousand of them.
    return FactStatus(
        endpoint=names.get(fact.endpoint_id, fact.endpoint_id),
        model=fact.model,
        name=fact.name,
        value=str(fact.value),
        evidence=fact.evidence,
        exchange_id=fact.exchange_id,
        first_seen=fact.first_seen,
        last_seen=fact.last_seen,
        expires_at=fact.expires_at,
        pinned=fact.pinned,
    )


def _exported(fact: Fact, names: Mapping[str, str]) -> ExportedFact:
    given = {name: getattr(fact, name) for name in _COPIED}
    return ExportedFact(endpoint=names.get(fact.endpoint_id, ""), endpoint_id=fact.endpoint_id, **given)


def _refused(message: str) -> Outcome:
    return Outcome(done=False, message=message)


def _unknown(endpoint: str, model: str, name: str) -> Outcome:
    place = f"{endpoint}, model {model}" if model else endpoint
    return _refused(f"There is no fact {name!r} of {place}; `cccc facts list` shows all.")
