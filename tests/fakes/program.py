"""cccc as a process of its own: with a home of its own, watched by what it says on stderr, ended by signals.

async with running("--serve", "--port", "0", "--config", path) as program:
    url = await program.address()
    ...
    program.send(signal.SIGTERM)
    assert await program.ended() == 0
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

PATIENCE_S = 120.0
"""How long a test waits for a word or the end of the program: a busy machine is slow to start it."""

_LISTENS = re.compile(r"listens on (http://\S+)")


class Program:
    """One running cccc."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[str] = []
        """What it has said on stderr so far."""
        self._read_until = 0

    async def said(self, pattern: str) -> re.Match[str]:
        """The next line, after those that were waited for before, in which `pattern` is found."""
        assert self.process.stderr
        async with asyncio.timeout(PATIENCE_S):
            while True:
                while self._read_until < len(self.lines):
                    line = self.lines[self._read_until]
                    self._read_until += 1
                    if found := re.search(pattern, line):
                        return found
                line_bytes = await self.process.stderr.readline()
                assert line_bytes, f"cccc ended without saying {pattern!r}; it said:\n" + "\n".join(
                    self.lines
                )
                self.lines.append(line_bytes.decode().rstrip("\n"))

    async def address(self) -> str:
        """The base URL on which it listens, once it does."""
        return (await self.said(_LISTENS.pattern))[1]

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    async def ended(self) -> int:
        """Its exit status, once it has ended."""
        assert self.process.stderr
        async with asyncio.timeout(PATIENCE_S):
            rest = await self.process.stderr.read()
            self.lines += rest.decode().splitlines()
            return await self.process.wait()


@asynccontextmanager
async def running(*arguments: str | Path, home: Path, **environment: str) -> AsyncIterator[Program]:
    """Starts `cccc` with `arguments`; killed at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cccc_tui", *map(str, arguments)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=clean_environment(home) | environment,
        cwd=home,
    )
    try:
        yield Program(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def clean_environment(home: Path) -> dict[str, str]:
    """The environment of the tests with all folders of the user in `home`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "CCCC_"))}
    folders = {f"XDG_{name.upper()}_HOME": str(home / name) for name in ("config", "state", "data", "cache")}
    return kept | folders | {"HOME": str(home), "PYTHONWARNINGS": "default"}
