from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from cccc_tui import cli, first_run
from cccc_tui.config.paths import user_config

Told = pytest.CaptureFixture[str]

GOOD = """
endpoints:
  - name: demo
    url: "demo:"
"""


def test_serve_gets_the_configuration_and_the_address(
    written: Callable[[str], str], runs: list[tuple[str, object]]
):
    path = written(GOOD)
    assert cli.main(["--serve", "--config", path, "--host", "127.0.0.2", "--port", "0"]) == 0
    assert runs == [("serve", ((Path(path), "127.0.0.2", 0, False, False), ()))]


def test_without_a_command_the_control_center_opens(
    written: Callable[[str], str], runs: list[tuple[str, object]]
):
    path = written(GOOD)
    assert cli.main(["--config", path]) == 0
    assert runs == [("control_center", ((Path(path), None, None, False, False), ()))]


def test_the_control_center_can_be_opened_to_look_only(
    written: Callable[[str], str], runs: list[tuple[str, object]]
):
    path = written(GOOD)
    assert cli.main(["--config", path, "--read-only"]) == 0
    assert runs == [("control_center", ((Path(path), None, None, True, False), ()))]


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--serve", "--read-only"], "--read-only is for the control center"),
        (["--read-only", "demo"], "--read-only does not go with `cccc demo`"),
    ],
)
def test_looking_only_is_refused_where_nobody_looks(
    argv: list[str], said: str, runs: list[tuple[str, object]], capsys: Told
):
    try:
        assert cli.main(argv) == 2
    except SystemExit as refused:
        assert refused.code == 2
    assert said in capsys.readouterr().err
    assert runs == []


def test_demo_gets_the_address(runs: list[tuple[str, object]]):
    assert cli.main(["demo", "--port", "9000"]) == 0
    assert runs == [("demo", (None, 9000))]


@pytest.mark.parametrize("argv", [[], ["demo"]])
def test_without_a_terminal_one_sentence_names_serve(
    argv: list[str], monkeypatch: pytest.MonkeyPatch, capsys: Told
):
    monkeypatch.setattr("cccc_tui.terminal.is_terminal", lambda: False)
    assert cli.main(argv) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "cccc --serve" in told.err
    assert len(told.err.splitlines()) == 1


def test_a_named_file_that_is_missing_is_said_and_not_written(
    tmp_path: Path, runs: list[tuple[str, object]], capsys: Told
):
    path = tmp_path / "missing.yaml"
    assert cli.main(["--serve", "--config", str(path)]) == 2
    assert f"{path}: there is no such file." in capsys.readouterr().err
    assert not path.exists()
    assert runs == []


def test_the_first_start_writes_a_private_configuration_and_says_where(
    runs: list[tuple[str, object]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Told
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(first_run, "find_local_servers", nobody)
    assert cli.main([]) == 0
    assert str(user_config()) in capsys.readouterr().err
    if os.name == "posix":
        assert stat.S_IMODE(user_config().stat().st_mode) == 0o600
    assert cli.main(["check"]) == 0
    before = user_config().read_text()
    assert cli.main([]) == 0
    assert user_config().read_text() == before
    assert [name for name, _args in runs] == ["control_center", "control_center"]


async def nobody(own_port: int) -> tuple[()]:
    return ()


def test_an_unwritable_place_is_one_sentence(
    runs: list[tuple[str, object]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Told
):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(in_the_way))
    monkeypatch.setattr(first_run, "find_local_servers", nobody)
    assert cli.main(["--serve"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("cccc: ")
    assert len(told.splitlines()) == 1
