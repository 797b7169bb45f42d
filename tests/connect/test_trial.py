from __future__ import annotations

import os
import select
from pathlib import Path

import pytest

from cccc_tui.connect.claude import ClaudeChoice
from cccc_tui.connect.clients import Gateway, Program
from cccc_tui.connect.codex import CodexChoice
from cccc_tui.connect.trial import try_client

GATEWAY = Gateway("http://127.0.0.1:8080")
CLAUDE, CODEX = ClaudeChoice(gateway=GATEWAY), CodexChoice(gateway=GATEWAY)


def program(tmp_path: Path, text: str) -> Program:
    path = tmp_path / "client"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return Program(path, "1")


def test_the_program_itself_is_asked_and_quoted(tmp_path: Path):
    good = try_client(CLAUDE, program(tmp_path, 'echo "$1 connected"'), {})
    assert (good.is_ok, good.sentence) == (True, "Claude Code itself says: -p connected")
    bad = try_client(CODEX, program(tmp_path, "echo first; echo the reason >&2; exit 1"), {})
    assert (bad.is_ok, bad.sentence) == (False, "Codex itself fails: the reason")
    assert not try_client(CODEX, program(tmp_path, "exit 0"), {}).is_ok
    assert not try_client(CODEX, Program(tmp_path / "none", ""), {}).is_ok
    assert "not in PATH" in try_client(CLAUDE, None).sentence


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (CodexChoice(gateway=GATEWAY, profile="work"), "--profile work exec"),
        (ClaudeChoice(gateway=GATEWAY, target=Path("/s.json")), "--settings /s.json -p"),
    ],
)
def test_it_is_started_so_that_it_reads_the_file_that_was_written(choice, said: str, tmp_path: Path):
    assert said in try_client(choice, program(tmp_path, 'echo "$*"'), {}).sentence


def test_a_project_is_tried_in_its_folder(tmp_path: Path):
    project = tmp_path / "project"
    project.mkdir()
    choice = ClaudeChoice(gateway=GATEWAY, project=project)
    assert try_client(choice, program(tmp_path, "pwd"), os.environ).sentence.endswith(str(project))


def test_a_file_where_codex_does_not_look_is_not_tried(tmp_path: Path):
    choice = CodexChoice(gateway=GATEWAY, target=tmp_path / "other.toml")
    tried = try_client(choice, program(tmp_path, "echo connected"), {})
    assert not tried.is_ok and "only where it looks for it" in tried.sentence


@pytest.mark.skipif(os.name != "posix", reason="there are no process groups")
def test_one_that_never_ends_is_ended_with_its_helpers(tmp_path: Path):
    pipe = tmp_path / "held"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    # The helper holds the pipe open for as long as it lives.
    waits = program(tmp_path, f'exec 3>"{pipe}"; echo begun >&3; sleep 600 & wait')
    tried = try_client(CLAUDE, waits, os.environ, timeout_s=0.5)
    assert not tried.is_ok and "does not answer within" in tried.sentence
    assert os.read(reading, 100) == b"begun\n"
    assert select.select([reading], [], [], 10)[0] and os.read(reading, 100) == b""
    os.close(reading)
