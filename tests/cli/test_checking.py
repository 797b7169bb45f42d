from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cccc_tui import cli

Told = pytest.CaptureFixture[str]

GOOD = """
endpoints:
  - name: demo
    url: "demo:"
"""

BAD = """
server:
  port: 99999
endpoints:
  - name: one
    url: example.com
    prioritty: 1
  - name: one
    url: https://example.com
    auth_type: apikey
"""


def test_a_good_configuration_has_no_problems(written: Callable[[str], str], capsys: Told):
    path = written(GOOD)
    assert cli.main(["check", "--config", path]) == 0
    assert capsys.readouterr().out == f"{path}: no problems\n"


def test_every_problem_is_told_with_its_line_its_key_and_the_nearest_valid_word(
    written: Callable[[str], str], capsys: Told
):
    path = written(BAD)
    assert cli.main(["check", "--config", path]) == 2
    lines = capsys.readouterr().out.splitlines()
    assert any(f"error: {path}:3: server.port" in line for line in lines)
    assert any(f"{path}:6:" in line and "url" in line for line in lines)
    assert any(f"{path}:7:" in line and 'did you mean "priority"?' in line for line in lines)
    assert any(f"{path}:10:" in line and 'did you mean "api_key"?' in line for line in lines)
    assert lines[-1].startswith(f"{path}: ")
    assert f"{len([line for line in lines if line.startswith('error')])} errors" in lines[-1]


def test_a_secret_that_is_not_there_is_a_warning_that_names_the_endpoint(
    written: Callable[[str], str], capsys: Told
):
    path = written(
        GOOD + "  - name: mine\n    url: https://example.com\n    auth_value: env:NOT_THERE_AT_ALL\n"
    )
    assert cli.main(["check", "--config", path]) == 0
    told = capsys.readouterr().out
    assert f"warning: {path}:7: endpoints[1].auth_value" in told
    assert "NOT_THERE_AT_ALL" in told
    assert '"mine"' in told
    assert "0 errors, 1 warning" in told


def test_a_secret_that_is_not_there_is_told_beside_the_errors_of_the_file(
    written: Callable[[str], str], capsys: Told
):
    path = written(
        GOOD + "  - name: mine\n    url: https://example.com\n    priority: first\n"
        "    auth_value: env:NOT_THERE_AT_ALL\nservr: {}\n"
    )
    assert cli.main(["check", "--config", path]) == 2
    told = capsys.readouterr().out
    assert "endpoints[1].priority: must be a whole number" in told
    assert 'did you mean "server"' in told
    assert "NOT_THERE_AT_ALL" in told
    assert "2 errors, 1 warning" in told


def test_a_missing_file_is_a_problem_of_the_check(tmp_path: Path, capsys: Told):
    assert cli.main(["check", "--config", str(tmp_path / "none.yaml")]) == 2
    assert "none.yaml: there is no such file" in capsys.readouterr().out


def test_the_option_is_understood_before_and_after_the_command(written: Callable[[str], str], capsys: Told):
    path = written(GOOD)
    assert cli.main(["--config", path, "check"]) == 0
    before = capsys.readouterr().out
    assert cli.main(["check", "--config", path]) == 0
    assert capsys.readouterr().out == before


def test_the_paths_are_those_that_are_used(written: Callable[[str], str], tmp_path: Path, capsys: Told):
    path = written(GOOD + f"logging:\n  log_directory: {tmp_path / 'logs'}\n")
    assert cli.main(["paths", "--config", path]) == 0
    rows = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert rows["configuration"] == path
    assert rows["log"] == str(tmp_path / "logs" / "cccc.log")
    assert rows["themes"] == str(tmp_path / "themes")
    assert Path(rows["state"]).is_dir()
