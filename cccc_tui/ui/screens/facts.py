"""What endpoints have taught: each fact in words, the selected one with its evidence, and the way to take it back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Container

from cccc_tui.engine.control import FactStatus, Outcome
from cccc_tui.locales import N_, _
from cccc_tui.traffic.exchange import Exchange
from cccc_tui.ui.changes import Changes
from cccc_tui.ui.clipboard import write_private_file
from cccc_tui.ui.fact_list import SORTS, FactWatch, Place, chosen, has_taught, place_of
from cccc_tui.ui.render.cells import Line
from cccc_tui.ui.render.columns import Placed
from cccc_tui.ui.render.document import Document, styled
from cccc_tui.ui.render.fact_row import COLUMNS, fact_cells, fact_lines, fact_text
from cccc_tui.ui.render.fact_words import fact_words
from cccc_tui.ui.render.glyphs import glyphs
from cccc_tui.ui.screens.endpoints import counts_line
from cccc_tui.ui.screens.live import LiveScreen
from cccc_tui.ui.widgets.copy_menu import Choice, CopyMenu
from cccc_tui.ui.widgets.filter_bar import FilterBar
from cccc_tui.ui.widgets.list_keys import ListKeys, Pane, pane_of
from cccc_tui.ui.widgets.list_rows import ListRows
from cccc_tui.ui.widgets.live_table import LiveTable
from cccc_tui.ui.widgets.panel import Panel
from cccc_tui.ui.widgets.text_view import TextView


class FactsScreen(ListKeys, LiveScreen):
    """The table and the panel."""

    SCOPE = "facts"
    TITLE_TEXT = N_("Facts")
    HAS_LIST = True
    CSS_PATH = "facts.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (130, "-broad")]  # noqa: RUF012

    def compose_body(self) -> ComposeResult:
        self.symbols = glyphs(self.settings.is_ascii)
        self.changes = Changes(self, self._pull_at_once)
        self._watch = FactWatch(self.control)
        self._sort, self._descending = "endpoint", False
        self.rows: ListRows[FactStatus] = ListRows(place_of, self._cells)
        self.table = LiveTable(self.rows, COLUMNS, glyphs=self.symbols, id="table")
        self.details = TextView(id="details")
        self.filter_bar = FilterBar(_("filters by words"), _("images gpt-5 pinned"))
        self.list_panel = Panel(_("What endpoints have taught"), self.table, glyphs=self.symbols, id="list")
        yield self.filter_bar
        with Container(id="panels"):
            yield self.list_panel
            yield Panel(_("Selected"), self.details, glyphs=self.symbols, id="selected")

    def on_mount(self) -> None:
        self.table.set_sort(self._sort, self._descending)
        self.table.focus()

    def _cells(self, fact: FactStatus, _index: int, placed: Sequence[Placed]) -> tuple[Line, ...]:
        return fact_cells(fact, placed, self.now(), self.symbols)

    def pull(self) -> None:
        if self._watch.look(self.now()):
            self._choose()
        self._show()

    def _pull_at_once(self) -> None:
        """After a key: what it did is seen without a wait."""
        self._watch.look(self.now(), at_once=True)
        self._choose()
        self._show()

    def _choose(self) -> None:
        """Takes the facts that the filter lets through."""
        words = self.filter_bar.text
        self.rows.set_items(chosen(self._watch.facts, words, self._sort, self._descending))

    def _show(self) -> None:
        self.list_panel.show_empty(self._why_empty())
        self.table.sync()
        self.filter_bar.show_counts(counts_line(len(self.rows.items), len(self._watch.facts)))
        self._show_details()
        if self.rows.items and self.focused is None:
            self.call_after_refresh(self.table.focus)  # an empty table was hidden, which took the focus away

    def _show_details(self) -> None:
        fact = self.rows.selected
        lines: list[Line] = []
        if fact:
            is_kept = self._exchange(fact) is not None
            lines = fact_lines(fact, is_kept, self.now(), self.symbols, self.details.size.width - 2)
        document = Document(styled(lines))
        if document.texts != self.details.document.texts:
            self.details.show(document, grows=True)

    def _why_empty(self) -> str:
        if self.rows.items:
            return ""
        if self._watch.facts:
            return _("No fact has these words.\n\nesc clears the filter.")
        return _(
            "Nothing has been learned yet.\n\n"
            "When an endpoint refuses something - a parameter, images, a format - cccc asks again without it, "
            "and remembers. What it learned will stand here with the endpoint's own words, until it expires or "
            "you let cccc forget it."
        )

    # What the frame asks

    def view_state(self) -> str:
        return _("filter") if self.filter_bar.text else ""

    def pane_help(self) -> str:
        return _(
            "A fact is something that an endpoint has taught by its own answers. It expires, and is then found "
            "out anew.\nA pinned one stays as it is.\nForgotten, the next request is sent as before; u puts "
            "the fact back.\nThe filter takes words that all must occur: names, what is taught, evidence, pinned."
        )

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
        """Opens the request that taught it; where that is not kept, goes into the text below, and back."""
        fact = self.rows.selected
        if fact and (exchange := self._exchange(fact)):
            from cccc_tui.ui.screens.exchange import ExchangeScreen

            self.app.push_screen(ExchangeScreen(exchange))
        else:
            (self.details if self.focused is self.table else self.table).focus()

    def action_list_filter(self) -> None:
        self.filter_bar.open()

    def action_list_sort(self) -> None:
        sorts = list(SORTS)
        self._sort_by(sorts[(sorts.index(self._sort) + 1) % len(sorts)], False)

    def action_list_sort_reverse(self) -> None:
        self._sort_by(self._sort, not self._descending)

    def on_live_table_sort_asked(self, event: LiveTable.SortAsked) -> None:
        self._sort_by(event.sort, event.sort == self._sort and not self._descending)

    def _sort_by(self, sort: str, descending: bool) -> None:
        self._sort, self._descending = sort, descending
        self.table.set_sort(sort, descending)
        self._choose()
        self.table.sync(follow=True)

    def on_live_table_row_opened(self) -> None:
        self.action_list_open()  # by a double click

    def on_live_table_row_selected(self) -> None:
        self.details.go(0)
        self._show_details()

    def on_filter_bar_changed(self) -> None:
        self._choose()
        self._show()

    def on_filter_bar_closed(self) -> None:
        self.table.focus()

    # Facts

    def action_facts_forget(self) -> None:
        if fact := self._selected():
            place = place_of(fact)
            self.changes.do(self.control.undo_fact(*place), lambda: self._put_back(place))

    async def _put_back(self, place: Place) -> Outcome:
        outcome = await self.control.restore_fact(*place)
        self._pull_at_once()
        self.rows.select_key(place)
        return outcome

    def action_facts_pin(self) -> None:
        if fact := self._selected():
            place, pinned = place_of(fact), not fact.pinned
            self.changes.do(
                self.control.pin_fact(*place, pinned), lambda: self.control.pin_fact(*place, not pinned)
            )

    def action_facts_undo(self) -> None:
        self.changes.take_back()

    def action_facts_copy(self) -> None:
        if fact := self._selected():
            choices = [
                Choice("f", _("fact and evidence"), fact_text(fact)),
                Choice("e", _("evidence"), fact.evidence),
                Choice("n", _("name for `cccc facts`"), fact.name),
            ]
            menu = CopyMenu(_("Copy: {what}").format(what=fact_words(fact)), choices)
            self.app.push_screen(menu, lambda text: self.shell.copy(text) if text else None)

    def action_facts_export(self) -> None:
        if self._watch.facts:
            self.run_worker(self._export(self.control.export_facts()), group="export", exclusive=True)
        else:
            self.shell.say(_("Nothing has been learned yet."))

    async def _export(self, text: str) -> None:
        try:
            path = await asyncio.to_thread(write_private_file, text, ".json")
        except OSError as error:
            self.shell.say(_("The facts could not be written: {problem}").format(problem=error), "error")
            return
        self.shell.say(
            _("All facts are in {path}; `cccc facts import` takes them up elsewhere.").format(path=path)
        )

    def _exchange(self, fact: FactStatus) -> Exchange | None:
        """The request that taught it, where it is still kept."""
        exchange = self.control.traffic.get(fact.exchange_id)
        return exchange if has_taught(exchange, fact) else None

    def _selected(self) -> FactStatus | None:
        if self.rows.selected is None:
            self.shell.say(_("No fact is selected."))
        return self.rows.selected
