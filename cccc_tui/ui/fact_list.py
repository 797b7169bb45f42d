"""The facts as screens list them: read only when they have changed, filtered by words, in an order.

There may be ten thousand, and a busy gateway learns all the time: a beat looks at one number, and reads them at most
once a second.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from cccc_tui.engine.control import Control, FactStatus
from cccc_tui.locales import _
from cccc_tui.traffic.exchange import Exchange
from cccc_tui.ui.render.fact_row import model_words
from cccc_tui.ui.render.fact_words import fact_words

READ_EVERY_S = 1.0
CLOCK_SLACK_S = 1.0
"""A fact is booked by the wall clock a moment after its request was over, or before it was seen to be."""


class Place(NamedTuple):
    """Which fact it is, whatever it says."""

    endpoint: str
    model: str
    name: str


def place_of(fact: FactStatus) -> Place:
    return Place(fact.endpoint, fact.model, fact.name)


class FactWatch:
    """All facts, as fresh as they need to be."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self._revision = -1
        self._read_at = -math.inf
        self._next_end = math.inf
        self.facts: tuple[FactStatus, ...] = ()

    def look(self, now: float, *, at_once: bool = False) -> bool:
        """Reads them again if they have changed or one has expired; whether it did."""
        if self._control.facts_revision == self._revision and now < self._next_end:
            return False
        if not at_once and 0 <= now - self._read_at < READ_EVERY_S:
            return False
        self._revision, self._read_at = self._control.facts_revision, now
        self.facts = self._control.facts()
        ends = (fact.expires_at for fact in self.facts if not fact.pinned and fact.expires_at is not None)
        self._next_end = min(ends, default=math.inf)
        return True


def chosen(facts: tuple[FactStatus, ...], words: str, sort: str, descending: bool) -> list[FactStatus]:
    """Those that have every word in any of their texts, in the order of a column."""
    wanted = words.casefold().split()
    found = [fact for fact in facts if _has(fact, wanted)] if wanted else list(facts)
    return sorted(found, key=SORTS[sort], reverse=descending)


def has_taught(exchange: Exchange | None, fact: FactStatus) -> bool:
    """Whether the exchange is the one that taught it: numbers begin anew with every start of cccc."""
    if exchange is None or exchange.id != fact.exchange_id:
        return False
    ended_s = math.inf if exchange.ended_s is None else exchange.ended_s
    return -CLOCK_SLACK_S <= fact.last_seen - exchange.began_at <= ended_s + CLOCK_SLACK_S


def _has(fact: FactStatus, wanted: list[str]) -> bool:
    pinned = " ".join(("pinned", _("pinned"))) if fact.pinned else ""
    texts = (fact.endpoint, model_words(fact), fact_words(fact), fact.name, fact.evidence, pinned)
    text = " ".join(texts).casefold()
    return all(word in text for word in wanted)


def _end(fact: FactStatus) -> float:
    return math.inf if fact.pinned or fact.expires_at is None else fact.expires_at


SORTS: dict[str, Callable[[FactStatus], Any]] = {
    "endpoint": place_of,
    "model": lambda fact: (fact.model, fact.endpoint, fact.name),
    "what": lambda fact: (fact_words(fact), place_of(fact)),
    "first": lambda fact: (-fact.first_seen, place_of(fact)),
    "last": lambda fact: (-fact.last_seen, place_of(fact)),
    "expires": lambda fact: (_end(fact), place_of(fact)),
    "pinned": lambda fact: (not fact.pinned, place_of(fact)),
}
"""By the columns; the newest, the nearest end and the pinned ones come first."""
