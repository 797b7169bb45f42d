"""The endpoints in the order in which they are tried, and everything about the selected one."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Container

from cccc_tui.config.edit import EditRefused
from cccc_tui.engine.control import EndpointStatus, Outcome, TestResult
from cccc_tui.locales import N_, _
from cccc_tui.ui.background import in_background
from cccc_tui.ui.changes import Changes
from cccc_tui.ui.fact_list import FactWatch
from cccc_tui.ui.render.cells import Line, Run
from cccc_tui.ui.render.columns import Placed
from cccc_tui.ui.render.document import Document, styled
from cccc_tui.ui.render.endpoint_row import COLUMNS, detail_lines, endpoint_cells, result_lines, spinner_line
from cccc_tui.ui.render.glyphs import glyphs
from cccc_tui.ui.render.status import legend
from cccc_tui.ui.screens.confirm import Question
from cccc_tui.ui.screens.live import LiveScreen
from cccc_tui.ui.widgets.filter_bar import FilterBar
from cccc_tui.ui.widgets.list_keys import ListKeys, Pane, pane_of
from cccc_tui.ui.widgets.list_rows import ListRows
from cccc_tui.ui.widgets.live_table import LiveTable
from cccc_tui.ui.widgets.panel import Panel
from cccc_tui.ui.widgets.text_view import TextView

if TYPE_CHECKING:
    from cccc_tui.ui.endpoint_file import Saved

TEST_TIMEOUT_S = 120.0
"""The engine has its own deadlines; this one only keeps a lost answer from spinning for ever."""
OPEN_TIMEOUT_S = 30.0
SPIN_S = 0.2


class EndpointsScreen(ListKeys, LiveScreen):
    """The table and the panel."""

    SCOPE = "endpoints"
    TITLE_TEXT = N_("Endpoints")
    HAS_LIST = True
    CSS_PATH = "endpoints.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (130, "-broad")]  # noqa: RUF012

    def compose_body(self) -> ComposeResult:
        self.symbols = glyphs(self.settings.is_ascii)
        self.changes = Changes(self, self.pull)
        self._results: dict[str, tuple[TestResult, ...]] = {}
        self._testing: dict[str, float] = {}
        self._all = self.control.endpoints()
        self._facts = FactWatch(self.control)
        self._learned: Counter[str] = Counter()
        self.rows: ListRows[EndpointStatus] = ListRows(lambda endpoint: endpoint.name, self._cells)
        self.rows.set_items(self._all)
        self.table = LiveTable(self.rows, COLUMNS, glyphs=self.symbols, id="table")
        self.details = TextView(id="details")
        self.filter_bar = FilterBar(_("filters by name, URL, format or state"), _("part of a name"))
        self.list_panel = Panel(
            _("Endpoints, tried from top to bottom"), self.table, glyphs=self.symbols, id="list"
        )
        self.details_panel = Panel(_("Selected"), self.details, glyphs=self.symbols, id="selected")
        yield self.filter_bar
        with Container(id="panels"):
            yield self.list_panel
            yield self.details_panel

    def select(self, name: str) -> None:
        """Puts the cursor on an endpoint."""
        self.pull()
        self.rows.select_key(name)
        self.table.sync(follow=True)
        self._show_details()

    def on_mount(self) -> None:
        self.table.focus()
        self.set_interval(SPIN_S, self._spin)

    def _cells(self, endpoint: EndpointStatus, index: int, placed: Sequence[Placed]) -> tuple[Line, ...]:
        return endpoint_cells(endpoint, self._order(endpoint), placed, self.now(), self.symbols)

    def _order(self, endpoint: EndpointStatus) -> int:
        return 1 + next(i for i, each in enumerate(self._all) if each.name == endpoint.name)

    def pull(self) -> None:
        self._all = self.control.endpoints()
        if self._facts.look(self.now()):
            self._learned = Counter(fact.endpoint for fact in self._facts.facts)
        wanted = self.filter_bar.text.lower()
        self.rows.set_items([each for each in self._all if wanted in _searched(each)])
        self.list_panel.show_empty(self._why_empty())
        self.table.sync()
        self.filter_bar.show_counts(counts_line(len(self.rows.items), len(self._all)))
        self._show_details()

    def _why_empty(self) -> str:
        if self.rows.items:
            return ""
        if self._all:
            return _("No endpoint fits the filter.\n\nesc clears it.")
        return _("No endpoint is configured.\n\na adds one; e opens the configuration.")

    def _show_details(self) -> None:
        endpoint = self.rows.selected
        lines: list[Line] = []
        if endpoint:
            self.details_panel.title_line.show(title=endpoint.name)
            room = self.details.size.width - 2
            lines = detail_lines(endpoint, self.now(), self.symbols, room, self._learned[endpoint.name])
            if (began := self._testing.get(endpoint.name)) is not None:
                lines = [spinner_line(self.now() - began, self.symbols), (), *lines]
            elif results := self._results.get(endpoint.name):
                lines = [*result_lines(results, self.symbols), (), *lines]
        document = Document(styled(lines))
        if document.texts != self.details.document.texts:
            self.details.show(document, grows=True)

    def _spin(self) -> None:
        if self._testing:
            self._show_details()

    # What the frame asks

    def pane_help(self) -> str:
        return "\n\n".join((_("Symbols"), legend(self.symbols)))

    def leave(self) -> bool:
        """Stops a test, or closes the filter."""
        if self._testing:
            self.workers.cancel_group(self, "test")
            return True
        is_left = self.filter_bar.leave()
        if is_left:
            self.table.focus()
        return is_left

    # Lists

    def pane(self) -> Pane | None:
        return pane_of(self.focused, self.table)

    def action_list_open(self) -> None:
        """Goes into the text of the selected line, and back."""
        (self.details if self.focused is self.table else self.table).focus()

    def action_list_filter(self) -> None:
        self.filter_bar.open()

    def action_list_sort(self) -> None:
        self.shell.say(_("The order is the one in which they are tried: < and > change it."))

    def action_list_sort_reverse(self) -> None:
        self.action_list_sort()

    def on_filter_bar_changed(self) -> None:
        self.pull()

    def on_filter_bar_closed(self) -> None:
        self.table.focus()

    def on_live_table_row_selected(self) -> None:
        self.details.go(0)
        self._show_details()

    def on_live_table_row_opened(self) -> None:
        self.details.focus()  # by a double click

    # Endpoints

    def action_endpoints_toggle(self) -> None:
        endpoint = self._selected()
        if endpoint is None:
            return
        if endpoint.enabled and sum(each.enabled for each in self._all) == 1:
            question = Question(
                _("Disable {name}?").format(name=endpoint.name),
                _("It is the only enabled endpoint: every request will fail until one is enabled."),
                _("Disable it"),
                _("Keep it"),
            )
            self.shell.ask(question, lambda: self._set_enabled(endpoint.name, False))
        else:
            self._set_enabled(endpoint.name, not endpoint.enabled)

    def _set_enabled(self, name: str, enabled: bool) -> None:
        self.changes.do(
            self.control.set_enabled(name, enabled), lambda: self.control.set_enabled(name, not enabled)
        )

    def action_endpoints_move_up(self) -> None:
        self._move(-1)

    def action_endpoints_move_down(self) -> None:
        self._move(1)

    def _move(self, places: int) -> None:
        endpoint = self._selected()
        if endpoint is None or not 0 <= self._order(endpoint) - 1 + places < len(self._all):
            return
        self.changes.do(
            self.control.move_endpoint(endpoint.name, places),
            lambda: self.control.move_endpoint(endpoint.name, -places),
        )

    def action_endpoints_reset(self) -> None:
        if endpoint := self._selected():
            self.changes.do(self.control.reset_endpoint(endpoint.name))

    def action_endpoints_reset_all(self) -> None:
        failing = [each.name for each in self._all if each.health in ("cooling", "failing", "trial")]
        if not failing:
            self.shell.say(_("No endpoint has failures to forget."))
            return
        question = Question(
            _("Forget all failures?"),
            _("These are asked again at once: {names}").format(names=", ".join(failing)),
            _("Forget them"),
            _("Leave them out"),
        )
        self.shell.ask(question, lambda: self.changes.do(self.control.reset_endpoint(None)))

    def action_endpoints_edit(self) -> None:
        self.shell.edit_file(Path(self.control.status().config_path))

    async def action_endpoints_add(self) -> None:
        await self._open_form(None)

    async def action_endpoints_change(self) -> None:
        if endpoint := self._selected():
            await self._open_form(endpoint.name)

    async def _open_form(self, name: str | None) -> None:
        from cccc_tui.ui import endpoint_file
        from cccc_tui.ui.screens.endpoint_form import EndpointFormScreen

        path = Path(self.control.status().config_path)
        try:
            opened = await in_background(lambda: endpoint_file.open_endpoint(path, name), OPEN_TIMEOUT_S)
        except (EditRefused, TimeoutError) as problem:
            self.shell.say(str(problem) or _("The configuration could not be read in time."), "error")
            return
        await self.app.push_screen(EndpointFormScreen(path, name, opened, partial(self._on_saved, path)))

    def _on_saved(self, path: Path, saved: Saved) -> None:
        self.changes.add(saved.edit.summary, lambda: self._restore(path, saved))
        self.pull()

    async def _restore(self, path: Path, saved: Saved) -> Outcome:
        """The whole file as it was before the form; refused when someone has changed it since."""
        from cccc_tui.ui import endpoint_file

        try:
            taken_back = await in_background(lambda: endpoint_file.take_back(path, saved), OPEN_TIMEOUT_S)
        except (EditRefused, TimeoutError) as problem:
            return Outcome(
                done=False, message=str(problem) or _("The configuration could not be read in time.")
            )
        reloaded = await self.control.reload_config()
        return Outcome(done=True, message=taken_back.summary) if reloaded.done else reloaded

    def action_endpoints_undo(self) -> None:
        self.changes.take_back()

    # The test

    def action_endpoints_test(self) -> None:
        endpoint = self._selected()
        if endpoint is None or endpoint.name in self._testing:
            return
        self._testing[endpoint.name] = self.now()
        self.details.go(0)
        self._show_details()
        self.run_worker(self._test(endpoint.name), group="test", exit_on_error=False)

    async def _test(self, name: str) -> None:
        try:
            async with asyncio.timeout(TEST_TIMEOUT_S):
                self._results[name] = await self.control.test_endpoint(name)
        except TimeoutError:
            self.shell.say(_("The test of {name} has not ended; given up.").format(name=name), "error")
        finally:
            del self._testing[name]
            self._show_details()

    def _selected(self) -> EndpointStatus | None:
        if self.rows.selected is None:
            self.shell.say(_("No endpoint is selected."))
        return self.rows.selected


def _searched(endpoint: EndpointStatus) -> str:
    words = (endpoint.name, endpoint.url, endpoint.health, *endpoint.formats, *endpoint.tags)
    return " ".join(words).lower()


def counts_line(shown: int, total: int) -> Line:
    """`3 of 8`."""
    return (Run(_("{shown} of {total}").format(shown=shown, total=total)),)
