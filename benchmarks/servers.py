"""What is measured: the limit, cccc with its default settings, the peers in their leanest ones; and the upstream."""

from __future__ import annotations

import json
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.processes import Cores, Running, free_port, serving
from cccc_tui.wire.model import Format

Start = Callable[["Place", Format], AbstractContextManager[Running]]
"""Starts a server in front of an upstream of that format."""


class Place(NamedTuple):
    """Where servers are started."""

    cores: Cores
    upstream: str
    """URL of the canned upstream."""

    def plan(self, events: int, interval_ms: float = 0.0) -> None:
        """Has the upstream answer so from now on; see `benchmarks.upstream`."""
        body = json.dumps({"events": events, "interval_ms": interval_ms}).encode()
        request = urllib.request.Request(f"{self.upstream}/plan", data=body)
        with urllib.request.urlopen(request, timeout=10):
            pass


@contextmanager
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="cccc-bench-") as name:
        yield Path(name)


@contextmanager
def upstream(cores: Cores) -> Iterator[Place]:
    port = free_port()
    command = (sys.executable, "-m", "benchmarks.upstream", str(port))
    with folder() as home, serving("upstream", command, port, cores.other, home / "log") as running:
        yield Place(cores, running.url)


@contextmanager
def limit(place: Place, _form: Format) -> Iterator[Running]:
    port = free_port()
    command = (sys.executable, "-m", "benchmarks.limit", str(port), place.upstream)
    with folder() as home, serving("limit", command, port, place.cores.server, home / "log") as running:
        yield running


@contextmanager
def cccc(place: Place, form: Format) -> Iterator[Running]:
    with folder() as home:
        write_config(home, [endpoint("bench", place.upstream, form)])
        with cccc_in(home, place.cores) as running:
            yield running


@contextmanager
def cccc_in(home: Path, cores: Cores) -> Iterator[Running]:
    """`cccc --serve` with the configuration and the state that are in `home`."""
    port = free_port()
    with serving(
        "cccc", serve_command(home, port), port, cores.server, home / "log", surroundings(home)
    ) as running:
        yield running


def serve_command(home: Path, port: int) -> tuple[str, ...]:
    return (sys.executable, "-m", "cccc_tui", "--serve", "--port", str(port), "--config", str(config(home)))


def config(home: Path) -> Path:
    return home / "config.yaml"


def surroundings(home: Path) -> dict[str, str]:
    """Keeps cccc out of the user's own folders."""
    return {"HOME": str(home), "CCCC_STATE": str(home / "state"), "CCCC_CONFIG": str(config(home))}


def endpoint(name: str, upstream: str, form: Format) -> str:
    """An endpoint of the configuration; all that it leaves out is default."""
    kind, preference = "anthropic", ""
    if form != "anthropic":
        spoken = "chat_completions" if form == "chat" else "responses"
        kind, preference = "openai", f"    openai_preference: {spoken}\n"
    return (
        f"  - name: {name}\n    url: {upstream}\n    endpoint_type: {kind}\n{preference}"
        "    auth_value: sk-upstream\n"
    )


def write_config(home: Path, endpoints: list[str]) -> None:
    config(home).touch(mode=0o600)
    config(home).write_text("endpoints:\n" + "".join(endpoints))
