"""One value, typed or picked."""

from __future__ import annotations

from cccc_tui.connect.form import Option
from cccc_tui.ui.screens.ask import Asked, AskScreen
from tests.ui.conftest import press, settle

CHOICES = (Option("a", "apple pie"), Option("b", "banana"), Option("c", "cherry pie"))


async def answers(make_app, asked: Asked, *keys: str) -> list[str | None]:
    app, given = make_app(), []
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await app.push_screen(AskScreen(asked), given.append)
        await settle(pilot)
        await press(pilot, *keys)
    return given


async def test_what_is_typed_counts_and_what_is_wrong_is_said_first(make_app):
    asked = Asked("Name", "Its name.", "x", complaint=lambda text: "too short" if len(text) < 3 else "")
    assert await answers(make_app, asked, "y", "enter") == []
    assert await answers(make_app, asked, "y", "z", "enter") == ["xyz"]


async def test_arrows_pick_and_letters_narrow_the_list_down(make_app):
    asked = Asked("Fruit", "Which one.", "", CHOICES, is_free=False)
    assert await answers(make_app, asked, *"pie", "down", "enter") == ["c"]
    assert await answers(make_app, asked, *"zzz", "enter", "escape") == [None]
