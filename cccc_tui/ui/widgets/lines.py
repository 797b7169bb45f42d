"""A few lines of text that are shown anew only when they differ."""

from __future__ import annotations

from collections.abc import Sequence

from textual.widgets import Static

from cccc_tui.ui.render.cells import Line
from cccc_tui.ui.widgets.tones import contents, draws_ascii


class Lines(Static):
    """Lines in tones, each cut at the width. It is as high as they are many: only that lays the screen out anew."""

    DEFAULT_CSS = "Lines { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__("", id=id, markup=False)
        self._lines: tuple[Line, ...] = ()

    def show(self, lines: Sequence[Line]) -> None:
        """Shows these lines."""
        shown = tuple(lines)
        if shown != self._lines:
            if len(shown) != len(self._lines):
                self.styles.height = len(shown)
            self._lines = shown
            self.update(contents(shown, ascii_only=draws_ascii(self)), layout=False)

    @property
    def text(self) -> str:
        """What is shown, without tones."""
        return "\n".join("".join(run.text for run in line) for line in self._lines)
