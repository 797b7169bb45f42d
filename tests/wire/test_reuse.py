"""A conversion that reuses earlier ones says the same as one that does not."""

from __future__ import annotations

import itertools
import json
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cccc_tui.wire.convert import ConversionRefused, ConvertOptions, convert_request
from cccc_tui.wire.model import Toolbox, Turn
from cccc_tui.wire.patch import Document
from cccc_tui.wire.reuse import Memo
from tests.fakes.conversations import OPTIONS, PAIRS, conversations, written

GOLDEN = Path(__file__).parent / "golden" / "requests"
UPSTREAMS = [
    OPTIONS,
    ConvertOptions(model="up", origin="p1", genuine=True),
    ConvertOptions(model="claude-sonnet-4-5", origin="p2", cache_breakpoints=False),
]
pairs = pytest.mark.parametrize(("source", "target"), PAIRS)
quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def said(source, target, body: bytes, options, *known) -> Any:
    """All that an engine learns of a conversion."""
    try:
        result = convert_request(source, target, body, options, *known)
    except ConversionRefused as refusal:
        return str(refusal), refusal.code, refusal.param
    context = result.context
    names = [context.names.from_wire(name) for name in ("Bash", "x" * 64, "agents__close", "apply_patch")]
    return result.body, result.notes, context.client(), names, context.compacts, context.stream


@pairs
@quick
@given(conversation=conversations)
def test_a_growing_conversation_is_converted_as_if_each_turn_were_the_first(source, target, conversation):
    memo = Memo()
    system, first, steps = conversation
    for count in range(len(steps) + 1):
        body = json.dumps(written(source, system, first, steps[:count])).encode()
        fields = Document.read(body).fields
        for options in UPSTREAMS:
            alone = said(source, target, body, options)
            assert said(source, target, body, options, memo) == alone
            assert said(source, target, body, options, memo, fields) == alone


@cache
def pool(source) -> tuple[str, list[Any], list[dict[str, Any]]]:
    """Where the conversation stands, all that is said in one of the cases, and what the cases say beside it."""
    name = "input" if source == "responses" else "messages"
    cases = [json.loads(path.read_bytes()) for path in sorted((GOLDEN / source).glob("*/client.json"))]
    lists = [case.pop(name) for case in cases if isinstance(case.get(name), list)]
    return name, list(itertools.chain(*lists)), cases


@pairs
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_pieces_of_all_kinds_in_any_order_are_converted_as_if_nothing_were_known(source, target, data):
    """Calls without results and results without calls, marks, deferred tools, things that are noted or refused."""
    name, messages, cases = pool(source)
    memo = Memo()
    for _ in range(4):
        chosen = data.draw(st.lists(st.sampled_from(messages[:12] + messages), max_size=6))
        body = json.dumps(data.draw(st.sampled_from(cases)) | {name: chosen}).encode()
        options = data.draw(st.sampled_from(UPSTREAMS))
        assert said(source, target, body, options, memo) == said(source, target, body, options)
        assert said(source, target, body, options, memo) == said(source, target, body, options)


@pairs
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_conversation_of_pieces_of_all_kinds_may_grow_turn_by_turn(source, target, data):
    name, messages, cases = pool(source)
    memo = Memo()
    chosen = data.draw(st.lists(st.sampled_from(messages), min_size=4, max_size=16))
    case = data.draw(st.sampled_from(cases))
    for count in range(1, len(chosen) + 1):
        body = json.dumps(case | {name: chosen[:count]}).encode()
        for options in UPSTREAMS:
            assert said(source, target, body, options, memo) == said(source, target, body, options)


@pairs
def test_every_case_is_converted_the_same_beside_all_others(source, target):
    memo = Memo()
    paths = sorted((GOLDEN / source).glob("*/client.json"))
    for path in (*paths, *paths):
        for options in UPSTREAMS:
            body = path.read_bytes()
            assert said(source, target, body, options, memo) == said(source, target, body, options), path


@pytest.mark.parametrize("source", ["anthropic", "chat", "responses"])
def test_an_error_names_its_place_in_the_whole_request(source):
    name = "input" if source == "responses" else "messages"
    user = {"type": "message", "role": "user", "content": "hi"}
    body = json.dumps({"model": "m", name: [user, {**user, "content": 7}]}).encode()
    target = "anthropic" if source == "chat" else "chat"
    with pytest.raises(ConversionRefused, match=rf"\$\.{name}\[1\]\.content"):
        convert_request(source, target, body, OPTIONS, Memo())


def test_tools_that_are_found_later_move_none_that_were_there():
    """Their place is part of what the prompt cache knows; the first definition of a name wins."""

    def tools(*names: str, description: str) -> list[dict[str, Any]]:
        return [{"type": "function", "name": name, "description": description} for name in names]

    found = {"type": "tool_search_output", "call_id": "c", "tools": tools("A", "C", description="later")}
    call = {"type": "tool_search_call", "call_id": "c", "arguments": {}}
    items = [{"type": "message", "role": "user", "content": "hi"}, call, found]
    body = json.dumps({"model": "m", "tools": tools("A", "B", description="first"), "input": items}).encode()
    for memo in (None, Memo()):
        sent = json.loads(convert_request("responses", "chat", body, OPTIONS, memo).body)["tools"]
        told = [(tool["function"]["name"], tool["function"]["description"]) for tool in sent]
        assert told == [("A", "first"), ("B", "first"), ("C", "later")]


