"""The overview."""

from cccc_tui.ui.screens.endpoints import EndpointsScreen
from cccc_tui.ui.screens.exchange import ExchangeScreen
from cccc_tui.ui.screens.overview import OverviewScreen
from cccc_tui.ui.screens.requests import RequestsScreen
from tests.fakes.control import FakeControl
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


async def test_the_demo_says_that_it_is_one(make_app):
    control = FakeControl()
    control.changed_status = {"demo": True}
    app = make_app(control=control)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert app.screen.demo_text.display
        assert "Demo" in app.screen.demo_text.text


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
