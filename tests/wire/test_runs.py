"""Runs of deltas, which are converted without being read one by one: nobody may ever notice."""

from __future__ import annotations

import itertools
import json
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cccc_tui.wire.convert import StreamConverter, convert_request
from cccc_tui.wire.events import BlockStart, BlockStop, Client, Delta, Sealed, Start, Stop, StreamEvent, Used
from cccc_tui.wire.formats import WIRES
from cccc_tui.wire.model import Blob, ConvertOptions, ToolCall, Usage
from cccc_tui.wire.runs import Runs, frame_of
from cccc_tui.wire.sse import Event
from tests.fakes.conversations import ALPHABET, OPTIONS, PAIRS, request

pairs = pytest.mark.parametrize(("source", "target"), PAIRS)
thorough = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
PATCH_TOOL = {"type": "custom", "name": "apply_patch"}

texts = st.text(ALPHABET, min_size=1, max_size=6)
blocks = st.lists(
    st.tuples(
        st.sampled_from(["text", "thinking", "refusal", "Bash", "apply_patch"]), st.lists(texts, max_size=8)
    ),
    min_size=1,
    max_size=4,
)
styles = st.fixed_dictionaries(
    {
        "ensure_ascii": st.booleans(),
        "separators": st.sampled_from([(",", ":"), (", ", ": ")]),
        "sort_keys": st.booleans(),
    }
)


def stream_of(target: str, blocks: list[tuple[str, list[str]]]) -> bytes:
    """An answer as an upstream of that format streams it, a delta for each text."""
    events: list[StreamEvent] = [Start("a1", "up", 7)]
    for key, (kind, said) in enumerate(blocks):
        if kind in ("text", "thinking", "refusal"):
            events.append(BlockStart(key, kind))
        else:
            events.append(BlockStart(key, "tool", ToolCall(f"call_{key}", kind, "")))
        events += [Delta(key, text) for text in said]
        events += [Sealed(key, Blob("text", "", None))] if kind == "thinking" else []
        events.append(BlockStop(key))
    events += [Used(Usage(10, 20)), Stop("end")]
    return b"".join(map(WIRES[target].stream_writer(Client("up", "seed", 7)).write, events))


def restyled(stream: bytes, style: dict[str, Any], padding: list[str]) -> bytes:
    """The same events as another program writes them, each with some padding if there is any."""
    lines = []
    pads = itertools.cycle(padding or [""])
    for line in stream.split(b"\n"):
        head, is_data, data = line.partition(b"data: ")
        if is_data and data != b"[DONE]":
            pad = next(pads)
            said = json.loads(data) | ({"obfuscation": pad} if pad else {})
            lines.append(head + is_data + json.dumps(said, **style).encode())
        else:
            lines.append(line)
    return b"\n".join(lines)


def converter(source: str, target: str, options: ConvertOptions = OPTIONS) -> StreamConverter:
    fields = {"tools": [PATCH_TOOL]} if source == "responses" else {}
    return StreamConverter(convert_request(source, target, request(source, **fields), options).context)


def cut(stream: bytes, places: set[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(stream) + 1) for place in places), len(stream)]
    return [stream[a:b] for a, b in itertools.pairwise(edges)]


def outcome(stream: StreamConverter, chunks: list[bytes]) -> tuple[Any, ...]:
    """All that a client and the engine get."""
    written = b"".join(map(stream.feed, chunks)) + stream.end()
    return (
        written,
        stream.usage,
        stream.stop_reason,
        stream.content_seen,
        stream.error,
        stream.notes,
        stream.final,
    )


def read_one_by_one(stream: StreamConverter, chunks: list[bytes]) -> tuple[Any, ...]:
    with patch.object(Runs, "take", lambda _: None):
        return outcome(stream, chunks)


@pairs
@thorough
@given(
    blocks=blocks,
    style=styles,
    padding=st.lists(st.text("ab1", max_size=4), max_size=3),
    places=st.sets(st.integers(0, 20_000), max_size=12),
)
def test_a_stream_says_the_same_as_if_it_was_read_event_by_event(
    source, target, blocks, style, padding, places
):
    upstream = restyled(stream_of(target, blocks), style, padding)
    expected = read_one_by_one(converter(source, target), [upstream])
    assert outcome(converter(source, target), cut(upstream, places)) == expected


