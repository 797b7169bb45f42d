"""A few lines of text that are shown anew only when they differ."""

from __future__ import annotations

from collections.abc import Sequence

from textual.widgets import Static

from cccc_tui.ui.render.cells import Line
from cccc_tui.ui.widgets.tones import contents, draws_ascii


class Lines(Static):
    """Lines in tones. Laying a screen out anew is dear, so it happens only when their number changes."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__("", id=id, markup=False)
        self._lines: tuple[Line, ...] = ()

    def show(self, lines: Sequence[Line]) -> None:
        """Shows these lines."""
        shown = tuple(lines)
        if shown != self._lines:
            grows = len(shown) != len(self._lines)
            self._lines = shown
            self.update(contents(shown, ascii_only=draws_ascii(self)), layout=grows)

    @property
    def text(self) -> str:
        """What is shown, without tones."""
        return "\n".join("".join(run.text for run in line) for line in self._lines)
