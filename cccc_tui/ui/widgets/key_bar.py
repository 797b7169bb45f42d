"""The last line: the most useful keys of the focus, as many as fit whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from textual.content import Content
from textual.style import Style
from textual.widgets import Static

from cccc_tui.locales import _
from cccc_tui.ui.actions import BY_ID, Action, Scope, actions_of
from cccc_tui.ui.keys import Keymap, key_label

MAX_HINTS = 6
ALWAYS = ("app.help", "app.quit")
"""Never pushed out by a lack of room: with help one finds the rest."""


class Hint(NamedTuple):
    """One key of the bar."""

    key: str
    label: str
    action_id: str = ""
    is_enabled: bool = True

    @property
    def width(self) -> int:
        return Content(f"{self.key} {self.label}").cell_length


class KeyBar(Static):
    """Keys and what they do; a click does it too."""

    DEFAULT_CSS = """
    KeyBar {
        height: 1; padding: 0 1; background: $background; color: $foreground;
        link-color: $foreground; link-style: none; link-background-hover: $selection;
        link-color-hover: $foreground; link-style-hover: none;
    }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self._shown: tuple[object, ...] = ()

    def show(self, hints: Sequence[Hint]) -> None:
        """Redraws when the hints, or the width, have changed."""
        shown = (tuple(hints), self.size.width)
        if shown != self._shown:
            self._shown = shown
            self.update(key_content(fitting(hints, self.size.width)), layout=False)


def hints_of(
    scope: Scope, with_list: bool, keymap: Keymap, *, read_only: bool, ascii_only: bool
) -> list[Hint]:
    """The hints of a screen: its own actions first, then those of lists, then those of every place."""
    own = [action for action in actions_of(scope) if action.in_footer]
    shared = [*(actions_of("list") if with_list else ()), *actions_of("app")]

    def hint(action: Action) -> Hint:
        key = key_label(keymap.keys_of(action)[0], ascii_only=ascii_only)
        return Hint(key, _(action.label), action.id, not (read_only and action.changes))

    last = [BY_ID[action_id] for action_id in ALWAYS]
    first = [*own, *(action for action in shared if action.in_footer and action not in last)]
    return [hint(action) for action in [*first[: MAX_HINTS - len(last)], *last]]


def fitting(hints: Sequence[Hint], width: int) -> list[Hint]:
    """As many hints as fit whole; the ones that always stand come last and go last."""
    always = [hint for hint in hints if hint.action_id in ALWAYS]
    room = width - sum(hint.width + 2 for hint in always) + 2
    kept: list[Hint] = []
    for hint in hints:
        if hint in always:
            continue
        room -= hint.width + 2
        if room < 0:
            break
        kept.append(hint)
    return kept + always


def clicking(action_id: str) -> Style:
    """Style of a text that does an action when it is clicked."""
    return Style.from_meta({"@click": f"app.perform('{action_id}')"})


def key_content(hints: Sequence[Hint]) -> Content:
    return Content("  ").join([_hint_content(hint) for hint in hints])


def _hint_content(hint: Hint) -> Content:
    key_style, text_style = ("bold $primary", "$foreground") if hint.is_enabled else ("$dim strike", "$dim")
    content = Content.assemble((hint.key, key_style), " ", (hint.label, text_style))
    return content.stylize(clicking(hint.action_id)) if hint.action_id else content
