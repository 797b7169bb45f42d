"""Conversations and answers for property tests: made once in neutral words, written in each format's."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from cccc_tui.wire.answers import as_events
from cccc_tui.wire.convert import ConvertOptions
from cccc_tui.wire.events import Answer, Client
from cccc_tui.wire.formats import WIRES
from cccc_tui.wire.model import Blob, Citation, Format, Refusal, Text, Thinking, ToolCall, Usage, WebSearch

FORMATS: tuple[Format, ...] = ("anthropic", "chat", "responses")
PAIRS = [(source, target) for source in FORMATS for target in FORMATS if source != target]
OPTIONS = ConvertOptions(model="up", origin="p1", exchange_id="ex1", now_s=1_700_000_000)

ALPHABET = "ab <>{}[]:,'\"\\/\n\t\u0000\u2028é漢😀"
words = st.text(ALPHABET, min_size=1, max_size=8)
texts = st.text(ALPHABET, min_size=1, max_size=20).filter(str.strip)
names = st.sampled_from(["Bash", "Read", "mcp__server__do", "x" * 80, "weird.name", "apply_patch"])
json_objects = st.dictionaries(words, st.one_of(words, st.integers(-(10**20), 10**20), st.none()), max_size=3)

REQUESTS: dict[Format, dict[str, Any]] = {
    "anthropic": {"model": "m", "max_tokens": 99, "messages": [{"role": "user", "content": "hi"}]},
    "chat": {
        "model": "m",
        "messages": [{"role": "user", "content": "hi"}],
        "stream_options": {"include_usage": True},
    },
    "responses": {"model": "m", "input": "hi"},
}


def request(source: Format, **fields: Any) -> bytes:
    """The smallest request of a format, with these fields."""
    return json.dumps({**REQUESTS[source], **fields}).encode()


# --- answers ---------------------------------------------------------------------------------------

_calls = st.builds(
    lambda n, name, args: ToolCall(f"call_{n}", name, json.dumps(args, ensure_ascii=False)),
    st.integers(0, 10**6),
    st.sampled_from(["Bash", "Read", "Edit"]),
    json_objects,
)


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    """An answer as any provider may give it: thoughts, text, calls."""
    parts: list[Any] = []
    if draw(st.booleans()):
        parts.append(Thinking(draw(texts), Blob("text", "", None)))
    if draw(st.booleans()):
        parts.append(Text(draw(texts)))
    calls = draw(st.lists(_calls, max_size=3, unique_by=lambda call: call.id))
    parts.extend(calls)
    some, any_count = st.integers(1, 10**6), st.integers(0, 10**6)
    usage = Usage(*draw(st.tuples(some, some, any_count, any_count)), reasoning_tokens=0)
    stop = "tool_use" if calls else draw(st.sampled_from(["end", "max_tokens"]))
    return Answer("abc123", "up-model", 1_700_000_000, parts, stop, usage=usage)


def upstream_stream(target: Format, answer: Answer) -> bytes:
    """The answer as an upstream of that format streams it."""
    writer = WIRES[target].stream_writer(Client("up-model", "seed", 1_700_000_000))
    return b"".join(map(writer.write, as_events(answer)))


def upstream_body(target: Format, answer: Answer) -> bytes:
    """The answer as an upstream of that format gives it whole."""
    return WIRES[target].write_response(answer, Client("up-model", "seed", 1_700_000_000))


FULL_ANSWER = Answer(
    "abc123",
    "up-model",
    1_700_000_000,
    [
        Thinking("Let me think.", Blob("signature", "c2ln", None)),
        WebSearch("ws_1", "weather", [Citation("https://w.example", "W")]),
        Text("It is sunny.", citations=[Citation("https://w.example", "W", "sunny", 0, 5)]),
        ToolCall("call_1", "Bash", '{"command":"ls"}'),
        ToolCall("call_2", "Read", '{"path":"/a"}'),
    ],
    "tool_use",
    usage=Usage(10, 20, 30, 40, 5),
)
REFUSAL = Answer("r1", "up-model", 5, [Refusal("I cannot help with that.")], "refusal", usage=Usage(1, 2))

# --- conversations ---------------------------------------------------------------------------------
# A turn is ("user", text) or ("tools", assistant text, [(name, arguments, result)]) or ("assistant", text).

_tool_turns = st.tuples(
    st.just("tools"),
    st.one_of(st.just(""), texts),
    st.lists(st.tuples(names, json_objects, st.one_of(st.just(""), texts)), min_size=1, max_size=3),
)
_steps = st.one_of(_tool_turns, st.tuples(st.just("exchange"), texts, texts))
conversations = st.tuples(texts, texts, st.lists(_steps, max_size=4))
"""System prompt, first user text, and what follows."""


def written(source: Format, system: str, first: str, steps: list[Any]) -> dict[str, Any]:
    """The conversation as a client of that format sends it."""
    return _WRITERS[source](system, first, steps)


def _anthropic(system: str, first: str, steps: list[Any]) -> dict[str, Any]:
    messages: list[Any] = [{"role": "user", "content": first}]
    for number, step in enumerate(steps):
        if step[0] == "exchange":
            messages += [{"role": "assistant", "content": step[1]}, {"role": "user", "content": step[2]}]
            continue
        content: list[Any] = [{"type": "text", "text": step[1]}] if step[1] else []
        results = []
        for place, (name, arguments, result) in enumerate(step[2]):
            call_id = f"toolu_{number}_{place}"
            content.append({"type": "tool_use", "id": call_id, "name": name, "input": arguments})
            results.append({"type": "tool_result", "tool_use_id": call_id, "content": result})
        messages += [{"role": "assistant", "content": content}, {"role": "user", "content": results}]
    tools = [{"name": "Bash", "input_schema": {"type": "object"}}]
    return {"model": "m", "max_tokens": 99, "system": system, "tools": tools, "messages": messages}


def _chat(system: str, first: str, steps: list[Any]) -> dict[str, Any]:
    messages: list[Any] = [{"role": "system", "content": system}, {"role": "user", "content": first}]
    for number, step in enumerate(steps):
        if step[0] == "exchange":
            messages += [{"role": "assistant", "content": step[1]}, {"role": "user", "content": step[2]}]
            continue
        calls, results = [], []
        for place, (name, arguments, result) in enumerate(step[2]):
            call_id = f"call_{number}_{place}"
            function = {"name": name, "arguments": json.dumps(arguments)}
            calls.append({"id": call_id, "type": "function", "function": function})
            results.append({"role": "tool", "tool_call_id": call_id, "content": result})
        messages.append({"role": "assistant", "content": step[1] or None, "tool_calls": calls})
        messages += results
    tools = [{"type": "function", "function": {"name": "Bash", "parameters": {"type": "object"}}}]
    return {"model": "m", "tools": tools, "messages": messages}


def _responses(system: str, first: str, steps: list[Any]) -> dict[str, Any]:
    items: list[Any] = [
        {"type": "message", "role": "developer", "content": [{"type": "input_text", "text": system}]},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": first}]},
    ]
    for number, step in enumerate(steps):
        if step[0] == "exchange" or step[1]:
            said = [{"type": "output_text", "text": step[1]}]
            items.append({"type": "message", "role": "assistant", "content": said})
        if step[0] == "exchange":
            asked = [{"type": "input_text", "text": step[2]}]
            items.append({"type": "message", "role": "user", "content": asked})
            continue
        results = []
        for place, (name, arguments, result) in enumerate(step[2]):
            call_id = f"call_{number}_{place}"
            call = {"type": "function_call", "call_id": call_id, "name": name}
            items.append({**call, "arguments": json.dumps(arguments)})
            results.append({"type": "function_call_output", "call_id": call_id, "output": result})
        items += results
    tools = [{"type": "function", "name": "Bash", "parameters": {"type": "object"}}]
    return {"model": "m", "tools": tools, "input": items}


_WRITERS = {"anthropic": _anthropic, "chat": _chat, "responses": _responses}
