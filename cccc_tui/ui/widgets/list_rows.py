"""Rows of a small list that is made anew now and then; the selection stays on its row by key."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

from cccc_tui.ui.render.cells import Line
from cccc_tui.ui.render.columns import Placed

T = TypeVar("T")


class ListRows(Generic[T]):
    """A `RowSource` over a list of values."""

    def __init__(
        self,
        key_of: Callable[[T], Hashable],
        cells_of: Callable[[T, int, Sequence[Placed]], tuple[Line, ...]],
    ) -> None:
        self.follow = False
        self.items: list[T] = []
        self._key_of = key_of
        self._cells_of = cells_of
        self._places: dict[Hashable, int] = {}
        self._selected: Hashable | None = None

    def set_items(self, items: Sequence[T]) -> None:
        """Shows other items; a selected one that is gone leaves the selection at its place."""
        before = self.cursor
        self.items = list(items)
        self._places = {self._key_of(item): place for place, item in enumerate(self.items)}
        if self.follow:
            self.select(len(self.items) - 1)
        elif self._selected not in self._places:
            self.select(before or 0)

    @property
    def selected(self) -> T | None:
        return None if self.cursor is None else self.items[self.cursor]

    @property
    def row_count(self) -> int:
        return len(self.items)

    @property
    def cursor(self) -> int | None:
        return self._places.get(self._selected)

    def select(self, index: int) -> None:
        if self.items:
            self._selected = self._key_of(self.items[min(max(index, 0), len(self.items) - 1)])

    def select_key(self, key: Hashable) -> None:
        """Selects a row by its key, where there is one."""
        if key in self._places:
            self._selected = key

    def row_key(self, index: int) -> Hashable:
        return self._key_of(self.items[index])

    def index_of(self, key: Hashable) -> int | None:
        return self._places.get(key)

    def row_cells(self, index: int, placed: Sequence[Placed]) -> tuple[Line, ...]:
        return self._cells_of(self.items[index], index, placed)