JUNK = [
    b"\\",
    b'"',
    b"\r\n",
    b"\n",
    b"\xff",
    b"\\ud83d",
    b"\\u00e9",
    b"{}",
    b": ping\n\n",
    b'event: ping\ndata: {"type":"ping"}\n\n',
    b'data: {"error":{"message":"broken"}}\n\n',
]


@pairs
@thorough
@given(
    blocks=blocks,
    damages=st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 3), st.sampled_from(JUNK)), max_size=4),
    places=st.sets(st.integers(0, 20_000), max_size=6),
)
def test_a_damaged_stream_says_the_same_too(source, target, blocks, damages, places):
    upstream = stream_of(target, blocks)
    for place, lost, junk in damages:
        at = place % (len(upstream) + 1)
        upstream = upstream[:at] + junk + upstream[at + lost :]
    expected = read_one_by_one(converter(source, target), [upstream])
    assert outcome(converter(source, target), cut(upstream, places)) == expected


@pairs
@pytest.mark.parametrize("kind", ["text", "thinking", "Bash"])
@pytest.mark.parametrize("padding", [[], ["xy", "z", "abc"]], ids=["bare", "padded"])
def test_of_a_long_answer_only_a_few_events_are_read(source, target, kind, padding):
    """But for the arguments of a call in Chat: of them each piece may be one to mend."""
    said = [f"piece {number} of it\n" for number in range(500)]
    upstream = restyled(stream_of(target, [(kind, said)]), {"separators": (",", ":")}, padding)
    stream = converter(source, target)
    with patch.object(stream._reader, "read", wraps=stream._reader.read) as read:
        written = outcome(stream, [upstream])[0]
    assert b"piece 499" in written
    assert read.call_count > 500 if (kind, target) == ("Bash", "chat") else read.call_count < 20


def test_a_frame_is_taken_only_where_its_text_can_be_told_for_sure():
    def frame(data: bytes, text: str) -> bool:
        return frame_of(Event("", data), text) is not None

    assert frame(b'{"a":"x","delta":"hello"}', "hello")
    assert not frame(b'{"a":"hello","delta":"hello"}', "hello"), "it stands there twice"
    assert not frame(b'{"a":"hell\\u006f","delta":"hello"}', "hello"), (
        "it stands there twice, once in disguise"
    )
    assert not frame(b'{"delta":":"}', ":"), "what looks like it is a colon between two strings"
    assert not frame(b'{"delta":["hel","lo"]}', "hello"), "it was put together"


def test_thoughts_kept_for_later_are_kept_of_every_event():
    """OpenRouter's details come beside the thought, and go back whole with the next request."""

    def chunk(**delta: Any) -> bytes:
        return (
            b"data: " + json.dumps({"id": "c", "choices": [{"index": 0, "delta": delta}]}).encode() + b"\n\n"
        )

    sealed = [{"type": "reasoning.encrypted", "data": "c2VhbA=="}]
    thoughts = [chunk(reasoning=text, reasoning_details=sealed) for text in ("one", "two", "three")]
    upstream = [*thoughts, chunk(content="So."), b"data: [DONE]\n\n"]
    for source in ("anthropic", "responses"):
        whole = outcome(converter(source, "chat"), [b"".join(upstream)])
        assert whole == read_one_by_one(converter(source, "chat"), upstream)


def test_what_is_broken_at_the_end_of_an_event_is_not_mended_by_the_next_one():
    whole = [f"piece {number}" for number in range(4)]
    upstream = (
        stream_of("chat", [("text", whole)]).replace(b"piece 2", b"piece 2\\").replace(b"piece 3", b"n 3")
    )
    stream = converter("anthropic", "chat")
    written = outcome(stream, [upstream])[0]
    assert b"piece 1" in written and b"piece 2" not in written
    assert stream.notes
