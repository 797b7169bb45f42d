"""The request list, driven by keys on a frozen engine."""

from cccc_tui.traffic.exchange import Exchange
from cccc_tui.ui.screens.exchange import ExchangeScreen
from cccc_tui.ui.screens.requests import RequestsScreen, copy_choices
from tests.fakes.control import NOW, FakeControl, scripted_exchanges
from tests.ui.conftest import WIDE, settle


def arriving(control: FakeControl, **fields: object) -> Exchange:
    plain = {"id": control.traffic.next_id, "began_at": NOW, "method": "POST", "path": "/v1/messages"}
    return Exchange(**(plain | fields))


async def at_requests(pilot) -> RequestsScreen:
    await settle(pilot)
    await pilot.press("2")
    await settle(pilot)
    assert isinstance(pilot.app.screen, RequestsScreen)
    return pilot.app.screen


def counts(screen: RequestsScreen) -> str:
    return "".join(run.text for run in screen._counts())


async def test_the_list_at_80_columns(make_app, snap):
    await snap(make_app(), "2")


async def test_the_list_at_140_columns_with_the_selected_request_below(make_app, snap):
    await snap(make_app(), "2", "k", "k", "k", "k", size=WIDE)


async def test_the_list_at_60_columns(make_app, snap):
    await snap(make_app(), "2", size=(60, 20))


async def test_the_list_in_ascii(make_app, snap):
    await snap(make_app(glyphs="ascii"), "2")


async def test_a_filter_that_holds(make_app, snap):
    await snap(make_app(), "2", "slash", *"status:5xx", "enter")


async def test_an_empty_list_says_why_and_what_to_do(make_app, snap):
    control = FakeControl(empty=True)
    await snap(make_app(control=control), "2")


async def test_it_holds_still_while_requests_arrive_and_counts_them(make_app, control):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at_requests(pilot)
        await pilot.press("k", "k")
        selected, top = screen.view.selected.id, screen.table.top_row
        for _ in range(3):
            control.add(arriving(control))
        app.pull_now()
        await settle(pilot)
        assert (screen.view.selected.id, screen.table.top_row) == (selected, top)
        assert counts(screen).startswith("↓ 3 new")
        await pilot.press("f")
        assert screen.view.selected.id == 19
        assert counts(screen).startswith("following")


async def test_in_a_flood_a_key_is_answered_at_once(make_app, control):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at_requests(pilot)
        for _ in range(60):
            control.add(arriving(control))
        await pilot.press("f")
        assert not screen.view.follow
        assert len(screen.view) == 76


async def test_a_filter_works_as_it_is_typed_and_esc_clears_it(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at_requests(pilot)
        await pilot.press("slash", *"codex")
        await settle(pilot)
        assert counts(screen).endswith("4 of 16")
        assert "4 of 16" in screen.view_state()
        await pilot.press("escape")
        await settle(pilot)
        assert counts(screen).endswith("16 of 16")
        assert screen.focused is screen.table


async def test_a_wrong_filter_points_at_the_place_and_keeps_the_last_good_one(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at_requests(pilot)
        await pilot.press("slash", *"codex ", "(")
        await settle(pilot)
        assert screen.filter_bar.has_class("-problem")
        assert len(screen.view) == 4


async def test_a_pause_freezes_the_list_and_the_end_of_it_catches_up(make_app, control):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at_requests(pilot)
        await pilot.press("p")
        control.add(arriving(control))
        app.pull_now()
        assert (len(screen.view), screen.view_state()) == (16, "paused")
        await pilot.press("p")
        assert len(screen.view) == 17


async def test_sorting_goes_from_column_to_column_and_turns_round(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at_requests(pilot)
        await pilot.press("s")
        assert (screen.view.sort, screen.table.sort) == ("state", "state")
        await pilot.press("S")
        assert screen.table.descending


async def test_enter_opens_the_request_and_esc_comes_back_to_it(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at_requests(pilot)
        await pilot.press("k", "k", "enter")
        await settle(pilot)
        assert isinstance(app.screen, ExchangeScreen)
        assert app.screen.exchange.id == 14
        await pilot.press("escape")
        await settle(pilot)
        assert app.screen is screen
        assert screen.view.selected.id == 14


async def test_a_running_request_is_cancelled_after_a_question(make_app, control):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await at_requests(pilot)
        await pilot.press("x")
        await settle(pilot)
        assert control.calls == []
        await pilot.press("y")
        await settle(pilot)
        assert control.calls == [("cancel_exchange", 16)]


async def test_a_finished_request_is_not_cancelled(make_app, control):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await at_requests(pilot)
        await pilot.press("g", "x")
        await settle(pilot)
        assert isinstance(app.screen, RequestsScreen)
        assert control.calls == []


async def test_clearing_asks_first(make_app, control):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at_requests(pilot)
        await pilot.press("ctrl+l", "y")
        await settle(pilot)
        assert control.calls == [("clear_traffic",)]
        assert len(screen.view) == 3


def test_what_can_be_copied_begins_with_the_command():
    exchange = scripted_exchanges()[11]
    choices = copy_choices(exchange, "http://127.0.0.1:8080")
    assert choices[0].text.startswith("curl -N -X POST")
    assert {choice.key for choice in choices} >= {"c", "i", "p", "m", "b", "a"}
    assert all(choice.text for choice in choices)
