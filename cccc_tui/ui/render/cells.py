"""Text as cells of a terminal: runs with a tone, measured, cut and padded by their width on screen.

A *run* is text in one *tone*, a *line* is a tuple of runs. A tone says what a text means; the widgets know
which theme colour that is. Everything that comes from outside (a path, a model name, a body) passes `safe`
before it is drawn, because an escape sequence in it would reach the terminal.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from rich.cells import cell_len

Tone = Literal[
    "plain",
    "strong",
    "dim",
    "ok",
    "warn",
    "error",
    "busy",
    "off",
    "title",
    "accent",
    "key",
    "number",
    "literal",
    "graph",
    "rule",
    "selected",
    "claude-code",
    "codex",
    "openai-sdk",
    "anthropic-sdk",
    "other",
]
Align = Literal["left", "right"]

UNKNOWN = "–"
"""Shown for what is not known; never 0."""


class Run(NamedTuple):
    text: str
    tone: Tone = "plain"


Line = tuple[Run, ...]

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_TAB = "    "


def line(text: str = "", tone: Tone = "plain") -> Line:
    """A line of one run."""
    return (Run(text, tone),)


def safe(text: str) -> str:
    """The text without anything that a terminal would obey: controls become `·`, tabs spaces."""
    if text.isascii() and text.isprintable():
        return text
    return _UNPRINTABLE.sub("·", text.replace("\t", _TAB))


def cell_width(text: str) -> int:
    """Columns that a text takes."""
    return cell_len(text)


def width(cells: Line) -> int:
    """Columns that a line takes."""
    return sum(cell_len(run.text) for run in cells)


def plain(cells: Line) -> str:
    """The text of a line."""
    return "".join(run.text for run in cells)


def take(text: str, columns: int) -> str:
    """As much from the start of the text as fits into so many columns."""
    if text.isascii():
        return text[:columns]
    used = 0
    for place, letter in enumerate(text):
        used += cell_len(letter)
        if used > columns:
            return text[:place]
    return text


def take_end(text: str, columns: int) -> str:
    """As much from the end of the text as fits."""
    if text.isascii():
        return text[max(0, len(text) - columns) :]
    used = 0
    for place in range(len(text) - 1, -1, -1):
        used += cell_len(text[place])
        if used > columns:
            return text[place + 1 :]
    return text


def cut_end(text: str, columns: int) -> str:
    """Shortened with `…` at the end where it does not fit."""
    if cell_len(text) <= columns:
        return text
    return take(text, columns - 1) + "…" if columns > 0 else ""


def cut_middle(text: str, columns: int) -> str:
    """Shortened with `…` in the middle: names differ most at their ends."""
    if cell_len(text) <= columns:
        return text
    if columns < 5:
        return cut_end(text, columns)
    head = take(text, columns // 2)
    return f"{head}…{take_end(text, columns - 1 - cell_len(head))}"


def fit(cells: Line, columns: int, align: Align = "left") -> Line:
    """The line at exactly this width: padded, or cut with `…`."""
    free = columns - width(cells)
    if free < 0:
        cells = _cut(cells, columns)
        free = columns - width(cells)
    if not free:
        return cells
    if not cells:
        return (Run(" " * free),)
    # The padding is part of a neighbour's run: every run of its own costs 40 bytes on the way to the terminal.
    if align == "right":
        return Run(" " * free + cells[0].text, cells[0].tone), *cells[1:]
    return *cells[:-1], Run(cells[-1].text + " " * free, cells[-1].tone)


def _cut(cells: Line, columns: int) -> Line:
    kept: list[Run] = []
    left = columns
    for run in cells:
        if cell_len(run.text) >= left:
            # The sign of the cut stands even where this run alone would have fitted: more follows.
            return (*kept, Run(take(run.text, left - 1) + "…" if left > 0 else "", run.tone))
        kept.append(run)
        left -= cell_len(run.text)
    return tuple(kept)
