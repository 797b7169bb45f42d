"""States as glyph and word."""

from typing import get_args

import pytest

from cccc_tui.engine.control import Health
from cccc_tui.traffic.exchange import Exchange
from cccc_tui.traffic.notices import LEVELS
from cccc_tui.ui.render.glyphs import ASCII, UNICODE
from cccc_tui.ui.render.status import exchange_mark, health_mark, legend, level_mark, status_mark


def exchange(state: str, status: int) -> Exchange:
    return Exchange(id=1, began_at=0, method="POST", path="/", state=state, status=status)


@pytest.mark.parametrize(
    ("state", "status", "shown", "tone"),
    [
        ("done", 200, "✓ 200", "ok"),
        ("done", 400, "! 400", "warn"),
        ("failed", 502, "✗ 502", "error"),
        ("failed", 429, "✗ 429", "error"),
        ("failed", 200, "✗ broken", "error"),
        ("streaming", 200, "~ stream", "busy"),
        ("waiting", 0, "⟳ wait", "busy"),
        ("routing", 0, "⟳ route", "busy"),
        ("cancelled", 200, "⊘ gone", "off"),
    ],
)
def test_every_state_of_a_request_has_a_glyph_and_a_word(state, status, shown, tone):
    mark = exchange_mark(exchange(state, status), UNICODE)
    assert (mark.run.text, mark.tone) == (shown, tone)


def test_a_broken_stream_never_reads_as_success():
    assert exchange_mark(exchange("failed", 200), ASCII).run.text == "x broken"


def test_no_answer_is_said_in_words():
    assert status_mark(0, UNICODE).run.text == "✗ no answer"


def test_every_health_differs_without_colour():
    shown = {health_mark(health, ASCII).run.text for health in get_args(Health)}
    assert len(shown) == len(get_args(Health))


def test_every_level_differs_without_colour():
    assert len({level_mark(level, ASCII).run.text for level in LEVELS}) == len(LEVELS)


def test_the_legend_explains_every_health():
    for health in get_args(Health):
        assert health_mark(health, UNICODE).word in legend(UNICODE)
