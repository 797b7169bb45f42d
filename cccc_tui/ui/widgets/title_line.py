"""The first line: the program, where you are, and the other places with their keys."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static


class TitleLine(Static):
    """The places with their keys, the current one marked, and the breadcrumbs of a detail."""

    DEFAULT_CSS = "TitleLine { height: 1; background: $panel; color: $foreground; padding: 0 1; }"

    def __init__(self) -> None:
        super().__init__("", markup=False)

    def show(self, crumbs: tuple[str, ...]) -> None:
        self.update(Content(" › ".join(("cccc", *crumbs))))
