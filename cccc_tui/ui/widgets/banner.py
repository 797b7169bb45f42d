"""The lines at the top that stay while a condition lasts: a rejected configuration, an open address,
read-only."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static


class Banner(Static):
    """Lasting conditions, one a line; takes no room when there are none."""

    DEFAULT_CSS = """
    Banner {
        dock: top; height: auto; max-height: 4; padding: 0 1; display: none;
        background: $warning-muted; color: $text-warning;
    }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self._lines: tuple[str, ...] = ()

    def show(self, lines: tuple[str, ...]) -> None:
        """Shows these conditions, or hides for none."""
        if lines != self._lines:
            self._lines = lines
            self.update(Content("\n".join(lines)))
            self.display = bool(lines)
