"""What to copy of a request: a small menu; the same key twice copies the usual thing."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from cccc_tui.locales import _


class Choice(NamedTuple):
    """One line of the menu."""

    key: str
    label: str
    text: str
    """What is copied."""


class CopyMenu(ModalScreen[str]):
    """Answers with the text to copy."""

    # Of the screen, not the default of a widget: the app's own rule for every screen would win over that.
    CSS = """
    CopyMenu { align: center middle; background: $background 60%; }
    CopyMenu #menu {
        width: 64; max-width: 94%; height: auto; max-height: 90%; background: $surface; padding: 0 1;
        border: round $primary; border-title-color: $primary; border-title-style: bold;
        border-subtitle-color: $dim;
    }
    CopyMenu OptionList, CopyMenu OptionList:focus {
        height: auto; border: none; background: $surface; background-tint: $background 0%; padding: 0;
    }
    CopyMenu OptionList > .option-list--option-highlighted { background: $selection; color: $foreground; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", show=False),
        Binding("j,down", "step(1)", show=False, priority=True),
        Binding("k,up", "step(-1)", show=False, priority=True),
    ]

    def __init__(self, title: str, choices: list[Choice]) -> None:
        super().__init__()
        self._menu_title = title
        self._choices = choices

    def compose(self) -> ComposeResult:
        with Vertical(id="menu") as menu:
            menu.border_title = self._menu_title
            menu.border_subtitle = _("y the first   esc close")
            yield OptionList(*(Option(self._prompt(choice)) for choice in self._choices), markup=False)

    def _prompt(self, choice: Choice) -> Content:
        preview = choice.text.replace("\n", " ")
        shown = preview if len(preview) <= 34 else preview[:33] + "…"
        return Content.assemble((f"{choice.key}  ", "bold $primary"), f"{choice.label:<20} ", (shown, "$dim"))

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()

    def on_key(self, event: Key) -> None:
        key = event.key
        chosen = self._choices[0] if key == "y" else next((c for c in self._choices if c.key == key), None)
        if chosen:
            event.stop()  # else the screen below, which is the topmost one by then, would take it too
            self.dismiss(chosen.text)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._choices[event.option_index].text)

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_step(self, step: int) -> None:
        options = self.query_one(OptionList)
        options.action_cursor_down() if step > 0 else options.action_cursor_up()
