"""Pictures of every screen on scripted data: `python -m screenshots.make [NAME ...]`, all without a name.

The same data gives the same pictures.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path
from typing import NamedTuple

os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", LANG="C.UTF-8")  # read when the app is made

from cccc_tui.ui.app import ControlCenter
from cccc_tui.ui.settings import UiSettings
from tests.fakes.control import FakeControl, pin_timezone

FOLDER = Path(__file__).parent
SIZE = (130, 36)


class Picture(NamedTuple):
    """One file: the keys that lead to the screen, one after the other, and how it looks."""

    name: str
    keys: tuple[str, ...]
    theme: str = "cccc-dark"


PICTURES = (
    Picture("overview", ("1",)),
    Picture("requests", ("2", "g", *"jjjjjjj")),
    Picture("request", ("2", "g", *"jjjjjjj", "enter")),
    Picture("endpoints", ("3",)),
    Picture("log", ("4",)),
    Picture("help", ("2", "question_mark")),
    Picture("palette", ("3", "ctrl+p")),
    Picture("light", ("1",), "cccc-light"),
    Picture("high-contrast", ("2",), "high-contrast"),
    Picture("colour-blind-safe", ("3",), "colour-blind-safe"),
)


async def take(picture: Picture) -> str:
    """The picture as SVG, without the number that changes with every run."""
    control = FakeControl()
    settings = UiSettings(theme=picture.theme, language="en", glyphs="unicode")
    app = ControlCenter(control, settings, clock=control.clock, monotonic=control.clock)
    async with app.run_test(size=SIZE) as pilot:
        for key in picture.keys:
            await pilot.press(key)
            await app.workers.wait_for_complete()
            await pilot.pause()
        await pilot.pause()
        return re.sub(r"terminal-\d+", "terminal", app.export_screenshot(title="cccc"))


async def main(names: list[str]) -> None:
    pin_timezone()
    for picture in [picture for picture in PICTURES if not names or picture.name in names]:
        (FOLDER / f"{picture.name}.svg").write_text(await take(picture), "utf-8")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
