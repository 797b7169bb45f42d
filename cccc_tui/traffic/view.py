"""A filtered, sorted look at the ring with a selected exchange, kept up to date from what changed.

Words: a *row* is an exchange that the filter lets through, rows stand in *order*; the view *follows* when
the newest row is always the selected one. Not following, the selection stays on its exchange whatever
arrives, and `new_count` says how many rows have come since. When the selected exchange goes, the nearest row
is taken. Nothing here knows a screen.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from typing import NamedTuple

from cccc_tui.traffic import measure
from cccc_tui.traffic.exchange import Exchange
from cccc_tui.traffic.query import ALL, Query
from cccc_tui.traffic.ring import Ring

Value = str | float | None

SORTS: dict[str, Callable[[Exchange], Value]] = {
    "began": lambda exchange: exchange.id,
    "state": lambda exchange: f"{exchange.state} {exchange.status:03}",
    "client": lambda exchange: exchange.client,
    "model": lambda exchange: exchange.model or None,
    "endpoint": lambda exchange: exchange.endpoint or None,
    "path": lambda exchange: exchange.path,
    "attempts": measure.attempt_count,
    "first": measure.NUMBERS["first"],
    "time": measure.duration_s,
    "in": measure.tokens_in,
    "out": measure.tokens_out,
    "tps": measure.tokens_per_s,
    "size": measure.NUMBERS["size"],
}
"""What the rows can be sorted by; `began` is the order of arrival."""

Key = tuple[bool, str | float, int]
"""Unknown or not, the value, and the id, which makes every key unique."""


class Changes(NamedTuple):
    """What an update of the view changed."""

    ids: frozenset[int]
    """Rows whose exchange changed."""
    reordered: bool
    """Whether rows came, went or moved."""


NOTHING = Changes(frozenset(), False)


class View:
    """The rows of one list."""

    def __init__(self, ring: Ring, reader: str) -> None:
        self.query: Query = ALL
        self.sort = "began"
        self.descending = False
        self.paused = False
        self._ring = ring
        self._reader = reader
        self._follow = True
        self._selected: int | None = None
        self._shown: dict[int, Exchange] = {}
        self._keys: dict[int, Key] = {}
        self._order: list[Key] = []
        self._new: set[int] = set()
        self._newest_id = 0
        self._moved = False

    def __len__(self) -> int:
        return len(self._order)

    def __iter__(self) -> Iterator[int]:
        """Ids in order."""
        return (key[2] for key in (reversed(self._order) if self.descending else self._order))

    @property
    def total(self) -> int:
        """Exchanges before the filter."""
        return len(self._ring)

    @property
    def revision(self) -> int:
        """Of the ring; `pull` has nothing to do while it stays."""
        return self._ring.revision

    # ── rows ──

    def row(self, index: int) -> Exchange:
        return self._shown[self._key_at(index)[2]]

    def get(self, exchange_id: int) -> Exchange | None:
        return self._shown.get(exchange_id)

    def index_of(self, exchange_id: int) -> int | None:
        key = self._keys.get(exchange_id)
        if key is None:
            return None
        place = bisect_left(self._order, key)
        return len(self._order) - 1 - place if self.descending else place

    # ── what is looked at ──

    @property
    def selected(self) -> Exchange | None:
        return None if self._selected is None else self._shown.get(self._selected)

    @property
    def selected_index(self) -> int | None:
        return None if self._selected is None else self.index_of(self._selected)

    @property
    def follow(self) -> bool:
        return self._follow

    @property
    def new_count(self) -> int:
        """Rows that have arrived since it stopped following."""
        return len(self._new)

    @property
    def newest_id(self) -> int | None:
        return max(self._shown, default=None)

    def select(self, index: int) -> None:
        """Selects a row by its place, and stops following unless it is the newest."""
        if not self._order:
            return
        index = min(max(index, 0), len(self._order) - 1)
        self._selected = self._key_at(index)[2]
        self._set_follow(self._follow and self._selected == self.newest_id)

    def follow_newest(self, follow: bool = True) -> None:
        self._set_follow(follow)
        if follow:
            self._selected = self.newest_id

    # ── keeping up ──

    def pull(self) -> Changes:
        """Takes in what changed in the ring since the last call; nothing while paused."""
        if self.paused:
            return NOTHING
        dirty = self._ring.take_dirty(self._reader)
        if not dirty:
            return NOTHING
        stays, goes = self._sort_out(dirty)
        self._leave_lost_selection(goes)
        self._moved = False
        for exchange_id in goes:
            self._drop(exchange_id)
        for exchange in stays:
            self._put(exchange)
        self._settle_selection()
        return Changes(frozenset(dirty), self._moved)

    def set_query(self, query: Query) -> None:
        self.query = query
        self._rebuild()

    def set_sort(self, sort: str, descending: bool = False) -> None:
        self.sort, self.descending = sort, descending
        self._rebuild()

    def close(self) -> None:
        """Tells the ring that nobody reads here any more."""
        self._ring.forget_reader(self._reader)

    def _sort_out(self, dirty: set[int]) -> tuple[list[Exchange], set[int]]:
        stays: list[Exchange] = []
        goes: set[int] = set()
        for exchange_id in sorted(dirty):
            exchange = self._ring.get(exchange_id)
            if exchange is not None and self.query.matches(exchange):
                stays.append(exchange)
            elif exchange_id in self._keys:
                goes.add(exchange_id)
        return stays, goes

    def _rebuild(self) -> None:
        self._ring.take_dirty(self._reader)
        stays = {exchange.id: exchange for exchange in self._ring if self.query.matches(exchange)}
        self._leave_lost_selection(self._keys.keys() - stays.keys())
        self._shown = stays
        self._keys = {exchange.id: self._key(exchange) for exchange in stays.values()}
        self._order = sorted(self._keys.values())
        self._new &= stays.keys()
        self._newest_id = max(self._newest_id, max(stays, default=0))
        self._settle_selection()

    def _leave_lost_selection(self, goes: set[int]) -> None:
        """Moves a selection that is about to go to the nearest row that stays, the next one first."""
        if self._selected not in goes or (index := self.selected_index) is None:
            return
        ids = list(self)
        after = (exchange_id for exchange_id in ids[index + 1 :] if exchange_id not in goes)
        before = (exchange_id for exchange_id in reversed(ids[:index]) if exchange_id not in goes)
        self._selected = next(after, next(before, None))

    def _settle_selection(self) -> None:
        if self._follow or self._selected is None:
            self._selected = self.newest_id

    def _put(self, exchange: Exchange) -> None:
        key = self._key(exchange)
        known = self._keys.get(exchange.id)
        if known != key:
            self._moved = True
            if known is not None:
                del self._order[bisect_left(self._order, known)]
            insort(self._order, key)
            self._keys[exchange.id] = key
        self._shown[exchange.id] = exchange
        if exchange.id > self._newest_id:
            self._newest_id = exchange.id
            if not self._follow:
                self._new.add(exchange.id)

    def _drop(self, exchange_id: int) -> None:
        self._moved = True
        del self._order[bisect_left(self._order, self._keys.pop(exchange_id))]
        del self._shown[exchange_id]
        self._new.discard(exchange_id)

    def _set_follow(self, follow: bool) -> None:
        self._follow = follow
        if follow:
            self._new.clear()

    def _key_at(self, index: int) -> Key:
        return self._order[len(self._order) - 1 - index if self.descending else index]

    def _key(self, exchange: Exchange) -> Key:
        value = SORTS[self.sort](exchange)
        unknown = value is None
        # Unknown values stand last in either direction, so their flag turns with the direction.
        return (unknown != self.descending, "" if value is None else value, exchange.id)
