"""A graph over time with its caption."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, zip_longest

from textual.strip import Strip

from cccc_tui.ui.render.cells import Line, Run, Tone, fit, width
from cccc_tui.ui.render.graph import Style, graph_rows
from cccc_tui.ui.widgets.tones import Toned

NOTHING = " \u2800"
"""How a column without a value is drawn, the braille one included."""

GROUND: dict[Style, str] = {"braille": "⣀", "block": "▁", "ascii": "_"}


class Graph(Toned):
    """One line of caption, and below it the numbers as dots, blocks or ASCII, newest at the right."""

    DEFAULT_CSS = "Graph { height: 3; padding: 0 1; background: $background; }"

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
        self._shown: tuple[Sequence[float], Line, Line] = ((), (), ())
        self._drawn: list[Line] = []

    def show(self, values: Sequence[float], caption: Line, peak: Line = ()) -> None:
        """Draws the values; `peak` stands at the right of the caption. Most changes are too small to be seen."""
        self._shown = (values, caption, peak)
        before, self._drawn = self._drawn, self._picture()
        pairs = enumerate(zip_longest(before, self._drawn))
        self.repaint([y for y, (was, now) in pairs if was != now])

    def on_resize(self) -> None:
        self._drawn = self._picture()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        line = self._drawn[y] if y < len(self._drawn) else ()
        return Strip(self.segments(line, self.style_of("$foreground on $background")))

    def _picture(self) -> list[Line]:
        values, caption, peak = self._shown
        columns, height = self.size
        left = fit(caption, max(0, columns - width(peak)))
        *rows, lowest = graph_rows(values, columns, max(1, height - 1), self._style)
        return [(*left, *peak), *((Run(row, self._tone),) for row in rows), tuple(self._grounded(lowest))]

    def _grounded(self, row: str) -> Iterator[Run]:
        """The lowest row with a line where there is nothing: a quiet quarter of an hour is seen as one."""
        for is_nothing, letters in groupby(row, key=NOTHING.__contains__):
            text = "".join(letters)
            yield Run(GROUND[self._style] * len(text), "rule") if is_nothing else Run(text, self._tone)
