"""The fake has to be right before a test that leans on it can be."""

import asyncio
import json

import aiohttp
import anthropic
import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.documented import problems
from tests.fakes.speech import Text, Thinking, ToolCall, pieces
from tests.fakes.steps import Step, calls, counts, fails, gives, nothing, page, raw, resets, says, thinks
from tests.fakes.upstream import FakeUpstream, Refused, refusing_url

HEADERS = {"anthropic-version": "2023-06-01", "x-api-key": "k"}
ASK = {"model": "m", "max_tokens": 50, "messages": [{"role": "user", "content": "Hi"}]}
STREAM = ASK | {"stream": True}
TALK = Step(parts=(Thinking("Let me see."), Text("I call it."), ToolCall("Bash", {"command": "ls  -l"})))


async def post(upstream, body=STREAM, path="/v1/messages", **more):
    async with (
        aiohttp.ClientSession() as session,
        session.post(upstream.url + path, json=body, headers=HEADERS, **more) as response,
    ):
        return response.status, await response.read()


# --- the formats ---


@given(st.text(max_size=50))
def test_the_pieces_of_a_text_are_the_text(text):
    assert "".join(pieces(text)) == text


async def test_the_official_anthropic_client_understands_it(upstream):
    upstream.always(TALK)
    client = anthropic.AsyncAnthropic(api_key="k", base_url=upstream.url)
    async with client, client.messages.stream(**ASK) as stream:
        streamed = await stream.get_final_message()
        whole = await client.messages.create(**ASK)
    for message in (streamed, whole):
        assert message.content[0].thinking == "Let me see."
        assert message.content[1].text == "I call it."
        assert message.content[2].input == {"command": "ls  -l"}
        assert message.stop_reason == "tool_use"
    assert streamed.usage.output_tokens == whole.usage.output_tokens


async def test_the_official_openai_client_understands_its_chat(upstream):
    upstream.always(TALK)
    client = openai.AsyncOpenAI(api_key="k", base_url=f"{upstream.url}/v1")
    ask = {"model": "m", "messages": ASK["messages"]}
    usage = {"include_usage": True}
    async with client, client.chat.completions.stream(**ask, stream_options=usage) as stream:
        streamed = await stream.get_final_completion()
        whole = await client.chat.completions.create(**ask)
    for completion in (streamed, whole):
        assert completion.choices[0].message.content == "I call it."
        arguments = completion.choices[0].message.tool_calls[0].function.arguments
        assert json.loads(arguments) == {"command": "ls  -l"}
        assert completion.choices[0].finish_reason == "tool_calls"
        assert completion.usage.prompt_tokens == 32


async def test_the_official_openai_client_understands_its_responses(upstream):
    upstream.always(TALK)
    client = openai.AsyncOpenAI(api_key="k", base_url=f"{upstream.url}/v1")
    async with client, client.responses.stream(model="m", input="Hi") as stream:
        streamed = await stream.get_final_response()
        whole = await client.responses.create(model="m", input="Hi")
    for response in (streamed, whole):
        reasoning, message, call = response.output
        assert reasoning.summary[0].text == "Let me see."
        assert message.content[0].text == "I call it."
        assert json.loads(call.arguments) == {"command": "ls  -l"}
        assert response.usage.output_tokens > 0


async def test_parallel_calls_have_ids_of_their_own(upstream):
    upstream.answer(calls(ToolCall("A", {}), ToolCall("B", {}), saying="Both."))
    _, body = await post(upstream, ASK)
    blocks = json.loads(body)["content"]
    assert [block["type"] for block in blocks] == ["text", "tool_use", "tool_use"]
    assert blocks[1]["id"] != blocks[2]["id"]


# --- the script ---


async def test_steps_are_answered_in_order_and_then_the_standing_one(upstream):
    upstream.answer(says("one"), lambda asked: says(asked.json["model"]))
    upstream.always(says("standing"))
    texts = [json.loads((await post(upstream, ASK))[1])["content"][0]["text"] for _ in range(3)]
    assert texts == ["one", "m", "standing"]


