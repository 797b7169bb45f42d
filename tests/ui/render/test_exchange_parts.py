"""The parts of the detail."""

import pytest

from cccc_tui.traffic.transcript import Transcript
from cccc_tui.ui.render.cells import plain
from cccc_tui.ui.render.exchange_parts import PARTS, Look, facts_line, head_line, part, summary_lines
from cccc_tui.ui.render.glyphs import UNICODE
from tests.fakes.control import NOW, scripted_exchanges

LOOK = Look(NOW, 100, UNICODE)
EXCHANGES = scripted_exchanges()
BY_ID = {each.id: each for each in EXCHANGES}


def text(name: str, number: int, look: Look = LOOK) -> str:
    exchange, transcript = BY_ID[number], Transcript()
    if exchange.response_body:
        transcript.read(exchange.response_body, exchange.is_over)
    return "\n".join(part(name, exchange, transcript, look).texts)


@pytest.mark.parametrize("name", [name for name, _title in PARTS])
@pytest.mark.parametrize("number", sorted(BY_ID))
@pytest.mark.parametrize("raw", [False, True])
def test_every_part_of_every_request_can_be_read(name, number, raw):
    assert text(name, number, LOOK._replace(raw=raw))


def test_the_head_says_who_asked_for_what_and_where_it_went():
    head = plain(head_line(BY_ID[12], LOOK))
    assert head == "#12  ✓ 200  claude-code  claude-sonnet-4-5  by relay-tokyo  8.20s"
    assert plain(facts_line(BY_ID[12])).startswith("POST /v1/messages?beta=true · anthropic · 03:03:34")


def test_the_request_shows_headers_and_body():
    shown = text("request", 12)
    assert "Body as received" in shown
    assert '"model": "claude-sonnet-4-5"' in shown


def test_the_answer_of_a_stream_is_its_text_and_raw_its_events():
    assert "use `Ring.get(1)`" in text("response", 12)
    assert "content_block_delta" in text("response", 12, LOOK._replace(raw=True))


def test_each_attempt_says_how_it_went_and_what_came_of_it():
    shown = text("attempts", 12)
    assert (
        shown.index("anthropic-main  ✗ 529")
        < shown.index("next: overloaded")
        < shown.index("relay-tokyo  ✓ 200")
    )


def test_the_route_says_of_every_endpoint_why():
    shown = text("route", 12).splitlines()
    assert shown[0].startswith(" 1. anthropic-main")
    assert shown[1].endswith("answered")
    assert "  – spare-key" in shown[-1]


def test_a_request_that_nobody_took_yet_says_so_everywhere():
    assert "No endpoint has been asked" in text("attempts", 16)
    assert "Nothing has been sent upstream yet" in text("sent", 16)


def test_an_unchanged_body_is_said_to_be_unchanged():
    exchange = next(each for each in EXCHANGES if each.attempts and each.attempts[-1].sent_body is None)
    assert "byte for byte" in text("sent", exchange.id)


def test_the_summary_has_all_of_it_in_short():
    shown = "\n".join(plain(line) for line in summary_lines(BY_ID[8], LOOK))
    assert "All 2 endpoints failed." in shown
    assert "Attempts" in shown
    assert "Route" in shown
