"""What must hold for every conversation and every stream, whatever their content."""

from __future__ import annotations

import copy
import itertools
import json
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cccc_tui.wire.convert import (
    ConversionRefused,
    StreamConverter,
    convert_request,
    convert_response,
    response_as_stream,
    stream_as_response,
)
from tests.fakes.conversations import (
    FORMATS,
    FULL_ANSWER,
    OPTIONS,
    PAIRS,
    answers,
    conversations,
    request,
    upstream_body,
    upstream_stream,
    written,
)
from tests.fakes.grammar import CHECKS

pairs = pytest.mark.parametrize(("source", "target"), PAIRS)
quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def context(source, target, **fields):
    return convert_request(source, target, request(source, **fields), OPTIONS).context


def run(context, *chunks: bytes) -> tuple[StreamConverter, bytes]:
    stream = StreamConverter(context)
    return stream, b"".join(map(stream.feed, chunks)) + stream.end()


def cut(stream: bytes, places: set[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(stream) + 1) for place in places), len(stream)]
    return [stream[a:b] for a, b in itertools.pairwise(edges)]


@pairs
@quick
@given(answer=answers(), places=st.sets(st.integers(0, 10_000), max_size=8))
def test_any_chunking_of_a_stream_gives_the_same_bytes(source, target, answer, places):
    upstream = upstream_stream(target, answer)
    _, whole = run(context(source, target), upstream)
    _, pieces = run(context(source, target), *cut(upstream, places))
    assert pieces == whole


@pairs
@quick
@given(answer=answers())
def test_a_converted_stream_keeps_the_grammar_of_the_clients_format(source, target, answer):
    stream, written_bytes = run(context(source, target), upstream_stream(target, answer))
    CHECKS[source](written_bytes)
    assert stream.finished and stream.error is None
    assert stream.stop_reason == answer.stop
    assert stream.usage == answer.usage
    assert stream.content_seen == bool(answer.parts)


@pairs
@quick
@given(answer=answers(), place=st.floats(0, 1))
def test_a_stream_that_is_cut_anywhere_ends_in_exactly_one_terminal_event(source, target, answer, place):
    upstream = upstream_stream(target, answer)
    stream, written_bytes = run(context(source, target), upstream[: int(len(upstream) * place)])
    assert stream.finished
    CHECKS[source](written_bytes)
    assert (stream.error is None) == (stream.stop_reason != "")


@pairs
@quick
@given(answer=answers())
def test_a_stream_and_a_whole_answer_say_the_same(source, target, answer):
    by_stream = stream_as_response(context(source, target), upstream_stream(target, answer))
    whole = convert_response(context(source, target), upstream_body(target, answer))
    assert by_stream.usage == whole.usage == answer.usage
    assert by_stream.stop_reason == whole.stop_reason == answer.stop
    assert _comparable(by_stream.body) == _comparable(whole.body)


def _comparable(body: bytes) -> Any:
    """Without ids and times, which only one of the two may know, and with arguments as values."""

    def clean(value: Any) -> Any:
        if isinstance(value, dict):
            kept = {k: clean(v) for k, v in value.items() if k not in ("id", "created", "created_at")}
            if isinstance(kept.get("arguments"), str):
                kept["arguments"] = json.loads(kept["arguments"] or "{}")
            return kept
        return [clean(entry) for entry in value] if isinstance(value, list) else value

    return clean(json.loads(body))


@pairs
@quick
@given(answer=answers())
def test_an_answer_given_whole_can_be_streamed(source, target, answer):
    streamed = response_as_stream(context(source, target), upstream_body(target, answer))
    CHECKS[source](streamed.body)
    assert streamed.error is None and streamed.usage == answer.usage


@pytest.mark.parametrize("middle", FORMATS)
@pytest.mark.parametrize("source", FORMATS)
@quick
@given(answer=answers())
def test_an_answer_survives_the_way_through_another_format(source, middle, answer):
    """What both formats can say comes back as it was."""
    if source == middle:
        return
    there = convert_response(context(middle, source), upstream_body(source, answer))
    back = convert_response(context(source, middle), there.body)
    direct = upstream_body(source, answer)
    assert back.usage == answer.usage and back.stop_reason == answer.stop
    assert _content(source, back.body) == _content(source, direct)


