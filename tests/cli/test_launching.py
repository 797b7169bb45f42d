from __future__ import annotations

import os
from pathlib import Path

import pytest

from cccc_tui import cli
from cccc_tui.cli import launching
from tests.cli.conftest import client_settings

Told = pytest.CaptureFixture[str]


def test_the_lines_for_a_shell_are_printed(capsys: Told):
    assert cli.main(["env", "claude", "--url", "http://127.0.0.1:9000"]) == 0
    assert "export ANTHROPIC_BASE_URL=http://127.0.0.1:9000" in capsys.readouterr().out
    assert cli.main(["env", "codex", "--shell", "fish"]) == 0
    assert "function codex;" in capsys.readouterr().out


def test_settings_that_win_over_the_lines_are_said_beside_them(own_home: Path, capsys: Told):
    client_settings(own_home, '{"env": {"ANTHROPIC_BASE_URL": "http://localhost:3456"}}')
    assert cli.main(["env", "claude"]) == 0
    told = capsys.readouterr()
    assert "3456" not in told.out
    assert "wins over these lines" in told.err and "claude-code-router" in told.err
    client_settings(own_home, "{")
    assert cli.main(["env", "claude"]) == 0
    assert capsys.readouterr().err == ""


def test_an_address_that_is_none_is_refused(capsys: Told):
    assert cli.main(["env", "claude", "--url", "nowhere"]) == 1
    assert cli.main(["run", "claude", "--url", "nowhere"]) == 1


def test_a_client_that_is_not_there_has_the_status_of_shells(monkeypatch: pytest.MonkeyPatch, capsys: Told):
    monkeypatch.setenv("PATH", "")
    assert cli.main(["run", "codex"]) == 127
    assert "not installed" in capsys.readouterr().err


def test_what_stands_behind_the_dashes_is_the_clients(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    program = tmp_path / "claude"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    ran: list[tuple[list[str], dict[str, str]]] = []
    monkeypatch.setattr(launching, "_become", lambda command, env: ran.append((command, env)) or 3)
    status = cli.main(
        ["run", "claude", "--url", "http://127.0.0.1:9000", "--", "--url", "theirs", "--", "-p"]
    )
    ((command, env),) = ran
    assert status == 3
    assert command[0] == str(program)
    assert command[-4:] == ["--url", "theirs", "--", "-p"]
    assert env["ANTHROPIC_BASE_URL"] == "http://127.0.0.1:9000"
    assert "ANTHROPIC_BASE_URL" not in os.environ


def test_nothing_may_stand_behind_the_dashes_of_another_command(usage_error):
    assert "nothing may stand behind" in usage_error(["connect", "claude", "--", "-p"])
