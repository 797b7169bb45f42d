"""What a client is told of an answer whose upstream counts no tokens, over all pairs."""

from __future__ import annotations

import json

import pytest

from cccc_tui.wire.convert import (
    StreamConverter,
    convert_request,
    convert_response,
    response_as_stream,
    stream_as_response,
)
from cccc_tui.wire.events import Answer
from cccc_tui.wire.model import Text, ToolCall, Usage
from cccc_tui.wire.tokens import UNKNOWN_FACTOR, estimate_tokens
from cccc_tui.wire.uncounted import NOTE
from tests.fakes.conversations import FORMATS, OPTIONS, PAIRS, request, upstream_body, upstream_stream

PARTS = [Text("It is warm. " * 50), ToolCall("c1", "Bash", '{"command":"ls"}')]
SAID_TOKENS = (len("It is warm. " * 50) + len('{"command":"ls"}')) / 4
pairs = pytest.mark.parametrize(("source", "target"), PAIRS)


def ask(source, target):
    return convert_request(source, target, request(source), OPTIONS).context


def told(source, body: bytes) -> tuple[int, int]:
    """Input and output tokens as the client of that format reads them, of an answer or of its stream's end."""
    found = [json.loads(line[6:]) for line in body.splitlines() if line.startswith(b"data: {")]
    whole = [entry.get("response", entry) for entry in found] or [json.loads(body)]
    usage = next(entry["usage"] for entry in reversed(whole) if entry.get("usage"))
    names = ("prompt_tokens", "completion_tokens") if source == "chat" else ("input_tokens", "output_tokens")
    return usage[names[0]], usage[names[1]]


@pairs
def test_the_client_gets_an_estimate_in_every_way_to_ask_and_our_books_stay_empty(source, target):
    answer = Answer("a", "m", 0, PARTS, "tool_use")
    context = ask(source, target)
    stream = StreamConverter(context)
    streamed = stream.feed(upstream_stream(target, answer)) + stream.end()
    assert stream.usage == Usage() and NOTE in stream.notes
    whole = convert_response(context, upstream_body(target, answer))
    as_stream = response_as_stream(context, upstream_body(target, answer))
    as_whole = stream_as_response(context, upstream_stream(target, answer))
    for converted in (whole, as_stream, as_whole):
        assert converted.usage == Usage() and NOTE in converted.notes
    expected = estimate_tokens(source, request(source), UNKNOWN_FACTOR)
    for body in (streamed, whole.body, as_stream.body, as_whole.body):
        prompt, output = told(source, body)
        assert prompt == expected > 0
        assert SAID_TOKENS <= output < SAID_TOKENS + 1


@pairs
def test_a_count_that_the_upstream_gave_is_kept_beside_an_estimate(source, target):
    answer = Answer("a", "m", 0, PARTS, "tool_use", usage=Usage(output_tokens=7))
    prompt, output = told(source, convert_response(ask(source, target), upstream_body(target, answer)).body)
    assert prompt > 0 and output == 7


@pairs
def test_an_answer_that_was_counted_is_told_as_it_was_counted(source, target):
    answer = Answer("a", "m", 0, PARTS, "tool_use", usage=Usage(11, 3))
    converted = convert_response(ask(source, target), upstream_body(target, answer))
    assert told(source, converted.body) == (11, 3) and NOTE not in converted.notes


@pytest.mark.parametrize("form", FORMATS)
def test_a_request_that_cannot_be_read_costs_the_estimate_and_not_the_answer(form):
    context = convert_request(form, form, request(form), OPTIONS).context
    lost = type(context)(form, form, "m", context.names, OPTIONS, request=b'{"messages":7,"input":7}')
    answer = Answer("a", "m", 0, PARTS, "tool_use")
    assert told(form, convert_response(lost, upstream_body(form, answer)).body)[0] == 0
