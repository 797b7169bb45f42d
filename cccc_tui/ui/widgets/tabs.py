"""The titles of the parts of a screen, side by side; brackets around the shown one, so that no colour is needed."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from cccc_tui.locales import _


class Tabs(Static):
    """The titles; a click shows another part."""

    DEFAULT_CSS = """
    Tabs {
        height: 1; background: $surface; padding: 0 1;
        link-style: none; link-color: $foreground; link-background-hover: $selection;
        link-color-hover: $foreground; link-style-hover: none;
    }
    """

    class Chosen(Message):
        """A title was clicked."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, parts: Sequence[tuple[str, str]]) -> None:
        super().__init__("", markup=False)
        self._parts = tuple(parts)
        self._shown: tuple[str, str] = ("", "")

    def show(self, name: str, note: str) -> None:
        """Marks the shown part; `note` stands at the right."""
        if (name, note) == self._shown:
            return
        self._shown = (name, note)
        parts = [self._title(each, _(title), each == name) for each, title in self._parts]
        line = Content("  ").join(parts)
        self.update(Content.assemble(line, "   ", (note, "$dim")))

    def _title(self, name: str, title: str, is_shown: bool) -> Content:
        text = f"[{title}]" if is_shown else f" {title} "
        content = Content.styled(text, "bold $primary" if is_shown else "$foreground")
        return content.stylize(f"@click=choose('{name}')")

    def action_choose(self, name: str) -> None:
        self.post_message(self.Chosen(name))
