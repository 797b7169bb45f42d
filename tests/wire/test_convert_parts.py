"""The small rules that conversions rest on: names, ids, origins, thinking, pairing, repair, leaked calls."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cccc_tui.wire.chat.calls import CallDelta
from cccc_tui.wire.chat.leaked import DIALECTS, LeakedCalls
from cccc_tui.wire.chat.tags import ThinkTags
from cccc_tui.wire.foreign import drop_foreign_reasoning
from cccc_tui.wire.model import (
    Blob,
    ConversionRefused,
    ConvertOptions,
    Reasoning,
    Text,
    Tool,
    ToolCall,
    ToolResult,
    Turn,
)
from cccc_tui.wire.names import NameMap, anthropic_id, openai_id, original_id, reshaped_id, wire_name
from cccc_tui.wire.origins import made_by, unwrap, wrap
from cccc_tui.wire.pairing import NO_RESULT, paired
from cccc_tui.wire.parts import Array, decode, encode_around, json_object
from cccc_tui.wire.repair import mended
from cccc_tui.wire.restore import InputText
from cccc_tui.wire.thinking import anthropic_thinking, budget_of, effort_of, openai_effort, takes_adaptive
from cccc_tui.wire.tokens import estimate_tokens, tokens_of_text

# --- names and ids ---------------------------------------------------------------------------------


@given(st.text(max_size=100), st.text(max_size=20))
def test_a_wire_name_is_always_acceptable_and_always_the_same(name, namespace):
    wire = wire_name(name, namespace)
    assert len(wire) <= 64 and wire == wire_name(name, namespace)
    assert all(c.isascii() and (c.isalnum() or c in "_-") for c in wire)


def test_a_namespaced_tool_comes_back_with_its_namespace():
    names = NameMap([Tool("close", namespace="agents"), Tool("agents__close")])
    first, second = names.to_wire("close", "agents"), names.to_wire("agents__close")
    assert first == "agents__close" != second
    assert (names.from_wire(first).name, names.from_wire(first).namespace) == ("close", "agents")
    assert (names.from_wire(second).name, names.from_wire(second).namespace) == ("agents__close", "")


def test_a_name_that_the_model_made_up_comes_back_as_it_is():
    assert NameMap([]).from_wire("Bash").name == "Bash"


@given(st.text(min_size=1, max_size=60).filter(lambda s: not s.startswith("cccc-")))
def test_any_call_id_can_go_to_anthropic_and_come_back(call_id):
    there = anthropic_id(call_id)
    assert all(c.isascii() and (c.isalnum() or c in "_-") for c in there)
    assert original_id(there) == call_id


def test_ids_keep_their_shape():
    assert anthropic_id("functions.Bash:0") == "cccc-functions-2eBash-3a0"
    assert openai_id("x" * 100) == openai_id("x" * 100) and len(openai_id("x" * 100)) == 64
    assert reshaped_id("msg_", "chatcmpl-7x", "s") == "msg_7x"
    assert reshaped_id("msg_", "", "seed").startswith("msg_")
    assert reshaped_id("msg_", "", "a") != reshaped_id("msg_", "", "b")


# --- origins ---------------------------------------------------------------------------------------


@given(st.sampled_from(["signature", "redacted", "encrypted", "text"]), st.text(), st.text(), st.text())
def test_a_wrapped_blob_says_who_made_it(kind, data, origin, item_id):
    blob = Blob(kind, data, origin, item_id)
    assert unwrap(wrap(blob), "signature") == blob
    assert made_by(unwrap(wrap(blob), "signature"), origin)
    assert not made_by(blob, f"{origin}!")


def test_a_bare_blob_belongs_to_the_native_provider():
    assert unwrap("EqQB", "signature") == Blob("signature", "EqQB", None)
    assert not made_by(unwrap("EqQB", "signature"), "p1")


def test_traffic_in_its_own_format_loses_foreign_blobs_and_nothing_else():
    own = {"type": "thinking", "thinking": "a", "signature": wrap(Blob("signature", "c2ln", "p1"))}
    other = {"type": "thinking", "thinking": "b", "signature": wrap(Blob("encrypted", "gAAA", "p2"))}
    bare = {"type": "thinking", "thinking": "c", "signature": "EqQB"}
    text = {"type": "text", "text": "d"}
    user = {"role": "user", "content": "1.0"}
    body = json.dumps(
        {"messages": [user, {"role": "assistant", "content": [own, other, bare, text]}]}
    ).encode()
    found = json.loads(drop_foreign_reasoning("anthropic", body, "p1"))
    assert found["messages"][0] == user
    assert found["messages"][1]["content"] == [{**own, "signature": "c2ln"}, bare, text]


def test_traffic_without_wrapped_blobs_is_the_very_object():
    body = b'{"messages": [ ]}'
    assert drop_foreign_reasoning("anthropic", body, "p1") is body


def test_foreign_reasoning_items_and_details_are_taken_out():
    own = {
        "type": "reasoning",
        "id": "x",
        "summary": [],
        "encrypted_content": wrap(Blob("encrypted", "gA", "p1", "rs_9")),
    }
    other = {
        "type": "reasoning",
        "id": "y",
        "summary": [],
        "encrypted_content": wrap(Blob("signature", "s", "p2")),
    }
    body = json.dumps({"input": [own, other]}).encode()
    (kept,) = json.loads(drop_foreign_reasoning("responses", body, "p1"))["input"]
    assert (kept["id"], kept["encrypted_content"]) == ("rs_9", "gA")
    detail = {"type": "reasoning.text", "text": "t", "signature": wrap(Blob("signature", "s", "p2"))}
    body = json.dumps(
        {"messages": [{"role": "assistant", "content": "a", "reasoning_details": [detail]}]}
    ).encode()
    assert json.loads(drop_foreign_reasoning("chat", body, "p1"))["messages"] == [
        {"role": "assistant", "content": "a"}
    ]


# --- thinking --------------------------------------------------------------------------------------


@pytest.mark.parametrize("effort", ["low", "medium", "high", "xhigh", "max"])
def test_an_effort_survives_as_a_budget(effort):
    assert effort_of(budget_of(effort)) == effort


def test_claude_codes_budget_is_high():
    assert openai_effort(Reasoning("budget", None, 31_999)) == "high"


@pytest.mark.parametrize(
    ("model", "adaptive"),
    [
        ("claude-opus-5-5", True),
        ("claude-sonnet-4-6", True),
        ("anthropic/claude-opus-4.8", True),
        ("claude-sonnet-4-5-20250929", False),
        ("claude-opus-4-20250514", False),
        ("claude-3-5-sonnet", False),
        ("glm-5", False),
    ],
)
def test_adaptive_thinking_is_for_models_that_know_it(model, adaptive):
    assert takes_adaptive(model) == adaptive


def test_a_budget_leaves_room_for_the_answer():
    assert anthropic_thinking(Reasoning("effort", "high"), "glm-5", 9000)[0]["budget_tokens"] == 4500
    assert anthropic_thinking(Reasoning("effort", "high"), "glm-5", 1500) == (None, None)


# --- pairing ---------------------------------------------------------------------------------------


def call(call_id: str) -> ToolCall:
    return ToolCall(call_id, "Bash", "{}")


def result(call_id: str, text: str) -> ToolResult:
    return ToolResult(call_id, [Text(text)])


def test_paired_turns_are_left_alone():
    turns = [Turn("assistant", [call("a")]), Turn("user", [result("a", "1")])]
    assert paired(turns, []) is turns


def test_a_late_result_moves_up_to_its_call():
    turns = [Turn("assistant", [call("a")]), Turn("user", [Text("steer")]), Turn("user", [result("a", "1")])]
    assert [type(turn.parts[0]).__name__ for turn in paired(turns, [])] == ["ToolCall", "ToolResult", "Text"]


def test_a_call_without_result_gets_one_and_an_orphan_becomes_text():
    notes: list[str] = []
    turns = [Turn("user", [result("z", "lost")]), Turn("assistant", [call("a")]), Turn("user", [Text("on")])]
    found = paired(turns, notes)
    assert found[0].parts[0].text.endswith("lost")
    assert found[2].parts[0].content[0].text == NO_RESULT
    assert len(notes) == 2


def test_a_repair_leaves_the_turns_alone_that_need_none():
    whole = [Turn("assistant", [call("a")]), Turn("user", [result("a", "1")])]
    turns = [Turn("assistant", [call("z")]), *whole, Turn("user", [Text("on")])]
    found = paired(turns, [])
    assert [turn for turn in found if any(turn is known for known in turns)] == turns


def test_ids_that_repeat_in_each_turn_keep_their_own_results():
    turns = [
        Turn("assistant", [call("x:0")]),
        Turn("user", [Text("wait")]),
        Turn("user", [result("x:0", "first")]),
        Turn("assistant", [call("x:0")]),
        Turn("user", [result("x:0", "second")]),
    ]
    results = [p.content[0].text for t in paired(turns, []) for p in t.parts if isinstance(p, ToolResult)]
    assert results == ["first", "second"]


def test_the_last_call_may_be_unanswered():
    turns = [Turn("user", [Text("go")]), Turn("assistant", [call("a")])]
    assert paired(turns, []) is turns


# --- broken models ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    ["{'command': 'ls', 'all': True}", '{"command": "ls", "all": true,}', '{"command": "ls", "all": true'],
)
def test_almost_json_is_mended_and_marked(arguments):
    notes: list[str] = []
    assert json.loads(mended("Bash", arguments, ConvertOptions(), notes)) == {"command": "ls", "all": True}
    assert notes == ["arguments of Bash were not JSON: repaired"]


def test_json_is_never_touched_and_mending_can_be_forbidden():
    notes: list[str] = []
    assert mended("Bash", '{"n": 1e400}', ConvertOptions(), notes) == '{"n": 1e400}'
    assert mended("Bash", "{'a': 1}", ConvertOptions(repair_tools=("Read",)), notes) == "{'a': 1}"
    assert notes == []


LS = ("Bash", {"command": "ls"})
EMPTY = ("Read", {})
LEAKS = {
    "hermes": ('<tool_call>\n{"name": "Bash", "arguments": {"command": "ls"}}\n</tool_call>', [LS]),
    "hermes two": (
        '<tool_call>{"name": "Bash", "arguments": {"command": "ls"}}</tool_call>\n'
        '<tool_call>{"name": "Read", "arguments": {}}</tool_call>',
        [LS, EMPTY],
    ),
    "hermes list": ('<tool_call>[{"name": "Read", "arguments": {}}]</tool_call>', [EMPTY]),
    "hermes text in text": (
        '<tool_call>{"name": "Bash", "arguments": "{\\"command\\": \\"ls\\"}"}</tool_call>',
        [LS],
    ),
    "hermes python": ("<tool_call>{'name': 'Bash', 'arguments': {'command': 'ls'}}</tool_call>", [LS]),
    "hermes without an end": ('<tool_call>\n{"name": "Read", "arguments": {}}\n', [EMPTY]),
    "qwen": (
        "<tool_call>\n<function=Bash>\n<parameter=command>\nls\n</parameter>\n</function>\n</tool_call>",
        [LS],
    ),
    "qwen without a beginning": (
        "<function=Bash>\n<parameter=command>\nls\n</parameter>\n</function>\n</tool_call>\n",
        [LS],
    ),
    "qwen markers inside": (
        "<tool_call><function=Bash><parameter=command>echo </function> </parameter> x</parameter>"
        "<parameter=list>[1, 2]</parameter></function><function=Read></function></tool_call>",
        [("Bash", {"command": "echo </function> </parameter> x", "list": [1, 2]}), EMPTY],
    ),
    "kimi": (
        "<|tool_calls_section_begin|><|tool_call_begin|>functions.Bash:0<|tool_call_argument_begin|>"
        '{"command": "ls"}<|tool_call_end|><|tool_call_begin|>functions.Read:1<|tool_call_argument_begin|>{}'
        "<|tool_call_end|><|tool_calls_section_end|>",
        [LS, EMPTY],
    ),
    "kimi without a section": (
        '<|tool_call_begin|>functions.mcp__a__b:3<|tool_call_argument_begin|>{"n": 1}<|tool_call_end|>',
        [("mcp__a__b", {"n": 1})],
    ),
    "deepseek": (
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>Bash<｜tool▁sep｜>"
        '{"command": "ls"}<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
        [LS],
    ),
    "deepseek older": (
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>Bash\n```json\n"
        '{"command": "ls"}\n```<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>function<｜tool▁sep｜>Read\n```json\n{}\n```'
        "<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
        [LS, EMPTY],
    ),
    "deepseek newer": (
        '<｜DSML｜function_calls>\n<｜DSML｜invoke name="Bash">\n'
        '<｜DSML｜parameter name="command" string="true">ls</｜DSML｜parameter>\n'
        '<｜DSML｜parameter name="n" string="false">1</｜DSML｜parameter>\n'
        '</｜DSML｜invoke>\n<｜DSML｜invoke name="Read">\n</｜DSML｜invoke>\n</｜DSML｜function_calls>',
        [("Bash", {"command": "ls", "n": 1}), EMPTY],
    ),
    "mistral": (
        '[TOOL_CALLS][{"name": "Bash", "arguments": {"command": "ls"}}, {"name": "Read", "arguments": {}}]',
        [LS, EMPTY],
    ),
    "mistral newer": (
        '[TOOL_CALLS]Bash[CALL_ID]a1[ARGS]{"command": "ls"}[TOOL_CALLS]Read[ARGS]{}',
        [LS, EMPTY],
    ),
    "mistral bare": ('[TOOL_CALLS]Bash{"command": "ls"}', [LS]),
}
"""Each dialect's forms, named after it, and the calls in them."""


