"""The frame of every screen, on a screen with nothing of its own."""

from __future__ import annotations

import pytest
from textual.app import ComposeResult
from textual.widgets import Input, Static

from cccc_tui.locales import N_
from cccc_tui.ui.actions import BY_ID
from cccc_tui.ui.screens.live import LiveScreen
from cccc_tui.ui.widgets.status_bar import StatusBar
from tests.fakes.control import NOW
from tests.ui.conftest import press, settle


class PlainScreen(LiveScreen):
    SCOPE = "log"
    TITLE_TEXT = N_("Log")
    HAS_LIST = True

    pulls = 0
    down = 0
    is_open = True

    def compose_body(self) -> ComposeResult:
        yield Static("body")
        yield Input()

    def pull(self) -> None:
        self.pulls += 1

    def action_list_down(self) -> None:
        self.down += 1

    def leave(self) -> bool:
        was_open, self.is_open = self.is_open, False
        return was_open

    def view_state(self) -> str:
        return "paused"


@pytest.fixture
def screen() -> PlainScreen:
    return PlainScreen()


async def test_the_pump_pulls_the_visible_screen_alone(make_app, screen, control):
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await app.push_screen(screen)
        await settle(pilot)
        assert screen.pulls > 0
        await press(pilot, "1")
        seen = screen.pulls
        control.traffic.touch(14)
        app.pull_now()
        assert screen.pulls == seen


async def test_keys_of_the_screen_and_of_lists_call_its_methods(make_app, screen):
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await app.push_screen(screen)
        await settle(pilot)
        await press(pilot, "j", "down")
        assert screen.down == 2


async def test_esc_is_the_screens_first(make_app, screen):
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await app.push_screen(screen)
        await settle(pilot)
        await press(pilot, "escape")
        assert app.screen is screen
        await press(pilot, "escape")
        assert app.screen is not screen


async def test_what_the_view_says_of_itself_stands_in_the_status_bar(make_app, screen):
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await app.push_screen(screen)
        await settle(pilot)
        assert str(screen.query_one(StatusBar).content).endswith("paused")


async def test_the_key_bar_follows_the_focus(make_app, screen):
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await app.push_screen(screen)
        await settle(pilot)
        assert "Help" in str(screen.query_one("KeyBar", Static).content)
        screen.query_one(Input).focus()
        await settle(pilot)
        assert str(screen.query_one("KeyBar", Static).content) == "enter Keep  esc Leave"


async def test_time_is_the_apps(make_app, screen):
    app = make_app()
    async with app.run_test(size=(100, 30)):
        await app.push_screen(screen)
        assert screen.now() == NOW


def test_a_screen_knows_its_actions():
    assert PlainScreen.has_action(BY_ID["log.level"])
    assert PlainScreen.has_action(BY_ID["list.down"])
    assert PlainScreen.has_action(BY_ID["app.help"])
    assert not PlainScreen.has_action(BY_ID["endpoints.test"])


def test_extras_are_optional():
    assert LiveScreen.view_state(object()) == ""
    assert LiveScreen.pane_help(object()) == ""
    assert LiveScreen.leave(object()) is False
