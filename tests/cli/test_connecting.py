from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cccc_tui import cli

Told = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, own_home: Path) -> None:
    """No client is installed, and nobody listens."""
    monkeypatch.setattr("cccc_tui.connect.clients.shutil.which", lambda name: None)
    monkeypatch.chdir(own_home)
    for name in ("CLAUDE_CONFIG_DIR", "CODEX_HOME", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


def connect(*arguments: str) -> int:
    return cli.main(["connect", *arguments])


def settings(own_home: Path, text: str = "{}\n") -> Path:
    path = own_home / ".claude" / "settings.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """What the person types."""
    return lambda text: monkeypatch.setattr(sys, "stdin", Terminal(text))


def test_it_is_written_after_the_diff_and_put_back(own_home: Path, capsys: Told):
    path = settings(own_home)
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
    path = settings(own_home)
    answers(typed)
    assert connect("claude", "--no-verify") == status
    assert ("ANTHROPIC_BASE_URL" in path.read_text()) is is_written


def test_without_a_terminal_nothing_is_written_unasked(own_home: Path, capsys: Told):
    path = settings(own_home)
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


def test_how_both_are_set_up_is_shown_without_a_name(own_home: Path, capsys: Told):
    settings(own_home, '{"env": {"ANTHROPIC_BASE_URL": "http://localhost:3456"}}')
    assert connect() == 0
    told = capsys.readouterr().out
    assert "asks http://localhost:3456 (claude-code-router)" in told
    assert "Codex not installed" in told


def test_a_broken_file_is_left_alone_and_said(own_home: Path, capsys: Told):
    path = settings(own_home, "{\n  oops\n}\n")
    assert connect("claude", "--yes") == 1
    assert f"{path}:2:3:" in capsys.readouterr().err
    assert path.read_text() == "{\n  oops\n}\n"


def test_the_address_of_the_configuration_is_what_is_written(
    own_home: Path, written: Callable[[str], str], capsys: Told
):
    path = written("server:\n  port: 9123\n")
    assert connect("claude", "--dry-run", "--config", path) == 0
    assert "http://127.0.0.1:9123" in capsys.readouterr().out


def test_a_project_gets_its_own_file(own_home: Path):
    assert connect("claude", "--yes", "--no-verify", "--project") == 0
    assert (own_home / ".claude" / "settings.local.json").exists()
    assert not (own_home / ".claude" / "settings.json").exists()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["claude", "--profile", "x"], "--profile is for codex only"),
        (["codex", "--project"], "--project is for claude only"),
        (["codex", "--model", "opus=x"], "--model opus=x"),
        (["claude", "--model", "large=x"], "default, opus, sonnet"),
        (["claude", "--url", "localhost:8080"], "is no address"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: list[str], reason: str, capsys: Told):
    assert connect(*arguments, "--yes") == 1
    assert reason in capsys.readouterr().err


def test_launch_scripts_are_written_and_another_file_is_not_overwritten(own_home: Path, capsys: Told):
    assert connect("claude", "--script", "bin") == 0
    assert (own_home / "bin" / "ccc.sh").exists()
    assert connect("claude", "--script", "bin") == 0
    (own_home / "bin" / "ccc.sh").write_text("mine")
    assert connect("claude", "--script", "bin") == 1
    assert (own_home / "bin" / "ccc.sh").read_text() == "mine"
    assert not (own_home / ".claude").exists()


def test_a_key_that_was_changed_since_is_named_when_the_rest_goes_back(own_home: Path, capsys: Told):
    path = settings(own_home)
    connect("claude", "--yes", "--no-verify")
    path.write_text(path.read_text().replace("600000", "5"))
    assert connect("claude", "--undo", "--dry-run") == 0
    assert "env.API_TIMEOUT_MS" in capsys.readouterr().out
    assert "ANTHROPIC_BASE_URL" in path.read_text()


def test_what_is_named_alone_is_put_back(own_home: Path, capsys: Told):
    settings(own_home)
    for more in ((), ("--project", "work"), ("--target", "elsewhere.json")):
        assert connect("claude", "--yes", "--no-verify", *more) == 0
    assert f"--undo --target {own_home}/elsewhere.json" in capsys.readouterr().out
    assert connect("codex", "--yes", "--no-verify", "--profile", "work") == 0
    assert "cccc connect codex --undo --profile work" in capsys.readouterr().out
    assert connect("claude", "--undo", "--yes", "--project", "work") == 0
    assert not (own_home / "work" / ".claude").exists()
    assert connect("--undo", "--yes", "--profile", "work") == 0
    assert not (own_home / ".codex").exists()
    assert connect("claude", "--undo", "--yes", "--target", "other.json") == 0
    assert "has not written" in capsys.readouterr().out
    assert "ANTHROPIC_BASE_URL" in (own_home / "elsewhere.json").read_text()
    assert "ANTHROPIC_BASE_URL" in (own_home / ".claude" / "settings.json").read_text()


def test_the_status_names_every_file_that_was_written(own_home: Path, capsys: Told):
    assert connect("claude", "--yes", "--no-verify", "--project", "work") == 0
    capsys.readouterr()
    assert connect() == 0
    told = capsys.readouterr().out
    assert f"--undo --target {own_home}/work/.claude/settings.local.json" in told


def test_a_file_that_is_broken_now_does_not_hold_up_the_others(own_home: Path, capsys: Told):
    path = settings(own_home)
    assert connect("claude", "--yes", "--no-verify") == 0
    assert connect("codex", "--yes", "--no-verify") == 0
    path.write_text("{")
    assert connect("--undo", "--yes") == 1
    assert f"{path}:1" in capsys.readouterr().err
    assert not (own_home / ".codex").exists()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["claude", "--undo", "--model", "x"], "--model does not go with --undo"),
        (["claude", "--status", "--yes"], "--yes does not go with --status"),
        (["claude", "--script", "--project"], "--project does not go with --script"),
        (["codex", "--print", "--try"], "--try does not go with --print"),
    ],
)
def test_an_option_that_would_be_ignored_is_refused(arguments: list[str], reason: str, capsys: Told):
    assert connect(*arguments) == 2
    assert reason in capsys.readouterr().err