def leaked(dialect: str, *texts: str) -> tuple[str, list]:
    finder = LeakedCalls((dialect,))
    pieces = [piece for text in texts for piece in finder.feed(text)] + finder.end()
    calls = [(p.said.name, json.loads(p.arguments)) for p in pieces if isinstance(p, CallDelta)]
    return "".join(p for p in pieces if isinstance(p, str)), calls


@pytest.mark.parametrize("form", LEAKS)
def test_leaked_calls_are_found_however_they_are_cut(form):
    leak, calls = LEAKS[form]
    text = f"I look.{leak}"
    for size in (1, 2, 3, 7, len(text)):
        pieces = [text[n : n + size] for n in range(0, len(text), size)]
        assert leaked(form.split()[0], *pieces) == ("I look.", calls)


def test_every_dialect_has_a_form():
    assert {form.split()[0] for form in LEAKS} == set(DIALECTS)


@pytest.mark.parametrize("after", [" Done.", "\nDone.", "\n\n</tool_call> Done.", "<tool Done."])
def test_what_is_said_behind_a_leaked_call_is_the_same_however_it_is_cut(after):
    text = LEAKS["hermes"][0] + after
    said = {
        leaked("hermes", *(text[n : n + size] for n in range(0, len(text), size)))[0] for size in (1, 4, 99)
    }
    assert len(said) == 1 and said.pop().strip().removeprefix("<tool ") == "Done."


