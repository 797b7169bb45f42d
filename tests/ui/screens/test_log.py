"""The log, driven by keys."""

from cccc_tui.ui.screens.log import LogScreen
from tests.fakes.control import NOW, FakeControl
from tests.ui.conftest import WIDE, settle


async def at_log(pilot) -> LogScreen:
    await settle(pilot)
    await pilot.press("4")
    await settle(pilot)
    assert isinstance(pilot.app.screen, LogScreen)
    return pilot.app.screen


async def test_the_log_at_80_columns(make_app, snap):
    await snap(make_app(), "4", "k")


async def test_the_log_at_140_columns(make_app, snap):
    await snap(make_app(), "4", "k", size=WIDE)


async def test_it_follows_until_an_older_line_is_selected(make_app, control):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at_log(pilot)
        control.notices.add(NOW, "info", "test", "one more")
        app.pull_now()
        assert screen.rows.selected.text == "one more"
        await pilot.press("k")
        control.notices.add(NOW, "info", "test", "and another")
        app.pull_now()
        assert screen.rows.selected.text != "and another"
        await pilot.press("f")
        assert screen.rows.selected.text == "and another"


async def test_levels_go_round(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at_log(pilot)
        shown = []
        for _ in range(4):
            await pilot.press("l")
            shown.append((screen.least, len(screen.rows.items)))
        assert shown == [("warning", 4), ("error", 2), ("debug", 8), ("info", 7)]


async def test_words_filter_it_and_esc_clears_them(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at_log(pilot)
        await pilot.press("slash", *"health rate")
        await settle(pilot)
        assert [each.source for each in screen.rows.items] == ["health"]
        await pilot.press("escape")
        await settle(pilot)
        assert len(screen.rows.items) == 7


async def test_s_turns_the_order_round(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at_log(pilot)
        oldest = screen.rows.items[0]
        await pilot.press("s")
        assert screen.rows.items[-1] == oldest


async def test_the_whole_line_stands_below(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at_log(pilot)
        await pilot.press("g")
        await settle(pilot)
        assert screen.whole.document.texts[-1] == "Listening on http://127.0.0.1:8080"
        await pilot.press("enter")
        assert screen.focused is screen.whole
        await pilot.press("enter")
        assert screen.focused is screen.table


async def test_an_empty_log_says_so(make_app):
    app = make_app(control=FakeControl(empty=True))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at_log(pilot)
        assert "Nothing has been logged yet" in screen._why_empty()
