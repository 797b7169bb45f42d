"""Terminals that are too small get a sentence instead of a broken picture."""

from __future__ import annotations

import pytest

from cccc_tui.ui.widgets.too_small import TooSmall
from tests.ui.conftest import until


@pytest.mark.parametrize(
    ("size", "is_too_small"), [((58, 18), True), ((60, 19), True), ((59, 20), True), ((60, 20), False)]
)
async def test_below_the_least_size_only_the_sentence_is_shown(make_app, size, is_too_small):
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        assert app.screen.query_one(TooSmall).display is is_too_small
        assert app.screen.query_one("KeyBar").parent.display is not is_too_small


async def test_a_larger_terminal_brings_the_screen_back(make_app):
    app = make_app()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        assert "(40×10)" in str(app.screen.query_one(TooSmall).content)
        await pilot.resize_terminal(100, 30)
        await until(pilot, lambda: not app.screen.query_one(TooSmall).display)


async def test_the_too_small_picture(make_app, snap):
    await snap(make_app(), size=(58, 18))