def _content(source, body: bytes) -> list[Any]:
    """What a person and an agent see of an answer."""
    value = json.loads(body)
    if source == "anthropic":
        return [
            (b["type"], b.get("text") or b.get("thinking") or b.get("name"), b.get("input"))
            for b in value["content"]
        ]
    if source == "chat":
        message = value["choices"][0]["message"]
        calls = [
            (c["function"]["name"], json.loads(c["function"]["arguments"]))
            for c in message.get("tool_calls", ())
        ]
        return [message["content"], message.get("reasoning_content"), calls]
    return [
        (i["type"], i.get("name"), json.loads(i.get("arguments") or "{}"), i.get("content"), i.get("summary"))
        for i in value["output"]
    ]


# --- requests --------------------------------------------------------------------------------------


def converted(source, target, body: dict[str, Any]) -> dict[str, Any]:
    return json.loads(convert_request(source, target, json.dumps(body).encode(), OPTIONS).body)


def array(body: bytes, name: str) -> bytes:
    """The bytes of an array in a request, without its closing bracket, and without moving breakpoints."""
    value = json.loads(body)[name]
    for message in value:
        for block in message["content"] if isinstance(message.get("content"), list) else ():
            block.pop("cache_control", None)
    return json.dumps(value).encode()[:-1]


@pairs
@quick
@given(conversation=conversations)
def test_each_turn_is_a_byte_prefix_of_the_next(source, target, conversation):
    system, first, steps = conversation
    name = "input" if target == "responses" else "messages"
    bodies = []
    for count in range(len(steps) + 1):
        client = json.dumps(written(source, system, first, steps[:count])).encode()
        bodies.append(convert_request(source, target, client, OPTIONS).body)
    for earlier, later in itertools.pairwise(bodies):
        assert array(later, name).startswith(array(earlier, name))
        head, tail = (json.loads(body) for body in (earlier, later))
        assert {k: v for k, v in head.items() if k != name} == {k: v for k, v in tail.items() if k != name}
        if target != "anthropic":  # no breakpoints move there: the raw bytes themselves are the prefix
            marker = f'"{name}":['.encode()
            start = earlier.index(marker)
            end = _array_end(earlier, start + len(marker) - 1)
            assert later.startswith(earlier[:end])


@pytest.mark.parametrize("source", ["chat", "responses"])
@quick
@given(conversation=conversations)
def test_breakpoints_are_four_at_most_and_stand_behind_what_stays(source, conversation):
    """Behind the last tool and the last system block, and at the end of the last two turns of the user."""
    system, first, steps = conversation
    body = converted(source, "anthropic", written(source, system, first, steps))
    marked = [block for block in _blocks(body) if "cache_control" in block]
    users = [message for message in body["messages"] if message["role"] == "user"]
    assert 1 <= len(marked) <= 4
    assert "cache_control" in users[-1]["content"][-1]
    for group in ("tools", "system"):
        if group in body:
            assert ["cache_control" in block for block in body[group]].count(True) == 1
            assert "cache_control" in body[group][-1]


def _blocks(body: dict[str, Any]) -> list[dict[str, Any]]:
    inner = [block for message in body["messages"] for block in message["content"]]
    return [*body.get("tools", ()), *body.get("system", ()), *inner]


def _array_end(body: bytes, start: int) -> int:
    """Where the array that begins at `start` closes."""
    text = body[start:].decode()
    _, length = json.JSONDecoder().raw_decode(text)
    return start + len(text[: length - 1].encode())


@pairs
@quick
@given(conversation=conversations)
def test_a_conversation_survives_the_way_there_and_back(source, target, conversation):
    original = written(source, *conversation)
    back = converted(target, source, converted(source, target, original))
    assert _said(source, back) == _said(source, original)


