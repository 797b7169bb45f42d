"""One endpoint as a form, new or as it stands: checked while it is typed, written with every comment kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import msgspec
from textual.app import ComposeResult

from cccc_tui.config.drafts import endpoint_problems
from cccc_tui.config.edit import EditRefused
from cccc_tui.config.keystore import KEYRING_TIMEOUT_S
from cccc_tui.config.secrets import Secret, SecretMissing
from cccc_tui.locales import N_, _
from cccc_tui.ui import endpoint_file
from cccc_tui.ui.background import in_background
from cccc_tui.ui.endpoint_file import Opened, Saved
from cccc_tui.ui.render.cells import Line
from cccc_tui.ui.render.columns import Placed
from cccc_tui.ui.render.endpoint_form import (
    RULE,
    Draft,
    KeyChoice,
    KeyPlace,
    fields_of,
    options_of,
    rule_complaint,
    text_of,
    values_of,
    with_rule_moved,
    with_text,
    without_rule,
)
from cccc_tui.ui.render.fields import COLUMNS, Field, field_cells, help_lines
from cccc_tui.ui.render.glyphs import glyphs
from cccc_tui.ui.screens.ask import Asked, AskScreen
from cccc_tui.ui.screens.confirm import Question
from cccc_tui.ui.screens.live import LiveScreen
from cccc_tui.ui.widgets.key_bar import Hint, hints_of
from cccc_tui.ui.widgets.lines import Lines
from cccc_tui.ui.widgets.list_keys import ListKeys, Pane
from cccc_tui.ui.widgets.list_rows import ListRows
from cccc_tui.ui.widgets.live_table import LiveTable
from cccc_tui.ui.widgets.panel import Panel

SAVE_TIMEOUT_S = 3 * KEYRING_TIMEOUT_S
TOGGLES = ("enabled", "rewrites")


class EndpointFormScreen(ListKeys, LiveScreen):
    """The rows of one endpoint."""

    SCOPE = "form"
    TITLE_TEXT = N_("Endpoint")
    HAS_LIST = True
    CSS_PATH = "endpoint_form.tcss"

    def __init__(
        self, path: Path, name: str | None, opened: Opened, on_saved: Callable[[Saved], None]
    ) -> None:
        super().__init__()
        self.draft: Draft = opened.draft
        self._path, self._endpoint_name, self._opened, self._on_saved = path, name, opened, on_saved
        self._is_saving = False

    def compose_body(self) -> ComposeResult:
        self.symbols = glyphs(self.settings.is_ascii)
        self.rows: ListRows[Field] = ListRows(lambda field: field.id, self._cells)
        self.rows.set_items(self._fields())
        self.table = LiveTable(self.rows, COLUMNS, glyphs=self.symbols, id="table")
        self.help_text = Lines(id="help")
        title = self._endpoint_name or _("New endpoint")
        yield Panel(title, self.table, self.help_text, glyphs=self.symbols, id="form")

    def on_mount(self) -> None:
        self.table.focus()
        self._show()

    def _cells(self, field: Field, _index: int, placed: Sequence[Placed]) -> tuple[Line, ...]:
        return field_cells(field, placed, self.symbols)

    def crumbs(self) -> tuple[str, ...]:
        return _("Endpoints"), self._endpoint_name or _("New endpoint")

    def key_hints(self) -> list[Hint]:
        settings = self.settings
        own = hints_of(
            "form", False, self.shell.keymap, read_only=settings.read_only, ascii_only=settings.is_ascii
        )
        return [Hint("enter", _("Change"), "list.open"), *own]

    def _fields(self) -> list[Field]:
        opened = self._opened
        return fields_of(
            self.draft, endpoint_problems(values_of(self.draft), opened.other_names, opened.port)
        )

    def _show(self) -> None:
        self.rows.set_items(self._fields())
        self.table.sync(follow=True)
        self._show_help()

    def _show_help(self) -> None:
        self.help_text.show(help_lines(self.rows.selected, self.symbols))

    def _take(self, draft: Draft, row: str = "") -> None:
        self.draft = draft
        self._show()
        self.rows.select_key(row)
        self._show()

    # Lists

    def pane(self) -> Pane | None:
        return self.table

    def action_list_open(self) -> None:
        field = self.rows.selected
        if field is None:
            return
        if field.id in TOGGLES:
            value = "" if text_of(self.draft, field.id) else "on"
            self._take(with_text(self.draft, field.id, value))
        elif field.id == "key":
            self._ask_place(field)
        else:
            self._ask(field.id, field.label.strip(), field.help, text_of(self.draft, field.id))

    def action_list_filter(self) -> None:
        self.shell.say(_("Nothing here is long enough for a filter."))

    def action_list_sort(self) -> None:
        self.shell.say(_("The settings have one order."))

    def action_list_sort_reverse(self) -> None:
        self.action_list_sort()

    def on_live_table_row_selected(self) -> None:
        self._show_help()

    def on_live_table_row_opened(self) -> None:
        self.action_list_open()

    # Asking

    def _ask(self, field_id: str, label: str, text: str, value: str) -> None:
        options = options_of(field_id, self._endpoint_name is None)
        asked = Asked(
            label,
            text,
            value,
            options,
            is_free=not options,
            complaint=lambda typed: self._complaint(field_id, typed),
        )

        def on_answer(answer: str | None) -> None:
            if answer is not None:
                self._take(with_text(self.draft, field_id, answer), field_id)

        self.app.push_screen(AskScreen(asked), on_answer)

    def _complaint(self, field_id: str, typed: str) -> str:
        """What config's own checks say of the row with this text in it."""
        if field_id.startswith(RULE) and (problem := rule_complaint(typed)):
            return problem
        draft, opened = with_text(self.draft, field_id, typed), self._opened
        problems = endpoint_problems(values_of(draft), opened.other_names, opened.port)
        fields = {field.id: field for field in fields_of(draft, problems)}
        found = fields.get(field_id)
        return found.problem if found and not found.warns else ""

    def _ask_place(self, field: Field) -> None:
        choices = options_of("key", self._opened.draft.key.place != "kept")
        asked = Asked(field.label, field.help, self.draft.key.place, choices, is_free=False)

        def on_answer(answer: str | None) -> None:
            if answer is not None:
                self._ask_key(cast(KeyPlace, answer))

        self.app.push_screen(AskScreen(asked), on_answer)

    def _ask_key(self, place: KeyPlace) -> None:
        if place in ("none", "kept"):
            key = self._opened.draft.key if place == "kept" else KeyChoice()
            self._take(msgspec.structs.replace(self.draft, key=key))
            return
        is_variable = place == "env"
        title = _("Name of the variable") if is_variable else _("The key")
        text = (
            _("It must be set where cccc is started.")
            if is_variable
            else _("Paste it. It is stored when the form is applied.")
        )
        empty = _("It is empty.")
        asked = Asked(
            title, text, is_secret=not is_variable, complaint=lambda typed: "" if typed.strip() else empty
        )

        def on_answer(answer: str | None) -> None:
            if answer is not None:
                typed = answer.strip()
                key = KeyChoice(place, typed) if is_variable else KeyChoice(place, secret=Secret(typed))
                self._take(msgspec.structs.replace(self.draft, key=key))

        self.app.push_screen(AskScreen(asked), on_answer)

    # Rules

    def action_form_add(self) -> None:
        place = len(self.draft.rules)
        text = _("PATTERN -> MODEL: claude-* -> glm-5")
        self._ask(f"{RULE}{place}", _("New rule"), text, "")

    def action_form_remove(self) -> None:
        if (place := self._rule_place()) is not None:
            self._take(without_rule(self.draft, place))

    def action_form_move_up(self) -> None:
        self._move(-1)

    def action_form_move_down(self) -> None:
        self._move(1)

    def _move(self, step: int) -> None:
        if (place := self._rule_place()) is not None:
            moved = with_rule_moved(self.draft, place, step)
            self._take(moved, f"{RULE}{place + step}" if moved != self.draft else "")

    def _rule_place(self) -> int | None:
        field = self.rows.selected
        if field is not None and field.id.startswith(RULE):
            return int(field.id.removeprefix(RULE))
        self.shell.say(_("Select a rule first; a adds one."))
        return None

    # Saving and leaving

    def action_form_apply(self) -> None:
        wrong = next((field for field in self._fields() if field.problem and not field.warns), None)
        if wrong is not None:
            self._take(self.draft, wrong.id)
            self.shell.say(f"{wrong.label.strip()}: {wrong.problem}", "error")
        elif self.draft == self._opened.draft:
            self.shell.say(_("Nothing is changed."))
        elif not self._is_saving:
            self._is_saving = True
            self.run_worker(self._save(), group="save")

    async def _save(self) -> None:
        draft = self.draft
        try:
            saved = await in_background(
                lambda: endpoint_file.save(self._path, self._endpoint_name, self._opened.draft, draft),
                SAVE_TIMEOUT_S,
            )
        except (EditRefused, SecretMissing) as problem:
            self.shell.say(str(problem), "error")
            return
        except TimeoutError:
            self.shell.say(_("The key could not be stored in time; nothing is written."), "error")
            return
        finally:
            self._is_saving = False
        outcome = await self.control.reload_config()
        if not outcome.done:
            self.shell.say_outcome(outcome)
        self._on_saved(saved)
        self.dismiss()

    def leave(self) -> bool:
        """Asks before what was typed is lost."""
        if self.draft == self._opened.draft:
            return False
        question = Question(
            _("Leave the form?"),
            _("What you have changed in it is not written."),
            _("Leave it"),
            _("Stay"),
        )
        self.shell.ask(question, self.dismiss)
        return True
