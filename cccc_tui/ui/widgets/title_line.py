"""The first line: the program, the places with their keys, and where in a place you are."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from cccc_tui.locales import _
from cccc_tui.ui.actions import BY_ID
from cccc_tui.ui.keys import Keymap, key_label
from cccc_tui.ui.widgets.key_bar import clicking

PLACES = ("overview", "requests", "endpoints", "log", "facts")
"""The places that the number keys reach; each is a scope, a mode of the app, and an action `app.<place>`."""


class TitleLine(Static):
    """Places, the current one marked, and the breadcrumbs of a detail at the right."""

    DEFAULT_CSS = """
    TitleLine {
        height: 1; padding: 0 1; background: $panel; color: $foreground;
        link-color: $foreground; link-style: none; link-background-hover: $selection;
        link-color-hover: $foreground; link-style-hover: none;
    }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self._shown: tuple[object, ...] = ()

    def show(self, place: str, crumbs: tuple[str, ...], keymap: Keymap) -> None:
        """Redraws when something of it, or the width, has changed."""
        shown = (place, crumbs, self.size.width)
        if shown != self._shown:
            self._shown = shown
            self.update(title_content(place, crumbs, keymap, self.size.width), layout=False)


def title_content(place: str, crumbs: tuple[str, ...], keymap: Keymap, width: int) -> Content:
    """The line for a place, with what fits of the breadcrumbs."""
    places = Content("  ").join([_place(name, name == place, keymap) for name in PLACES])
    line = Content.assemble(("cccc", "bold $primary"), "  ", places)
    where = Content(" › ".join(crumbs)) if len(crumbs) > 1 else Content("")
    gap = width - line.cell_length - where.cell_length
    return Content.assemble(line, " " * gap, where.stylize("$dim")) if gap > 1 else line


def _place(name: str, is_here: bool, keymap: Keymap) -> Content:
    action = BY_ID[f"app.{name}"]
    key, label = key_label(keymap.keys_of(action)[0]), _(action.label)
    number, text = ("bold $primary", "bold underline") if is_here else ("$dim", "")
    content = Content.assemble((key, number), " ", (label, text) if text else label)
    return content.stylize(clicking(action.id))
