"""What colour a tone has: theme variables by tone, resolved for widgets that draw line by line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from math import ceil
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar
from textual.style import Style as VisualStyle
from textual.widget import Widget

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
    "rule": "$rule",
    "selected": "$selection-text",
    "claude-code": "$client-claude-code",
    "codex": "$client-codex",
    "openai-sdk": "$client-openai-sdk",
    "anthropic-sdk": "$client-anthropic-sdk",
    "other": "$client-other",
}


_ASCII: dict[int, str] = str.maketrans(
    {"–": "-", "—": "-", "…": "~", "·": "|", "→": ">", "›": ">", "↓": "v", "─": "-"}
)
"""Our own signs for a terminal that has only ASCII; what others wrote is shown as it is."""


def draws_ascii(widget: Widget) -> bool:
    """Whether the app was told to draw with plain ASCII."""
    return bool(getattr(getattr(widget.app, "settings", None), "is_ascii", False))


def content(line: Line, *, ascii_only: bool = False) -> Content:
    """A line for a `Static` or a title; the theme's colours are looked up when it is drawn."""
    table = _ASCII if ascii_only else {}
    return Content.assemble(*((run.text.translate(table), STYLES[run.tone]) for run in line))


def contents(lines: Iterable[Line], *, ascii_only: bool = False) -> Content:
    """Several lines for a `Static`."""
    return Content("\n").join(content(line, ascii_only=ascii_only) for line in lines)


def thumb(bar: ScrollBar) -> tuple[int, int]:
    """Where the thumb of a scroll bar begins and how long it is, in the eighths of a cell that can be drawn."""
    beyond = bar.window_virtual_size - bar.window_size
    if beyond <= 0:
        return 0, 0
    length = max(1.0, bar.size.height * bar.window_size / bar.window_virtual_size)
    return int(8 * (bar.size.height - length) * bar.position / beyond), ceil(8 * length)


class Toned(Widget):
    """Base of the widgets that draw their own lines: segments in the theme's colours."""

    def __init__(self, *children: Widget, **options: Any) -> None:
        super().__init__(*children, **options)
        self._styles_of: dict[str, Style] = {}
        self._table: dict[int, str] = {}

    def on_mount(self) -> None:
        self._table = _ASCII if draws_ascii(self) else {}
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self.restyle())

    def restyle(self) -> None:
        """Forgets the colours: the theme is another one."""
        self._styles_of.clear()
        self.refresh()

    def notify_style_update(self) -> None:
        self._styles_of.clear()
        super().notify_style_update()

    def repaint(self, numbers: Sequence[int]) -> None:
        """Has these lines of the sight drawn anew, and no other."""
        if numbers:
            self.refresh(*(Region(0, number, self.size.width, 1) for number in numbers))

    def style_of(self, text: str) -> Style:
        """A style like `bold $dim on $selection`, resolved."""
        style = self._styles_of.get(text)
        if style is None:
            style = VisualStyle.parse(text).rich_style
            self._styles_of[text] = style
        return style

    def segments(self, line: Line, under: Style) -> list[Segment]:
        """The runs of a line in their colours, over a base style; neighbours of one tone are one segment."""
        return [
            Segment(
                "".join(run.text for run in runs).translate(self._table), under + self.style_of(STYLES[tone])
            )
            for tone, runs in groupby(line, lambda run: run.tone)
        ]


class LineView(ScrollView, Toned):
    """Lines of which a part is on screen."""

    def set_line_count(self, count: int) -> None:
        """Says how many lines there are, without laying all out anew; `show_place` is to follow."""
        if self.virtual_size.height != count:
            self.set_reactive(LineView.virtual_size, Size(self.size.width, count))

    def show_place(self) -> None:
        """Moves the scroll bar; it is drawn only when it looks otherwise, which in a long list it seldom does."""
        bar = self.vertical_scrollbar
        before = thumb(bar)
        bar.set_reactive(ScrollBar.window_virtual_size, self.virtual_size.height)
        bar.set_reactive(ScrollBar.position, self.scroll_y)
        if thumb(bar) != before:
            bar.refresh()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        self.show_place()
        if round(old_value) != round(new_value):
            self.refresh()