# --- the memo itself -------------------------------------------------------------------------------


def reader(log: list[bytes], is_all: bool = True):
    def read(raw: msgspec.Raw) -> tuple[Turn, bool]:
        log.append(bytes(raw))
        return Turn("user", []), is_all

    return read


def test_what_was_read_once_is_not_read_again():
    memo, log = Memo(), []
    first = memo.read("message", msgspec.Raw(b"1"), reader(log))
    assert memo.read("message", msgspec.Raw(b"1"), reader(log)) is first
    assert log == [b"1"]


def test_the_same_bytes_of_another_kind_are_something_else():
    memo = Memo()
    turn = memo.read("message", msgspec.Raw(b"[]"), reader([]))
    tools = memo.read("tools", msgspec.Raw(b"[]"), lambda raw: (Toolbox(), True))
    assert (turn, tools) == (Turn("user", [], forms={}), Toolbox(forms={}))


def test_what_says_more_than_it_holds_is_read_each_time():
    memo, log = Memo(), []
    for _ in range(2):
        assert memo.read("message", msgspec.Raw(b"1"), reader(log, is_all=False)).forms is None
    assert log == [b"1", b"1"]


def test_memory_is_bounded_and_what_is_asked_for_stays():
    memo, log = Memo(limit_bytes=1_000_000), []
    for number in range(1000):
        memo.read("message", msgspec.Raw(b"used"), reader(log))
        memo.read("message", msgspec.Raw(b"%d" % number * 1000), reader(log))
    assert log.count(b"used") == 1
    assert len(memo) < 400
    memo.read("message", msgspec.Raw(b"0" * 1000), reader(log))
    assert log.count(b"0" * 1000) == 2


def test_a_piece_larger_than_the_memory_is_read_each_time_and_pushes_nothing_out():
    memo, log = Memo(limit_bytes=10_000), []
    for raw in (b"small", b"x" * 20_000, b"x" * 20_000, b"small"):
        memo.read("message", msgspec.Raw(raw), reader(log))
    assert log == [b"small", b"x" * 20_000, b"x" * 20_000]


# --- beginnings of conversations -------------------------------------------------------------------


def as_list(*items: bytes) -> msgspec.Raw:
    return msgspec.Raw(b"[ %b\n]" % b" ,\t".join(items))


def item(number: int, mark: str = "") -> bytes:
    return json.dumps({"n": number, "mark": mark}).encode()


def test_of_a_conversation_only_what_is_new_is_read():
    memo, log = Memo(), []
    items = [item(number) for number in range(40)]
    first = memo.read_items("messages", as_list(*items), reader(log))
    assert log == items
    log.clear()
    again = memo.read_items("messages", as_list(*items, item(40), item(41)), reader(log))
    assert log == [item(40), item(41)]
    assert all(turn is known for turn, known in zip(again.known, first.fresh[:37], strict=True))


def test_a_conversation_that_grows_is_kept_once_and_each_item_is_read_once():
    memo, log = Memo(), []
    items = [item(number) for number in range(400)]
    for count in range(1, len(items)):
        told = memo.read_items("messages", as_list(*items[:count]), reader(log))
    assert log[:3] == items[:3]
    assert len(log) < len(items) + 10
    assert len(told.known) > 0.9 * len(items)


def test_marks_that_move_with_the_end_of_a_conversation_cost_nothing():
    memo, log = Memo(), []
    for count in range(100, 110):
        log.clear()
        marked = [item(number, "cached" if number >= count - 3 else "") for number in range(count)]
        memo.read_items("messages", as_list(*marked), reader(log))
    assert log == [item(105), item(108, "cached")]


def test_conversations_that_begin_alike_are_told_apart():
    memo, log = Memo(), []
    alike = [item(number) for number in range(20)]
    one, other = [[*alike, *(item(number, name) for number in range(20))] for name in ("one", "other")]
    for _ in range(3):
        log.clear()
        for items in (one, other):
            memo.read_items("messages", as_list(*items), reader(log))
    assert log == []


def test_an_item_that_says_more_than_it_holds_is_read_each_time_and_the_others_are_not():
    memo, log = Memo(), []
    items = [item(number, "noted" if number == 5 else "") for number in range(20)]

    def read(raw: msgspec.Raw) -> tuple[Turn, bool]:
        return reader(log, is_all=b"noted" not in bytes(raw))(raw)

    for _ in range(2):
        log.clear()
        memo.read_items("messages", as_list(*items), read)
    assert log == [items[5]]


def test_the_memory_for_conversations_is_bounded_too():
    memo, log = Memo(limit_bytes=1_000_000), []
    for number in range(1000):
        items = [item(number, "x" * 1000) for _ in range(20)]
        memo.read_items("messages", as_list(*items), reader(log))
    assert len(memo) < 20


def test_of_conversations_that_are_hard_to_tell_apart_only_the_latest_are_kept():
    memo, log = Memo(), []
    same = [item(number) for number in range(20)]
    for number in range(1000):
        memo.read_items("messages", as_list(item(1000 + number), *same), reader(log))
    assert len(memo) < 20
    log.clear()
    memo.read_items("messages", as_list(item(1999), *same), reader(log))
    assert log == []
