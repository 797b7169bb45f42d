"""Looks and ends: the parts of the app that know no engine."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from textual.command import CommandList, CommandPalette

from cccc_tui.ui.screens.palette import Palette
from tests.ui.conftest import press, settle


async def test_a_theme_is_shown_while_its_line_is_marked_and_taken_back_by_esc(make_app):
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await press(pilot, "ctrl+p", *"theme: cccc-light")
        await press(pilot, "down", "up")
        assert isinstance(app.screen, Palette)
        assert app.theme == "cccc-light"
        shown = app.screen.query_one(CommandList).styles.background
        assert shown.hex == app.theme_variables["surface"].upper(), "the palette itself shows it too"
        await press(pilot, "escape")
        assert app.theme == "cccc-dark"


async def test_a_chosen_theme_stays(make_app):
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await press(pilot, "ctrl+p", *"theme: high")
        await press(pilot, "enter")
        assert app.theme == "high-contrast"


async def test_an_option_that_is_no_theme_changes_nothing(make_app):
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await press(pilot, "ctrl+p", *"copy address")
        assert app.theme == "cccc-dark"
        assert CommandPalette.is_open(app)


async def test_broken_theme_files_are_said_once_in_one_message(make_app, tmp_path):
    folder = tmp_path / "themes"
    folder.mkdir()
    (folder / "a.yaml").write_text("name: 1")
    (folder / "b.yaml").write_text("{}")
    app = make_app(config_path=tmp_path / "config.yaml")
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await settle(pilot)
        app.on_beat()
        warnings = [text for _severity, text in app.messages if "a.yaml" in text]
        assert len(warnings) == 1
        assert "b.yaml" in warnings[0]


def test_a_crash_report_has_no_local_variables(make_app):
    app = make_app()
    secret = "-".join(("sk", "never", "shown"))
    try:
        raise RuntimeError(f"provoked {len(secret)}")
    except RuntimeError:
        app._fatal_error()
    shown = io.StringIO()
    Console(file=shown, width=200).print(app._exit_renderables[0])
    assert "provoked" in shown.getvalue()
    assert "sk-never" not in shown.getvalue()


def test_every_theme_of_textual_can_be_used_too(make_app):
    app = make_app()
    assert app.theme_names()[: len(app.own_themes)] == list(app.own_themes)
    for name in app.theme_names():
        app.theme = name
        assert "state-ok" in app.get_css_variables()


@pytest.mark.parametrize("theme", ["high-contrast", "colour-blind-safe", "terminal"])
async def test_the_overview_in_other_themes(make_app, snap, theme):
    await snap(make_app(theme=theme))


async def test_the_overview_without_colour(make_app, snap, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    await snap(make_app())
