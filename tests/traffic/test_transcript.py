"""What a stream says, in all three formats and cut anywhere."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cccc_tui.traffic.exchange import Body
from cccc_tui.traffic.transcript import Piece, Transcript

ANTHROPIC = (
    b'event: message_start\ndata: {"type":"message_start","message":{}}\n\n'
    b'event: content_block_delta\ndata: {"type":"content_block_delta","delta":{"thinking":"Let me "}}\n\n'
    b'event: content_block_delta\ndata: {"type":"content_block_delta","delta":{"thinking":"see"}}\n\n'
    b'event: content_block_delta\ndata: {"type":"content_block_delta","delta":{"text":"Hel"}}\n\n'
    b'event: content_block_delta\ndata: {"type":"content_block_delta","delta":{"text":"lo"}}\n\n'
    b'event: content_block_start\ndata: {"content_block":{"type":"tool_use","name":"A"}}\n\n'
    b'event: content_block_delta\ndata: {"type":"content_block_delta","delta":{"partial_json":"{}"}}\n\n'
    b'event: content_block_start\ndata: {"content_block":{"type":"tool_use","name":"B"}}\n\n'
)
CHAT = (
    b'data: {"choices":[{"delta":{"reasoning_content":"Let me see"}}]}\n\n'
    b'data: {"choices":[{"delta":{"content":"Hello"}}]}\n\n'
    b'data: {"choices":[{"delta":{"tool_calls":[{"function":{"name":"A","arguments":""}}]}}]}\n\n'
    b'data: {"choices":[{"delta":{"tool_calls":[{"function":{"arguments":"{}"}}]}}]}\n\n'
    b'data: {"choices":[{"delta":{"tool_calls":[{"function":{"name":"B","arguments":""}}]}}]}\n\n'
    b"data: [DONE]\n\n"
)
RESPONSES = (
    b'event: x\ndata: {"type":"response.reasoning_summary_text.delta","delta":"Let me see"}\n\n'
    b'event: x\ndata: {"type":"response.output_text.delta","delta":"Hello"}\n\n'
    b'event: x\ndata: {"type":"response.output_item.added","item":{"type":"function_call","name":"A"}}\n\n'
    b'event: x\ndata: {"type":"response.function_call_arguments.delta","delta":"{}"}\n\n'
    b'event: x\ndata: {"type":"response.output_item.added","item":{"type":"function_call","name":"B"}}\n\n'
)
SAID = [
    Piece("thinking", "Let me see"),
    Piece("text", "Hello"),
    Piece("tool", "{}", "A"),
    Piece("tool", "", "B"),
]


def read(data: bytes, cuts: list[int], keep: int = 100_000) -> Transcript:
    body, transcript, last = Body(keep), Transcript(), 0
    for cut in [*sorted(cuts), len(data)]:
        body.append(data[last:cut])
        transcript.read(body, is_over=False)
        last = cut
    transcript.read(body, is_over=True)
    return transcript


@pytest.mark.parametrize("data", [ANTHROPIC, CHAT, RESPONSES], ids=["anthropic", "chat", "responses"])
def test_every_format_says_the_same(data):
    assert read(data, []).pieces == SAID


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, len(ANTHROPIC)), max_size=8))
def test_reading_while_it_grows_gives_the_same_as_reading_it_whole(cuts):
    assert read(ANTHROPIC, cuts).pieces == SAID


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, len(ANTHROPIC)), max_size=8), st.integers(50, 600))
def test_a_body_that_was_not_kept_whole_says_so_and_reads_on(cuts, keep):
    gaps = [piece for piece in read(ANTHROPIC, cuts, keep).pieces if piece.kind == "gap"]
    assert all(int(piece.text) > 0 for piece in gaps)


def test_nothing_new_is_told_apart_from_something_new():
    body, transcript = Body(1_000), Transcript()
    body.append(b"data: x\n\n")
    assert transcript.read(body, is_over=False)
    assert not transcript.read(body, is_over=False)
    assert transcript.read(body, is_over=True)
    assert not transcript.read(body, is_over=True)


@pytest.mark.parametrize(
    "event",
    [b"{", b'{"choices":7}', b'{"choices":[7]}', b'{"delta":"x"}', b"[]", b'{"type":"response.created"}'],
)
def test_an_event_that_makes_no_sense_adds_nothing(event):
    assert read(b"data: " + event + b"\n\n", []).pieces == []
