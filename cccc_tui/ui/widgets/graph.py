"""A graph over time with its caption."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widget import Widget

from cccc_tui.ui.render.cells import Line, Run, Tone, fit
from cccc_tui.ui.render.graph import Style, graph_rows
from cccc_tui.ui.widgets.tones import contents


class Graph(Widget):
    """One line of caption, and below it the numbers as dots, blocks or ASCII, newest at the right."""

    DEFAULT_CSS = "Graph { height: 3; }"

    def __init__(
        self,
        *,
        style: Style = "braille",
        tone: Tone = "graph",
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(id=id)
        self._style: Style = style
        self._tone: Tone = tone
        self._shown: tuple[tuple[float, ...], Line, Line] = ((), (), ())

    def show(self, values: Sequence[float], caption: Line, peak: Line = ()) -> None:
        """Draws the values; `peak` stands at the right of the caption."""
        shown = (tuple(values), caption, peak)
        if shown != self._shown:
            self._shown = shown
            self.refresh()

    def render(self) -> Content:
        values, caption, peak = self._shown
        width, height = self.size
        right = fit(peak, sum(len(run.text) for run in peak))
        left = fit(caption, max(0, width - sum(len(run.text) for run in right)))
        rows = graph_rows(values, width, height - 1, self._style)
        drawn = [(*left, *right), *((Run(row, self._tone),) for row in rows)]
        return contents(drawn, ascii_only=self._style == "ascii")
