"""Rates: per-second counts on a clock that the test moves."""

from cccc_tui.traffic.rates import Rates


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_a_count_falls_out_when_its_time_is_over():
    clock = Clock()
    rates = Rates(clock, span_s=10)
    rates.count("requests", 3)
    clock.now += 4
    rates.count("requests")
    assert rates.total("requests", 10) == 4
    assert rates.total("requests", 4) == 1
    clock.now += 6
    assert rates.total("requests", 10) == 1
    clock.now += 100
    assert rates.total("requests", 10) == 0


def test_history_is_one_number_a_second_oldest_first():
    clock = Clock()
    rates = Rates(clock, span_s=10)
    rates.count("tokens", 5)
    clock.now += 2
    rates.count("tokens", 7)
    assert rates.history("tokens", 4) == [0, 5, 0, 7]
    assert rates.history("tokens", 99) == [0, 0, 0, 0, 0, 0, 0, 5, 0, 7]


def test_a_clock_that_jumps_back_loses_nothing():
    clock = Clock()
    rates = Rates(clock, span_s=10)
    rates.count("errors")
    clock.now -= 5
    rates.count("errors")
    assert rates.total("errors", 10) == 2


def test_series_are_apart():
    rates = Rates(Clock(), span_s=10)
    rates.count("bytes", 9)
    assert (rates.total("bytes", 10), rates.total("tokens", 10)) == (9, 0)
