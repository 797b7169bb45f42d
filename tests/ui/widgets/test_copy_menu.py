"""The copy menu: one key per line, the same key twice for the usual thing."""

import pytest
from textual.app import App
from textual.widgets import OptionList

from cccc_tui.ui.themes import completing_variables
from cccc_tui.ui.widgets.copy_menu import Choice, CopyMenu
from tests.ui.conftest import press

CHOICES = [Choice("c", "as curl", "curl http://x"), Choice("i", "id", "7"), Choice("p", "path", "/v1")]


class MenuApp(App[None]):
    def get_theme_variable_defaults(self) -> dict[str, str]:
        return completing_variables(self.current_theme)


@pytest.mark.parametrize(
    ("keys", "copied"),
    [
        (["y"], "curl http://x"),
        (["i"], "7"),
        (["j", "j", "enter"], "/v1"),
        (["k", "enter"], "/v1"),
        (["escape"], None),
    ],
)
async def test_a_key_chooses_what_is_copied(keys, copied):
    app = MenuApp()
    answers: list[str | None] = []
    async with app.run_test(size=(70, 12)) as pilot:
        app.push_screen(CopyMenu("Copy", CHOICES), answers.append)
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
        assert answers == [copied]


async def test_it_lies_on_the_screen_that_it_was_asked_on_and_has_one_frame(make_app):
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await press(pilot, "2", "y")
        assert isinstance(app.screen, CopyMenu)
        assert app.screen.styles.background.a < 1
        assert app.screen.query_one(OptionList).styles.border_top[0] == ""


async def test_the_same_key_twice_copies_the_usual_thing_and_is_done(make_app, monkeypatch):
    app = make_app()
    copied: list[str] = []
    monkeypatch.setattr(app, "copy", copied.append)
    async with app.run_test(size=(100, 30)) as pilot:
        await press(pilot, "2", "y", "y")
        assert app.screen.SCOPE == "requests"
        assert [text.split()[0] for text in copied] == ["curl"]