async def test_requests_are_kept_as_they_came(upstream):
    await post(upstream, ASK, path="/prefix/v1/messages?beta=true")
    (asked,) = upstream.requests
    assert (asked.method, asked.path, asked.form) == ("POST", "/prefix/v1/messages?beta=true", "anthropic")
    assert asked.json == ASK
    assert asked.header("X-API-KEY") == "k"
    assert asked.outcome == "answered"


async def test_counts_and_model_lists_take_no_step(upstream):
    upstream.answer(says("kept"))
    status, body = await post(upstream, ASK, path="/v1/messages/count_tokens")
    assert status == 200
    assert json.loads(body)["input_tokens"] > 0
    async with aiohttp.ClientSession(upstream.url) as session, session.get("/v1/models") as response:
        assert (await response.json())["object"] == "list"
    assert b"kept" in (await post(upstream, ASK))[1]


@pytest.mark.parametrize(
    ("step", "status", "sign"),
    [
        (fails(529, "Busy").with_headers(("Retry-After", "3")), 529, b"overloaded_error"),
        (fails(200, "Wrong"), 200, b'"error"'),
        (page(), 502, b"<html>"),
        (nothing(), 200, b""),
        (gives({"a": 1}), 200, b'{"a": 1}'),
        (raw(b"data: x\n\n"), 200, b"data: x\n\n"),
        (says("Hi").of_type("text/plain"), 200, b"message_stop"),
        (says("One two").in_pieces(1), 200, b"message_stop"),
        (counts(3), 200, b'"2 "'),
        (thinks("Hm.", Text("Yes.")), 200, b"thinking_delta"),
        *(
            (says("Hi").encoded(encoding), 200, b"message_stop")
            for encoding in ("gzip", "deflate", "br", "zstd")
        ),
    ],
)
async def test_every_answer_arrives(upstream, step, status, sign):
    upstream.answer(step)
    found, body = await post(upstream)
    assert found == status
    assert sign in body


# --- the faults ---


@pytest.mark.parametrize(
    "step",
    [
        resets(),
        says("Hi").reset("head"),
        says("One two three").reset(at=1),
        says("One two three").cut(at=2),
        raw(b"x" * 100, "application/json").cut(at=40),
        says("Hi").encoded("gzip").cut(at=40),
    ],
)
async def test_a_broken_connection_is_an_error_for_the_caller(upstream, step):
    upstream.answer(step)
    with pytest.raises(aiohttp.ClientError):
        await post(upstream)


async def test_what_came_before_a_reset_is_delivered(upstream):
    upstream.answer(says("One two three").reset(at=2))
    received = b""
    async with (
        aiohttp.ClientSession(upstream.url) as session,
        session.post("/v1/messages", json=STREAM, headers=HEADERS) as response,
    ):
        with pytest.raises(aiohttp.ClientError):
            async for chunk in response.content.iter_any():
                received += chunk
    assert b'"two "' in received
    assert b'"three"' not in received


async def test_a_clean_end_in_the_middle_is_no_error_of_http(upstream):
    upstream.answer(
        says("One two").without_end(), says("One two").ended(at=1), says("A b").broken("Oh", at=1)
    )
    bodies = [(await post(upstream))[1] for _ in range(3)]
    assert b'"two"' in bodies[0]
    assert b"message_delta" not in bodies[0]
    assert b'"two"' not in bodies[1]
    assert bodies[2].startswith(b"event: message_start")
    assert b"event: error" in bodies[2]


@pytest.mark.parametrize("at", ["start", "head", 0, 1, "terminal"])
async def test_a_silence_lasts_until_the_test_ends_it(upstream, at):
    hold = asyncio.Event()
    upstream.answer(says("One two").held(hold, at))
    call = asyncio.create_task(post(upstream))
    await upstream.arrived()
    assert upstream.active == 1
    hold.set()
    status, body = await call
    assert (status, b"message_stop" in body) == (200, True)
    assert upstream.active == 0


