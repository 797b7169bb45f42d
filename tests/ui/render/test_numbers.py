"""Numbers: short, with a unit, and never 0 for unknown."""

import pytest

from cccc_tui.ui.render import numbers


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (None, "–"),
        (0, "0ms"),
        (0.8404, "840ms"),
        (0.9999, "1.00s"),
        (6.309, "6.31s"),
        (9.996, "10.0s"),
        (41.72, "41.7s"),
        (99.97, "1m40s"),
        (125, "2m05s"),
        (3_840, "1h04m"),
    ],
)
def test_durations(seconds, shown):
    assert numbers.duration(seconds) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"), [(None, "–"), (-3, "0s"), (59.9, "59s"), (60, "1m"), (7_300, "2h"), (400_000, "4d")]
)
def test_ages_have_one_unit(seconds, shown):
    assert numbers.age(seconds) == shown


def test_a_moment_is_a_local_date_and_time():
    assert numbers.moment(1767323045.0) == "2026-01-02 03:04:05"


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (None, "–"),
        (0, "0 B"),
        (999, "999 B"),
        (20_992, "20.5 KB"),
        (150_000, "146 KB"),
        (3_250_586, "3.1 MB"),
    ],
)
def test_sizes(count, shown):
    assert numbers.size(count) == shown


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (None, "–"),
        (0, "0"),
        (950, "950"),
        (1_234, "1.23k"),
        (12_345, "12.3k"),
        (182_400, "182k"),
        (999_999, "1.00M"),
        (2_914_000, "2.91M"),
        (7_000_000_000, "7.00G"),
    ],
)
def test_counts_keep_three_digits(count, shown):
    assert numbers.count(count) == shown


def test_speeds_and_milliseconds():
    assert [numbers.per_second(each) for each in (None, 7.23, 42.4)] == ["–", "7.2", "42"]
    assert [numbers.milliseconds(each) for each in (None, 840, 2_410)] == ["–", "840ms", "2.41s"]


def test_the_time_of_day_is_local():
    assert numbers.clock(1767323045.0) == "03:04:05"
    assert numbers.clock(None) == "–"
