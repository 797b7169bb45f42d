"""The launch script for Windows, run by a cmd: Wine's."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from cccc_tui.connect.claude import ClaudeChoice
from cccc_tui.connect.clients import Gateway
from cccc_tui.connect.launch import scripts, write_scripts

pytestmark = pytest.mark.system

TOKEN = "a token & it's 100%25 odd"
MODEL = "glm%2 <x> & more"


@pytest.mark.skipif(
    not shutil.which("wine"), reason="not installed: wine (on Debian: apt install wine64 wine)"
)
def test_cmd_starts_the_client_with_everything(tmp_path: Path):
    choice = ClaudeChoice(gateway=Gateway("http://127.0.0.1:8080", TOKEN), models={"opus": MODEL})
    write_scripts(scripts(choice, tmp_path, {}))
    client = "@echo off\r\nset ANTHROPIC_\r\nset CLAUDE_CODE_USE\r\necho ARGS %*\r\n"
    (tmp_path / "claude.bat").write_bytes(client.encode())
    (tmp_path / "home").mkdir()
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "home"), "WINEPREFIX": str(tmp_path / "wine")}
    ended = subprocess.run(
        ["wine", "cmd", "/c", 'ccc.bat "two words" x'],
        env=env | {"WINEDEBUG": "-all", "CLAUDE_CODE_USE_VERTEX": "1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    told = ended.stdout.splitlines()
    assert f"ANTHROPIC_AUTH_TOKEN={TOKEN}" in told
    assert f"ANTHROPIC_DEFAULT_OPUS_MODEL={MODEL}" in told
    assert not any(line.startswith("CLAUDE_CODE_USE_VERTEX=") for line in told)
    assert told[-1].startswith('ARGS --settings "{')
    assert told[-1].endswith("x") and "two words" in told[-1]
