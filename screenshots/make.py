"""Pictures of every screen on scripted data: `python -m screenshots.make [NAME ...]`, all without a name.

The same data gives the same pictures.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", LANG="C.UTF-8")  # read when the app is made

from cccc_tui.ui.app import ControlCenter
from cccc_tui.ui.settings import UiSettings
from tests.fakes.control import FakeControl, pin_timezone

FOLDER = Path(__file__).parent
SIZE = (130, 36)
CONFIG = """# the endpoints of the pictures
endpoints:
  - name: anthropic-main
    url: https://api.anthropic.com
    auth_value: keyring:anthropic-main
  - name: relay-tokyo
    url: https://relay.example
"""
SETTINGS = '{\n  "model": "opus",\n  "env": {"ANTHROPIC_BASE_URL": "http://127.0.0.1:3456"}\n}\n'


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
    Picture("endpoint-form", ("3", "m")),
    Picture("connect", ("1", "w")),
    Picture("log", ("4",)),
    Picture("facts", ("5", "j")),
    Picture("help", ("2", "question_mark")),
    Picture("palette", ("3", "ctrl+p")),
    Picture("light", ("1",), "cccc-light"),
    Picture("high-contrast", ("2",), "high-contrast"),
    Picture("colour-blind-safe", ("3",), "colour-blind-safe"),
)


async def take(picture: Picture) -> str:
    """The picture as SVG, without the number that changes with every run."""
    control = FakeControl()
    control.changed_status = {"config_path": str(Path.home() / "config.yaml")}
    settings = UiSettings(theme=picture.theme, language="en", glyphs="unicode")
    app = ControlCenter(control, settings, clock=control.clock, monotonic=control.clock)
    async with app.run_test(size=SIZE) as pilot:
        for key in picture.keys:
            await pilot.press(key)
            await app.workers.wait_for_complete()
            await pilot.pause()
        await pilot.pause()
        return re.sub(r"terminal-\d+", "terminal", app.export_screenshot(title="cccc"))


def furnish(home: Path) -> None:
    """A home folder that is nobody's: what the set-up finds there is the same on every machine."""
    os.environ.update(
        HOME=str(home), XDG_STATE_HOME=str(home / "state"), XDG_CONFIG_HOME=str(home / "config")
    )
    os.environ["PATH"] = str(home)
    for name in ("CLAUDE_CONFIG_DIR", "CODEX_HOME"):
        os.environ.pop(name, None)
    (home / "config.yaml").write_text(CONFIG, "utf-8")
    (home / ".claude").mkdir()
    (home / ".claude" / "settings.json").write_text(SETTINGS, "utf-8")


async def main(names: list[str]) -> None:
    pin_timezone()
    with tempfile.TemporaryDirectory() as folder:
        furnish(Path(folder))
        for picture in [picture for picture in PICTURES if not names or picture.name in names]:
            (FOLDER / f"{picture.name}.svg").write_text(await take(picture), "utf-8")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
