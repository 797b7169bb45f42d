"""The peers, each installed on demand into a cache, in its leanest configuration, as one process.

Their versions are fixed, so that two runs compare the same. claude-code-router stands at 2.0.0: 3.1.1 leaves the
conversion to `@the-next-ai/ai-gateway`, which npm does not find, so it can't be installed.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs

from benchmarks.bodies import MODEL
from benchmarks.experiment import Lab
from benchmarks.processes import Running, free_port, serving
from benchmarks.servers import Place, Start, folder
from cccc_tui.wire.model import Format

LITELLM = "litellm[proxy]==1.108.7"
CCR = "@musistudio/claude-code-router@2.0.0"
INSTALL_WITHIN_S = 900.0
LAST_LINES = 3


class NotInstalled(RuntimeError):
    """A peer that is not here, and why."""


def cache(name: str) -> Path:
    """Where a peer of that name and version is kept between runs."""
    return (
        platformdirs.user_cache_path("cccc") / "benchmarks" / "".join(c if c.isalnum() else "-" for c in name)
    )


def ensure_litellm(lab: Lab) -> Path:
    """The program, installed if it is missing. NotInstalled if that fails."""
    home = cache(LITELLM)

    def install() -> None:
        _run(sys.executable, "-m", "venv", str(home))
        _run(str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", LITELLM)

    return _ensure(lab, LITELLM, home, home / "bin" / "litellm", install)


def ensure_ccr(lab: Lab) -> Path:
    """The program, installed if it is missing. NotInstalled if that fails."""
    home = cache(CCR)

    def install() -> None:
        if not (npm := shutil.which("npm")):
            raise NotInstalled("there is no npm here")
        _run(npm, "install", "--prefix", str(home), "--no-audit", "--no-fund", "--loglevel=error", CCR)

    program = home / "node_modules" / "@musistudio" / "claude-code-router" / "dist" / "cli.js"
    return _ensure(lab, CCR, home, program, install)


def _ensure(lab: Lab, name: str, home: Path, program: Path, install: Callable[[], None]) -> Path:
    done = home / ".installed"
    if done.exists() and program.exists():
        return program
    if not lab.may_install:
        raise NotInstalled(f"{name} is not installed, and --quick installs nothing")
    lab.say(f"installing {name} into {home}")
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    install()
    done.touch()
    return program


def _run(*command: str) -> None:
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=INSTALL_WITHIN_S,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInstalled(f"{command[0]} failed: {error}") from error
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).strip().splitlines()[-LAST_LINES:])
        raise NotInstalled(f"installing failed: {said}")


def litellm(program: Path) -> Start:
    """No database, no callbacks, no key, one worker, production mode."""

    @contextmanager
    def start(place: Place, form: Format) -> Iterator[Running]:
        port = free_port()
        with folder() as home:
            (home / "config.yaml").write_text(json.dumps(_litellm_config(place, form)))  # JSON is YAML, too
            command = (str(program), "--config", str(home / "config.yaml"), "--host", "127.0.0.1")
            options = ("--port", str(port), "--num_workers", "1", "--telemetry", "False")
            surroundings = {
                "HOME": str(home),
                "LITELLM_LOG": "ERROR",
                "LITELLM_MODE": "PRODUCTION",
                "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            }
            core, log = place.cores.server, home / "log"
            with serving("litellm", command + options, port, core, log, surroundings) as running:
                yield running

    return start


def _litellm_config(place: Place, form: Format) -> dict[str, object]:
    # Left to itself it asks an OpenAI endpoint for Responses; `use_chat…` makes it the conversion that is compared.
    provider, base = (
        ("anthropic", place.upstream) if form == "anthropic" else ("openai", f"{place.upstream}/v1")
    )
    model = {"model": f"{provider}/{MODEL}", "api_base": base, "api_key": "sk-upstream"}
    return {
        "model_list": [{"model_name": MODEL, "litellm_params": model}],
        "litellm_settings": {
            "callbacks": [],
            "num_retries": 0,
            "turn_off_message_logging": True,
            "use_chat_completions_url_for_anthropic_messages": True,
        },
        "general_settings": {
            "disable_spend_logs": True,
            "dangerously_permit_weak_or_unset_master_key": True,
        },
    }


def ccr(program: Path) -> Start:
    """No log, no key, one provider and one route. It speaks anthropic to its clients and chat to its providers."""

    @contextmanager
    def start(place: Place, _form: Format) -> Iterator[Running]:
        node, port = shutil.which("node"), free_port()
        if not node:
            raise NotInstalled("there is no node here")
        with folder() as home:
            settings = home / ".claude-code-router" / "config.json"
            settings.parent.mkdir()
            settings.write_text(json.dumps(_ccr_config(place, port)))
            surroundings = {"HOME": str(home), "TMPDIR": str(home), "NODE_ENV": "production"}
            command = (node, str(program), "start")
            core, log = place.cores.server, home / "log"
            with serving("ccr", command, port, core, log, surroundings) as running:
                yield running

    return start


def _ccr_config(place: Place, port: int) -> dict[str, object]:
    provider = {
        "name": "bench",
        "api_base_url": f"{place.upstream}/v1/chat/completions",
        "api_key": "sk-upstream",
        "models": [MODEL],
    }
    return {
        "LOG": False,
        "HOST": "127.0.0.1",
        "PORT": port,
        "NON_INTERACTIVE_MODE": True,
        "Providers": [provider],
        "Router": {"default": f"bench,{MODEL}"},
    }
