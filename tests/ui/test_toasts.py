"""Short messages: merged, few, and errors wait for the reader."""

from __future__ import annotations

import pytest

from cccc_tui.ui.toasts import MAX_TOASTS, Toasts


class Corner:
    def __init__(self) -> None:
        self.now = 0.0
        self.shown: list[tuple[str, str, float]] = []
        self.toasts = Toasts(lambda *toast: self.shown.append(toast), self.shown.clear, lambda: self.now)

    @property
    def texts(self) -> list[str]:
        return [text for text, _severity, _left in self.shown]


@pytest.fixture
def corner() -> Corner:
    return Corner()


def test_a_repeated_message_is_counted(corner):
    for _time in range(7):
        corner.toasts.add("reloaded")
    assert corner.texts == ["reloaded  ×7"]


def test_the_count_begins_anew_when_the_first_one_is_gone(corner):
    corner.toasts.add("reloaded")
    corner.now = 60
    corner.toasts.add("reloaded")
    assert corner.texts == ["reloaded"]


def test_no_message_stays_longer_than_five_seconds_unless_it_is_an_error(corner):
    corner.toasts.add("done")
    corner.toasts.add("careful", "warning")
    corner.toasts.add("broken", "error")
    left = {text: seconds for text, _severity, seconds in corner.shown}
    assert left["done"] <= 5 and left["careful"] <= 5
    assert left["broken"] > 3_600


def test_the_corner_holds_few_and_the_newest(corner):
    for number in range(10):
        corner.toasts.add(f"message {number}")
    assert corner.texts == [f"message {number}" for number in range(10 - MAX_TOASTS, 10)]


def test_reading_dismisses_all(corner):
    corner.toasts.add("broken", "error")
    corner.toasts.dismiss()
    assert corner.shown == []


def test_the_same_text_of_another_weight_is_another_message(corner):
    corner.toasts.add("x")
    corner.toasts.add("x", "error")
    assert corner.texts == ["x", "x"]
