"""The overview."""

import pytest

from cccc_tui.config.first_run import Offer
from cccc_tui.ui.screens.endpoints import EndpointsScreen
from cccc_tui.ui.screens.exchange import ExchangeScreen
from cccc_tui.ui.screens.overview import OverviewScreen
from cccc_tui.ui.screens.requests import RequestsScreen
from cccc_tui.ui.widgets.banner import Banner
from cccc_tui.ui.widgets.panel import Panel
from tests.fakes.control import FakeControl, endpoint, exchange
from tests.ui.conftest import WIDE, settle


async def test_the_overview_at_80_columns(make_app, snap):
    await snap(make_app())


async def test_the_overview_at_140_columns(make_app, snap):
    await snap(make_app(), size=WIDE)


async def test_the_overview_at_60_columns(make_app, snap):
    await snap(make_app(), size=(60, 20))


async def test_the_overview_in_ascii(make_app, snap):
    await snap(make_app(glyphs="ascii"))


async def test_the_overview_in_a_light_theme(make_app, snap):
    await snap(make_app(theme="cccc-light"))


async def test_a_fresh_start_says_how_to_begin(make_app, snap):
    await snap(make_app(control=FakeControl(empty=True)))


OFFERS = (
    Offer(
        name="anthropic",
        url="https://api.anthropic.com",
        kind="anthropic",
        auth="env:ANTHROPIC_API_KEY",
        why="ANTHROPIC_API_KEY is set",
    ),
    Offer(name="ollama", url="http://127.0.0.1:11434/v1", kind="openai", why="Ollama answers on port 11434"),
)


async def test_while_only_the_built_in_demo_answers_it_says_what_is_at_hand(make_app, snap):
    control = FakeControl(empty=True)
    control.changed_status = {"demo": True}
    await snap(make_app(control=control, offers=OFFERS))


async def test_the_built_in_demo_is_said_once_here_and_by_the_banner_elsewhere(make_app):
    control = FakeControl(empty=True)
    control.changed_status = {"demo": True}
    app = make_app(control=control, offers=())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert not app.screen.query_one(Banner).display
        assert "3, then a" in app.screen.steps_text.text
        await pilot.press("3")
        await settle(pilot)
        assert app.screen.query_one(Banner).display


async def test_with_an_endpoint_of_ones_own_the_first_steps_are_gone(make_app):
    app = make_app(offers=OFFERS)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert not app.screen.steps_panel.display


async def test_simulated_traffic_says_that_it_is(make_app):
    app = make_app(is_simulated=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "simulated" in app.screen.query_one("#connect", Panel).title_line.render().plain


async def test_what_is_switched_off_stands_after_what_answers(make_app, control):
    control.endpoint_list.insert(0, endpoint("off-but-first", "disabled", 0))
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        shown = [each.enabled for each in app.screen.endpoints.items]
        assert shown == sorted(shown, reverse=True)
        assert app.screen.endpoints.items[-1].name != "off-but-first"


async def test_the_newest_failure_is_marked_until_somebody_goes_into_the_list(make_app, control):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        failed = exchange(900, 0.0)
        failed.state, failed.status = "failed", 502
        control.add(failed)
        app.pull_now()
        assert app.screen.failures.selected.id == 900
        await pilot.press("tab")
        await settle(pilot)
        newer = exchange(901, 0.0)
        newer.state, newer.status = "failed", 502
        control.add(newer)
        app.pull_now()
        assert app.screen.failures.selected.id == 900


async def test_enter_on_an_endpoint_goes_to_it(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("j", "j", "enter")
        await settle(pilot)
        assert isinstance(app.screen, EndpointsScreen)
        assert app.screen.rows.selected.name == "relay-tokyo"


async def test_tab_and_enter_open_a_failure(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("tab", "j", "enter")
        await settle(pilot)
        assert isinstance(app.screen, ExchangeScreen)
        assert app.screen.exchange.id == 11


async def test_a_slash_goes_to_the_requests_and_filters_there(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert isinstance(app.screen, OverviewScreen)
        await pilot.press("slash")
        await settle(pilot)
        assert isinstance(app.screen, RequestsScreen)
        assert app.screen.filter_bar.is_open


async def test_not_listening_stands_where_the_address_was(make_app):
    control = FakeControl()
    control.changed_status = {"listening": False}
    app = make_app(control=control)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "not listening" in app.screen.connect_text.text


@pytest.mark.parametrize("height", [28, 36, 40, 60])
async def test_on_a_broad_terminal_every_graph_is_whole_whatever_its_height(make_app, height):
    app = make_app()
    async with app.run_test(size=(140, height)) as pilot:
        await settle(pilot)
        foot = app.screen.query_one("#foot").region.y
        assert all(graph.region.bottom <= foot for graph in app.screen.graphs)
        assert len({graph.region.height for graph in app.screen.graphs}) <= 2
