"""When the pump looks, and what it does when there is nothing new."""

from __future__ import annotations

from typing import Any

import pytest

from cccc_tui.ui.pump import Circumstances, Pump, base_hz, rate_hz
from tests.fakes.control import FakeControl, exchange


class RecordingView:
    def __init__(self) -> None:
        self.now = Circumstances(10.0)
        self.seen: list[str] = []
        self.notices: list[str] = []

    def circumstances(self) -> Circumstances:
        return self.now

    def show_status(self, *_facts: Any) -> None:
        self.seen.append("status")

    def show_notices(self, notices: list[Any]) -> None:
        self.notices += [notice.text for notice in notices]

    def pull_screen(self) -> None:
        self.seen.append("pull")

    def on_beat(self) -> None:
        self.seen.append("beat")


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def view() -> RecordingView:
    return RecordingView()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pump(control: FakeControl, view: RecordingView, clock: Clock) -> Pump:
    return Pump(control, view, clock)


@pytest.mark.parametrize(
    ("circumstances", "hz"),
    [
        (Circumstances(10.0), 10.0),
        (Circumstances(10.0, is_focused=False), 1.0),
        (Circumstances(0.5, is_focused=False), 0.5),
        (Circumstances(10.0, is_suspended=True), 0.0),
        (Circumstances(10.0, has_backlog=True), 0.0),
        (Circumstances(10.0, loop_lag_ms=31.0), 5.0),
        (Circumstances(10.0, loop_lag_ms=30.0), 10.0),
        (Circumstances(10.0, is_flood=True), 2.0),
        (Circumstances(1.0, is_flood=True), 1.0),
    ],
)
def test_it_looks_less_often_when_busy_and_not_at_all_when_nobody_can_see(circumstances, hz):
    assert rate_hz(circumstances) == hz


def test_it_looks_ten_times_a_second_here_and_four_times_over_ssh_unless_told_otherwise():
    assert base_hz(0, over_ssh=False) == 10
    assert base_hz(0, over_ssh=True) == 4
    assert base_hz(2, over_ssh=True) == 2


def test_without_news_it_pulls_once_a_second(pump, view, clock):
    pump.look()
    for _tick in range(9):
        clock.now += 0.1
        pump.look()
    assert view.seen == ["beat", "status", "pull"]
    clock.now += 0.2
    pump.look()
    assert view.seen.count("pull") == 2


def test_many_changes_between_two_looks_are_one_pull(pump, view, control):
    pump.look()
    view.seen.clear()
    for _chunk in range(1_000):
        control.traffic.touch(14)
    pump.look()
    pump.look()
    assert view.seen == ["status", "pull"]


def test_a_new_request_is_pulled_at_the_next_look(pump, view, control):
    pump.look()
    view.seen.clear()
    control.add(exchange(99, 1.0))
    pump.look()
    assert view.seen == ["status", "pull"]


def test_a_resting_pump_touches_nothing(pump, view, control):
    view.now = Circumstances(10.0, has_backlog=True)
    control.traffic.touch(14)
    pump.look()
    assert view.seen == []
    assert pump.delay_s() == 0.5


def test_old_notices_are_not_news_and_new_ones_come_once(pump, view, control):
    pump.look()
    control.notices.add(1.0, "error", "health", "endpoint down")
    pump.look()
    pump.look()
    assert view.notices == ["endpoint down"]


def test_a_busy_loop_halves_the_rate_until_it_recovers(pump, control):
    assert pump.delay_s() == pytest.approx(0.1)
    control.changed_status = {"loop_lag_ms": 45.0}
    pump.look()
    assert pump.delay_s() == pytest.approx(0.2)
    control.changed_status = {}
    control.traffic.touch(14)
    pump.look()
    assert pump.delay_s() == pytest.approx(0.1)


def arrive(control: FakeControl, first: int, count: int) -> None:
    for number in range(first, first + count):
        control.add(exchange(number, 1.0))


def test_a_flood_of_requests_is_looked_at_less_often_until_it_ebbs(pump, control, clock):
    arrive(control, 100, 10)
    clock.now += 0.1
    pump.look()
    assert pump.delay_s() == pytest.approx(0.5)
    arrive(control, 110, 1)
    clock.now += 0.5
    pump.look()
    assert pump.delay_s() == pytest.approx(0.1)


def test_chunks_of_a_few_long_streams_are_no_flood(pump, control, clock):
    for _chunk in range(1_000):
        control.traffic.touch(14)
    clock.now += 0.1
    pump.look()
    assert pump.delay_s() == pytest.approx(0.1)
