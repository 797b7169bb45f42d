"""The live list of requests, with a filter, and on tall terminals the selected one below it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import cast

from textual.app import ComposeResult

from cccc_tui.locales import N_, _
from cccc_tui.traffic import query as query_language
from cccc_tui.traffic.exchange import Exchange
from cccc_tui.traffic.query import QueryProblem, compile_query
from cccc_tui.traffic.view import SORTS, View
from cccc_tui.ui.render.cells import Line, Run
from cccc_tui.ui.render.columns import Placed
from cccc_tui.ui.render.curl import curl_command
from cccc_tui.ui.render.document import Document, styled
from cccc_tui.ui.render.exchange_parts import Look, summary_lines
from cccc_tui.ui.render.exchange_row import COLUMNS, exchange_cells
from cccc_tui.ui.render.glyphs import Glyphs, glyphs
from cccc_tui.ui.render.status import legend
from cccc_tui.ui.screens.confirm import Question
from cccc_tui.ui.screens.live import LiveScreen
from cccc_tui.ui.widgets.copy_menu import Choice, CopyMenu
from cccc_tui.ui.widgets.filter_bar import FilterBar
from cccc_tui.ui.widgets.list_keys import ListKeys, Pane, pane_of
from cccc_tui.ui.widgets.live_table import LiveTable
from cccc_tui.ui.widgets.panel import Panel
from cccc_tui.ui.widgets.text_view import TextView


class ExchangeRows:
    """The rows of a view, as the table wants them."""

    def __init__(self, view: View, screen: LiveScreen, symbols: Glyphs) -> None:
        self._view = view
        self._screen = screen
        self._glyphs = symbols

    @property
    def row_count(self) -> int:
        return len(self._view)

    @property
    def cursor(self) -> int | None:
        return self._view.selected_index

    def select(self, index: int) -> None:
        self._view.select(index)

    def row_key(self, index: int) -> Hashable:
        return self._view.row(index).id

    def index_of(self, key: Hashable) -> int | None:
        return self._view.index_of(cast(int, key))

    def row_cells(self, index: int, placed: Sequence[Placed]) -> tuple[Line, ...]:
        return exchange_cells(self._view.row(index), placed, self._screen.now(), self._glyphs)


class RequestsScreen(ListKeys, LiveScreen):
    """The list."""

    SCOPE = "requests"
    TITLE_TEXT = N_("Requests")
    HAS_LIST = True
    CSS_PATH = "requests.tcss"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (34, "-tall")]  # noqa: RUF012 - Textual's type is no ClassVar

    def compose_body(self) -> ComposeResult:
        self.symbols = glyphs(self.settings.is_ascii)
        self.view = View(self.control.traffic, "requests")
        self.view.pull()
        self.table = LiveTable(
            ExchangeRows(self.view, self, self.symbols), COLUMNS, glyphs=self.symbols, id="table"
        )
        self.filter_bar = FilterBar(
            _("filters: words, status:5xx, >2s, !codex"), _("model:opus status:5xx >2s")
        )
        self.list_panel = Panel(_("Requests"), self.table, glyphs=self.symbols, id="list")
        self.summary = TextView(id="summary")
        yield self.filter_bar
        yield self.list_panel
        yield Panel(_("Selected"), self.summary, glyphs=self.symbols, id="selected")

    def on_mount(self) -> None:
        self._show_sort()
        self.table.focus()

    def on_unmount(self) -> None:
        self.view.close()

    def pull(self) -> None:
        self.view.pull()
        self._show()

    def _show(self) -> None:
        self.list_panel.show_empty(self._why_empty())
        self.table.sync(follow=self.view.follow)
        self.filter_bar.show_counts(self._counts())
        self._show_summary()

    def _show_summary(self) -> None:
        if not self.has_class("-tall"):
            return
        exchange = self.view.selected
        lines = summary_lines(exchange, self._look()) if exchange else []
        document = Document(styled(lines))
        if document.texts != self.summary.document.texts:
            self.summary.show(document, grows=True)

    def _look(self) -> Look:
        return Look(self.now(), max(20, self.size.width - 5), self.symbols)

    def _counts(self) -> Line:
        shown, total = len(self.view), self.view.total
        runs = [Run(_("{shown} of {total}").format(shown=shown, total=total))]
        if self.view.new_count and not self.view.follow and not self.view.paused:
            arrow = "↓" if self.symbols.ok == "✓" else "v"
            runs.insert(
                0, Run(f"{arrow} " + _("{count} new").format(count=self.view.new_count) + "  ", "busy")
            )
        if self.view.paused:
            runs.insert(0, Run(_("paused") + "  ", "warn"))
        elif self.view.follow:
            runs.insert(0, Run(_("following") + "  ", "dim"))
        return tuple(runs)

    def _why_empty(self) -> str:
        if len(self.view):
            return ""
        if self.view.total:
            text = _("None of the {total} requests matches the filter.\n\nesc clears it, / changes it.")
            return text.format(total=self.view.total)
        address = self.control.status().address
        if not address:
            return _("cccc is not listening, so nothing can come.\n\n4 shows the log, which says why.")
        text = _(
            "No requests yet.\n\nPoint a client at {address} - c copies it, 1 shows the whole lines.\n"
            "Requests appear here as they come."
        )
        return text.format(address=address)

    # What the frame asks

    def view_state(self) -> str:
        parts = [_("paused")] if self.view.paused else []
        if not self.view.query.is_empty:
            parts.append(_("filter: {shown} of {total}").format(shown=len(self.view), total=self.view.total))
        return ", ".join(parts)

    def pane_help(self) -> str:
        language = (query_language.__doc__ or "").strip()
        return "\n\n".join((_("The filter"), language, _("Symbols"), legend(self.symbols)))

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
        """Opens the selected request, from the pane below the list too."""
        self.table.open()

    def action_list_filter(self) -> None:
        self.filter_bar.open()

    def action_list_last(self) -> None:
        """The last line; in the order of arrival that is the newest, so it follows again."""
        super().action_list_last()
        if self.view.sort == "began" and self.pane() is self.table:
            self.view.follow_newest()
            self._show()

    def action_list_sort(self) -> None:
        sorts = [column.sort for column in COLUMNS if column.sort in SORTS]
        self._sort_by(sorts[(sorts.index(self.view.sort) + 1) % len(sorts)], False)

    def action_list_sort_reverse(self) -> None:
        self._sort_by(self.view.sort, not self.view.descending)

    def on_live_table_sort_asked(self, event: LiveTable.SortAsked) -> None:
        same = event.sort == self.view.sort
        self._sort_by(event.sort, not self.view.descending if same else False)

    def _sort_by(self, sort: str, descending: bool) -> None:
        self.view.set_sort(sort, descending)
        self._show_sort()
        self.table.sync(follow=True)

    def _show_sort(self) -> None:
        self.table.set_sort(self.view.sort, self.view.descending)

    def on_live_table_row_opened(self, event: LiveTable.RowOpened) -> None:
        from cccc_tui.ui.screens.exchange import ExchangeScreen

        if exchange := self.view.get(cast(int, event.key)):
            self.app.push_screen(ExchangeScreen(exchange))

    def on_live_table_row_selected(self) -> None:
        self._show()

    # The filter

    def on_filter_bar_changed(self, event: FilterBar.Changed) -> None:
        compiled = compile_query(event.text)
        if isinstance(compiled, QueryProblem):
            self.filter_bar.show_problem(compiled)
            return
        self.filter_bar.show_problem(None)
        self.view.set_query(compiled)
        self.shell.pull_now()

    def on_filter_bar_closed(self) -> None:
        self.table.focus()

    # Requests

    def action_requests_follow(self) -> None:
        self.view.follow_newest(not self.view.follow)
        self.shell.pull_now()

    def action_requests_pause(self) -> None:
        self.view.paused = not self.view.paused
        self.shell.pull_now()

    def action_requests_copy(self) -> None:
        if exchange := self._selected():
            title = _("Copy of request #{id}").format(id=exchange.id)
            menu = CopyMenu(title, copy_choices(exchange, self.control.status().address))
            self.app.push_screen(menu, lambda text: self.shell.copy(text) if text else None)

    async def action_requests_cancel(self) -> None:
        exchange = self._selected()
        if exchange is None:
            return
        if exchange.is_over:
            self.shell.say(_("Request #{id} is over already.").format(id=exchange.id))
            return
        text = _("The client of #{id} ({model}) gets an error, and what was used so far is paid for.")
        question = Question(
            _("Cancel request #{id}?").format(id=exchange.id),
            text.format(id=exchange.id, model=exchange.model or exchange.path),
            _("Cancel it"),
            _("Let it run"),
        )
        self.shell.ask(question, lambda: self.run_worker(self._cancel(exchange.id), group="cancel"))

    async def _cancel(self, exchange_id: int) -> None:
        self.shell.say_outcome(await self.control.cancel_exchange(exchange_id))

    async def action_requests_clear(self) -> None:
        over = sum(exchange.is_over for exchange in self.control.traffic)
        if not over:
            self.shell.say(_("There is no finished request to drop."))
            return
        question = Question(
            _("Drop finished requests?"),
            _("{count} finished requests leave this list, with their bodies.").format(count=over),
            _("Drop them"),
            _("Keep them"),
        )
        self.shell.ask(question, lambda: self.run_worker(self._clear(), group="clear"))

    async def _clear(self) -> None:
        self.shell.say_outcome(await self.control.clear_traffic())
        self.pull()

    def _selected(self) -> Exchange | None:
        if self.view.selected is None:
            self.shell.say(_("No request is selected."))
        return self.view.selected


def copy_choices(exchange: Exchange, address: str) -> list[Choice]:
    """What can be copied of a request, the usual thing first."""
    bodies = {
        "request": exchange.request_body,
        "answer": exchange.response_body,
    }
    texts = {
        name: (body.head + body.tail).decode("utf-8", "replace") if body else ""
        for name, body in bodies.items()
    }
    choices = [
        Choice("c", _("as curl"), curl_command(exchange, address)),
        Choice("i", _("id"), str(exchange.id)),
        Choice("p", _("path"), exchange.path),
        Choice("m", _("model"), exchange.model),
        Choice("s", _("session"), exchange.session),
        Choice("e", _("error"), exchange.error),
        Choice("b", _("request body"), texts["request"]),
        Choice("a", _("answer body"), texts["answer"]),
    ]
    return [choice for choice in choices if choice.text]
