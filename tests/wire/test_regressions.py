"""Inputs that other gateways got wrong, each with what must come of it."""

from __future__ import annotations

import json

import pytest

from cccc_tui.wire.convert import (
    ConversionRefused,
    ConvertOptions,
    StreamConverter,
    convert_request,
    convert_response,
)
from cccc_tui.wire.events import Answer
from cccc_tui.wire.foreign import drop_foreign_reasoning
from cccc_tui.wire.model import Citation, Text, ToolCall, Usage
from cccc_tui.wire.scan import StreamScan
from cccc_tui.wire.tokens import estimate_tokens
from tests.fakes.conversations import request, upstream_body, upstream_stream

OPTIONS = ConvertOptions(origin="p1", exchange_id="ex1")
LONG_NAME = "mcp__a_server_with_a_long_name__" + "a_tool_with_an_even_longer_name_" * 2


def context(source, target, **fields):
    body = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
    if source == "responses":
        body = {"model": "m", "input": "hi"}
    return convert_request(source, target, json.dumps(body | fields).encode(), OPTIONS).context


def sent(source, target, body, options=OPTIONS):
    return json.loads(convert_request(source, target, json.dumps(body).encode(), options).body)


def sse(*frames: dict) -> bytes:
    return b"".join(b"data: " + json.dumps(frame).encode() + b"\n\n" for frame in frames)


def chunk(delta, finish=None, **fields):
    return {
        "id": "c",
        "model": "m",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    } | fields


def arguments(delta: str | None, name=None, call_id=None) -> dict:
    return {"tool_calls": [{"index": 0, "id": call_id, "function": {"name": name, "arguments": delta}}]}


def events(stream: bytes) -> list[dict]:
    lines = (line[6:] for line in stream.decode().splitlines() if line.startswith("data: {"))
    return [json.loads(line) for line in lines]


def test_usage_on_every_chunk_counts_once_and_splits_no_call():
    stream = StreamConverter(context("anthropic", "chat"))
    usage = {"prompt_tokens": 10, "completion_tokens": 1}
    frames = [
        chunk(arguments('{"a"', "Bash", "c1"), usage=usage),
        chunk(arguments(":1}"), usage=usage | {"completion_tokens": 2}),
        chunk({}, "tool_calls", usage=usage | {"completion_tokens": 3}),
    ]
    written = events(stream.feed(sse(*frames)) + stream.end())
    starts = [e for e in written if e["type"] == "content_block_start"]
    pieces = [e["delta"]["partial_json"] for e in written if e["type"] == "content_block_delta"]
    assert [start["content_block"]["name"] for start in starts] == ["Bash"]
    assert "".join(pieces) == '{"a":1}'
    assert (stream.usage.input_tokens, stream.usage.output_tokens) == (10, 3)
    assert [e["type"] for e in written].count("message_delta") == 1


def test_a_first_tool_delta_with_an_empty_name_waits_for_the_name():
    stream = StreamConverter(context("anthropic", "chat"))
    frames = [chunk(arguments("", "", "c1")), chunk(arguments('{"a":1}', "Bash")), chunk({}, "tool_calls")]
    written = events(stream.feed(sse(*frames)) + stream.end())
    (start,) = [e for e in written if e["type"] == "content_block_start"]
    assert (start["content_block"]["name"], start["content_block"]["id"]) == ("Bash", "c1")


def test_a_stream_that_ends_with_response_completed_and_no_done_is_whole():
    item = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hi"}]}
    response = {"id": "resp_1", "status": "completed", "output": [item], "usage": {"input_tokens": 3}}
    stream = StreamConverter(context("chat", "responses"))
    written = stream.feed(sse({"type": "response.completed", "response": response})) + stream.end()
    assert stream.error is None and stream.stop_reason == "end"
    assert written.endswith(b"data: [DONE]\n\n") and b'"Hi"' in written


def test_thoughts_of_one_provider_never_reach_another_and_come_back_to_their_own():
    gemini, claude = (
        ConvertOptions(origin="gemini"),
        ConvertOptions(origin="claude", model="claude-sonnet-4-5"),
    )
    made = convert_response(
        convert_request("responses", "chat", b'{"model":"m","input":"hi"}', gemini).context,
        b'{"id":"c","choices":[{"message":{"content":"4","reasoning_content":"2+2"},"finish_reason":"stop"}]}',
    )
    history = [
        {"role": "user", "content": "2+2?"},
        *json.loads(made.body)["output"],
        {"role": "user", "content": "+1?"},
    ]
    body = {"model": "m", "input": history, "reasoning": {"effort": "high"}}
    assert "thinking" not in json.dumps(sent("responses", "anthropic", body, claude)["messages"])
    assert sent("responses", "chat", body, gemini)["messages"][1]["reasoning_content"] == "2+2"
    assert (
        "reasoning_content"
        not in sent("responses", "chat", body, ConvertOptions(origin="other"))["messages"][1]
    )