async def test_a_call_that_is_given_up_is_noticed(upstream):
    upstream.answer(says("Never").held(asyncio.Event(), "head"))
    call = asyncio.create_task(post(upstream))
    await upstream.arrived()
    call.cancel()
    await upstream.cancelled()
    assert upstream.requests[0].outcome == "cancelled"
    assert upstream.active == 0


async def test_a_refusing_url_refuses():
    with refusing_url() as url:
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.ClientConnectorError):
                await session.get(url)


# --- what it refuses ---


async def test_a_request_that_the_documents_do_not_allow_is_refused_and_kept():
    async with FakeUpstream(key="other") as upstream:
        status, body = await post(upstream, {"model": "m", "messages": []})
        assert status == 500
        for word in ("max_tokens", "at least one message", "credential"):
            assert word in upstream.failures[0]
            assert word in body.decode()


async def test_a_script_may_refuse():
    def refuse(asked):
        raise Refused("not like this")

    async with FakeUpstream(standing=refuse) as upstream:
        assert (await post(upstream))[0] == 500
        assert "not like this" in upstream.failures[0]


def _found(form, body, headers=()):
    sent = [("Content-Type", "application/json"), ("anthropic-version", "2023-06-01"), *headers]
    return problems(form, sent, json.dumps({"model": "m", "max_tokens": 1} | body).encode(), None)


USER = {"role": "user", "content": "x"}
USE = {"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "f", "input": {}}]}
RESULT = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "a", "content": "r"}]}
CHAT_USE = {
    "role": "assistant",
    "content": None,
    "tool_calls": [{"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
}
CHAT_RESULT = {"role": "tool", "tool_call_id": "a", "content": "r"}
CALL = {"type": "function_call", "call_id": "a", "name": "f", "arguments": "{}"}
OUTPUT = {"type": "function_call_output", "call_id": "a", "output": "r"}


@pytest.mark.parametrize(
    ("form", "body"),
    [
        ("anthropic", {"messages": [USER, USE, RESULT]}),
        ("chat", {"messages": [USER, CHAT_USE, CHAT_RESULT]}),
        ("responses", {"input": [USER, CALL, OUTPUT]}),
    ],
)
def test_paired_tool_results_are_fine(form, body):
    assert _found(form, body) == []


@pytest.mark.parametrize(
    ("form", "body"),
    [
        ("anthropic", {"messages": [USER, USE]}),
        ("anthropic", {"messages": [USER, RESULT]}),
        ("anthropic", {"messages": [USER, USE, USER, RESULT]}),
        (
            "anthropic",
            {
                "messages": [
                    USER,
                    USE,
                    RESULT | {"content": [{"type": "text", "text": "t"}, *RESULT["content"]]},
                ]
            },
        ),
        ("chat", {"messages": [USER, CHAT_USE]}),
        ("chat", {"messages": [USER, CHAT_RESULT]}),
        ("chat", {"messages": [USER, CHAT_USE, USER, CHAT_RESULT]}),
        ("responses", {"input": [USER, CALL]}),
        ("responses", {"input": [USER, OUTPUT]}),
        ("responses", {"input": [USER, OUTPUT, CALL]}),
    ],
)
def test_tool_results_without_their_calls_are_found(form, body):
    assert _found(form, body) != []


@pytest.mark.parametrize("name", ["Proxy-Authorization", "Cookie", "TE", "Upgrade", "Keep-Alive"])
def test_headers_that_may_not_pass_a_gateway_are_found(name):
    (problem,) = _found("anthropic", {"messages": [USER]}, [(name, "v")])
    assert name.lower() in problem


@pytest.mark.parametrize(
    ("headers", "count"),
    [
        ([("x-api-key", "k")], 0),
        ([("Authorization", "Bearer k")], 0),
        ([], 1),
        ([("Authorization", "Bearer of-the-client")], 2),
        ([("x-api-key", "k"), ("Authorization", "Bearer of-the-client")], 1),
    ],
)
def test_a_credential_that_is_not_the_endpoints_is_found(headers, count):
    sent = [("Content-Type", "application/json"), ("anthropic-version", "2023-06-01"), *headers]
    assert len(problems("anthropic", sent, json.dumps(ASK).encode(), "k")) == count
