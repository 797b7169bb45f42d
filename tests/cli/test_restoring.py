from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import client_settings, connect

Told = pytest.CaptureFixture[str]

pytestmark = pytest.mark.usefixtures("no_client")


def test_how_both_are_set_up_is_shown_without_a_name(own_home: Path, capsys: Told):
    client_settings(own_home, '{"env": {"ANTHROPIC_BASE_URL": "http://localhost:3456"}}')
    assert connect() == 0
    told = capsys.readouterr().out
    assert "asks http://localhost:3456 (claude-code-router)" in told
    assert "Codex not installed" in told


def test_a_key_that_was_changed_since_is_named_when_the_rest_goes_back(own_home: Path, capsys: Told):
    path = client_settings(own_home)
    connect("claude", "--yes", "--no-verify")
    path.write_text(path.read_text().replace("600000", "5"))
    assert connect("claude", "--undo", "--dry-run") == 0
    assert "env.API_TIMEOUT_MS" in capsys.readouterr().out
    assert "ANTHROPIC_BASE_URL" in path.read_text()


def test_what_is_named_alone_is_put_back(own_home: Path, capsys: Told):
    client_settings(own_home)
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
    path = client_settings(own_home)
    assert connect("claude", "--yes", "--no-verify") == 0
    assert connect("codex", "--yes", "--no-verify") == 0
    path.write_text("{")
    assert connect("--undo", "--yes") == 1
    assert f"{path}:1" in capsys.readouterr().err
    assert not (own_home / ".codex").exists()
