"""A table that draws only the rows on screen, over a source that may change many times a second.

The source owns the rows and the selection; the table owns the columns, the scroll position and what is drawn.
After the source has changed, `sync` compares what is on screen with what should be and repaints only the
lines that differ. While it does not follow, what the person looks at stays in its place whatever comes or
goes above it.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Protocol

from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from cccc_tui.locales import _
from cccc_tui.ui.render.cells import Line, Run, cut_end, fit
from cccc_tui.ui.render.columns import GAP, Column, Placed, place
from cccc_tui.ui.render.glyphs import UNICODE, Glyphs
from cccc_tui.ui.widgets.tones import LineView

MARKER = 2
"""Columns at the left for the mark of the selected row."""
HEADER = 1
"""Rows of the header."""
LINES_AT_ONCE = 10
"""A list that has scrolled is all other lines. So many are drawn in one go: requests come in between."""

Picture = tuple[bool, tuple[Line, ...]]
"""All that a row's picture depends on: whether the cursor is on it, and its cells."""


class RowSource(Protocol):
    """The rows that a table shows."""

    @property
    def row_count(self) -> int: ...

    @property
    def cursor(self) -> int | None:
        """Place of the selected row."""
        ...

    def select(self, index: int) -> None:
        """Selects the row at a place, or the nearest there is."""
        ...

    def row_key(self, index: int) -> Hashable:
        """What stays the same when the row moves."""
        ...

    def index_of(self, key: Hashable) -> int | None:
        """Where the row stands now; None when it is gone."""
        ...

    def row_cells(self, index: int, placed: Sequence[Placed]) -> tuple[Line, ...]:
        """One line per column."""
        ...