@pytest.mark.parametrize("dialect", DIALECTS)
@given(text=st.text(alphabet="<tool_cal>|[]｜▁ab \n", max_size=40))
def test_text_without_a_call_stays_text(dialect, text):
    said, calls = leaked(dialect, *text)
    assert calls == [] and said.strip() == text.strip()


def tagged(*texts: str) -> list[tuple[str, str]]:
    tags = ThinkTags()
    pieces = [piece for text in texts for piece in tags.feed(text)] + tags.end()
    joined: dict[str, str] = {}
    for kind, text in pieces:
        joined[kind] = joined.get(kind, "") + text
    return list(joined.items())


@pytest.mark.parametrize("size", [1, 2, 5, 100])
def test_leading_think_tags_are_thoughts_however_they_are_cut(size):
    text = "\n<think>\nA plan.\n</think>\n\nHello <think>."
    pieces = [text[n : n + size] for n in range(0, len(text), size)]
    assert tagged(*pieces) == [("thinking", "A plan."), ("text", "Hello <think>.")]


def test_empty_think_tags_leave_no_trace_and_later_ones_are_text():
    assert tagged("<think>\n\n</think>\n\nHello") == [("text", "Hello")]
    assert tagged("See <think>x</think>") == [("text", "See <think>x</think>")]


