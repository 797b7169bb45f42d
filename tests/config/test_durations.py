import pytest

from cccc_tui.config.durations import read_seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30s", 30),
        ("1h30m", 5400),
        ("1.5h", 5400),
        ("250ms", 0.25),
        ("1m0.5s", 60.5),
        ("100us", 0.0001),
        ("100µs", 0.0001),
        ("10", 10),
        ("0.5", 0.5),
        ("-3s", -3),
        ("+3s", 3),
    ],
)
def test_go_forms_and_plain_numbers_are_seconds(text, seconds):
    assert read_seconds(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "s", "3 s", "soon", "10d", "1.2.3", "--3s", "inf", "1e3", "٣s"])
def test_anything_else_is_no_duration(text):
    assert read_seconds(text) is None
