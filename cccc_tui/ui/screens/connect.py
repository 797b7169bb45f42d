"""Claude Code and Codex led to cccc: what is there, what would change, and the steps, which run beside the loop."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from textual.app import ComposeResult
from textual.containers import Container

from cccc_tui.connect.clients import title
from cccc_tui.connect.form import complaint_about, options_of, settings_of, value_of, with_value
from cccc_tui.connect.models import offered_models
from cccc_tui.connect.trial import PROGRAM_TIMEOUT_S
from cccc_tui.locales import N_, _
from cccc_tui.ui import client_setup
from cccc_tui.ui.background import in_background
from cccc_tui.ui.client_setup import Picture, Report
from cccc_tui.ui.render.cells import Line
from cccc_tui.ui.render.client_setup import plain_sentences, setup_lines, state_note
from cccc_tui.ui.render.columns import Placed
from cccc_tui.ui.render.document import Document, styled
from cccc_tui.ui.render.endpoint_row import spinner_line
from cccc_tui.ui.render.fields import COLUMNS, Field, field_cells, help_lines
from cccc_tui.ui.render.glyphs import glyphs
from cccc_tui.ui.screens.ask import Asked, AskScreen
from cccc_tui.ui.screens.confirm import Question
from cccc_tui.ui.screens.live import LiveScreen
from cccc_tui.ui.widgets.key_bar import Hint, hints_of
from cccc_tui.ui.widgets.lines import Lines
from cccc_tui.ui.widgets.list_keys import ListKeys, Pane, pane_of
from cccc_tui.ui.widgets.list_rows import ListRows
from cccc_tui.ui.widgets.live_table import LiveTable
from cccc_tui.ui.widgets.panel import Panel
from cccc_tui.ui.widgets.tabs import Tabs
from cccc_tui.ui.widgets.text_view import TextView

if TYPE_CHECKING:
    from cccc_tui.connect.launch import Choice
    from cccc_tui.connect.plan import ClientName

CLIENTS: tuple[ClientName, ...] = ("claude", "codex")
LOOK_TIMEOUT_S = 60.0
STEP_TIMEOUT_S = PROGRAM_TIMEOUT_S + 10
SPIN_S = 0.2


class ConnectScreen(ListKeys, LiveScreen):
    """Two clients, each with its settings and its text."""

    SCOPE = "connect"
    TITLE_TEXT = N_("Connect")
    HAS_LIST = True
    CSS_PATH = "connect.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012

    def compose_body(self) -> ComposeResult:
        self.symbols = glyphs(self.settings.is_ascii)
        self.client: ClientName = "claude"
        self.choices: dict[ClientName, Choice] = {}
        self.pictures: dict[ClientName, Picture] = {}
        self.reports: dict[ClientName, Report] = {}
        self.models: tuple[str, ...] = ()
        self._step: tuple[str, float] | None = None
        self.rows: ListRows[Field] = ListRows(lambda field: field.id, self._cells)
        self.table = LiveTable(self.rows, COLUMNS, glyphs=self.symbols, id="table")
        self.help_text = Lines(id="help")
        self.text = TextView(id="text")
        self.tabs = Tabs([(name, title(name)) for name in CLIENTS])
        self.list_panel = Panel(_("Settings"), self.table, self.help_text, glyphs=self.symbols, id="settings")
        self.text_panel = Panel(_("What will change"), self.text, glyphs=self.symbols, id="change")
        yield self.tabs
        with Container(id="panels"):
            yield self.list_panel
            yield self.text_panel

    def on_mount(self) -> None:
        self.table.focus()
        self.set_interval(SPIN_S, self._spin)
        self.run_worker(self._begin(), group="begin")

    async def _begin(self) -> None:
        """The address may stand in the configuration, and the models come over the net."""
        gateway = await in_background(lambda: client_setup.gateway_for(self.control.status()), LOOK_TIMEOUT_S)
        self.choices = {name: client_setup.first_choice(name, gateway) for name in CLIENTS}
        self._show()
        self._look()
        if self.control.status().listening:
            self.models = await in_background(lambda: offered_models(gateway), LOOK_TIMEOUT_S)

    def _cells(self, field: Field, _index: int, placed: Sequence[Placed]) -> tuple[Line, ...]:
        return field_cells(field, placed, self.symbols)

    # What is shown

    def key_hints(self) -> list[Hint]:
        """Those of lists left out: a few settings need no filter."""
        settings = self.settings
        own = hints_of(
            "connect",
            False,
            self.shell.keymap,
            read_only=settings.read_only,
            ascii_only=settings.is_ascii,
        )
        return [Hint("enter", _("Change"), "list.open"), *own]

    def crumbs(self) -> tuple[str, ...]:
        return _("Connect"), title(self.client)

    def _show(self) -> None:
        """Everything, from what is known."""
        choice = self.choices.get(self.client)
        self.rows.set_items([Field(*setting) for setting in settings_of(choice)] if choice else [])
        self.table.styles.height = len(self.rows.items) + 1
        self.table.sync()
        self.help_text.show(help_lines(self.rows.selected, self.symbols))
        self.tabs.show(self.client, state_note(self.pictures.get(self.client)))
        self._show_text()

    def _show_text(self) -> None:
        lines = setup_lines(self.pictures.get(self.client), self.reports.get(self.client), self.symbols)
        if self._step:
            what, began = self._step
            lines = [spinner_line(self.now() - began, self.symbols, what), (), *lines]
        document = Document(styled(lines))
        if document.texts != self.text.document.texts:
            self.text.show(document)

    def _spin(self) -> None:
        if self._step:
            self._show_text()

    def _look(self) -> None:
        """Plans anew, beside the loop; what is shown stays until then."""
        self.run_worker(self._look_beside(self.client), group="look", exclusive=True)

    async def _look_beside(self, client: ClientName) -> None:
        """What the files say at once; what the program says of itself, when it has said it."""
        choice, env = self.choices[client], dict(os.environ)
        await self._see(client, lambda: client_setup.look_at_once(choice, env))
        if client_setup.lacks_version(self.pictures[client]):
            await self._see(client, lambda: client_setup.look(choice, env))

    async def _see(self, client: ClientName, look: Callable[[], Picture]) -> None:
        try:
            picture = await in_background(look, LOOK_TIMEOUT_S)
        except TimeoutError:
            picture = Picture(refused=_("Its configuration could not be read in time."))
        self.pictures[client] = picture
        self._show()

    # Lists

    def pane(self) -> Pane | None:
        return pane_of(self.focused, self.table)

    def action_list_open(self) -> None:
        """Asks for the selected setting; from the text, back to the settings."""
        field = self.rows.selected
        if self.focused is not self.table or field is None:
            self.table.focus()
        elif field.id == "quiet":
            self._take(field.id, "" if value_of(self.choices[self.client], "quiet") else "on")
        else:
            self._ask(field)

    def action_list_filter(self) -> None:
        self.shell.say(_("Nothing here is long enough for a filter."))

    def action_list_sort(self) -> None:
        self.shell.say(_("The settings have one order."))

    def action_list_sort_reverse(self) -> None:
        self.action_list_sort()

    def on_live_table_row_selected(self) -> None:
        self.help_text.show(help_lines(self.rows.selected, self.symbols))

    def on_live_table_row_opened(self) -> None:
        self.action_list_open()

    def _ask(self, field: Field) -> None:
        choice = self.choices[self.client]
        asked = Asked(
            field.label,
            field.help,
            value_of(choice, field.id),
            options_of(choice, field.id, self.models, Path.cwd()),
            complaint=partial(complaint_about, field.id),
        )

        def on_answer(value: str | None) -> None:
            if value is not None:
                self._take(field.id, value)

        self.app.push_screen(AskScreen(asked), on_answer)

    def _take(self, field_id: str, value: str) -> None:
        self.choices[self.client] = with_value(self.choices[self.client], field_id, value)
        self.reports.pop(self.client, None)
        if picture := self.pictures.get(self.client):  # its plan is for another choice
            self.pictures[self.client] = msgspec.structs.replace(picture, plan=None, refused="")
        self._show()
        self._look()

    # Clients

    def action_connect_next_tab(self) -> None:
        place = CLIENTS.index(self.client)
        self.choose(CLIENTS[(place + 1) % len(CLIENTS)])

    def action_connect_previous_tab(self) -> None:
        self.action_connect_next_tab()

    def on_tabs_chosen(self, event: Tabs.Chosen) -> None:
        self.choose("codex" if event.name == "codex" else "claude")

    def choose(self, client: ClientName) -> None:
        """Shows the other client."""
        self.client = client
        self._show()
        self.shell.pull_now()
        if client in self.choices:
            self._look()

    # Steps

    def action_connect_apply(self) -> None:
        picture = self.pictures.get(self.client)
        if picture is None or picture.plan is None:
            self.shell.say(
                _("There is nothing to write yet: its configuration is being read, or cannot be changed."),
                "warning",
            )
        else:
            plan = picture.plan
            self._do(_("writing"), lambda: client_setup.write(plan))

    def action_connect_undo(self) -> None:
        picture = self.pictures.get(self.client)
        if picture is None or picture.standing is None or not picture.standing.can_undo:
            self.shell.say(_("Nothing to take back."))
        else:
            path = picture.standing.path
            self._do(_("putting back"), lambda: client_setup.take_back(path))

    def action_connect_test(self) -> None:
        if choice := self.choices.get(self.client):
            self._do(_("asking cccc as the client would"), lambda: client_setup.test(choice))

    def action_connect_try(self) -> None:
        """The client's own program sends its whole system prompt, which costs more than a test."""
        choice, name = self.choices.get(self.client), title(self.client)
        if choice is None:
            return
        question = Question(
            _("Run {client} once?").format(client=name),
            _(
                "{client} starts with a prompt of one line and its own configuration, which costs tokens."
            ).format(client=name),
            _("Run it"),
            _("Leave it"),
        )
        self.shell.ask(
            question, lambda: self._do(_("running the client"), lambda: client_setup.try_client(choice))
        )

    def _do(self, what: str, step: Callable[[], Report]) -> None:
        if self._step:
            self.shell.say(_("One thing after the other: {what} …").format(what=self._step[0]))
            return
        self._step = what, self.now()
        self.text.go(0)
        self._show_text()
        self.run_worker(self._do_beside(self.client, step), group="step")

    async def _do_beside(self, client: ClientName, step: Callable[[], Report]) -> None:
        try:
            report = await in_background(step, STEP_TIMEOUT_S)
        except TimeoutError:
            report = Report(is_ok=False, sentences=(_("It has not ended in time; given up."),))
        finally:
            self._step = None
        self.reports[client] = report
        if not report.is_ok:
            self.shell.say(plain_sentences(report.sentences), "error")
        await self._look_beside(client)

    def leave(self) -> bool:
        """Stops waiting for a step."""
        if self._step:
            self.workers.cancel_group(self, "step")
            self._show_text()
            return True
        return False
