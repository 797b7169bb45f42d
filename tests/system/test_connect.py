"""`cccc connect` as a person meets it: the questions in a real terminal, the file, and the way back."""

from __future__ import annotations

import json
import os
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.connect.test_models import answering
from tests.fakes.program import clean_environment

if TYPE_CHECKING:
    from tests.fakes.terminal import Terminal

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are POSIX"),
]

MODELS = b'{"data": [{"id": "glm-5"}, {"id": "glm-5-air"}]}'
OWN = b'\xef\xbb\xbf{\r\n  "env": {"ANTHROPIC_DEFAULT_HAIKU_MODEL": "old"}, // mine\r\n  "cleanupPeriodDays": 30 }'


@contextmanager
def connecting(home: Path, *arguments: str) -> Iterator[Terminal]:
    from tests.fakes.terminal import Terminal

    command = [sys.executable, "-m", "cccc_tui", "connect", *arguments]
    folder = home / "work"
    (folder / ".git").mkdir(parents=True, exist_ok=True)
    own = {"CLAUDE_CONFIG_DIR": "", "CODEX_HOME": ""}
    environment = clean_environment(home) | own
    with Terminal(command, size=(80, 24), environment=environment, folder=folder) as terminal:
        yield terminal


def answer(terminal: Terminal, question: str, keys: str) -> str:
    """Waits for the question and its prompt, and types; what came up to then."""
    shown = terminal.read_until(question)
    if "] > " not in shown.rpartition(question)[2]:
        shown += terminal.read_until("] > ")
    terminal.press(keys)
    return shown


def undo(home: Path, client: str, *where: str) -> None:
    with connecting(home, client, "--undo", *where) as terminal:
        terminal.read_until("Put this back? [y/N] ")
        terminal.press("y\n")
        assert terminal.wait() == 0


def test_claude_code_is_set_up_by_answers_and_put_back_to_the_byte(tmp_path: Path):
    settings = tmp_path / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_bytes(OWN)
    with answering(MODELS) as url, connecting(tmp_path, "claude", "--url", url, "--no-verify") as terminal:
        answer(terminal, "For: ", "\n")
        answer(terminal, "Model: ", "\n")
        assert "1 glm-5   2 glm-5-air" in answer(terminal, "Model for opus: ", "1\n")
        answer(terminal, "Model for sonnet: ", "my-own\n")
        assert "[old, as it is] > " in answer(terminal, "Model for haiku: ", "\n")
        answer(terminal, "Model for fable: ", "\n")
        answer(terminal, "For subagents: ", "2\n")
        terminal.read_until("Write this? [y/N] ")
        terminal.press("y\n")
        assert terminal.wait() == 0
    lines = settings.read_bytes().decode("utf-8-sig").replace(", // mine", ",")
    assert {key: value for key, value in json.loads(lines)["env"].items() if key.endswith("_MODEL")} == {
        "ANTHROPIC_DEFAULT_HAIKU_MODEL": "old",
        "ANTHROPIC_DEFAULT_OPUS_MODEL": "glm-5",
        "ANTHROPIC_DEFAULT_SONNET_MODEL": "my-own",
        "CLAUDE_CODE_SUBAGENT_MODEL": "glm-5-air",
    }
    undo(tmp_path, "claude")
    assert settings.read_bytes() == OWN


def test_codex_gets_a_profile_of_its_own_and_loses_it_again(tmp_path: Path):
    with answering(MODELS) as url, connecting(tmp_path, "codex", "--url", url, "--no-verify") as terminal:
        answer(terminal, "Profile: ", "work\n")
        answer(terminal, "Model: ", "2\n")
        terminal.read_until("Write this? [y/N] ")
        terminal.press("y\n")
        terminal.read_until("To put it back: cccc connect codex --undo --profile work")
        assert terminal.wait() == 0
    written = tomllib.loads((tmp_path / ".codex" / "work.config.toml").read_text())
    assert (written["model"], written["model_provider"]) == ("glm-5-air", "cccc")
    assert not (tmp_path / ".codex" / "config.toml").exists()
    undo(tmp_path, "codex", "--profile", "work")
    assert not (tmp_path / ".codex").exists()


@pytest.mark.parametrize(("key", "status"), [("\x03", 130), ("\x04", 1)])
def test_leaving_in_the_middle_leaves_everything_as_it_was(key: str, status: int, tmp_path: Path):
    with answering(MODELS) as url, connecting(tmp_path, "claude", "--url", url) as terminal:
        answer(terminal, "For: ", "1\n")
        answer(terminal, "Model: ", "1\n")
        answer(terminal, "Model for opus: ", key)
        for _again in range(20):  # a signal between the prompt and the read behind it does not end that read
            if "Nothing is written." in terminal.output:
                break
            terminal.drain(quiet_s=0.3, timeout_s=1.0)
            terminal.press(key)
        assert "Nothing is written." in terminal.output
        assert terminal.wait() == status
        assert "Traceback" not in terminal.output
    assert not (tmp_path / ".claude").exists()
    assert not (tmp_path / "work" / ".claude").exists()
