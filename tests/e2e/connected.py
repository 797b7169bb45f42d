"""Programs in a person's home: with nothing in the environment but HOME, PATH and the terminal's own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.clients import BIN, PATIENCE_S

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Ended:
    """A program that has ended."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def events(self) -> list[dict[str, Any]]:
        """The JSON lines that it printed."""
        found = []
        for line in self.stdout.splitlines():
            with contextlib.suppress(ValueError):
                found.append(json.loads(line))
        return found


@dataclass(frozen=True)
class ClientRun:
    """What became of one run of a client."""

    succeeded: bool
    error: str
    stderr: str


async def run_program(name: str, *arguments: str, home: Path, work: Path) -> Ended:
    """Runs `cccc`, `claude` or `codex` to its end."""
    program = [sys.executable, "-m", "cccc_tui"] if name == "cccc" else [str(BIN / name)]
    process = await asyncio.create_subprocess_exec(
        *(*program, *arguments),
        cwd=work,
        env=_environment(home, name),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        stdout, stderr = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # both clients start helpers of their own
    assert process.returncode is not None
    return Ended(process.returncode, stdout.decode(), stderr.decode("utf-8", "replace"))


async def cccc(home: Path, *arguments: str) -> str:
    """One command of cccc that must succeed; what it prints."""
    ended = await run_program("cccc", *arguments, home=home, work=home)
    assert ended.exit_code == 0, ended.stderr
    return ended.stdout


def claude_run(ended: Ended) -> ClientRun:
    """What Claude Code says about itself in its last event."""
    result: dict[str, Any] = next((e for e in reversed(ended.events) if e.get("type") == "result"), {})
    is_good = ended.exit_code == 0 and not result.get("is_error", True) and bool(result.get("result"))
    return ClientRun(is_good, str(result), ended.stderr)


def codex_run(ended: Ended) -> ClientRun:
    """The same of Codex: a turn that was completed."""
    kinds = [event.get("type") for event in ended.events]
    is_good = ended.exit_code == 0 and "turn.completed" in kinds and "turn.failed" not in kinds
    return ClientRun(is_good, str(ended.events[-1:]), ended.stderr)


def _environment(home: Path, name: str) -> dict[str, str]:
    own = {
        "HOME": str(home),
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "LANG": "C.UTF-8",
        "TERM": "dumb",
    }
    return own | ({"PYTHONPATH": str(ROOT)} if name == "cccc" else {})
