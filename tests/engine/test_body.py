"""Upstream bodies and what is made of their answers, through a running engine."""

import json
import logging
from typing import get_args, get_type_hints

import pytest

from cccc_tui.config.schema import Endpoint
from cccc_tui.wire import compaction
from cccc_tui.wire.chat.leaked import DIALECTS
from tests.engine.conftest import PATHS, body, endpoint
from tests.fakes.steps import fails, gives, raw, says

LEAK = 'Let me look.\n<tool_call>\n{"name": "Bash", "arguments": {"command": "ls"}}\n</tool_call>'
TOOL = {"name": "Bash", "description": "", "input_schema": {"type": "object"}}
CHAT_TOOL = {"type": "function", "function": {"name": "Bash", "parameters": {"type": "object"}}}


def chunks(*deltas, usage=None) -> bytes:
    """A Chat stream; usage comes in a chunk of its own, as OpenAI sends it."""
    said = [{"index": 0, "delta": delta, "finish_reason": None} for delta in deltas]
    said.append({"index": 0, "delta": {}, "finish_reason": "stop"})
    frames = [{"id": "c1", "model": "m", "choices": [choice]} for choice in said]
    if usage:
        frames.append({"id": "c1", "model": "m", "choices": [], "usage": usage})
    return (
        b"".join(b"data: " + json.dumps(frame).encode() + b"\n\n" for frame in frames) + b"data: [DONE]\n\n"
    )


def stream(*deltas, **fields):
    return raw(chunks(*deltas, **fields), content_type="text/event-stream")


async def test_usage_is_asked_for_and_kept_from_a_chat_client_that_did_not_ask(start, upstream):
    gateway = await start(endpoint("one", upstream.url, "chat"))
    upstream.answer(stream({"content": "Hi"}, usage={"prompt_tokens": 7, "completion_tokens": 2}))
    request = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "hi"}]}
    async with gateway.post(PATHS["chat"], json=request) as answer:
        text = await answer.text()
    assert upstream.requests[0].json["stream_options"] == {"include_usage": True}
    assert '"usage"' not in text and text.endswith("data: [DONE]\n\n") and '"Hi"' in text
    assert (gateway.last.usage.input_tokens, gateway.last.usage.output_tokens) == (7, 2)


async def test_usage_stays_for_a_client_that_asked(start, upstream):
    gateway = await start(endpoint("one", upstream.url, "chat"))
    upstream.answer(stream({"content": "Hi"}, usage={"prompt_tokens": 7, "completion_tokens": 2}))
    async with gateway.post(PATHS["chat"], json=body("chat", stream=True)) as answer:
        assert '"usage"' in await answer.text()


async def test_an_endpoint_that_does_not_know_the_option_is_asked_without_it_from_then_on(start, upstream):
    gateway = await start(endpoint("one", upstream.url, "chat"))
    upstream.answer(fails(400, "Unrecognized request argument supplied: stream_options"))
    request = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "hi"}]}
    for _ in range(2):
        async with gateway.post(PATHS["chat"], json=request) as answer:
            assert answer.status == 200
            await answer.read()
    assert ["stream_options" in asked.json for asked in upstream.requests] == [True, False, False]


def test_the_configuration_names_the_dialects_that_there_are():
    kind = get_type_hints(Endpoint)["leaked_tool_calls"]
    assert get_args(get_args(kind)[0]) == DIALECTS


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("asked", [(), ("hermes",)])
async def test_a_leaked_call_is_a_call_where_the_rule_asks_for_it(start, upstream, streamed, asked):
    gateway = await start(endpoint("one", upstream.url, "chat", leaked_tool_calls=list(asked)))
    for form in ("chat", "anthropic"):
        choice = {"index": 0, "message": {"role": "assistant", "content": LEAK}, "finish_reason": "stop"}
        whole = gives({"id": "c1", "model": "m", "choices": [choice]})
        upstream.answer(
            stream(*({"content": piece} for piece in (LEAK[:20], LEAK[20:]))) if streamed else whole
        )
        request = body(form, stream=streamed) | {"tools": [TOOL if form == "anthropic" else CHAT_TOOL]}
        async with gateway.post(PATHS[form], json=request) as answer:
            text = await answer.text()
        is_call = ("tool_use" if form == "anthropic" else "tool_calls") in text
        assert is_call is bool(asked)
        assert ("</tool_call>" in text) is not bool(asked)
        notes = gateway.last.attempts[-1].notes
        assert ("call of Bash recognised in plain text" in notes) is bool(asked)