@given(st.text(max_size=60), st.integers(1, 7))
def test_free_text_is_decoded_while_it_streams(text, size):
    wrapped = json.dumps({"input": text})
    stream = InputText()
    pieces = [stream.feed(wrapped[n : n + size]) for n in range(0, len(wrapped), size)]
    assert "".join(pieces) + stream.end() == text


@pytest.mark.parametrize("raw", ["*** Begin Patch\n*** End Patch", '{"patch": "x"}'])
def test_free_text_that_is_not_wrapped_is_given_whole(raw):
    stream = InputText()
    assert "".join(map(stream.feed, raw)) + stream.end() == raw


# --- reading ---------------------------------------------------------------------------------------


class Shape(msgspec.Struct):
    n: int


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"n": "x"}', "$.n"),
        (b"{", "not valid JSON"),
        (b"[" * 9000, "Expected"),
        (b"\xff", "JSON"),
    ],
)
def test_a_request_that_cannot_be_read_is_refused_in_a_sentence(body, words):
    with pytest.raises(ConversionRefused, match="request") as refusal:
        decode(msgspec.json.Decoder(Shape), body)
    assert words in str(refusal.value)


def test_objects_keep_their_bytes():
    assert (
        bytes(json_object('{"n": 12345678901234567890, "x":1.10}'))
        == b'{"n": 12345678901234567890, "x":1.10}'
    )
    assert json_object("[1]") is None and json_object("{") is None