class LiveTable(LineView, can_focus=True):
    """The table. The screen calls `sync` when the source may have changed."""

    DEFAULT_CSS = """
    LiveTable {
        height: 1fr;
        background: $background;
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
    }
    """

    class RowSelected(Message):
        """The cursor is on another row."""

        def __init__(self, table: LiveTable, key: Hashable) -> None:
            super().__init__()
            self.table = table
            self.key = key

        @property
        def control(self) -> LiveTable:
            return self.table

    class RowOpened(RowSelected):
        """The row was opened by enter or a double click."""

    class SortAsked(Message):
        """A header was clicked."""

        def __init__(self, table: LiveTable, sort: str) -> None:
            super().__init__()
            self.table = table
            self.sort = sort

        @property
        def control(self) -> LiveTable:
            return self.table

    def __init__(
        self,
        source: RowSource,
        columns: Sequence[Column],
        *,
        glyphs: Glyphs = UNICODE,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(id=id)
        self.source = source
        self.columns = columns
        self.glyphs = glyphs
        self.sort = ""
        self.descending = False
        self._placed: tuple[Placed, ...] = ()
        self._drawn: dict[int, Picture] = {}
        self._to_draw: dict[int, Picture] = {}
        self._anchor: tuple[Hashable, int] | None = None
        self._is_syncing = False
        self._to_repaint: list[int] = []

    # ── what the screen calls ──

    def sync(self, *, follow: bool = False) -> None:
        """Shows what the source has now; `follow` scrolls to the selected row, else the sight holds still."""
        self.set_line_count(self.source.row_count + HEADER)
        self._is_syncing = True
        if follow:
            self._show_cursor()
        else:
            self._hold_still()
        self._is_syncing = False
        self.show_place()
        self._repaint_changed(LINES_AT_ONCE)
        self._anchor = self._find_anchor()

    def set_sort(self, sort: str, descending: bool) -> None:
        """What the arrow in the header says."""
        self.sort, self.descending = sort, descending
        self._repaint_all()

    def move(self, rows: int) -> None:
        """Moves the cursor."""
        if self.source.row_count:
            self.go(min(max((self.source.cursor or 0) + rows, 0), self.source.row_count - 1))

    def go(self, index: int) -> None:
        """Puts the cursor on a row, -1 being the last."""
        count = self.source.row_count
        if not count:
            return
        before = self.source.cursor
        self.source.select(count + index if index < 0 else index)
        self._show_cursor()
        self._repaint_changed()
        self._anchor = self._find_anchor()
        if self.source.cursor != before:
            self._tell(self.RowSelected)

    def page(self, pages: int) -> None:
        """Moves the cursor by screens."""
        self.move(pages * max(1, self._visible_rows - 1))

    def open(self) -> None:
        """Opens the selected row."""
        self._tell(self.RowOpened)

    @property
    def top_row(self) -> int:
        """Place of the first row on screen."""
        return self.scroll_offset.y

    # ── drawing ──

    @property
    def _visible_rows(self) -> int:
        return max(0, self.scrollable_content_region.height - HEADER)

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        if not self._placed:
            self._placed = place(self.columns, width - MARKER)
        if y < HEADER:
            return self._header(width)
        index = self.top_row + y - HEADER
        base = self.style_of("$foreground on $background")
        if index >= self.source.row_count:
            self._drawn.pop(y, None)
            return Strip.blank(width, base)
        self._drawn[y] = is_cursor, cells = (
            self._to_draw.pop(y) if y in self._to_draw else self._state_of(index)
        )
        if is_cursor:
            weight = "bold " if self.has_focus else ""
            base = self.style_of(f"{weight}$selection-text on $selection")
            if self.app.current_theme.ansi:
                # Nothing can be mixed from sixteen colours: green or red on blue is not to be read.
                cells = tuple(tuple(run._replace(tone="selected") for run in cell) for cell in cells)
        return self._row(cells, self._mark(is_cursor), base, width)

    def _state_of(self, index: int) -> Picture:
        """All that a row's picture depends on."""
        return index == self.source.cursor, self.source.row_cells(index, self._placed)

    def _mark(self, is_cursor: bool) -> Line:
        if not is_cursor:
            return (Run("  "),)
        return (Run(f"{self.glyphs.cursor if self.has_focus else self.glyphs.cursor_idle} ", "title"),)

    def _row(self, cells: Sequence[Line], mark: Line, base: Style, width: int) -> Strip:
        line = [*mark]
        for number, (cell, placed) in enumerate(zip(cells, self._placed, strict=True)):
            room = placed.width + (GAP if number else 0)
            # The gap in front belongs to the cell: a right-aligned one is only padded further.
            line += (
                fit(cell, room, "right") if placed.column.align == "right" else _after_gap(cell, room, number)
            )
        return Strip(self.segments(tuple(line), base)).adjust_cell_length(width, base)

    def _header(self, width: int) -> Strip:
        base = self.style_of("bold $dim on $panel")
        cells = [self._title(placed.column, placed.width) for placed in self._placed]
        return self._row(cells, (Run("  "),), base, width)

    def _title(self, column: Column, width: int) -> Line:
        title = _(column.title)
        if not column.sort or column.sort != self.sort:
            return (Run(title, "dim"),)
        arrow = self.glyphs.down if self.descending else self.glyphs.up
        return (Run(cut_end(title, width - 1) + arrow, "title"),)

    def _repaint_changed(self, at_once: int | None = None) -> None:
        """Marks for repaint the lines on screen whose row is not what was drawn; all, or some and the others later."""
        if not self._placed:
            return
        first, count = self.top_row - HEADER, self.source.row_count
        lines = range(HEADER, HEADER + self._visible_rows)
        wanted = {y: self._state_of(first + y) if first + y < count else None for y in lines}
        changed = [y for y, state in wanted.items() if state != self._drawn.get(y)]
        self._to_draw = {y: state for y in changed if (state := wanted[y])}
        self.repaint(changed[:at_once])
        self._to_repaint = changed[len(changed[:at_once]) :]
        if self._to_repaint:
            self.call_after_refresh(self._repaint_more)

    def _repaint_more(self) -> None:
        some, self._to_repaint = self._to_repaint[:LINES_AT_ONCE], self._to_repaint[LINES_AT_ONCE:]
        self.repaint(some)
        if self._to_repaint:
            self.call_after_refresh(self._repaint_more)

    def _repaint_all(self) -> None:
        self._forget()
        self.refresh()

    def _forget(self) -> None:
        """What was drawn, or was going to be, stands elsewhere now."""
        self._drawn.clear()
        self._to_draw.clear()
        self._to_repaint.clear()

    # ── scrolling ──

    def _show_cursor(self) -> None:
        cursor = self.source.cursor
        if cursor is None:
            return
        top, rows = self.top_row, self._visible_rows
        if cursor < top:
            self._scroll(cursor)
        elif rows and cursor >= top + rows:
            self._scroll(cursor - rows + 1)

    def _hold_still(self) -> None:
        """Keeps the row that was looked at on the line where it was."""
        if self._anchor is None:
            return
        key, screen_line = self._anchor
        index = self.source.index_of(key)
        if index is not None:
            self._scroll(index - screen_line)

    def _find_anchor(self) -> tuple[Hashable, int] | None:
        """The selected row where it is on screen, else the first row on screen."""
        if not self.source.row_count:
            return None
        cursor, top = self.source.cursor, self.top_row
        if cursor is None or not top <= cursor < top + self._visible_rows:
            cursor = min(top, self.source.row_count - 1)
        return self.source.row_key(cursor), cursor - top

    def _scroll(self, top: int) -> None:
        top = min(max(top, 0), max(0, self.source.row_count - self._visible_rows))
        if top != self.top_row:
            self.scroll_to(y=top, animate=False, force=True, immediate=True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        if self._is_syncing:
            return  # what differs is found by comparing, line by line
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self._forget()
            self._anchor = self._find_anchor()

    # ── events ──

    def on_resize(self) -> None:
        self._placed = ()
        self._show_cursor()
        self._repaint_all()

    def on_focus(self) -> None:
        self._repaint_all()

    def on_blur(self) -> None:
        self._repaint_all()

    def on_click(self, event: events.Click) -> None:
        event.stop()
        if event.y < HEADER:
            self._click_header(event.x)
            return
        index = self.top_row + event.y - HEADER
        if index < self.source.row_count:
            self.go(index)
            if event.chain == 2:
                self.open()

    def _click_header(self, x: int) -> None:
        left = MARKER
        for placed in self._placed:
            if left <= x < left + placed.width + GAP and placed.column.sort:
                self.post_message(self.SortAsked(self, placed.column.sort))
            left += placed.width + GAP

    def _tell(self, message: type[RowSelected]) -> None:
        cursor = self.source.cursor
        if cursor is not None:
            self.post_message(message(self, self.source.row_key(cursor)))


def _after_gap(cell: Line, room: int, number: int) -> Line:
    """A left-aligned cell behind its gap, in its own tone so that it is one run; the first has no gap."""
    if not number:
        return fit(cell, room)
    first = cell[0] if cell else Run("")
    return fit((Run(" " * GAP + first.text, first.tone), *cell[1:]), room)
