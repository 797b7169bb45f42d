"""What colour a tone has: theme variables by tone, resolved for widgets that draw line by line."""

from __future__ import annotations

from collections.abc import Iterable

from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.scroll_view import ScrollView
from textual.style import Style as VisualStyle

from cccc_tui.ui.render.cells import Line, Tone

STYLES: dict[Tone, str] = {
    "plain": "$foreground",
    "strong": "bold $foreground",
    "dim": "$dim",
    "ok": "$state-ok",
    "warn": "$state-warn",
    "error": "$state-error",
    "busy": "$state-busy",
    "off": "$state-off",
    "title": "bold $primary",
    "accent": "$accent",
    "key": "$primary",
    "number": "$accent",
    "literal": "$secondary",
    "graph": "$graph",
    "claude-code": "$client-claude-code",
    "codex": "$client-codex",
    "openai-sdk": "$client-openai-sdk",
    "anthropic-sdk": "$client-anthropic-sdk",
    "other": "$client-other",
}


def content(line: Line) -> Content:
    """A line for a `Static` or a title; the theme's colours are looked up when it is drawn."""
    return Content.assemble(*((run.text, STYLES[run.tone]) for run in line))


def contents(lines: Iterable[Line]) -> Content:
    """Several lines for a `Static`."""
    return Content("\n").join(content(line) for line in lines)


class LineView(ScrollView):
    """Base of the widgets that draw their own lines: segments in the theme's colours."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, classes=classes)
        self._styles_of: dict[str, Style] = {}

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self.restyle())

    def restyle(self) -> None:
        """Forgets the colours: the theme is another one."""
        self._styles_of.clear()
        self.refresh()

    def notify_style_update(self) -> None:
        self._styles_of.clear()
        super().notify_style_update()

    def style_of(self, text: str) -> Style:
        """A style like `bold $dim on $selection`, resolved."""
        style = self._styles_of.get(text)
        if style is None:
            style = VisualStyle.parse(text).rich_style
            self._styles_of[text] = style
        return style

    def segments(self, line: Line, under: Style) -> list[Segment]:
        """The runs of a line in their colours, over a base style."""
        return [Segment(run.text, under + self.style_of(STYLES[run.tone])) for run in line if run.text]
