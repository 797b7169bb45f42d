"""Halves of emojis: agents cut outputs by UTF-16 units, and servers their answers."""

from __future__ import annotations

import json

import pytest

from cccc_tui.wire.convert import ConvertOptions, StreamConverter, convert_request, convert_response
from cccc_tui.wire.events import Answer
from cccc_tui.wire.model import Text, ToolCall, Usage
from tests.fakes.conversations import PAIRS, request, upstream_body, upstream_stream


@pytest.mark.parametrize("half", ["\\ud83d", "\\ude00"])
@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_half_an_emoji_costs_one_character_and_not_the_request_or_the_answer(source, target, half):
    body = request(source).replace(b'"hi"', f'"cut {half}"'.encode())
    sent = convert_request(source, target, body, ConvertOptions())
    assert "cut \ufffd" in str(json.loads(sent.body))
    answer = Answer(
        "a", "m", 0, [Text("one HALF two"), ToolCall("c", "f", '{"x":"HALF"}')], "tool_use", usage=Usage(9, 9)
    )
    said = upstream_body(target, answer).replace(b"HALF", half.encode())
    whole = convert_response(sent.context, said)
    assert whole.error is None and "one \ufffd two" in whole.body.decode()
    stream = StreamConverter(sent.context)
    upstream = upstream_stream(target, answer).replace(b"HALF", half.encode())
    written = (stream.feed(upstream) + stream.end()).decode()
    assert "one \ufffd two" in written and not stream.notes
