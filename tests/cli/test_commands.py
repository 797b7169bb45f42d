from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cccc_tui import __version__, cli

Told = pytest.CaptureFixture[str]


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
def test_what_is_not_known_is_refused(argv: list[str], usage_error: Callable[[list[str]], str]):
    assert "nonsense" in usage_error(argv)


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
    argv: list[str], option: str, usage_error: Callable[[list[str]], str]
):
    assert f"{option} does not go with `cccc {argv[-1]}`" in usage_error(argv)


def test_a_terminal_without_utf_8_is_no_reason_to_fail(
    own_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Told
):
    shown = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(shown, encoding="ascii", write_through=True))
    odd = own_home / "héhé…"
    assert cli.main(["connect", "claude", "--dry-run", "--target", str(odd)]) == 0
    assert b"h?h??" in shown.getvalue()
