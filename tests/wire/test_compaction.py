"""Remote compaction as Codex 0.169 asks for it, over upstreams that have none."""

import json

import pytest

from cccc_tui.wire import compaction
from cccc_tui.wire.convert import ConvertOptions, StreamConverter, convert_request, convert_response
from cccc_tui.wire.events import Answer
from cccc_tui.wire.foreign import drop_foreign_reasoning
from cccc_tui.wire.model import Text, Thinking, ToolCall
from tests.fakes.conversations import upstream_body, upstream_stream

OPTIONS = ConvertOptions(origin="p1", exchange_id="ex1")
TOOL = {"type": "function", "name": "exec_command", "parameters": {"type": "object"}}
TALK = [
    {"type": "message", "role": "developer", "content": [{"type": "input_text", "text": "Be brief."}]},
    {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "List the files."}]},
    {"type": "function_call", "call_id": "c1", "name": "exec_command", "arguments": "{}"},
    {"type": "function_call_output", "call_id": "c1", "output": "a.txt"},
]
TARGETS = pytest.mark.parametrize("target", ["anthropic", "chat"])


def converted(target, items):
    body = json.dumps({"model": "m", "stream": True, "input": items, "tools": [TOOL]}).encode()
    return convert_request("responses", target, body, OPTIONS)


def events(stream: bytes) -> list[dict]:
    return [json.loads(line[6:]) for line in stream.decode().splitlines() if line.startswith("data: ")]


@TARGETS
def test_a_trigger_asks_the_model_for_a_summary_and_forbids_tools(target):
    body = json.loads(converted(target, [*TALK, {"type": "compaction_trigger"}]).body)
    assert compaction.INSTRUCTION in json.dumps(body["messages"][-1])
    assert body["tool_choice"] in ("none", {"type": "none"})
    assert body["tools"], "they stay, since the prompt cache begins with them"


@TARGETS
def test_what_the_model_says_becomes_exactly_one_compaction_item(target):
    context = converted(target, [*TALK, {"type": "compaction_trigger"}]).context
    parts = [
        Thinking("hm"),
        Text("There is one file, "),
        ToolCall("c9", "exec_command", "{}"),
        Text("a.txt."),
    ]
    stream = StreamConverter(context)
    written = events(stream.feed(upstream_stream(target, Answer(parts=parts))) + stream.end())
    items = [event["item"] for event in written if event["type"] == "response.output_item.done"]
    assert [item["type"] for item in items] == ["compaction"]
    assert written[-1]["type"] == "response.completed"
    assert written[-1]["response"]["output"] == items
    whole = json.loads(convert_response(context, upstream_body(target, Answer(parts=parts))).body)
    assert [item["type"] for item in whole["output"]] == ["compaction"]
    assert whole["output"][0]["encrypted_content"] == items[0]["encrypted_content"]


@TARGETS
def test_a_summary_comes_back_as_words(target):
    item = {"type": "compaction", "encrypted_content": compaction.sealed("There is one file: a.txt.")}
    result = converted(target, [TALK[0], item, TALK[1]])
    assert "There is one file: a.txt." in json.dumps(json.loads(result.body)["messages"])
    assert result.notes == []


def test_openais_own_compaction_cannot_be_read_and_is_noted():
    result = converted("chat", [*TALK, {"type": "compaction", "encrypted_content": "gAAAA"}])
    assert b"gAAAA" not in result.body
    assert result.notes == ["input item of type compaction dropped: no counterpart"]


@TARGETS
def test_an_answer_without_a_summary_is_a_failure(target):
    context = converted(target, [*TALK, {"type": "compaction_trigger"}]).context
    stream = StreamConverter(context)
    written = events(stream.feed(upstream_stream(target, Answer(parts=[Thinking("hm")]))) + stream.end())
    assert written[-1]["type"] == "response.failed"
    whole = json.loads(convert_response(context, upstream_body(target, Answer(parts=[Thinking("hm")]))).body)
    assert whole["output"] == []


def test_a_summary_of_ours_goes_to_openai_itself_as_a_message():
    own = {"type": "compaction", "encrypted_content": compaction.sealed("so far")}
    other = {"type": "compaction", "encrypted_content": "gAAAA"}
    body = json.dumps({"model": "m", "input": [own, other, TALK[1]]}).encode()
    sent = json.loads(drop_foreign_reasoning("responses", body, "api.openai.com"))["input"]
    assert sent[0]["role"] == "user" and "so far" in sent[0]["content"][0]["text"]
    assert sent[1:] == [other, TALK[1]]


@pytest.mark.parametrize("said", ["List the files.", TALK])
def test_the_older_call_keeps_what_the_user_said_and_adds_the_compaction(said):
    request = json.dumps({"model": "m", "input": said}).encode()
    asked = json.loads(compaction.triggered(request))["input"]
    assert asked[-1] == {"type": "compaction_trigger"}
    item = {"type": "compaction", "encrypted_content": compaction.sealed("so far")}
    answer = {"id": "resp_1", "created_at": 5, "output": [item], "usage": {"input_tokens": 1}}
    document = json.loads(compaction.as_document(request, json.dumps(answer).encode()))
    assert document["object"] == "response.compaction"
    assert [entry.get("role", entry["type"]) for entry in document["output"]] == ["user", "compaction"]
    assert document["usage"] == {"input_tokens": 1}
