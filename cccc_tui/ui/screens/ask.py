"""One value, typed or picked: a field, what can be picked below it, and what is wrong with it while it is typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from cccc_tui.connect.form import Option as Choice
from cccc_tui.locales import _


def nothing_wrong(_text: str) -> str:
    return ""


class Asked(NamedTuple):
    """What is asked; all texts are translated."""

    title: str
    help: str
    value: str = ""
    choices: Sequence[Choice] = ()
    is_free: bool = True
    """Whether something else than the choices may be typed."""
    is_secret: bool = False
    """Whether the typed text is hidden."""
    complaint: Callable[[str], str] = nothing_wrong
    """What is wrong with a text; empty is well."""


class AskScreen(ModalScreen[str | None]):
    """Answers with the value, or with None when the person leaves."""

    CSS_PATH = "ask.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("down", "step(1)", show=False, priority=True),
        Binding("up", "step(-1)", show=False, priority=True),
    ]

    def __init__(self, asked: Asked) -> None:
        super().__init__()
        self._asked = asked
        self._found: list[Choice] = list(asked.choices)
        self._is_typed = False

    def compose(self) -> ComposeResult:
        asked = self._asked
        with Vertical(id="ask") as frame:
            frame.border_title = asked.title
            frame.border_subtitle = _("enter take   esc leave")
            yield Static(asked.help, id="help", markup=False)
            value = asked.value if asked.is_free else ""
            field = Input(
                value,
                placeholder=self._placeholder(),
                password=asked.is_secret,
                select_on_focus=bool(
                    asked.choices
                ),  # what is picked is replaced, what is written is gone on with
                id="field",
            )
            field.cursor_blink = False
            yield field
            yield Static("", id="problem", markup=False)
            yield OptionList(id="choices", markup=False, compact=True)

    def _placeholder(self) -> str:
        return _("type, or pick with the arrows") if self._asked.is_free else _("type to search")

    def on_mount(self) -> None:
        options = self.query_one(OptionList)
        options.can_focus = False
        options.display = bool(self._asked.choices)
        self._list_choices("")
        values = [choice.value for choice in self._found]
        if self._asked.value in values:
            options.highlighted = values.index(self._asked.value)
        self.query_one(Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        if event.value == self._asked.value and not self._is_typed:
            return  # what stood there at first
        self._is_typed = True
        self._list_choices(event.value)
        self._say(self._asked.complaint(event.value) if self._asked.is_free else "")

    def _list_choices(self, text: str) -> None:
        words = text.casefold().split()
        asked = self._asked.choices
        self._found = [each for each in asked if all(word in each.label.casefold() for word in words)]
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([Option(Content(each.label)) for each in self._found])
        options.highlighted = None if self._asked.is_free or not self._found else 0

    def on_input_submitted(self, event: Input.Submitted) -> None:
        highlighted = self.query_one(OptionList).highlighted
        if highlighted is not None and highlighted < len(self._found):
            self.dismiss(self._found[highlighted].value)
        elif not self._asked.is_free:
            self._say(_("Pick one of the list."))
        elif problem := self._asked.complaint(event.value):
            self._say(problem)
        else:
            self.dismiss(event.value)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._found[event.option_index].value)

    def _say(self, problem: str) -> None:
        self.query_one("#problem", Static).update(Content(problem))

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_step(self, step: int) -> None:
        options = self.query_one(OptionList)
        if not self._found:
            return
        before = options.highlighted
        start = -1 if step > 0 else len(self._found)
        options.highlighted = ((start if before is None else before) + step) % len(self._found)
