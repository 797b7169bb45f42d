"""Long lines broken into rows of a given width, kept for a whole text: only what changed is broken anew."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len

EXACT_UP_TO = 20_000
"""Characters of one line beyond which wide characters are not measured one by one."""


class Row(NamedTuple):
    """A part of a line that fills one row of the screen."""

    line: int
    start: int
    end: int


class Rows:
    """The rows of a text at one width. Only lines that take more than one row cost memory."""

    def __init__(self, width: int) -> None:
        self.width = max(1, width)
        self._texts: Sequence[str] = ()
        self._long: list[int] = []
        """Numbers of the lines that are broken, rising."""
        self._parts: list[list[tuple[int, int]]] = []
        """Where their rows begin and end."""
        self._first: list[int] = []
        """Their first rows."""

    def __len__(self) -> int:
        return len(self._texts) + self._extra(len(self._long))

    def __getitem__(self, row: int) -> Row:
        place = bisect_right(self._first, row) - 1
        if place >= 0 and (part := row - self._first[place]) < len(self._parts[place]):
            return Row(self._long[place], *self._parts[place][part])
        line = row - self._extra(place + 1)
        return Row(line, 0, len(self._texts[line]))

    def row_of(self, line: int, column: int = 0) -> int:
        """The row in which a character of a line stands."""
        place = bisect_left(self._long, line)
        row = line + self._extra(place)
        if place < len(self._long) and self._long[place] == line:
            row += sum(end <= column for _start, end in self._parts[place][:-1])
        return row

    def set_lines(self, texts: Sequence[str], unchanged: int = 0) -> None:
        """Breaks the lines from number `unchanged` on; those before are as they were."""
        keep = bisect_left(self._long, unchanged)
        for kept in (self._long, self._parts, self._first):
            del kept[keep:]
        self._texts = texts
        width = self.width
        extra = self._extra(keep)
        for line in range(unchanged, len(texts)):
            text = texts[line]
            if len(text) * 2 <= width or (len(text) <= width and text.isascii()):
                continue
            parts = breaks(text, width)
            if len(parts) > 1:
                self._long.append(line)
                self._parts.append(parts)
                self._first.append(line + extra)
                extra += len(parts) - 1

    def _extra(self, place: int) -> int:
        """Rows beyond one per line that the first `place` broken lines take."""
        if not place:
            return 0
        return self._first[place - 1] - self._long[place - 1] + len(self._parts[place - 1]) - 1


def breaks(text: str, width: int) -> list[tuple[int, int]]:
    """Where the rows of one line begin and end: after a space where there is one, else anywhere."""
    if text.isascii():
        edges = _edges(text, width)
    elif len(text) > EXACT_UP_TO:
        edges = _edges(text, max(1, width // 2))
    else:
        edges = _edges_of_wide(text, width)
    return list(zip([0, *edges], [*edges, len(text)], strict=True))


def _edges(text: str, width: int) -> list[int]:
    edges: list[int] = []
    start, length = 0, len(text)
    while length - start > width:
        space = text.rfind(" ", start + 1, start + width)
        start = space + 1 if space > start + width // 2 else start + width
        edges.append(start)
    return edges


def _edges_of_wide(text: str, width: int) -> list[int]:
    edges: list[int] = []
    start, used, space = 0, 0, 0
    for place, letter in enumerate(text):
        wide = 1 if letter < "\u0300" else cell_len(letter)
        if used + wide > width and place > start:
            start = space if space - start > width // 2 else place
            edges.append(start)
            used = sum(1 if each < "\u0300" else cell_len(each) for each in text[start:place])
        used += wide
        if letter == " ":
            space = place + 1
    return edges
