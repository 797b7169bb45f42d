"""The copy menu: one key per line, the same key twice for the usual thing."""

import pytest
from textual.app import App

from cccc_tui.ui.themes import completing_variables
from cccc_tui.ui.widgets.copy_menu import Choice, CopyMenu

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
