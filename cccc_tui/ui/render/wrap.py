"""Long lines broken into rows of a given width, kept for a whole text: only what changed is broken anew."""

from __future__ import annotations

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
    """The rows of a text at one width."""

    def __init__(self, width: int) -> None:
        self.width = max(1, width)
        self._rows: list[Row] = []
        self._first: list[int] = []

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> Row:
        return self._rows[index]

    def row_of(self, line: int, column: int = 0) -> int:
        """The row in which a character of a line stands."""
        row = self._first[line]
        while (
            row + 1 < len(self._rows) and self._rows[row + 1].line == line and self._rows[row].end <= column
        ):
            row += 1
        return row

    def set_lines(self, texts: Sequence[str], unchanged: int = 0) -> None:
        """Breaks the lines from number `unchanged` on; those before are as they were."""
        unchanged = min(unchanged, len(self._first), len(texts))
        if unchanged < len(self._first):
            del self._rows[self._first[unchanged] :]
            del self._first[unchanged:]
        width, rows, first = self.width, self._rows, self._first
        for number in range(unchanged, len(texts)):
            text = texts[number]
            first.append(len(rows))
            if len(text) * 2 <= width or (len(text) <= width and text.isascii()):
                rows.append(Row(number, 0, len(text)))
            else:
                rows += [Row(number, start, end) for start, end in breaks(text, width)]


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
