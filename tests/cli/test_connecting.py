from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import client_settings, connect

Told = pytest.CaptureFixture[str]

pytestmark = pytest.mark.usefixtures("no_client")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """What the person types."""
    return lambda text: monkeypatch.setattr(sys, "stdin", Terminal(text))


def test_it_is_written_after_the_diff_and_put_back(own_home: Path, capsys: Told):
    path = client_settings(own_home)
    assert connect("claude", "--yes", "--no-verify") == 0
    told = capsys.readouterr().out
    assert '+    "ANTHROPIC_BASE_URL": "http://127.0.0.1:8080"' in told
    assert "What stood there before:" in told
    assert connect("--undo", "--yes") == 0
    assert path.read_text() == "{}\n"
    assert connect("--undo", "--yes") == 0
    assert "Nothing to put back" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("typed", "status", "is_written"),
    [("y\n", 0, True), ("\n", 1, False), ("", 1, False), ("no\n", 1, False)],
)
def test_on_a_terminal_the_person_is_asked(
    typed: str, status: int, is_written: bool, own_home: Path, answers: Callable[[str], None]
):
    path = client_settings(own_home)
    answers(typed)
    assert connect("claude", "--no-verify") == status
    assert ("ANTHROPIC_BASE_URL" in path.read_text()) is is_written


def test_without_a_terminal_nothing_is_written_unasked(own_home: Path, capsys: Told):
    path = client_settings(own_home)
    assert connect("claude") == 2
    assert "--yes" in capsys.readouterr().err
    assert path.read_text() == "{}\n"


def test_a_dry_run_and_a_print_write_nothing(own_home: Path, capsys: Told):
    assert connect("codex", "--dry-run", "--model", "gpt-5.5") == 0
    assert '+model = "gpt-5.5"' in capsys.readouterr().out
    assert connect("codex", "--print") == 0
    assert "[model_providers.cccc]" in capsys.readouterr().out
    assert not (own_home / ".codex").exists()


def test_the_request_afterwards_says_that_cccc_does_not_run(own_home: Path, capsys: Told):
    assert connect("claude", "--yes", "--url", "http://127.0.0.1:9/v1") == 0
    assert "cccc does not listen at http://127.0.0.1:9" in capsys.readouterr().out


def test_a_broken_file_is_left_alone_and_said(own_home: Path, capsys: Told):
    path = client_settings(own_home, "{\n  oops\n}\n")
    assert connect("claude", "--yes") == 1
    assert f"{path}:2:3:" in capsys.readouterr().err
    assert path.read_text() == "{\n  oops\n}\n"


def test_a_project_gets_its_own_file(own_home: Path):
    assert connect("claude", "--yes", "--no-verify", "--project") == 0
    assert (own_home / ".claude" / "settings.local.json").exists()
    assert not (own_home / ".claude" / "settings.json").exists()


def test_launch_scripts_are_written_and_another_file_is_not_overwritten(own_home: Path, capsys: Told):
    assert connect("claude", "--script", "bin") == 0
    assert (own_home / "bin" / "ccc.sh").exists()
    assert connect("claude", "--script", "bin") == 0
    (own_home / "bin" / "ccc.sh").write_text("mine")
    assert connect("claude", "--script", "bin") == 1
    assert (own_home / "bin" / "ccc.sh").read_text() == "mine"
    assert not (own_home / ".claude").exists()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["claude", "--undo", "--model", "x"], "--model does not go with --undo"),
        (["claude", "--status", "--yes"], "--yes does not go with --status"),
        (["claude", "--script", "--project"], "--project does not go with --script"),
        (["codex", "--print", "--try"], "--try does not go with --print"),
        (["--yes"], "--yes: say for which client"),
    ],
)
def test_an_option_that_would_be_ignored_is_refused(arguments: list[str], reason: str, capsys: Told):
    assert connect(*arguments) == 2
    assert reason in capsys.readouterr().err
