"""What is shown instead of a broken layout when the terminal is too small."""

from __future__ import annotations

from textual.content import Content
from textual.geometry import Size
from textual.widgets import Static

from cccc_tui.locales import _

LEAST = Size(60, 20)


class TooSmall(Static):
    """Covers everything; the screen shows it by its class `-too-small`."""

    DEFAULT_CSS = """
    TooSmall { display: none; width: 100%; height: 100%; content-align: center middle; text-align: center; }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)

    def show(self, size: Size) -> None:
        text = _(
            "The terminal is too small ({width}×{height}).\nAt least {least_width}×{least_height} is needed."
        )
        self.update(
            Content(
                text.format(
                    width=size.width, height=size.height, least_width=LEAST.width, least_height=LEAST.height
                )
            )
        )
