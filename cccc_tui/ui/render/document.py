"""A text to read: many lines, each coloured only when it is drawn."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import NamedTuple

from cccc_tui.ui.render.cells import Line, Run, plain, safe
from cccc_tui.ui.render.json_lines import json_line


class Section(NamedTuple):
    """Some lines that are coloured in the same way."""

    texts: Sequence[str]
    """The lines as they are searched, copied and measured: nothing in them that a terminal would obey."""
    paint: Callable[[int], Line]
    """A line of this section in colours; its text is the same."""


def styled(lines: Sequence[Line]) -> Section:
    """Lines that have their tones already."""
    return Section([plain(line) for line in lines], lambda number: lines[number])


def plain_text(text: str) -> Section:
    """A text without colours."""
    texts = [safe(line) for line in text.replace("\r\n", "\n").split("\n")]
    return Section(texts, lambda number: (Run(texts[number]),))


def json_text(indented: Sequence[str]) -> Section:
    """Lines of indented JSON."""
    texts = [safe(line) for line in indented]
    return Section(texts, lambda number: json_line(texts[number]))


class Document:
    """The lines of several sections."""

    def __init__(self, *sections: Section) -> None:
        self.texts: list[str] = [text for section in sections for text in section.texts]
        self._sections = sections
        self._starts: list[int] = []
        start = 0
        for section in sections:
            self._starts.append(start)
            start += len(section.texts)

    def __len__(self) -> int:
        return len(self.texts)

    def line(self, number: int) -> Line:
        """A line in colours."""
        place = bisect_right(self._starts, number) - 1
        return self._sections[place].paint(number - self._starts[place])

    def unchanged_lines(self, other: Document) -> int:
        """How many first lines are the same in both, as far as that is cheap to say."""
        same = 0
        for ours, theirs in zip(self.texts, other.texts, strict=False):
            if ours is not theirs and ours != theirs:
                break
            same += 1
        return same


def part_of(line: Line, start: int, end: int) -> Line:
    """The characters `start` to `end` of a line, in their tones."""
    runs: list[Run] = []
    at = 0
    for run in line:
        first, last = max(start - at, 0), min(end - at, len(run.text))
        if first < last:
            runs.append(Run(run.text[first:last], run.tone))
        at += len(run.text)
        if at >= end:
            break
    return tuple(runs)