# --- tokens ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("Hello, world! How are you today?", 7, 12),
        ("你好，世界。今天天气很好。", 8, 16),
        ("def f(x):\n    return x + 1\n" * 1000, 7_000, 14_000),
    ],
)
def test_the_estimate_of_a_text_is_near(text, least, most):
    assert least <= tokens_of_text(text) <= most


def test_the_estimate_counts_tools_and_images_and_applies_the_factor():
    plain = {"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": "hi"}]}
    tools = [{"name": "Bash", "description": "Runs a command", "input_schema": {"type": "object"}}]
    png = "iVBORw0KGgoAAAANSUhEUgAAA+gAAAPoCAYAAAA="  # a header that says 1000 x 1000
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": png}}
    small = estimate_tokens("anthropic", json.dumps(plain).encode())
    with_tools = estimate_tokens("anthropic", json.dumps(plain | {"tools": tools}).encode())
    seen = {**plain, "messages": [{"role": "user", "content": [image]}]}
    with_image = estimate_tokens("anthropic", json.dumps(seen).encode())
    assert small < with_tools
    assert 1300 <= with_image <= 1400
    assert estimate_tokens("anthropic", json.dumps(plain).encode(), 2.0) == small * 2


@pytest.mark.parametrize("items", [[], [b"1"], [b"1", b'{"a":2}', b"3,4"]])
@pytest.mark.parametrize("around", [{}, {"model": "m"}])
def test_arrays_that_are_json_already_are_put_in_as_they_are(items, around):
    fields = {**around, "input": Array(items), "tools": Array([]), "stream": True}
    expected = json.loads("[" + b",".join(items).decode() + "]")
    assert json.loads(encode_around(fields)) == {**around, "input": expected, "tools": [], "stream": True}
