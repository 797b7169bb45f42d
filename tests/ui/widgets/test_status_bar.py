"""The status bar: the state of the gateway in one line, whatever the width."""

from __future__ import annotations

import pytest

from cccc_tui.ui.widgets.status_bar import status_content, status_facts
from tests.fakes.control import FakeControl, endpoint


def line(control: FakeControl, width: int = 120, view_state: str = "", ascii_only: bool = False) -> str:
    facts = status_facts(control.status(), control.endpoints(), ascii_only)
    return status_content(facts, view_state, width).plain.rstrip()


def test_it_says_address_endpoint_load_errors_and_lag(control):
    assert line(control) == (
        "● 127.0.0.1:8080  → anthropic-main  3 in flight  3 errors/5 min  14 req/min  lag 1 ms"
    )


def test_what_does_not_fit_goes_from_the_end(control):
    assert line(control, 60) == "● 127.0.0.1:8080  → anthropic-main  3 in flight"


def test_the_state_of_the_view_stands_at_the_right_and_is_never_pushed_out(control):
    shown = line(control, 60, "paused  12 of 340")
    assert shown.endswith("paused  12 of 340")
    assert len(shown) == 60
    assert shown.startswith("● 127.0.0.1:8080")


def test_not_listening_is_a_word_not_a_colour(control):
    control.changed_status = {"listening": False, "address": ""}
    assert line(control).startswith("✗ not listening")


def test_no_usable_endpoint_is_said(control):
    control.endpoint_list = [endpoint("a", "failing", 1), endpoint("b", "disabled", 2)]
    assert "no usable endpoint" in line(control)


def test_the_first_endpoint_that_can_be_asked_is_named(control):
    control.endpoint_list = [endpoint("a", "cooling", 1), endpoint("b", "untried", 2)]
    assert "→ b" in line(control)


def test_plain_ascii_has_no_other_sign(control):
    assert line(control, ascii_only=True).isascii()
    control.changed_status = {"listening": False}
    assert line(control, ascii_only=True).isascii()


@pytest.mark.parametrize(("lag_ms", "is_marked"), [(1.4, False), (45.0, True)])
def test_a_slow_loop_is_marked(control, lag_ms, is_marked):
    control.changed_status = {"loop_lag_ms": lag_ms}
    lag = status_facts(control.status(), control.endpoints(), False)[-1]
    assert any("state-warn" in str(span.style) for span in lag.spans) is is_marked
