"""Where the time went: phases without gaps, a bar of exactly its width."""

import pytest

from cccc_tui.ui.render.cells import plain, width
from cccc_tui.ui.render.glyphs import ASCII, UNICODE
from cccc_tui.ui.render.timing import bar, phases, timing_lines
from tests.fakes.control import NOW, scripted_exchanges

EXCHANGES = scripted_exchanges()
BY_ID = {each.id: each for each in EXCHANGES}


@pytest.mark.parametrize("exchange", EXCHANGES, ids=lambda each: f"{each.id}-{each.state}")
def test_the_phases_follow_each_other_from_the_beginning_to_the_end(exchange):
    parts = phases(exchange, NOW)
    assert parts[0].began_s == 0
    assert all(part.took_s >= 0 for part in parts)
    assert [part.ended_s for part in parts[:-1]] == [part.began_s for part in parts[1:]]


@pytest.mark.parametrize("exchange", EXCHANGES, ids=lambda each: f"{each.id}-{each.state}")
@pytest.mark.parametrize("columns", [10, 57])
def test_the_bar_fills_its_width(exchange, columns):
    assert width(bar(phases(exchange, NOW), columns, UNICODE)) == columns


def test_a_failed_first_try_has_a_phase_of_its_own():
    assert "failed tries" in [part.name for part in phases(BY_ID[12], NOW)]


def test_a_running_request_has_no_end_yet():
    assert "running for" in "\n".join(plain(line) for line in timing_lines(BY_ID[14], NOW, 60, UNICODE))


def test_unknown_numbers_are_not_zero():
    text = "\n".join(plain(line) for line in timing_lines(BY_ID[16], NOW, 60, UNICODE))
    assert "tokens out        –" in text
    assert "output speed      –" in text


def test_the_bar_is_drawn_in_ascii_too():
    text = plain(bar(phases(BY_ID[12], NOW), 40, ASCII))
    assert text.isascii()
    assert len(set(text)) > 1
