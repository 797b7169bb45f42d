from hypothesis import given, strategies as st
from cccc_tui.wire.sse import Decoder, Event

STREAM = "event: ping\ndata: {}\n\n: comment\ndata: Grüße\r\ndata: aus 東京\r\n\r\ndata:no space\r\rdata: unfinished".encode()
EVENTS = [Event("ping", b"{}"), Event("", "Grüße\naus 東京".encode()), Event("", b"no space"), Event("", b"unfinished")]


def decode(*chunks: bytes) -> list[Event]:
    decoder = Decoder()
    return [event for chunk in chunks for event in decoder.feed(chunk)] + list(decoder.end())


@given(cuts=st.sets(st.integers(0, len(STREAM))))
def test_any_chunking_gives_the_same_events(cuts):
    edges = [0, *sorted(cuts), len(STREAM)]
    assert decode(*(STREAM[a:b] for a, b in zip(edges, edges[1:]))) == EVENTS
