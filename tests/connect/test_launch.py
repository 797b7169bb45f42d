from __future__ import annotations

import json
import os
import stat
import subprocess
from pathlib import Path
from shutil import which

import pytest

from cccc_tui.connect.claude import ClaudeChoice
from cccc_tui.connect.clients import Gateway
from cccc_tui.connect.codex import CodexChoice
from cccc_tui.connect.launch import environment, launch, scripts, shell_lines, write_scripts

SECRET = "a token & it's odd"
GATEWAY = Gateway("http://127.0.0.1:8080", SECRET)
CLAUDE, CODEX = ClaudeChoice(gateway=GATEWAY), CodexChoice(gateway=GATEWAY, model="gpt-5.5")


@pytest.mark.parametrize("choice", [CLAUDE, CODEX])
def test_the_token_is_in_the_environment_and_never_in_the_process_list(choice):
    wanted = launch(choice, {})
    assert SECRET in wanted.variables.values()
    assert not any(SECRET in word for word in wanted.command)


def test_what_would_lead_claude_elsewhere_is_out_of_its_environment_and_its_settings():
    wanted = launch(CLAUDE, {})
    env = environment(
        wanted, {"CLAUDE_CODE_USE_BEDROCK": "1", "HOME": "/h", "ANTHROPIC_BASE_URL": "https://x"}
    )
    assert env["ANTHROPIC_BASE_URL"] == "http://127.0.0.1:8080"
    assert env["HOME"] == "/h"
    assert "CLAUDE_CODE_USE_BEDROCK" not in env
    assert json.loads(wanted.command[2])["env"]["CLAUDE_CODE_USE_BEDROCK"] == ""


def test_a_proxy_does_not_catch_the_way_to_cccc():
    assert "NO_PROXY" not in launch(CLAUDE, {}).variables
    wanted = launch(CLAUDE, {"http_proxy": "http://p:1", "NO_PROXY": "a.example"})
    assert wanted.variables["NO_PROXY"] == wanted.variables["no_proxy"] == "a.example,127.0.0.1"


@pytest.mark.parametrize("shell", ["sh", "bash", "zsh", "fish"])
def test_a_shell_understands_the_lines(shell: str, tmp_path: Path):
    if not which(shell):
        pytest.skip(f"{shell} is not installed")
    program = tmp_path / "codex"
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$CCCC_TOKEN" "$@"\n')
    program.chmod(0o755)
    lines = shell_lines(CODEX, "fish" if shell == "fish" else "sh", {})
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    out = subprocess.run(
        [shell, "-c", f"{lines}\ncodex exec hi"], env=env, capture_output=True, text=True, check=True
    )
    assert out.stdout.splitlines() == [SECRET, *launch(CODEX, {}).command[1:], "exec", "hi"]


@pytest.mark.skipif(os.name != "posix", reason="there is no sh")
@pytest.mark.parametrize("choice", [CLAUDE, CODEX])
def test_a_launch_script_starts_the_client_with_everything(choice, tmp_path: Path):
    write_scripts(scripts(choice, tmp_path / "s", {}))
    program = tmp_path / launch(choice, {}).command[0]
    program.write_text('#!/bin/sh\nenv\nprintf "<%s>\\n" "$@"\n')
    program.chmod(0o755)
    script = next(path for path in (tmp_path / "s").iterdir() if path.suffix == ".sh")
    assert stat.S_IMODE(script.stat().st_mode) == 0o700
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "CLAUDE_CODE_USE_VERTEX": "1"}
    out = subprocess.run([script, "two words"], env=env, capture_output=True, text=True, check=True).stdout
    assert f"={SECRET}\n" in out
    assert "<two words>" in out
    assert all(f"<{word}>" in out for word in launch(choice, {}).command[1:])
    assert choice is CODEX or "CLAUDE_CODE_USE_VERTEX=1" not in out


def test_the_scripts_are_for_three_systems(tmp_path: Path):
    names = {path.name: text for path, text in scripts(CLAUDE, tmp_path, {}).items()}
    assert set(names) == {"ccc.sh", "ccc.command", "ccc.bat"}
    assert names["ccc.bat"].startswith("@echo off\r\n")
    assert "%*" in names["ccc.bat"]
    assert {path.name for path in scripts(CODEX, tmp_path, {})} == {
        "ccc-codex.sh",
        "ccc-codex.command",
        "ccc-codex.bat",
    }


@pytest.mark.parametrize(
    ("shell", "line"),
    [
        ("sh", "export ANTHROPIC_BASE_URL=http://127.0.0.1:8080"),
        ("fish", "set -gx ANTHROPIC_BASE_URL http://127.0.0.1:8080;"),
        ("powershell", "$env:ANTHROPIC_BASE_URL = 'http://127.0.0.1:8080'"),
        ("cmd", 'set "ANTHROPIC_BASE_URL=http://127.0.0.1:8080"'),
    ],
)
def test_every_shell_gets_its_own_form(shell, line: str):
    assert line in shell_lines(CLAUDE, shell, {}).splitlines()
    assert "codex" in shell_lines(CODEX, shell, {}).splitlines()[-1]


@pytest.mark.parametrize("shell", ["sh", "fish", "powershell", "cmd"])
def test_what_would_lead_claude_elsewhere_is_taken_out_of_the_shell_too(shell):
    plain = shell_lines(CLAUDE, shell, {})
    told = shell_lines(CLAUDE, shell, {"CLAUDE_CODE_USE_VERTEX": "1"})
    assert "CLAUDE_CODE_USE" not in plain
    assert "CLAUDE_CODE_USE_VERTEX" in told.splitlines()[0]
    assert told.endswith(plain)


def test_a_percent_sign_is_doubled_in_a_file_of_windows_alone():
    choice = CodexChoice(gateway=Gateway("http://127.0.0.1:8080", "50%25"))
    assert 'set "CCCC_TOKEN=50%25"' in shell_lines(choice, "cmd", {})
    assert 'set "CCCC_TOKEN=50%%25"' in scripts(choice, Path(), {})[Path("ccc-codex.bat")]


def test_the_settings_have_no_character_that_cmd_would_heed():
    choice = ClaudeChoice(gateway=GATEWAY, models={"opus": "a&b|c<d>e^f%g"})
    settings = launch(choice, {}).command[2]
    assert json.loads(settings)["env"]["ANTHROPIC_DEFAULT_OPUS_MODEL"] == "a&b|c<d>e^f%g"
    assert not set("&|<>^%!") & set(settings)
