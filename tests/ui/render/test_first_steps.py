"""What to do first."""

from __future__ import annotations

from cccc_tui.config.first_run import Offer
from cccc_tui.ui.render.cells import plain, width
from cccc_tui.ui.render.first_steps import MAX_OFFERS, first_steps
from cccc_tui.ui.render.glyphs import glyphs


def offers(count: int) -> list[Offer]:
    return [
        Offer(
            name=f"server-{n}", url=f"http://127.0.0.1:{n}/v1", kind="openai", why=f"it answers on {n}\x1b[2J"
        )
        for n in range(count)
    ]


def texts(count: int, columns: int = 78) -> list[str]:
    return [plain(each) for each in first_steps(offers(count), columns, glyphs(False))]


def test_what_was_found_stands_between_where_one_is_and_how_to_go_on():
    first, found, last = texts(1)
    assert "built-in demo" in first
    assert "server-0" in found
    assert "it answers on 0" in found
    assert "space switches one on" in last


def test_where_nothing_was_found_the_form_is_named():
    assert len(texts(0)) == 2
    assert "a, adds an endpoint" in texts(0)[1]


def test_of_what_nobody_has_looked_for_nothing_is_said():
    shown = [plain(each) for each in first_steps(None, 78, glyphs(False))]
    assert not any("found" in text for text in shown)
    assert "space switches one on" in shown[-1]


def test_it_never_grows_over_the_screen():
    assert len(texts(20)) == MAX_OFFERS + 2
    assert all(width(each) <= 40 for each in first_steps(offers(20), 40, glyphs(False)))


def test_what_a_server_calls_its_models_reaches_no_terminal_as_an_escape():
    assert not any("\x1b" in text for text in texts(1))
