from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from cccc_tui.wire.sse import Decoder, Event

STREAM = (
    "event: ping\ndata: {}\n\n: comment\ndata: Grüße\r\ndata: aus 東京\r\n\r\n"
    "data:no space\r\rdata: unfinished"
).encode()
EVENTS = [
    Event("ping", b"{}"),
    Event("", "Grüße\naus 東京".encode()),
    Event("", b"no space"),
    Event("", b"unfinished"),
]


def decode(*chunks: bytes) -> list[Event]:
    decoder = Decoder()
    return [event for chunk in chunks for event in decoder.feed(chunk)] + list(decoder.end())


@settings(deadline=None)
@given(cuts=st.sets(st.integers(0, len(STREAM))))
def test_any_chunking_gives_the_same_events(cuts):
    edges = [0, *sorted(cuts), len(STREAM)]
    assert decode(*(STREAM[a:b] for a, b in pairwise(edges))) == EVENTS


def test_a_name_without_data_is_no_event_and_does_not_stay():
    assert decode(b"event: ping\n\ndata: x\n\n") == [Event("", b"x")]


def test_comments_and_unknown_fields_are_passed_over():
    assert decode(b": a\nretry: 5\nid: 7\ndata\ndata: x\n\n") == [Event("", b"\nx")]
