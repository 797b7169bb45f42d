"""Help: written from the table, searchable, never out of date."""

from __future__ import annotations

import pytest
from textual.widgets import Input, Static

from cccc_tui.ui.actions import ACTIONS
from cccc_tui.ui.keys import Keymap
from cccc_tui.ui.screens.help import HelpScreen, HelpSection, help_content, key_sections, text_section
from tests.ui.conftest import WIDE, press

SECTIONS = (
    HelpSection("Lists", (("j  ↓", "Down: Next line."), ("slash", "Filter: Filter as you type."))),
    HelpSection("The filter", (("", "status:5xx  answers with 500 to 599"),)),
)


def test_every_action_of_a_screen_is_there():
    sections = key_sections("requests", "Requests", True, Keymap({}, ()), read_only=False, ascii_only=False)
    shown = sum(len(section.lines) for section in sections)
    assert shown == sum(action.scope in ("requests", "list", "app") for action in ACTIONS)


def test_in_read_only_mode_it_says_what_does_not_work():
    sections = key_sections("endpoints", "Endpoints", False, Keymap({}, ()), read_only=True, ascii_only=False)
    marked = [text for _key, text in sections[0].lines if "read-only" in text]
    assert len(marked) == sum(action.scope == "endpoints" and action.changes for action in ACTIONS)


def test_no_text_is_no_section():
    assert text_section("More", "") == []


@pytest.mark.parametrize(
    ("search", "shows", "hides"),
    [
        ("", ["Next line.", "status:5xx"], []),
        ("STATUS", ["status:5xx", "The filter"], ["Next line.", "Lists"]),
        ("type filter", ["Filter as you type."], ["status:5xx"]),
        ("wumpus", ["Nothing here"], ["Lists", "The filter"]),
    ],
)
def test_a_search_shows_the_lines_that_have_all_its_words(search, shows, hides):
    shown = help_content(SECTIONS, search).plain
    assert all(text in shown for text in shows)
    assert not any(text in shown for text in hides)


async def test_it_knows_version_configuration_filter_language_and_terminal_notes(make_app):
    app = make_app()
    async with app.run_test(size=(140, 40)) as pilot:
        await press(pilot, "2", "question_mark")
        shown = str(app.screen.query_one("#text", Static).content)
        for text in ("0.1.0", "/home/ada/.config/cccc/config.yaml", "status:5xx", "OSC 52", "ctrl+z"):
            assert text in shown


async def test_typing_searches_and_esc_goes_back_step_by_step(make_app):
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await press(pilot, "question_mark", "slash", *"theme")
        assert "Everywhere" in str(app.screen.query_one("#text", Static).content)
        assert "Copy address" not in str(app.screen.query_one("#text", Static).content)
        await press(pilot, "escape")
        assert isinstance(app.screen, HelpScreen)
        assert app.screen.query_one("#search", Input).value == ""
        await press(pilot, "escape")
        assert not isinstance(app.screen, HelpScreen)


@pytest.mark.parametrize("key", ["question_mark", "f1", "escape", "q"])
async def test_it_closes_by_the_keys_that_one_tries(make_app, key):
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await press(pilot, "question_mark")
        await press(pilot, key)
        assert not isinstance(app.screen, HelpScreen)


@pytest.mark.parametrize("size", [(80, 24), WIDE], ids=["narrow", "wide"])
async def test_the_help_picture(make_app, snap, size):
    await snap(make_app(), "2", "question_mark", size=size)
