"""What is known of one thing, as lines for a panel: names aligned, values broken where there is no room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cccc_tui.ui.render.cells import Line, cell_width, fit, line, plain
from cccc_tui.ui.render.document import part_of
from cccc_tui.ui.render.wrap import breaks

LEAST_VALUE_WIDTH = 12
UNBROKEN = 1 << 30


class Named(NamedTuple):
    """One value with its name, translated."""

    name: str
    value: Line


def named_lines(known: Sequence[Named], columns: int = 0) -> list[Line]:
    """Their lines; what is wider than `columns` goes on below its beginning."""
    indent = max((cell_width(each.name) for each in known), default=0) + 2
    room = max(LEAST_VALUE_WIDTH, columns - indent) if columns else UNBROKEN
    return [
        (*fit(line("" if number else each.name, "dim"), indent), *part)
        for each in known
        for number, part in enumerate(_broken(each.value, room))
    ]


def _broken(value: Line, room: int) -> list[Line]:
    return [part_of(value, start, end) for start, end in breaks(plain(value), room)]
