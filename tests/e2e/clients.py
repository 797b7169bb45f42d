"""The real `claude` and `codex` programs, headless, talking to nothing but the address they are given.

They are installed by `npm ci --prefix tests` in the versions that `tests/package.json` pins. Each run has a
HOME of its own, an empty environment and a deadline, after which its process group is killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

BIN = Path(__file__).parents[1] / "node_modules" / ".bin"
CLIENT_KEY = "sk-of-the-client"
"""The credential that the clients send: no endpoint may ever see it."""

PATIENCE_S = 240.0
"""Never reached in a good run, which takes some seconds; a busy machine may need a minute."""

Json = dict[str, Any]


@dataclass(frozen=True)
class ClientRun:
    """What became of one run of a client."""

    exit_code: int
    answer: str
    """The last thing that the agent said."""
    events: list[Json]
    """The JSON lines that the client printed."""
    stderr: str
    error: str
    """What the client itself reported as its error; empty if nothing."""

    @property
    def succeeded(self) -> bool:
        """Both clients can exit with 0 and an empty answer, so both are asked for."""
        return self.exit_code == 0 and not self.error and bool(self.answer)


def needs(client: str) -> Path:
    """The program, or a skip that says what is missing; a failure where it has to be there."""
    program = BIN / client
    if program.exists() and shutil.which("node"):
        return program
    why = f"{client} is not installed: `npm ci --prefix tests` needs npm and the registry"
    if os.environ.get("CI") == "true":
        pytest.fail(why)
    pytest.skip(why)


async def run_claude(
    base_url: str,
    prompt: str,
    folder: Path,
    *arguments: str,
    model: str = "claude-sonnet-4-6",
    timeout_s: float = PATIENCE_S,
    retries: int = 0,
) -> ClientRun:
    """`claude -p` in `folder / "work"`, allowed to use Bash, Read and Edit there.

    Without `retries` of its own a failure shows, and is not mended by the client.
    """
    home, work = _folders(folder)
    environment = {
        "ANTHROPIC_BASE_URL": base_url,
        "ANTHROPIC_AUTH_TOKEN": CLIENT_KEY,
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "CLAUDE_CODE_MAX_RETRIES": str(retries),
    }
    command = [str(needs("claude")), "-p", prompt, "--output-format", "stream-json", "--verbose"]
    command += ["--model", model, *arguments, "--allowedTools", "Bash", "Read", "Edit"]
    exit_code, events, stderr = await _run(command, home, work, environment, timeout_s)
    result = next((event for event in reversed(events) if event.get("type") == "result"), {})
    failed = result.get("is_error", True)
    error = str(result.get("result") or result or "no result event") if failed else ""
    return ClientRun(exit_code, "" if failed else str(result.get("result") or ""), events, stderr, error)


async def run_codex(
    base_url: str,
    prompt: str,
    folder: Path,
    *arguments: str,
    model: str = "gpt-5.5",
    websockets: bool = False,
    timeout_s: float = PATIENCE_S,
) -> ClientRun:
    """`codex exec` in `folder / "work"`."""
    home, work = _folders(folder)
    (home / ".codex").mkdir()
    (home / ".codex" / "config.toml").write_text(_codex_config(base_url, model, websockets))
    command = [str(needs("codex")), "exec", "--json", "--skip-git-repo-check"]
    command += ["--dangerously-bypass-approvals-and-sandbox", "-C", str(work), *arguments, "--", prompt]
    exit_code, events, stderr = await _run(command, home, work, {"GATEWAY_KEY": CLIENT_KEY}, timeout_s)
    items = [event["item"] for event in events if event.get("type") == "item.completed"]
    said = [item.get("text") or "" for item in items if item.get("type") == "agent_message"]
    return ClientRun(exit_code, said[-1] if said else "", events, stderr, _codex_error(events))


def _codex_config(base_url: str, model: str, websockets: bool) -> str:
    lines = [
        f'model = "{model}"',
        'model_provider = "gateway"',
        "check_for_update_on_startup = false",
        "analytics.enabled = false",
        "features.plugins = false",
        "[model_providers.gateway]",
        'name = "Gateway"',
        f'base_url = "{base_url}/v1"',
        'wire_api = "responses"',
        'env_key = "GATEWAY_KEY"',
        # a failure has to show, not to be mended by the client
        "request_max_retries = 0",
        "stream_max_retries = 0",
        f"supports_websockets = {str(websockets).lower()}",
    ]
    return "\n".join(lines) + "\n"


def _codex_error(events: list[Json]) -> str:
    for event in events:
        if event.get("type") == "turn.failed":
            return str((event.get("error") or {}).get("message") or "turn.failed")
    return "" if any(event.get("type") == "turn.completed" for event in events) else "no turn.completed event"


def _folders(folder: Path) -> tuple[Path, Path]:
    home, work = folder / "home", folder / "work"
    home.mkdir(parents=True)
    work.mkdir(exist_ok=True)
    return home, work


async def _run(
    command: list[str], home: Path, work: Path, environment: dict[str, str], timeout_s: float
) -> tuple[int, list[Json], str]:
    clean = {"HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "dumb"}
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=work,
        env=clean | environment,
        stdin=asyncio.subprocess.DEVNULL,  # Codex reads a prompt from an open stdin
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        stdout, stderr = await asyncio.wait_for(process.communicate(), timeout_s)
    finally:
        # The whole group: both clients start helpers of their own.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode is not None
    return process.returncode, list(_json_lines(stdout)), stderr.decode("utf-8", "replace")


def _json_lines(output: bytes) -> list[Json]:
    found = []
    for line in output.splitlines():
        with contextlib.suppress(ValueError):
            found.append(json.loads(line))
    return found
