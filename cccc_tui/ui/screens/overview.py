"""The first screen: where clients connect, how the endpoints are, what flows, and what failed last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical

from cccc_tui.engine.control import EndpointStatus
from cccc_tui.locales import N_, _
from cccc_tui.traffic.exchange import Exchange
from cccc_tui.traffic.rates import Series
from cccc_tui.ui.render import numbers
from cccc_tui.ui.render.cells import Line, Run
from cccc_tui.ui.render.columns import Placed
from cccc_tui.ui.render.endpoint_row import SHORT_COLUMNS, endpoint_cells
from cccc_tui.ui.render.first_steps import first_steps
from cccc_tui.ui.render.glyphs import glyphs
from cccc_tui.ui.render.graph import Style
from cccc_tui.ui.render.overview import (
    FAILURE_COLUMNS,
    connect_lines,
    failure_cells,
    failures,
    figure_lines,
    figures,
)
from cccc_tui.ui.render.status import legend
from cccc_tui.ui.screens.live import LiveScreen
from cccc_tui.ui.widgets.graph import Graph
from cccc_tui.ui.widgets.lines import Lines
from cccc_tui.ui.widgets.list_keys import ListKeys, Pane, pane_of
from cccc_tui.ui.widgets.list_rows import ListRows
from cccc_tui.ui.widgets.live_table import LiveTable
from cccc_tui.ui.widgets.panel import Panel

GRAPH_S = 900
"""Period of the graphs."""

SERIES: tuple[tuple[Series, str], ...] = (
    ("requests", N_("requests")),
    ("errors", N_("errors")),
    ("tokens", N_("tokens")),
)


class OverviewScreen(ListKeys, LiveScreen):
    """Figures, graphs and two lists; tab goes from list to list."""

    SCOPE = "overview"
    TITLE_TEXT = N_("Overview")
    HAS_LIST = True
    WARNS_OF_DEMO = False
    CSS_PATH = "overview.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (130, "-broad")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (22, "-short"), (34, "-tall")]  # noqa: RUF012

    def compose_body(self) -> ComposeResult:
        self.symbols = glyphs(self.settings.is_ascii)
        self.endpoints: ListRows[EndpointStatus] = ListRows(
            lambda endpoint: endpoint.name, self._endpoint_cells
        )
        self.failures: ListRows[Exchange] = ListRows(lambda exchange: exchange.id, self._failure_cells)
        self.endpoints.set_items(_used_first(self.control.endpoints()))
        self.failures.set_items(failures(self.control.traffic))
        self.endpoint_table = LiveTable(
            self.endpoints, SHORT_COLUMNS, glyphs=self.symbols, id="endpoint-table"
        )
        self.failure_table = LiveTable(
            self.failures, FAILURE_COLUMNS, glyphs=self.symbols, id="failure-table"
        )
        self.connect_text = Lines(id="connect-text")
        self.figure_text = Lines(id="figure-text")
        self.steps_text = Lines(id="steps-text")
        self.steps_panel = Panel(_("First steps"), self.steps_text, glyphs=self.symbols, id="steps")
        self.graphs = [self._graph(name) for name, _title in SERIES]
        self.endpoint_panel = Panel(_("Endpoints"), self.endpoint_table, glyphs=self.symbols, id="endpoints")
        self.failure_panel = Panel(_("Last failures"), self.failure_table, glyphs=self.symbols, id="failures")
        connect_panel = Panel(_("Connect"), self.connect_text, glyphs=self.symbols, id="connect")
        if self.settings.is_simulated:
            connect_panel.title_line.show(note=_("a demo: endpoints and agents are simulated"))
        yield connect_panel
        yield self.steps_panel
        with Container(id="body"):
            with Vertical(id="figures"):
                graphs = Horizontal(*self.graphs, id="graphs")
                yield Panel(_("Now"), self.figure_text, graphs, glyphs=self.symbols)
            with Vertical(id="lists"):
                yield self.endpoint_panel
                yield self.failure_panel

    def _graph(self, name: Series) -> Graph:
        style: Style = "ascii" if self.settings.is_ascii else "braille"
        return Graph(style=style, tone="error" if name == "errors" else "graph", id=f"graph-{name}")

    def on_mount(self) -> None:
        self.endpoint_table.focus()

    def _endpoint_cells(
        self, endpoint: EndpointStatus, index: int, placed: Sequence[Placed]
    ) -> tuple[Line, ...]:
        return endpoint_cells(endpoint, index + 1, placed, self.now(), self.symbols)

    def _failure_cells(self, exchange: Exchange, _index: int, placed: Sequence[Placed]) -> tuple[Line, ...]:
        return failure_cells(exchange, placed, self.symbols)

    def pull(self) -> None:
        status = self.control.status()
        width = self.connect_text.content_size.width or self.size.width - 2
        self.connect_text.show(connect_lines(status, width, self.symbols))
        self._show_first_steps(status.demo, width)
        width = self.figure_text.content_size.width or width
        rows = 3 if self.has_class("-broad") else 1
        self.figure_text.show(figure_lines(figures(status), width, rows))
        self._show_graphs()
        self._show_lists()

    def _show_first_steps(self, is_first_time: bool, width: int) -> None:
        """What a person must know while nothing real answers."""
        self.steps_panel.display = is_first_time
        self.set_class(is_first_time, "-first")
        if is_first_time:
            self.steps_text.show(first_steps(self.settings.offers, width, self.symbols))

    def _show_graphs(self) -> None:
        rates = self.control.rates
        for graph, (name, title) in zip(self.graphs, SERIES, strict=True):
            history = rates.history(name, GRAPH_S)
            total = numbers.count(sum(history))
            graph.show(history, (Run(f"{_(title)} ", "dim"), Run(total)), (Run(_("15 min"), "dim"),))

    def _show_lists(self) -> None:
        self.endpoints.set_items(_used_first(self.control.endpoints()))
        empty = _("No endpoint is configured.\n\n3 shows the endpoints, and a there adds one.")
        self.endpoint_panel.show_empty("" if self.endpoints.items else empty)
        self.endpoint_table.sync()
        self.failures.set_items(failures(self.control.traffic))
        if not self.failure_table.has_focus:
            self.failures.select(0)  # who has not gone into the list wants to see the newest
        self.failure_panel.show_empty("" if self.failures.items else self._why_no_failures())
        self.failure_table.sync(follow=not self.failure_table.has_focus)

    def _why_no_failures(self) -> str:
        if len(self.control.traffic):
            return _("None: nothing has failed among the requests that are kept. 2 shows them.")
        return _("No requests yet. Start a client with one of the lines under Connect; 2 shows what comes.")

    def pane_help(self) -> str:
        return "\n\n".join((_("Symbols"), legend(self.symbols)))

    # Lists

    def pane(self) -> Pane | None:
        return pane_of(self.focused, self.endpoint_table)

    async def action_list_filter(self) -> None:
        """A filter is a filter of the requests."""
        await self.shell.perform("app.requests")
        await self.shell.perform("list.filter")

    def action_list_sort(self) -> None:
        self.shell.say(_("The overview has one order. 2 shows the requests, which can be sorted."))

    def action_list_sort_reverse(self) -> None:
        self.action_list_sort()

    async def on_live_table_row_opened(self, event: LiveTable.RowOpened) -> None:
        if event.table is self.failure_table:
            from cccc_tui.ui.screens.exchange import ExchangeScreen

            if (exchange := self.failures.selected) is not None:
                self.app.push_screen(ExchangeScreen(exchange))
            return
        await self.shell.perform("app.endpoints")
        from cccc_tui.ui.screens.endpoints import EndpointsScreen

        if isinstance(self.app.screen, EndpointsScreen):
            self.app.screen.select(cast(str, event.key))


def _used_first(endpoints: Sequence[EndpointStatus]) -> list[EndpointStatus]:
    """In their order, but what is switched off only after what answers: the panel is small."""
    return sorted(endpoints, key=lambda endpoint: not endpoint.enabled)
