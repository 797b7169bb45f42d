"""The endpoints, driven by keys."""

import asyncio

from cccc_tui.ui.screens.endpoints import EndpointsScreen
from tests.fakes.control import FakeControl, endpoint
from tests.ui.conftest import WIDE, settle


async def at_endpoints(pilot) -> EndpointsScreen:
    await settle(pilot)
    await pilot.press("3")
    await settle(pilot)
    assert isinstance(pilot.app.screen, EndpointsScreen)
    return pilot.app.screen


def panel(screen: EndpointsScreen) -> str:
    return "\n".join(screen.details.document.texts)


async def test_the_endpoints_at_80_columns(make_app, snap):
    await snap(make_app(), "3", "j", "j")


async def test_the_endpoints_at_140_columns(make_app, snap):
    await snap(make_app(), "3", "j", "j", size=WIDE)


async def test_the_endpoints_at_60_columns(make_app, snap):
    await snap(make_app(), "3", size=(60, 20))


async def test_no_endpoint_says_what_to_do(make_app):
    control = FakeControl()
    control.endpoint_list = []
    app = make_app(control=control)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at_endpoints(pilot)
        assert "a adds one" in screen._why_empty()


async def test_space_switches_one_off_and_u_takes_it_back(make_app, control):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at_endpoints(pilot)
        await pilot.press("space")
        await settle(pilot)
        assert screen.rows.selected.health == "disabled"
        await pilot.press("u")
        await settle(pilot)
        assert control.calls == [
            ("set_enabled", "anthropic-main", False),
            ("set_enabled", "anthropic-main", True),
        ]


async def test_the_only_enabled_one_is_switched_off_after_a_question(make_app):
    control = FakeControl()
    control.endpoint_list = [endpoint("only", "healthy", 1), endpoint("off", "disabled", 2)]
    app = make_app(control=control)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_endpoints(pilot)
        await pilot.press("space")
        await settle(pilot)
        assert control.calls == []
        await pilot.press("y")
        await settle(pilot)
        assert control.calls == [("set_enabled", "only", False)]


async def test_moving_keeps_the_endpoint_selected(make_app, control):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at_endpoints(pilot)
        await pilot.press("<")
        await settle(pilot)
        assert control.calls == []  # it is the first already
        await pilot.press(">")
        await settle(pilot)
        assert control.calls == [("move_endpoint", "anthropic-main", 1)]
        assert (screen.rows.selected.name, screen.rows.cursor) == ("anthropic-main", 1)


async def test_a_refused_change_is_said_and_cannot_be_taken_back(make_app, control):
    from cccc_tui.engine.control import Outcome

    control.outcome = Outcome(done=False, message="The file cannot be written.")
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at_endpoints(pilot)
        await pilot.press("space")
        await settle(pilot)
        assert len(screen.changes) == 0


async def test_resetting_all_asks_and_names_them(make_app, control):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await at_endpoints(pilot)
        await pilot.press("r")
        await settle(pilot)
        await pilot.press("R")
        await settle(pilot)
        assert control.calls == [("reset_endpoint", "anthropic-main")]
        await pilot.press("y")
        await settle(pilot)
        assert control.calls[-1] == ("reset_endpoint", None)


async def test_a_test_counts_while_it_runs_and_shows_what_it_found(make_app, control, monkeypatch):
    answer = asyncio.Event()
    scripted = control.test_endpoint

    async def slow(name: str):
        await answer.wait()
        return await scripted(name)

    monkeypatch.setattr(control, "test_endpoint", slow)
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at_endpoints(pilot)
        await pilot.press("t")
        await pilot.pause()
        assert "testing" in panel(screen)
        answer.set()
        await settle(pilot)
        assert "works  anthropic  200  412ms" in panel(screen)


async def test_esc_gives_a_test_up(make_app, control, monkeypatch):
    async def never(_name: str):
        await asyncio.Event().wait()

    monkeypatch.setattr(control, "test_endpoint", never)
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at_endpoints(pilot)
        await pilot.press("t")
        await pilot.pause()
        await pilot.press("escape")
        await pilot.pause()
        await pilot.pause()
        assert "testing" not in panel(screen)


async def test_a_filter_keeps_the_order_numbers(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at_endpoints(pilot)
        await pilot.press("slash", *"cooling", "enter")
        await settle(pilot)
        assert [each.name for each in screen.rows.items] == ["relay-tokyo"]
        assert screen._order(screen.rows.items[0]) == 3


async def test_the_panel_counts_what_an_endpoint_has_taught(make_app, control):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at_endpoints(pilot)
        assert "2 facts  5 shows them" in panel(screen)
        control.fact_list = control.fact_list[1:]
        control.facts_revision += 1
        control.advance(1)
        app.pull_now()
        assert "1 fact  5 shows it" in panel(screen)
        control.fact_list = []
        control.facts_revision += 1
        control.advance(1)
        app.pull_now()
        assert "Learned" not in panel(screen)
