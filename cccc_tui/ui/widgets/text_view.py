"""A read-only text of any length: lines are broken once, coloured and drawn only while they are on screen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.message import Message
from textual.selection import Selection
from textual.strip import Strip

from cccc_tui.ui.render.cells import Line
from cccc_tui.ui.render.document import Document, part_of
from cccc_tui.ui.render.wrap import Row, Rows
from cccc_tui.ui.widgets.tones import LineView

MAX_HITS = 10_000
"""Hits of a search that are counted and marked; more are not worth the time."""


class Hit(NamedTuple):
    """Where the searched text stands."""

    line: int
    start: int
    end: int


class TextView(LineView, can_focus=True):
    """The text, with a search in it. It stays at the end while it grows, until the person scrolls up."""

    DEFAULT_CSS = """
    TextView {
        height: 1fr;
        background: $background;
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
    }
    """

    class Searched(Message):
        """The search has other hits, or stands on another one."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.document = Document()
        self.hits: list[Hit] = []
        self.hit_number = -1
        self._needle = ""
        self._rows = Rows(1)
        self._line_cache: tuple[int, Line] = (-1, ())
        self._hits_by_line: dict[int, list[int]] = {}
        self._stay_at_end = False
        self._drawn: dict[int, Line | None] = {}

    # ── what the screen calls ──

    def show(self, document: Document, *, grows: bool = False) -> None:
        """Shows another text, from its beginning; one that `grows` keeps the place, or stays at the end."""
        at_end = self.is_at_end
        unchanged = document.unchanged_lines(self.document) if grows else 0
        self.document = document
        self._line_cache = (-1, ())
        self._lay_out(unchanged)
        if self._needle:
            self._find()
            self.refresh()
        if not grows:
            self._stay_at_end = False
            self._scroll(0)
        elif at_end and self._stay_at_end:
            self._scroll(len(self._rows))
        self.show_place()
        self.repaint([y for y in range(self._height) if self._picture(y) != self._drawn.get(y)])

    def follow(self, follow: bool = True) -> None:
        """Whether it stays at the end while the text grows."""
        self._stay_at_end = follow
        if follow:
            self._scroll(len(self._rows))

    @property
    def is_at_end(self) -> bool:
        """Whether the last line is on screen."""
        return self.scroll_offset.y + self._height >= len(self._rows)

    @property
    def is_following(self) -> bool:
        return self._stay_at_end and self.is_at_end

    def move(self, rows: int) -> None:
        """Scrolls by lines."""
        self._scroll(self.scroll_offset.y + rows)

    def page(self, pages: int) -> None:
        """Scrolls by screens."""
        self.move(pages * max(1, self._height - 1))

    def go(self, row: int) -> None:
        """Scrolls to a line of the screen, -1 being the last."""
        self._scroll(len(self._rows) if row < 0 else row)

    def open(self) -> None:
        """A text has nothing to open."""

    # ── search ──

    def search(self, needle: str) -> int:
        """Marks every place where the text stands, in any case, and goes to the first one from here."""
        self._needle = needle
        self._find()
        self.hit_number = -1
        if self.hits:
            here = self._rows[min(self.scroll_offset.y, len(self._rows) - 1)].line
            self.hit_number = next((i for i, hit in enumerate(self.hits) if hit.line >= here), 0)
            self._show_hit()
        self.refresh()
        self.post_message(self.Searched())
        return len(self.hits)

    def next_hit(self, step: int = 1) -> None:
        """Goes to the next hit, or the previous one, round the ends."""
        if self.hits:
            self.hit_number = (self.hit_number + step) % len(self.hits)
            self._show_hit()
            self.refresh()
            self.post_message(self.Searched())

    def _find(self) -> None:
        self.hits = list(self._hits()) if self._needle else []
        self._hits_by_line = {}
        for number, hit in enumerate(self.hits):
            self._hits_by_line.setdefault(hit.line, []).append(number)

    def _hits(self) -> Iterator[Hit]:
        pattern = re.compile(re.escape(self._needle), re.IGNORECASE)
        left = MAX_HITS
        for number, text in enumerate(self.document.texts):
            for match in pattern.finditer(text):
                yield Hit(number, match.start(), match.end())
                left -= 1
                if not left:
                    return

    def _show_hit(self) -> None:
        hit = self.hits[self.hit_number]
        row = self._rows.row_of(hit.line, hit.start)
        top = self.scroll_offset.y
        if not top <= row < top + self._height:
            self._stay_at_end = False
            self._scroll(row - self._height // 3)

    # ── drawing ──

    @property
    def _height(self) -> int:
        return self.scrollable_content_region.height

    @property
    def _text_width(self) -> int:
        return max(1, self.scrollable_content_region.width - 1)

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        base = self.style_of("$foreground on $background")
        self._drawn[y] = line = self._picture(y)
        if line is None:
            return Strip.blank(width, base)
        row_number = self.scroll_offset.y + y
        row = self._rows[row_number]
        strip = Strip(self.segments(line, base))
        for start, end, style in self._marks(row, row_number):
            strip = _restyled(strip, start, end, style)
        return strip.adjust_cell_length(width, base).apply_offsets(0, row_number)

    def _picture(self, y: int) -> Line | None:
        """The text on a line of the screen; None below the end."""
        row_number = self.scroll_offset.y + y
        if row_number >= len(self._rows):
            return None
        row = self._rows[row_number]
        return part_of(self._line(row.line), row.start, row.end)

    def _line(self, number: int) -> Line:
        """A coloured line; kept, because the rows of one long line are drawn one after the other."""
        if self._line_cache[0] != number:
            self._line_cache = (number, self.document.line(number))
        return self._line_cache[1]

    def _marks(self, row: Row, row_number: int) -> Iterator[tuple[int, int, Style]]:
        """Stretches of a row, in characters, that are drawn otherwise: hits and the mouse's selection."""
        for number in self._hits_by_line.get(row.line, ()):
            hit = self.hits[number]
            start, end = max(hit.start, row.start), min(hit.end, row.end)
            if start < end:
                current = number == self.hit_number
                style = "bold underline $background on $accent" if current else "$background on $warning"
                yield start - row.start, end - row.start, self.style_of(style)
        if (selection := self.text_selection) and (span := selection.get_span(row_number)):
            end = row.end - row.start if span[1] == -1 else span[1]
            yield span[0], end, self.screen.get_component_rich_style("screen--selection")

    # ── layout and scrolling ──

    def _lay_out(self, unchanged: int = 0) -> None:
        width = self._text_width
        if self._rows.width != width:
            self._rows, unchanged = Rows(width), 0
        self._rows.set_lines(self.document.texts, unchanged)
        self.set_line_count(len(self._rows))

    def _scroll(self, top: int) -> None:
        top = min(max(top, 0), max(0, len(self._rows) - self._height))
        self.scroll_to(y=top, animate=False, force=True, immediate=True)

    def on_resize(self) -> None:
        if not len(self._rows) or self._rows.width == self._text_width:
            return
        at_end, top = self.is_following, self._rows[min(self.scroll_offset.y, len(self._rows) - 1)]
        self._lay_out()
        self._scroll(len(self._rows) if at_end else self._rows.row_of(top.line, top.start))
        self.show_place()
        self.refresh()

    def on_mouse_scroll_up(self) -> None:
        self._stay_at_end = False

    # ── selecting with the mouse ──

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        rows = (self._rows[number] for number in range(len(self._rows)))
        return selection.extract(
            "\n".join(self.document.texts[row.line][row.start : row.end] for row in rows)
        ), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        self.refresh()


def _restyled(strip: Strip, start: int, end: int, style: Style) -> Strip:
    """The strip with the characters `start` to `end` in another style on top."""
    segments: list[Segment] = []
    at = 0
    for text, under, _control in strip:
        cuts = sorted({0, min(max(start - at, 0), len(text)), min(max(end - at, 0), len(text)), len(text)})
        for first, last in pairwise(cuts):
            inside = start <= at + first < end
            segments.append(Segment(text[first:last], (under or Style()) + style if inside else under))
        at += len(text)
    return Strip(segments)
