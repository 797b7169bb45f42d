"""Questions: the safe answer is the easy one."""

from __future__ import annotations

import pytest

from cccc_tui.ui.screens.confirm import ConfirmScreen, Question
from tests.ui.conftest import WIDE, press, settle

QUESTION = Question(
    "Drop finished requests?", "12 requests [and more] leave this list.", "Drop them", "Keep them"
)


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (["enter"], False),
        (["escape"], False),
        (["n"], False),
        (["q"], False),
        (["y"], True),
        (["tab", "enter"], True),
        (["right", "enter"], True),
        (["right", "left", "enter"], False),
    ],
)
async def test_only_a_deliberate_yes_is_one(make_app, keys, answer):
    app = make_app()
    answers = []
    async with app.run_test(size=(100, 30)) as pilot:
        app.push_screen(ConfirmScreen(QUESTION), answers.append)
        await settle(pilot)
        await press(pilot, *keys)
    assert answers == [answer]


async def test_it_can_be_answered_by_mouse(make_app):
    app = make_app()
    answers = []
    async with app.run_test(size=(100, 30)) as pilot:
        app.push_screen(ConfirmScreen(QUESTION), answers.append)
        await settle(pilot)
        await pilot.click("#yes")
        await settle(pilot)
    assert answers == [True]


@pytest.mark.parametrize("size", [(80, 24), WIDE], ids=["narrow", "wide"])
async def test_the_quit_picture(make_app, snap, size):
    await snap(make_app(), "q", size=size)
