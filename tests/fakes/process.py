"""cccc on a configuration of the test's, as a real process, ready to be called.

async with CcccProcess(config_text, tmp_path) as cccc:
    ...                                   # cccc.url answers
assert cccc.exit_code == 0                # it was ended by SIGTERM
"""

from __future__ import annotations

import asyncio
import signal
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Self

import aiohttp

from tests.fakes.program import PATIENCE_S, Program, running


class CcccProcess:
    """A headless cccc on a free port; `folder` becomes its home, with its state in it."""

    def __init__(self, config_text: str, folder: Path) -> None:
        self._config_text = config_text
        self._folder = folder
        self._stack = AsyncExitStack()
        self.url = ""
        """Base URL for clients, without `/v1`."""
        self.exit_code: int | None = None
        self._program: Program | None = None

    @property
    def stderr(self) -> str:
        """What it has logged so far."""
        return "\n".join(self._program.lines) if self._program else ""

    async def __aenter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        config = self._folder / "config.yaml"
        config.write_text(self._config_text)
        config.chmod(0o600)
        async with self._stack:
            self._program = await self._stack.enter_async_context(
                running(
                    *("--serve", "--port", "0", "--config", config),
                    home=self._folder,
                    CCCC_STATE=str(self._folder / "cccc-state"),
                )
            )
            self.url = await self._program.address()
            await _answers(f"{self.url}/health")
            self._logging = asyncio.create_task(_collect(self._program))
            self._stack = self._stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._program
        async with self._stack:
            self._program.send(signal.SIGTERM)
            async with asyncio.timeout(PATIENCE_S):
                await self._logging
                self.exit_code = await self._program.process.wait()


async def _collect(program: Program) -> None:
    """Reads the log until its end, so that the pipe never fills."""
    assert program.process.stderr
    while line := await program.process.stderr.readline():
        program.lines.append(line.decode("utf-8", "replace").rstrip("\n"))


async def _answers(url: str) -> None:
    """Returns once `url` answers well."""
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        response.raise_for_status()
