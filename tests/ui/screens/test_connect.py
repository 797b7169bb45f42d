"""Claude Code and Codex led to cccc by keys, in a home folder of their own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cccc_tui.ui import client_setup
from cccc_tui.ui.client_setup import Report
from cccc_tui.ui.screens.connect import ConnectScreen
from tests.ui.conftest import WIDE, press, settle, until

SETTINGS = '{\n  "model": "opus",\n  "env": {"ANTHROPIC_BASE_URL": "http://127.0.0.1:3456"}\n}\n'


@pytest.fixture(autouse=True)
def client_home(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No client is installed; Claude Code asks another tool; the models are known without a net."""
    monkeypatch.setenv("PATH", str(own_home))
    monkeypatch.setattr("cccc_tui.ui.screens.connect.offered_models", lambda _gateway: ("glm-5", "glm-5-air"))
    settings = own_home / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text(SETTINGS)
    return own_home


def text_of(screen: ConnectScreen) -> str:
    return "\n".join(screen.text.document.texts)


async def test_claude_code_at_80_columns(make_app, snap):
    await snap(make_app(), "w")


async def test_claude_code_at_140_columns(make_app, snap):
    await snap(make_app(), "w", size=WIDE)


async def test_codex_in_ascii(make_app, snap):
    await snap(make_app(glyphs="ascii"), "w", "right_square_bracket")


async def test_a_model_is_picked_from_the_live_list(make_app, snap):
    await snap(make_app(), "w", "j", "enter", "down", "down")


async def test_what_is_shown_is_written_and_u_gives_back_the_same_bytes(make_app, client_home):
    settings = client_home / ".claude" / "settings.json"
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "w", "j", "enter", *"glm-5", "enter", "A")
        screen = app.screen
        assert isinstance(screen, ConnectScreen)
        assert '"ANTHROPIC_MODEL": "glm-5"' in settings.read_text()
        assert "http://127.0.0.1:8080" in settings.read_text()
        assert "Written: ~/.claude/settings.json" in text_of(screen)
        assert "It asks cccc." in text_of(screen)
        await press(pilot, "u")
        assert settings.read_text() == SETTINGS
        assert "Put back" in text_of(screen)
        await press(pilot, "escape")
        assert app.live_screen is not screen


async def test_a_file_that_cannot_be_understood_is_left_alone_and_named(make_app, client_home):
    broken = client_home / ".codex" / "config.toml"
    broken.parent.mkdir()
    broken.write_text("model = \n")
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "w", "right_square_bracket", "A")
        assert "~/.codex/config.toml:1" in text_of(app.screen)
        assert broken.read_text() == "model = \n"


async def test_a_test_says_what_came_of_it_and_read_only_asks_nothing(make_app, monkeypatch):
    asked: list[object] = []

    def answer(choice: object) -> Report:
        asked.append(choice)
        return Report(is_ok=True, sentences=("The endpoint main has answered.",))

    monkeypatch.setattr(client_setup, "test", answer)
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "w", "t")
        assert "✓ The endpoint main has answered." in text_of(app.screen)
    app = make_app(read_only=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "w", "t", "A")
        assert len(asked) == 1
        assert any("Read-only" in text for _severity, text in app.messages)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
async def test_the_change_is_shown_at_once_and_the_version_when_the_program_has_said_it(
    make_app, client_home: Path, tmp_path: Path
):
    pipe, program = tmp_path / "pipe", client_home / "claude"
    os.mkfifo(pipe)
    program.write_text(f'#!/bin/sh\nread version < "{pipe}"\necho "$version"\n')
    program.chmod(0o755)
    app = make_app()
    async with app.run_test(size=(140, 40)) as pilot:
        await settle(pilot)
        await pilot.press("w")
        await until(pilot, lambda: isinstance(app.screen, ConnectScreen))
        screen = app.screen
        await until(pilot, lambda: "ANTHROPIC_BASE_URL" in text_of(screen))
        assert "installed" in str(screen.tabs.content) and "2.1" not in str(screen.tabs.content)
        with pipe.open("w") as told:
            told.write("2.1.329\n")
        await until(pilot, lambda: "2.1.329" in str(screen.tabs.content))
        assert "Claude Code 2.1.329" in text_of(screen)