def test_thinking_passes_in_its_own_format_byte_for_byte():
    body = (
        b'{"model":"m", "messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"h\\u00e9",'
    )
    body += b'"signature":"EqQBCkYIBRgCKkA="}]}]}'
    assert drop_foreign_reasoning("anthropic", body, "api.anthropic.com") is body
    stream = b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":'
    stream += b'"signature_delta","signature":"EqQBCkYIBRgCKkA="}}\n\n'
    assert StreamScan("anthropic").feed(stream) == stream


@pytest.mark.parametrize("target", ["chat", "responses"])
def test_an_image_inside_a_tool_result_is_kept(target):
    source = {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}
    result = {"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "image", "source": source}]}
    call = {"type": "tool_use", "id": "t1", "name": "Read", "input": {}}
    messages = [
        {"role": "user", "content": "look"},
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": [result, {"type": "text", "text": "well?"}]},
    ]
    body = sent("anthropic", target, {"model": "m", "max_tokens": 9, "messages": messages})
    assert "data:image/png;base64,iVBORw0KGgo=" in json.dumps(body)
    if target == "chat":
        assert [message["role"] for message in body["messages"]] == [
            "user",
            "assistant",
            "tool",
            "user",
            "user",
        ]


def test_an_unknown_previous_response_is_refused_by_the_code_after_which_clients_send_all():
    body = {"model": "m", "input": "And?", "previous_response_id": "resp_1"}
    with pytest.raises(ConversionRefused) as refused:
        sent("responses", "chat", body)
    assert (refused.value.code, refused.value.param) == (
        "previous_response_not_found",
        "previous_response_id",
    )


def test_a_count_is_not_inflated_and_counts_tools_and_tool_blocks():
    words = "word " * 1000
    plain = {"model": "m", "messages": [{"role": "user", "content": words}]}
    assert 900 < estimate_tokens("anthropic", json.dumps(plain).encode()) < 1300
    call = {"type": "tool_use", "id": "t1", "name": "Read", "input": {"path": words}}
    result = {"type": "tool_result", "tool_use_id": "t1", "content": words}
    tool = {"name": "Read", "description": words, "input_schema": {"type": "object"}}
    blocks = [{"role": "assistant", "content": [call]}, {"role": "user", "content": [result]}]
    full = {"model": "m", "messages": [*plain["messages"], *blocks], "tools": [tool]}
    assert 3600 < estimate_tokens("anthropic", json.dumps(full).encode()) < 5200


@pytest.mark.parametrize("target", ["anthropic", "chat"])
def test_a_free_text_patch_goes_there_and_back_unchanged(target):
    patch = '*** Begin Patch\n*** Update File: a.py\n-x = "1"\n+x = "ü\\n"\n*** End Patch'
    tool = {
        "type": "custom",
        "name": "apply_patch",
        "format": {"type": "grammar", "syntax": "lark", "definition": "s"},
    }
    where = context("responses", target, tools=[tool])
    call = {"name": "apply_patch", "input": {"input": patch}}
    answer = {"content": [{"type": "tool_use", "id": "t1", **call}], "stop_reason": "tool_use"}
    if target == "chat":
        function = {"name": "apply_patch", "arguments": json.dumps({"input": patch})}
        message = {"role": "assistant", "tool_calls": [{"id": "t1", "function": function}]}
        answer = {"choices": [{"message": message, "finish_reason": "tool_calls"}]}
    (item,) = json.loads(convert_response(where, json.dumps(answer).encode()).body)["output"]
    assert (item["type"], item["input"]) == ("custom_tool_call", patch)
    output = {"type": "custom_tool_call_output", "call_id": item["call_id"], "output": "Done"}
    body = sent("responses", target, {"model": "m", "input": [item, output], "tools": [tool]})
    if target == "chat":
        given = json.loads(body["messages"][0]["tool_calls"][0]["function"]["arguments"])
    else:
        given = next(m for m in body["messages"] if m["role"] == "assistant")["content"][0]["input"]
    assert given == {"input": patch}


def test_a_free_text_patch_is_streamed_and_not_held_back():
    tool = {"type": "custom", "name": "apply_patch"}
    stream = StreamConverter(context("responses", "chat", tools=[tool]))
    seen = []
    for piece in ('{"inp', 'ut": "*** Beg', "in Patch\\n", '+ü"', "}"):
        name = "apply_patch" if not seen else None
        seen.append(events(stream.feed(sse(chunk(arguments(piece, name, "c1"))))))
    deltas = [[e["delta"] for e in part if e["type"].endswith("input.delta")] for part in seen]
    assert deltas == [[], ["*** Beg"], ["in Patch\n"], ["+ü"], []]


def test_a_compaction_trigger_gives_exactly_one_compaction_item():
    where = context(
        "responses", "chat", input=[{"role": "user", "content": "hi"}, {"type": "compaction_trigger"}]
    )
    stream = StreamConverter(where)
    written = events(stream.feed(sse(chunk({"content": "We said hi."}), chunk({}, "stop"))) + stream.end())
    done = [e["item"]["type"] for e in written if e["type"] == "response.output_item.done"]
    assert done == ["compaction"]


def test_reasoning_content_is_replayed_beside_its_tool_call():
    made = convert_response(
        context("anthropic", "chat"),
        b'{"choices":[{"message":{"reasoning_content":"I look.","tool_calls":[{"id":"c1","function":'
        b'{"name":"Read","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}',
    )
    result = {"type": "tool_result", "tool_use_id": "c1", "content": "ok"}
    messages = [
        {"role": "user", "content": "look"},
        {"role": "assistant", "content": json.loads(made.body)["content"]},
        {"role": "user", "content": [result]},
    ]
    body = sent("anthropic", "chat", {"model": "m", "max_tokens": 9, "messages": messages})
    assert body["messages"][1]["reasoning_content"] == "I look."
    assert body["messages"][1]["tool_calls"][0]["id"] == "c1"


def test_a_tool_name_of_more_than_64_letters_is_shortened_and_given_back():
    tool = {"name": LONG_NAME, "input_schema": {"type": "object"}}
    where = context("anthropic", "chat", tools=[tool])
    short = sent(
        "anthropic", "chat", {"model": "m", "messages": [{"role": "user", "content": "hi"}], "tools": [tool]}
    )["tools"][0]["function"]["name"]
    assert len(short) <= 64 < len(LONG_NAME)
    function = {"name": short, "arguments": "{}"}
    answer = {
        "choices": [
            {"message": {"tool_calls": [{"id": "c1", "function": function}]}, "finish_reason": "stop"}
        ]
    }
    (block,) = json.loads(convert_response(where, json.dumps(answer).encode()).body)["content"]
    assert block["name"] == LONG_NAME


def test_two_models_under_one_name_are_each_asked_by_their_own():
    for model in ("up-1", "up-2"):
        options = ConvertOptions(origin="p1", model=model)
        body = {"model": "alias", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
        request = convert_request("anthropic", "chat", json.dumps(body).encode(), options)
        assert json.loads(request.body)["model"] == model
        answer = convert_response(request.context, b'{"model":"x","choices":[{"message":{"content":"a"}}]}')
        assert json.loads(answer.body)["model"] == "alias"


@pytest.mark.parametrize("source", ["chat", "responses"])
def test_a_history_with_calls_but_without_tools_names_them_for_anthropic(source):
    """Codex asks for its summary without any tool; Anthropic refuses calls whose tools it was not told."""
    if source == "chat":
        call = {"id": "c1", "type": "function", "function": {"name": "ls", "arguments": "{}"}}
        talk = [
            {"role": "assistant", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c1", "content": "a"},
        ]
        body = {"model": "m", "messages": [{"role": "user", "content": "hi"}, *talk]}
    else:
        call = {"type": "function_call", "call_id": "c1", "name": "ls", "arguments": "{}"}
        result = {"type": "function_call_output", "call_id": "c1", "output": "a"}
        search = {"type": "web_search"}
        body = {"model": "m", "tools": [search], "input": [{"role": "user", "content": "hi"}, call, result]}
    written = sent(source, "anthropic", body, ConvertOptions(cache_breakpoints=False))
    assert written["tools"] == [{"name": "ls", "input_schema": {"type": "object", "properties": {}}}]
    assert written["tool_choice"] == {"type": "none"}


@pytest.mark.parametrize("target", ["anthropic", "responses"])
def test_words_before_and_behind_a_call_are_paragraphs_for_chat_in_a_stream_as_in_whole(target):
    cited = Text("Then b.", citations=[Citation("https://example.org", "A page")])
    parts = [Text("First a."), ToolCall("c", "f", "{}"), cited]
    answer = Answer("a", "m", 0, parts, "tool_use", usage=Usage(9, 9))
    context = convert_request("chat", target, request("chat"), OPTIONS).context
    whole = json.loads(convert_response(context, upstream_body(target, answer)).body)["choices"][0]["message"]
    stream = StreamConverter(context)
    written = (stream.feed(upstream_stream(target, answer)) + stream.end()).decode()
    frames = [json.loads(line[6:]) for line in written.splitlines() if line.startswith("data: {")]
    deltas = [choice["delta"] for frame in frames for choice in frame["choices"]]
    assert (
        "".join(delta.get("content") or "" for delta in deltas) == whole["content"] == "First a.\n\nThen b."
    )
    marks = [mark for delta in deltas for mark in delta.get("annotations", ())]
    assert marks == whole["annotations"]
    place = marks[0]["url_citation"]
    assert whole["content"][place["start_index"] : place["end_index"]] == "Then b."
