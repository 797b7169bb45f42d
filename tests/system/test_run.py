"""`cccc` and `cccc demo` as real processes, in a terminal and without one."""

from __future__ import annotations

import os
import re
import signal
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fakes.program import clean_environment, running

if TYPE_CHECKING:
    from tests.fakes.terminal import Terminal

pytestmark = pytest.mark.system
needs_pty = pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are POSIX")

PATIENCE_S = 120.0
DEMO = 'endpoints:\n  - name: demo\n    url: "demo:"\n'


@contextmanager
def in_terminal(home: Path, *arguments: str) -> Iterator[Terminal]:
    from tests.fakes.terminal import Terminal

    command = [sys.executable, "-m", "cccc_tui", *arguments]
    with Terminal(command, size=(120, 36), environment=clean_environment(home), folder=home) as terminal:
        yield terminal


def address_on(terminal: Terminal) -> str:
    """The base URL that the screen shows."""
    terminal.read_until("http://127.0.0.1:", PATIENCE_S)
    terminal.drain()
    found = re.search(r"http://127\.0\.0\.1:\d+", "\n".join(terminal.picture()))
    assert found
    return found[0]


@needs_pty
def test_in_a_terminal_the_control_center_opens_and_the_engine_answers_beside_it(tmp_path: Path):
    (tmp_path / "config.yaml").write_text(DEMO)
    with in_terminal(tmp_path, "--port", "0") as terminal:
        with urllib.request.urlopen(f"{address_on(terminal)}/health", timeout=PATIENCE_S) as response:
            assert response.status == 200
        terminal.signal(signal.SIGTERM)
        assert terminal.wait(PATIENCE_S) == 0
        assert terminal.is_restored()
        assert "Traceback" not in terminal.output
    log = (tmp_path / "state" / "cccc" / "cccc.log").read_text()
    assert "listens on" in log
    assert log.endswith("stopped\n")


@needs_pty
def test_the_first_start_in_a_terminal_says_where_the_configuration_is(tmp_path: Path):
    with in_terminal(tmp_path, "--port", "0") as terminal:
        terminal.read_until(str(tmp_path / "config" / "cccc" / "config.yaml"), PATIENCE_S)
        address_on(terminal)
        terminal.signal(signal.SIGTERM)
        assert terminal.wait(PATIENCE_S) == 0


@needs_pty
def test_a_refused_start_is_said_in_a_terminal_that_was_never_left(tmp_path: Path):
    (tmp_path / "config.yaml").write_text("server:\n  port: many\n")
    with in_terminal(tmp_path) as terminal:
        assert terminal.wait(PATIENCE_S) == 2
        assert "server.port" in terminal.output
        assert "\x1b[?1049h" not in terminal.output


@needs_pty
def test_the_demo_shows_its_four_endpoints_and_leaves_nothing_but_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    with in_terminal(home, "demo") as terminal:
        address_on(terminal)
        for name in ("flaky", "slow", "healthy-1", "healthy-2"):
            assert any(name in line for line in terminal.picture()), terminal.picture()
        assert len(list(scratch.glob("cccc-demo-*"))) == 1
        terminal.signal(signal.SIGTERM)
        assert terminal.wait(PATIENCE_S) == 0
        assert terminal.is_restored()
    assert list(scratch.glob("cccc-demo-*")) == []
    assert [path.name for path in home.rglob("*") if path.is_file()] == ["cccc.log"]


@pytest.mark.parametrize("arguments", [[], ["demo"]])
async def test_without_a_terminal_one_sentence_names_serve(tmp_path: Path, arguments: list[str]):
    async with running(*arguments, home=tmp_path) as program:
        assert await program.ended() == 2
    assert len(program.lines) == 1
    assert "cccc --serve" in program.lines[0]
    assert list(tmp_path.iterdir()) == []


async def test_serve_loads_neither_textual_nor_rich(tmp_path: Path):
    """Python lists its imports on stderr, those of the running server included."""
    (tmp_path / "config.yaml").write_text(DEMO)
    async with running("--serve", "--port", "0", home=tmp_path, PYTHONPROFILEIMPORTTIME="1") as program:
        await program.address()
        program.process.terminate()
        assert await program.ended() == 0
    imported = {line.rpartition("|")[2].strip() for line in program.lines if line.startswith("import time:")}
    assert "cccc_tui.engine.core" in imported
    assert not {name for name in imported if name.partition(".")[0] in ("textual", "rich")}
