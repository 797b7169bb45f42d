"""Where conversations live: the endpoint and key that answered one last, so that its prompt cache is used again.

A binding is made after an answer and never by a mere route; it moves when another endpoint answered. It ends after a
time without requests. Only so many are kept: the one that was silent longest goes first.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import NamedTuple

from cccc_tui.config.schema import Sticky
from cccc_tui.routing.slots import Bound, Candidate
from cccc_tui.state.bindings import BindingRecord

MAX_BINDINGS = 4096
SAY_EVERY_S = 60.0
"""A conversation that goes on in its place is said again no more often than this, for the sake of the disk."""

_Key = tuple[str, str]
"""Session, and the pool of the plan: what a rule sends elsewhere has a place of its own."""


class Binding(NamedTuple):
    endpoint_id: str
    key_id: str
    used_at: float
    said_at: float
    """When `on_change` last heard of it."""


class Bindings:
    """The bindings of one running engine."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._bindings: OrderedDict[_Key, Binding] = OrderedDict()
        self.on_change: Callable[[BindingRecord], None] = lambda _record: None

    def __len__(self) -> int:
        return len(self._bindings)

    def find(self, session: str, pool: str, settings: Sticky) -> Bound | None:
        """Where the conversation is bound to; None where it is new, nameless, or has been silent too long."""
        if not settings.enabled or not session:
            return None
        binding = self._bindings.get((session, pool))
        if binding is None:
            return None
        silent_s = self._clock() - binding.used_at
        if silent_s > settings.ttl:
            del self._bindings[session, pool]
            return None
        return Bound(binding.endpoint_id, binding.key_id, _may_return(settings, silent_s))

    def bind(self, session: str, pool: str, candidate: Candidate) -> None:
        """The conversation was answered there."""
        if not session:
            return
        now, place = self._clock(), (candidate.endpoint_id, candidate.key_id)
        known = self._bindings.get((session, pool))
        is_news = known is None or known[:2] != place or now - known.said_at >= SAY_EVERY_S
        said_at = now if known is None or is_news else known.said_at
        self._bindings[session, pool] = Binding(*place, now, said_at)
        self._bindings.move_to_end((session, pool))
        if is_news:
            self.on_change(BindingRecord(session, pool, *place, now))
        if len(self._bindings) > MAX_BINDINGS:
            self._bindings.popitem(last=False)

    def restore(self, records: Iterable[BindingRecord]) -> None:
        """Takes up what was known before a restart, the most silent first."""
        for session, pool, endpoint_id, key_id, used_at in records:
            self._bindings[session, pool] = Binding(endpoint_id, key_id, used_at, used_at)


def _may_return(settings: Sticky, silent_s: float) -> bool:
    if settings.failback == "return-when-idle":
        return silent_s > settings.idle
    return settings.failback == "return-now"
