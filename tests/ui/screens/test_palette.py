"""The palette: every action by plain words, with its key."""

from __future__ import annotations

import pytest
from textual.command import CommandPalette

from cccc_tui.ui.actions import ACTIONS
from cccc_tui.ui.screens.palette import HIDDEN, action_commands, group_of
from tests.ui.conftest import WIDE, press, settle


async def test_every_action_is_there_and_those_of_the_place_come_first(make_app):
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await press(pilot, "3")
        commands = list(action_commands(app))
        assert len(commands) == len(ACTIONS) - len(HIDDEN)
        texts = [command.text for command in commands]
        assert texts.index("Endpoints: Test") < texts.index("Log: Level")
        assert {command.text: command.key for command in commands}["Endpoints: Test"] == "t"


@pytest.mark.parametrize(("words", "call"), [("disable", "set_enabled"), ("forget its", "reset_endpoint")])
async def test_an_action_is_found_by_the_words_of_its_sentence(make_app, control, words, call):
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await press(pilot, "3", "ctrl+p", *words)
        await press(pilot, "enter")
        if CommandPalette.is_open(app):
            pytest.fail("the command did not run")
        await press(pilot, "y")
        assert call in [name for name, *_arguments in control.calls]


async def test_a_colon_opens_it_too(make_app):
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await press(pilot, "colon")
        assert CommandPalette.is_open(app)


async def test_an_action_of_another_place_goes_there_and_names_its_key(make_app, control):
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await app.run_from_palette("endpoints.test")
        await settle(pilot)
        assert app.current_mode == "endpoints"
        assert control.calls == []
        assert app.messages[-1] == ("information", "Here t does it: Test")
        await app.run_from_palette("exchange.raw")
        assert app.messages[-1][1].startswith("Open a request first")


def test_every_action_has_a_word_before_the_colon():
    assert all(group_of(action) for action in ACTIONS)


@pytest.mark.parametrize("size", [(80, 24), WIDE], ids=["narrow", "wide"])
async def test_the_palette_picture(make_app, snap, size):
    await snap(make_app(), "ctrl+p", size=size)


async def test_a_profile_is_put_into_use_by_its_name(make_app, control):
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await press(pilot, "ctrl+p", *"profile: cost", "enter")
        await settle(pilot)
        assert ("set_profile", "cost") in control.calls
