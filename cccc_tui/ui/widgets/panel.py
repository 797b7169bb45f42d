"""A part of a screen with its title on a line; its mark says, by shape too, that the focus is in it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from cccc_tui.ui.render.cells import cell_width
from cccc_tui.ui.render.glyphs import UNICODE, Glyphs


class PanelTitle(Widget):
    """`── Endpoints ────── note ──`; with a mark in front while the focus is in the panel."""

    DEFAULT_CSS = "PanelTitle { height: 1; }"

    def __init__(self, title: str, glyphs: Glyphs) -> None:
        super().__init__()
        self._title = title
        self._note = ""
        self._glyphs = glyphs
        self._is_marked = False

    def show(self, title: str | None = None, note: str | None = None, marked: bool | None = None) -> None:
        """Changes what is given."""
        shown = (
            self._title if title is None else title,
            self._note if note is None else note,
            self._is_marked if marked is None else marked,
        )
        if shown != (self._title, self._note, self._is_marked):
            self._title, self._note, self._is_marked = shown
            self.refresh()

    def render(self) -> Content:
        rule = self._glyphs.rule
        title = f" {self._title} "
        mark = self._glyphs.cursor if self._is_marked else rule
        note = f" {self._note} " if self._note else ""
        left = Content.assemble(
            (mark + rule, "$primary" if self._is_marked else "$dim"),
            (title, "bold $primary" if self._is_marked else "bold $foreground"),
        )
        fill = max(0, self.size.width - left.cell_length - cell_width(note) - 2)
        return Content.assemble(left, (rule * fill, "$rule"), (note, "$dim"), (rule * 2, "$rule"))


class Panel(Vertical):
    """A title and what stands below it."""

    DEFAULT_CSS = """
    Panel { height: auto; }
    Panel > .empty { display: none; height: 1fr; padding: 1 2; color: $dim; }
    Panel.-empty > .empty { display: block; }
    Panel.-empty > LiveTable { display: none; }
    """

    def __init__(
        self,
        title: str,
        *children: Widget,
        glyphs: Glyphs = UNICODE,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(id=id)
        self.title_line = PanelTitle(title, glyphs)
        self._body = children
        self._empty = Static("", classes="empty", markup=False)
        self._empty_text = ""

    def compose(self) -> ComposeResult:
        yield self.title_line
        yield from self._body
        yield self._empty

    def show_empty(self, text: str) -> None:
        """Says why there is nothing and what to do next; an empty text shows the list again."""
        if text != self._empty_text:
            self._empty_text = text
            self.set_class(bool(text), "-empty")
            self._empty.update(Content(text))

    def on_descendant_focus(self) -> None:
        self.title_line.show(marked=True)

    def on_descendant_blur(self) -> None:
        self.title_line.show(marked=False)
