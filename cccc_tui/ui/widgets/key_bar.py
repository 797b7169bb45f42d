"""The last line: the most useful keys of the focus, as many as fit whole."""

from __future__ import annotations

from textual.widgets import Static


class KeyBar(Static):
    """Keys and what they do."""

    DEFAULT_CSS = "KeyBar { dock: bottom; height: 1; background: $background; padding: 0 1; }"

    def __init__(self) -> None:
        super().__init__("", markup=False)
