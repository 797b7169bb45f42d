"""The pictures of the README: the real control center on the demo, after it has been busy for a while."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from cccc_tui.demo import simulated_agents, simulated_endpoints
from cccc_tui.engine.core import Engine
from cccc_tui.logs import OURS
from cccc_tui.traffic.notices import NoticeHandler
from cccc_tui.ui.app import ControlCenter
from cccc_tui.ui.settings import UiSettings

FOLDER = Path(__file__).parent
SIZE = (130, 36)
BUSY_S = 40
PLACES = {"overview": ["1"], "requests": ["2"], "request": ["2", "enter"], "endpoints": ["3"], "log": ["4"]}


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.yaml"
        async with simulated_endpoints(config):
            engine = Engine(config, Path(folder) / "state", port=0)
            OURS.addHandler(NoticeHandler(engine.notices))
            OURS.setLevel("INFO")
            await engine.start()
            async with simulated_agents(engine.status().address):
                await take_pictures(engine, config)
            await engine.stop(grace_s=0)


async def take_pictures(engine: Engine, config: Path) -> None:
    app = ControlCenter(engine, UiSettings(language="en", glyphs="unicode", config_path=config))
    async with app.run_test(size=SIZE) as pilot:
        await asyncio.sleep(BUSY_S)
        for name, keys in PLACES.items():
            await pilot.press(*keys)
            await pilot.pause(1)
            picture = app.export_screenshot(title="cccc demo")
            (FOLDER / f"{name}.svg").write_text(picture, "utf-8")
            await pilot.press("escape")


if __name__ == "__main__":
    asyncio.run(main())
