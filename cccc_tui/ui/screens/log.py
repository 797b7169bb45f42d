"""What the program has said: notices by level and words, the selected one whole below the list."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult

from cccc_tui.locales import N_, _
from cccc_tui.traffic.notices import LEVELS, Level, Notice
from cccc_tui.ui.render.cells import Line, Run
from cccc_tui.ui.render.columns import Placed
from cccc_tui.ui.render.document import Document, styled
from cccc_tui.ui.render.glyphs import glyphs
from cccc_tui.ui.render.notice_row import COLUMNS, notice_cells, notice_lines, notice_text
from cccc_tui.ui.screens.live import LiveScreen
from cccc_tui.ui.widgets.filter_bar import FilterBar
from cccc_tui.ui.widgets.list_keys import ListKeys, Pane, pane_of
from cccc_tui.ui.widgets.list_rows import ListRows
from cccc_tui.ui.widgets.live_table import LiveTable
from cccc_tui.ui.widgets.panel import Panel
from cccc_tui.ui.widgets.text_view import TextView


class LogScreen(ListKeys, LiveScreen):
    """The list and the whole text of the selected line."""

    SCOPE = "log"
    TITLE_TEXT = N_("Log")
    HAS_LIST = True
    CSS_PATH = "log.tcss"

    def compose_body(self) -> ComposeResult:
        self.symbols = glyphs(self.settings.is_ascii)
        self.least: Level = "info"
        self._newest_first = False
        self._seen = -1
        self.rows: ListRows[Notice] = ListRows(lambda notice: notice.number, self._cells)
        self.rows.follow = True
        self.table = LiveTable(self.rows, COLUMNS, glyphs=self.symbols, id="table")
        self.whole = TextView(id="whole")
        self.filter_bar = FilterBar(_("filters by words"), _("words"))
        self.list_panel = Panel(_("Log"), self.table, glyphs=self.symbols, id="list")
        self._choose()
        yield self.filter_bar
        yield self.list_panel
        yield Panel(_("Selected"), self.whole, glyphs=self.symbols, id="selected")

    def on_mount(self) -> None:
        self.table.focus()

    def _cells(self, notice: Notice, _index: int, placed: Sequence[Placed]) -> tuple[Line, ...]:
        return notice_cells(notice, placed, self.symbols)

    def pull(self) -> None:
        if self._seen != self.control.notices.revision:
            self._seen = self.control.notices.revision
            self._choose()
        self._show()

    def _choose(self) -> None:
        """Takes the lines that level and filter let through."""
        levels = LEVELS[LEVELS.index(self.least) :]
        items = [each for each in self.control.notices if each.level in levels]
        if words := self.filter_bar.text.lower().split():
            items = [each for each in items if _has(each, words)]
        self.rows.set_items(items[::-1] if self._newest_first else items)

    def _show(self) -> None:
        self.list_panel.show_empty(self._why_empty())
        self.list_panel.title_line.show(note=_("from level {level} on").format(level=_(self.least)))
        self.table.sync(follow=self.rows.follow)
        self.filter_bar.show_counts(self._counts())
        notice = self.rows.selected
        document = Document(styled(notice_lines(notice, self.symbols) if notice else []))
        if document.texts != self.whole.document.texts:
            self.whole.show(document)

    def _counts(self) -> Line:
        shown, total = len(self.rows.items), len(self.control.notices)
        counts = Run(_("{shown} of {total}").format(shown=shown, total=total))
        return (Run(_("following") + "  ", "dim"), counts) if self.rows.follow else (counts,)

    def _why_empty(self) -> str:
        if self.rows.items:
            return ""
        if len(self.control.notices):
            return _("No line fits the level and the filter.\n\nl shows more levels, esc clears the filter.")
        return _("Nothing has been logged yet. Whatever goes wrong will stand here.")

    # What the frame asks

    def view_state(self) -> str:
        return _("filter") if self.filter_bar.text else ""

    def leave(self) -> bool:
        """Closes and clears the filter."""
        is_left = self.filter_bar.leave()
        if is_left:
            self.table.focus()
        return is_left

    # Lists

    def pane(self) -> Pane | None:
        return pane_of(self.focused, self.table)

    def action_list_open(self) -> None:
        """Goes into the text of the selected line, and back."""
        (self.whole if self.focused is self.table else self.table).focus()

    def action_list_filter(self) -> None:
        self.filter_bar.open()

    def action_list_sort(self) -> None:
        self.action_list_sort_reverse()

    def action_list_sort_reverse(self) -> None:
        """A log has one order, by time: this turns it round."""
        self._newest_first = not self._newest_first
        self._refilter()

    def action_list_last(self) -> None:
        super().action_list_last()
        if self.pane() is self.table and not self._newest_first:
            self.rows.follow = True
            self._show()

    def on_filter_bar_changed(self) -> None:
        self._refilter()

    def on_filter_bar_closed(self) -> None:
        self.table.focus()

    def on_live_table_row_selected(self) -> None:
        newest = 0 if self._newest_first else self.rows.row_count - 1
        self.rows.follow = self.rows.follow and self.rows.cursor == newest
        self._show()

    def on_live_table_row_opened(self) -> None:
        self.whole.focus()  # by a double click

    # The log

    def action_log_level(self) -> None:
        self.least = LEVELS[(LEVELS.index(self.least) + 1) % len(LEVELS)]
        self._refilter()

    def action_log_follow(self) -> None:
        self.rows.follow = not self.rows.follow
        self._refilter()

    def action_log_copy(self) -> None:
        if notice := self.rows.selected:
            self.shell.copy(notice_text(notice))
        else:
            self.shell.say(_("No line is selected."))

    def _refilter(self) -> None:
        self._choose()
        self._show()


def _has(notice: Notice, words: list[str]) -> bool:
    text = f"{notice.source} {notice.text}".lower()
    return all(word in text for word in words)
