"""What a beat of the pump may cost: nothing is laid out, and drawn is only what looks otherwise."""

from __future__ import annotations

import pytest
from textual.geometry import Region
from textual.pilot import Pilot

from cccc_tui.ui.app import ControlCenter
from cccc_tui.ui.widgets.live_table import LINES_AT_ONCE, LiveTable
from tests.fakes.control import FakeControl, exchange
from tests.ui.conftest import press, settle

PLACES = ("1", "2", "3", "4")
SIZE = (140, 40)


async def beat(app: ControlCenter, pilot: Pilot[None]) -> None:
    app.pull_now()
    await settle(pilot)


def arrive(control: FakeControl, count: int) -> None:
    for _request in range(count):
        number = control.traffic.next_id
        control.add(exchange(number, 0.0, model=f"model-{number}"))
        control.notices.add(control.time, "info", "server", f"request {number}")
    control.changed_status = {"requests_per_min": control.traffic.added_total, "loop_lag_ms": 1.5}


@pytest.mark.parametrize("place", PLACES)
async def test_a_beat_without_a_visible_change_draws_nothing(make_app, monkeypatch, place):
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, place)
        await beat(app, pilot)
        pictures: list[object] = []
        monkeypatch.setattr(app, "_display", lambda _screen, picture: pictures.append(picture))
        await beat(app, pilot)
        assert pictures == []


@pytest.mark.parametrize("place", PLACES)
async def test_requests_that_arrive_lay_no_screen_out_anew(make_app, control, place):
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, place)
        arrive(control, 100)
        await beat(app, pilot)
        layouts: list[object] = []
        app.screen.screen_layout_refresh_signal.subscribe(app.screen, layouts.append)
        for _beat in range(3):
            arrive(control, 20)
            await beat(app, pilot)
        assert layouts == []


async def test_a_list_that_scrolls_is_drawn_a_few_lines_at_a_time_until_it_is_whole(
    make_app, control, monkeypatch
):
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "2")
        arrive(control, 100)
        await beat(app, pilot)
        table = app.screen.query_one(LiveTable)
        bunches: list[int] = []
        refresh = table.refresh

        def counting(*regions: Region, **options: bool) -> LiveTable:
            bunches.append(len(regions))
            return refresh(*regions, **options)

        monkeypatch.setattr(table, "refresh", counting)
        arrive(control, 100)
        await beat(app, pilot)
        rows = table.size.height - 1
        assert sum(bunches) >= rows > max(bunches) == LINES_AT_ONCE
        assert table.render_line(rows).text.startswith("▌")
