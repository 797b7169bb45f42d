"""Columns of a list, chosen by the width there is: the important ones first, the rest when there is room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cccc_tui.ui.render.cells import Align

GAP = 1
"""Empty columns between two cells."""


class Column(NamedTuple):
    """One column of a list."""

    id: str
    title: str
    """Marked with `N_`; translated when drawn."""
    width: int
    """Least width."""
    rank: int
    """1 is shown first; higher ones only where there is room."""
    grow: int = 0
    """Its share of the width that is left; 0 stays as it is."""
    align: Align = "left"
    sort: str = ""
    """Name of the sort that a click on the header asks for; empty has none."""
    most: int = 999
    """Width beyond which it does not grow."""


class Placed(NamedTuple):
    """A column with the width that it got."""

    column: Column
    width: int


def place(columns: Sequence[Column], width: int) -> tuple[Placed, ...]:
    """The columns that fit, in their order, filling the width where one of them grows."""
    chosen: list[Column] = []
    used = 0
    for column in sorted(columns, key=lambda each: each.rank):
        needed = column.width + (GAP if chosen else 0)
        if chosen and used + needed > width:
            break
        chosen.append(column)
        used += needed
    widths = _share(chosen, max(0, width - used))
    return tuple(Placed(column, widths[column.id]) for column in columns if column.id in widths)


def _share(chosen: list[Column], free: int) -> dict[str, int]:
    widths = {column.id: column.width for column in chosen}
    while free and (growing := [each for each in chosen if each.grow and widths[each.id] < each.most]):
        shares = sum(column.grow for column in growing)
        given = 0
        for column in growing:
            more = min(max(1, free * column.grow // shares), column.most - widths[column.id], free - given)
            widths[column.id] += more
            given += more
        free -= given
    return widths