def _said(source, body: dict[str, Any]) -> list[Any]:
    """Who said what, paragraphs joined as every format can say them. Of names, what shortening leaves."""
    said: list[Any] = []
    if source == "anthropic":
        said.append(("system", _texts(body["system"])))
        for message in body["messages"]:
            for block in message["content"] if isinstance(message["content"], list) else [message["content"]]:
                said.append(_anthropic_said(message["role"], block))
    elif source == "chat":
        for message in body["messages"]:
            if message["role"] == "tool":
                said.append(("result", message["tool_call_id"], message["content"]))
                continue
            if message["content"]:
                said.append((message["role"], _texts(message["content"])))
            for call in message.get("tool_calls", ()):
                function = call["function"]
                said.append(("call", call["id"], function["name"][:4], json.loads(function["arguments"])))
    else:
        if "instructions" in body:
            said.append(("developer", body["instructions"]))
        for item in body["input"]:
            said.append(_item_said(item))
    return [entry for entry in said if entry[-1] != ""] if source != "chat" else said


def _anthropic_said(role: str, block: Any) -> tuple[Any, ...]:
    if isinstance(block, str) or block["type"] == "text":
        return (role, block if isinstance(block, str) else block["text"])
    if block["type"] == "tool_use":
        return ("call", block["id"], block["name"][:4], block["input"])
    return ("result", block["tool_use_id"], _texts(block.get("content", "")), None)


def _item_said(item: dict[str, Any]) -> tuple[Any, ...]:
    if item["type"] == "message":
        return (item["role"], _texts(item["content"]))
    if item["type"] == "function_call":
        return ("call", item["call_id"], item["name"][:4], json.loads(item["arguments"]))
    return ("result", item["call_id"], item["output"], None)


def _texts(content: Any) -> str:
    return content if isinstance(content, str) else "\n\n".join(part["text"] for part in content)


# --- nothing raises --------------------------------------------------------------------------------

_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=5)),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


def mutate(value: Any, path: random.Random, junk: Any) -> Any:
    """The value with one thing somewhere in it replaced by junk, or left out."""
    value = copy.deepcopy(value)
    place = value
    while True:
        if isinstance(place, dict) and place:
            key: Any = path.choice(sorted(place))
        elif isinstance(place, list) and place:
            key = path.randrange(len(place))
        else:
            return value
        if not isinstance(place[key], dict | list) or path.random() < 0.3:
            if path.random() < 0.2:
                del place[key]
            else:
                place[key] = junk
            return value
        place = place[key]


@pairs
@settings(max_examples=60, deadline=None)
@given(conversation=conversations, seed=st.integers(0, 2**32), junk=_values)
def test_no_request_makes_a_converter_raise_anything_but_a_refusal(source, target, conversation, seed, junk):
    broken = mutate(written(source, *conversation), random.Random(seed), junk)
    try:
        result = convert_request(source, target, json.dumps(broken).encode(), OPTIONS)
    except ConversionRefused as refusal:
        assert str(refusal)
    else:
        json.loads(result.body)


@pairs
@settings(max_examples=60, deadline=None)
@given(answer=st.one_of(answers(), st.just(FULL_ANSWER)), seed=st.integers(0, 2**32), junk=_values)
def test_no_answer_makes_a_converter_raise(source, target, answer, seed, junk):
    broken = mutate(json.loads(upstream_body(target, answer)), random.Random(seed), junk)
    result = convert_response(context(source, target), json.dumps(broken).encode())
    if result.error is None:
        json.loads(result.body)


@pairs
@settings(max_examples=60, deadline=None)
@given(answer=st.one_of(answers(), st.just(FULL_ANSWER)), seed=st.integers(0, 2**32), junk=_values)
def test_no_stream_makes_a_converter_raise_or_break_the_grammar(source, target, answer, seed, junk):
    path = random.Random(seed)
    events = upstream_stream(target, answer).split(b"\n\n")
    place = path.randrange(len(events) - 1)
    head, _, data = events[place].rpartition(b"data: ")
    if data != b"[DONE]":
        events[place] = head + b"data: " + json.dumps(mutate(json.loads(data), path, junk)).encode()
    if path.random() < 0.3:
        other = path.randrange(len(events) - 1)
        events[place], events[other] = events[other], events[place]
    stream, written_bytes = run(context(source, target), b"\n\n".join(events))
    assert stream.finished
    CHECKS[source](written_bytes)


@pairs
@quick
@given(junk=st.binary(max_size=200))
def test_garbage_from_an_upstream_becomes_an_error(source, target, junk):
    stream, written_bytes = run(context(source, target), junk)
    assert stream.finished and stream.error is not None
    CHECKS[source](written_bytes)
    assert convert_response(context(source, target), junk).error is not None
