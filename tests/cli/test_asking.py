from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cccc_tui.cli.asking import rows_of
from cccc_tui.connect.form import Option
from tests.cli.conftest import client_settings, connect

pytestmark = pytest.mark.usefixtures("no_client")

NOBODY = ("--url", "http://127.0.0.1:9", "--no-verify")
CONFIG = """routing:
  groups:
    grouped: {members: [{endpoint: one, model: own}]}
endpoints:
  - {name: one, url: "http://127.0.0.1:9/v1", auth_value: any, models: [own, "pattern-*"]}
"""


class Screen(io.StringIO):
    """Both sides of a terminal."""

    def isatty(self) -> bool:
        return True


class Keys(Screen):
    """What is typed, line by line; ctrl+c where a line says so."""

    def readline(self, size: int | None = -1, /) -> str:
        line = super().readline()
        if line == "^C\n":
            raise KeyboardInterrupt
        return line


@pytest.fixture
def typing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Screen]:
    """Types these lines; the screen that they were typed on."""

    def type_lines(*lines: str) -> Screen:
        screen = Screen()
        monkeypatch.setattr(sys, "stdin", Keys("".join(f"{line}\n" for line in lines)))
        monkeypatch.setattr(sys, "stdout", screen)
        return screen

    return type_lines


def test_the_answers_are_what_is_written_and_enter_leaves_the_rest(
    own_home: Path, written: Callable[[str], str], typing: Callable[..., Screen]
):
    path = client_settings(own_home, '{"env": {"ANTHROPIC_DEFAULT_HAIKU_MODEL": "old"}}\n')
    config = written(CONFIG)
    screen = typing("", "2", "typed", "", "", "", "y")
    assert connect("claude", "--config", config, *NOBODY) == 0
    env = json.loads(path.read_text())["env"]
    models = {name: value for name, value in env.items() if name.endswith("_MODEL")}
    assert models == {
        "ANTHROPIC_DEFAULT_HAIKU_MODEL": "old",
        "ANTHROPIC_DEFAULT_OPUS_MODEL": "own",
        "ANTHROPIC_DEFAULT_SONNET_MODEL": "typed",
    }
    assert "[old, as it is] > " in screen.getvalue()
    assert "1 grouped   2 own\n" in screen.getvalue()
    assert "http://127.0.0.1:9 lists no models now; these stand" in screen.getvalue()


def test_what_cannot_be_is_asked_again(own_home: Path, typing: Callable[..., Screen]):
    screen = typing("my work", "work", "a b", "gpt-5.5", "y")
    assert connect("codex", *NOBODY) == 0
    assert 'model = "gpt-5.5"' in (own_home / ".codex" / "work.config.toml").read_text()
    assert '"my work" is no name for a profile' in screen.getvalue()
    assert "To put it back: cccc connect codex --undo --profile work" in screen.getvalue()


@pytest.mark.parametrize(("here", "is_asked"), [(".git", True), (".claude", True), ("src", False)])
def test_the_project_is_asked_for_where_there_is_one(
    here: str,
    is_asked: bool,
    own_home: Path,
    monkeypatch: pytest.MonkeyPatch,
    typing: Callable[..., Screen],
):
    folder = own_home / "work"
    (folder / here).mkdir(parents=True)
    monkeypatch.chdir(folder)
    screen = typing(*(["1"] if is_asked else []), *[""] * 6, "y")
    assert connect("claude", *NOBODY) == 0
    assert ("this project: ~/work" in screen.getvalue()) is is_asked
    assert (folder / ".claude" / "settings.local.json").exists() is is_asked
    assert (own_home / ".claude" / "settings.json").exists() is not is_asked


@pytest.mark.parametrize("answered", [0, 3, 6])
@pytest.mark.parametrize(("key", "status"), [("^C", 130), (None, 1)])
def test_who_leaves_changes_nothing_and_is_told_so(
    answered: int,
    key: str | None,
    status: int,
    own_home: Path,
    typing: Callable[..., Screen],
    capsys: pytest.CaptureFixture[str],
):
    path = client_settings(own_home)
    typing(*["x"] * answered, *([key] if key else []))
    assert connect("claude", *NOBODY) == status
    assert capsys.readouterr().err == "Nothing is written.\n"
    assert path.read_text() == "{}\n"


@pytest.mark.parametrize(
    "option",
    [
        ("--yes",),
        ("--print",),
        ("--dry-run",),
        ("--model", "x"),
        ("--project",),
        ("--target", "there.json"),
        ("--with-traffic",),
    ],
)
def test_what_options_say_is_not_asked(
    option: tuple[str, ...], own_home: Path, typing: Callable[..., Screen]
):
    screen = typing("y")
    goes_with = () if option[0] in ("--print", "--dry-run") else ("--no-verify",)
    assert connect("claude", "--url", "http://127.0.0.1:9", *goes_with, *option) == 0
    assert " > " not in screen.getvalue()


def test_where_nobody_sees_the_questions_none_is_asked(
    own_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(sys, "stdin", Keys("y\n"))
    assert connect("claude", *NOBODY) == 0
    assert " > " not in capsys.readouterr().out


def test_a_broken_file_is_said_before_anything_is_asked(own_home: Path, typing: Callable[..., Screen]):
    client_settings(own_home, "{\n  oops\n}\n")
    screen = typing()
    assert connect("claude", *NOBODY) == 1
    assert " > " not in screen.getvalue()


def test_a_question_mark_shows_the_names_that_did_not_fit(
    own_home: Path, written: Callable[[str], str], typing: Callable[..., Screen]
):
    names = [f"a-model-with-a-long-name-{number}" for number in range(30)]
    config = written(CONFIG.replace('own, "pattern-*"', ", ".join(names)))
    screen = typing("", "?", "30", "y")
    assert connect("codex", "--config", config, *NOBODY) == 0
    shown = screen.getvalue()
    assert "… ? shows all 31\n" in shown
    assert shown.count("30 a-model-with-a-long-name-9") == 1  # sorted as text
    assert 'model = "a-model-with-a-long-name-9"' in (own_home / ".codex" / "config.toml").read_text()


def test_names_stand_beside_each_other_as_far_as_the_window_goes():
    options = [Option(name, name) for name in ("aaaa", "bbbb", "cccc")]
    assert rows_of(options, 20) == ["  1 aaaa   2 bbbb", "  3 cccc"]
    assert rows_of(options, 10) == ["  1 aaaa", "  2 bbbb", "  3 cccc"]
    assert rows_of(options, 10, 2) == ["  1 aaaa", "  … ? shows all 3"]
    assert rows_of([], 10, 2) == []
