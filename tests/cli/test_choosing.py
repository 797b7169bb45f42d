from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import connect

Told = pytest.CaptureFixture[str]

pytestmark = pytest.mark.usefixtures("no_client")


def test_the_address_of_the_configuration_is_what_is_written(
    own_home: Path, written: Callable[[str], str], capsys: Told
):
    path = written("server:\n  port: 9123\n")
    assert connect("claude", "--dry-run", "--config", path) == 0
    assert "http://127.0.0.1:9123" in capsys.readouterr().out


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