@pytest.mark.parametrize("streamed", [False, True])
async def test_repaired_arguments_are_marked_in_the_exchange_and_logged_when_wanted(
    start, upstream, streamed, caplog
):
    fixing = {"python_json_fixing": {"enabled": True, "target_tools": ["Bash"], "debug_logging": True}}
    gateway = await start(endpoint("one", upstream.url, "chat"), validation=fixing)
    call = {"index": 0, "id": "c1", "function": {"name": "Bash", "arguments": "{'command': None, }"}}
    choice = {
        "index": 0,
        "message": {"role": "assistant", "tool_calls": [call]},
        "finish_reason": "tool_calls",
    }
    upstream.answer(stream({"tool_calls": [call]}) if streamed else gives({"id": "c", "choices": [choice]}))
    with caplog.at_level(logging.INFO):
        async with gateway.post(PATHS["anthropic"], json=body("anthropic", stream=streamed)) as answer:
            text = await answer.text()
    assert '{\\"command\\":null}' in text or '{"command":null}' in text
    assert "arguments of Bash were not JSON: repaired" in gateway.last.attempts[-1].notes
    assert "one: arguments of Bash were not JSON: repaired" in caplog.text


async def test_mending_can_be_switched_off(start, upstream):
    gateway = await start(
        endpoint("one", upstream.url, "chat"), validation={"python_json_fixing": {"enabled": False}}
    )
    call = {"index": 0, "id": "c1", "function": {"name": "Bash", "arguments": "{'command': 1}"}}
    upstream.answer(stream({"tool_calls": [call]}))
    async with gateway.post(PATHS["anthropic"], json=body("anthropic", stream=True)) as answer:
        assert "{'command': 1}" in await answer.text()
    assert "repaired" not in str(gateway.last.attempts[-1].notes)


@pytest.mark.parametrize("form", ["anthropic", "chat"])
async def test_codex_compacts_over_an_upstream_that_cannot(start, upstream, form):
    gateway = await start(endpoint("one", upstream.url, form))
    upstream.always(says("Paris was asked for."))
    said = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Which capital?"}]}
    request = {"model": "m", "stream": True, "store": False, "input": [said, {"type": "compaction_trigger"}]}
    async with gateway.post(PATHS["responses"], json=request) as answer:
        text = await answer.text()
    assert text.count('"type":"response.output_item.done"') == 1
    assert "Paris was asked for." in text and '"type":"compaction"' in text
    request = {"model": "m", "input": [said]}
    async with gateway.post("/v1/responses/compact", json=request) as answer:
        document = await answer.json()
    assert document["object"] == "response.compaction"
    assert [item["type"] for item in document["output"]] == ["message", "compaction"]
    assert compaction.opened(document["output"][1]["encrypted_content"]).endswith("Paris was asked for.")


async def test_an_endpoint_of_codexs_own_format_that_cannot_compact_is_asked_in_words(start, upstream):
    gateway = await start(endpoint("one", upstream.url, "responses"))
    upstream.strict = False
    said = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Which capital?"}]}
    request = {"model": "m", "stream": True, "store": False, "input": [said, {"type": "compaction_trigger"}]}
    upstream.answer(fails(400, "Invalid input type 'compaction_trigger' at index 1"))
    upstream.always(says("Paris was asked for."))
    for turn in (1, 2):
        async with gateway.post(PATHS["responses"], json=request) as answer:
            text = await answer.text()
        assert text.count('"type":"response.output_item.done"') == 1
        assert "Paris was asked for." in text and '"type":"compaction"' in text
        assert len(upstream.requests) == turn + 1, "what was learned is heeded at once the next time"
    asked = upstream.requests[-1].json
    assert asked["input"][0] == said and asked["tool_choice"] == "none"
    assert asked["input"][1]["content"][0]["text"] == compaction.INSTRUCTION
    assert "compaction asked for in words" in gateway.last.attempts[-1].notes


@pytest.mark.parametrize("form", ["anthropic", "chat", "responses"])
async def test_a_model_that_wants_thoughts_back_gets_them_of_every_client(start, upstream, form):
    gateway = await start(endpoint("one", upstream.url, "chat"))
    upstream.answer(
        fails(400, "The `reasoning_content` in the thinking mode must be passed back to the API.")
    )
    history = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "hello"}]
    turns = [*history, {"role": "user", "content": "go on"}]
    request = body(form) | {"input" if form == "responses" else "messages": turns}
    async with gateway.post(PATHS[form], json=request) as answer:
        assert answer.status == 200
    assert [asked.json["messages"][1].get("reasoning_content") for asked in upstream.requests] == [None, " "]
