from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from cccc_tui import __version__, cli, first_run
from cccc_tui.config.paths import user_config

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


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], str]:
    """Writes a configuration and gives its path."""

    def write(text: str) -> str:
        path = tmp_path / "config.yaml"
        path.write_text(text)
        path.chmod(0o600)
        return str(path)

    return write


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, object]]:
    """What the runtime was asked to run, instead of running it; on a terminal."""
    from cccc_tui import runtime, terminal

    asked: list[tuple[str, object]] = []

    def note(name: str) -> Callable[..., int]:
        return lambda *args: asked.append((name, args)) or 0

    for name in ("serve", "control_center", "demo"):
        monkeypatch.setattr(runtime, name, note(name))
    monkeypatch.setattr(terminal, "is_terminal", lambda: True)
    return asked


def usage_error(argv: list[str], told: Told) -> str:
    with pytest.raises(SystemExit) as ended:
        cli.main(argv)
    assert ended.value.code == 2
    return told.readouterr().err


def test_the_version_is_one_line(capsys: Told):
    with pytest.raises(SystemExit) as ended:
        cli.main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"cccc {__version__}\n"


def test_the_help_names_every_command_and_option(capsys: Told):
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    text = capsys.readouterr().out
    for word in ("--serve", "--config", "--host", "--port", "--version", "check", "demo", "paths"):
        assert word in text


@pytest.mark.parametrize("argv", [["--nonsense"], ["nonsense"], ["check", "--nonsense"]])
def test_what_is_not_known_is_refused(argv: list[str], capsys: Told):
    assert "nonsense" in usage_error(argv, capsys)


@pytest.mark.parametrize(
    ("argv", "option"),
    [
        (["--port", "1", "check"], "--port"),
        (["--serve", "demo"], "--serve"),
        (["--config", "x.yaml", "demo"], "--config"),
        (["--host", "::1", "paths"], "--host"),
    ],
)
def test_an_option_that_a_command_does_not_heed_is_refused_not_ignored(
    argv: list[str], option: str, capsys: Told
):
    assert f"{option} does not go with `cccc {argv[-1]}`" in usage_error(argv, capsys)


@pytest.mark.parametrize("port", ["-1", "65536", "http", "8080.5", "", "٣"])
def test_a_port_that_is_none_is_refused(port: str, capsys: Told):
    assert "is no port" in usage_error(["--serve", f"--port={port}"], capsys)


@pytest.mark.parametrize("host", [" ", "0.0.0.0", "192.168.1.1", "example.com", "::"])
def test_a_host_that_others_could_reach_is_refused(host: str, capsys: Told):
    assert "no loopback address" in usage_error(["--serve", "--host", host], capsys)


# running


def test_serve_gets_the_configuration_and_the_address(
    written: Callable[[str], str], runs: list[tuple[str, object]]
):
    path = written(GOOD)
    assert cli.main(["--serve", "--config", path, "--host", "127.0.0.2", "--port", "0"]) == 0
    assert runs == [("serve", ((Path(path), "127.0.0.2", 0), ()))]


def test_without_a_command_the_control_center_opens(
    written: Callable[[str], str], runs: list[tuple[str, object]]
):
    path = written(GOOD)
    assert cli.main(["--config", path]) == 0
    assert runs == [("control_center", ((Path(path), None, None), ()))]


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


# check


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


def test_a_missing_file_is_a_problem_of_the_check(tmp_path: Path, capsys: Told):
    assert cli.main(["check", "--config", str(tmp_path / "none.yaml")]) == 2
    assert "none.yaml: there is no such file" in capsys.readouterr().out


def test_the_option_is_understood_before_and_after_the_command(written: Callable[[str], str], capsys: Told):
    path = written(GOOD)
    assert cli.main(["--config", path, "check"]) == 0
    before = capsys.readouterr().out
    assert cli.main(["check", "--config", path]) == 0
    assert capsys.readouterr().out == before


# paths


def test_the_paths_are_those_that_are_used(written: Callable[[str], str], tmp_path: Path, capsys: Told):
    path = written(GOOD + f"logging:\n  log_directory: {tmp_path / 'logs'}\n")
    assert cli.main(["paths", "--config", path]) == 0
    rows = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert rows["configuration"] == path
    assert rows["log"] == str(tmp_path / "logs" / "cccc.log")
    assert rows["themes"] == str(tmp_path / "themes")
    assert Path(rows["state"]).is_dir()
