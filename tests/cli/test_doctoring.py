from __future__ import annotations

import json

import pytest

from cccc_tui import cli, doctor
from cccc_tui.doctor import Line

Told = pytest.CaptureFixture[str]


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[Line]:
    """What the doctor finds."""
    lines = [Line("paths", "pass", "all there"), Line("clients", "warn", "elsewhere", "cccc connect claude")]
    monkeypatch.setattr(doctor, "examine", lambda *_args: tuple(lines))
    return lines


def test_every_line_has_its_verdict_and_what_to_do(found: list[Line], capsys: Told):
    assert cli.main(["doctor"]) == 0
    told = capsys.readouterr().out
    assert "paths: all there" in told
    assert "! clients: elsewhere" in told or "warn clients: elsewhere" in told
    assert "cccc connect claude" in told


def test_a_failure_is_the_exit_status(found: list[Line]):
    found.append(Line("port", "fail", "taken", "choose another"))
    assert cli.main(["doctor"]) == 1


def test_the_same_is_there_as_json(found: list[Line], capsys: Told):
    assert cli.main(["doctor", "--json"]) == 0
    lines = json.loads(capsys.readouterr().out)["lines"]
    assert lines[1] == {
        "check": "clients",
        "verdict": "warn",
        "text": "elsewhere",
        "remedy": "cccc connect claude",
    }
