"""A question before something that loses data or costs money. The safe answer has the focus."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from cccc_tui.locales import _


class Question(NamedTuple):
    """What is asked, translated; the text names the thing."""

    title: str
    text: str
    yes: str
    """What the dangerous button does, `Stop cccc`."""
    no: str
    """What the safe button does, `Keep running`."""


class ConfirmScreen(ModalScreen[bool]):
    """Answers True only for a deliberate yes."""

    CSS_PATH = "confirm.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", show=False),
        Binding("n,escape,q", "answer(False)", show=False),
        Binding("left,right,h,l", "other_button", show=False),
    ]

    def __init__(self, question: Question) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        question = self._question
        with Vertical(id="dialog") as dialog:
            dialog.border_title = question.title
            yield Static(question.text, id="question", markup=False)
            with Horizontal(id="buttons"):
                yield Button(question.no, id="no", tooltip=_("n or esc"))
                yield Button(question.yes, id="yes", tooltip=_("y"))
            yield Static(_("y yes   n no   tab the other button"), id="keys", markup=False)

    def on_mount(self) -> None:
        self.query_one("#no", Button).focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")

    def action_answer(self, answer: bool) -> None:
        self.dismiss(answer)

    def action_other_button(self) -> None:
        self.focus_next()
