import json

import pytest

from tests.engine.conftest import PATHS, body, endpoint
from tests.fakes.steps import ToolCall, calls, fails, raw, says, thinks

FORMS = sorted(PATHS)
PAIRS = [(client, upstream) for client in FORMS for upstream in FORMS if client != upstream]
LAST = {"anthropic": "event: message_stop", "chat": "data: [DONE]", "responses": "event: response.completed"}
ERROR = {"anthropic": "event: error", "chat": '"error"', "responses": "event: response.failed"}


def text_of(form: str, answer: dict) -> str:
    """What a whole answer says, read as its format says it."""
    if form == "anthropic":
        return "".join(block["text"] for block in answer["content"] if block["type"] == "text")
    if form == "chat":
        return answer["choices"][0]["message"]["content"] or ""
    items = [item for item in answer["output"] if item["type"] == "message"]
    return "".join(part["text"] for item in items for part in item["content"])


@pytest.mark.parametrize(("client", "format_"), PAIRS)
@pytest.mark.parametrize("stream", [False, True])
async def test_an_endpoint_of_another_format_answers_all_the_same(start, upstream, client, format_, stream):
    upstream.answer(says("Bonjour from afar."))
    gateway = await start(endpoint("one", upstream.url, format_))
    status, headers, answer = await gateway.ask(client, stream=stream, model="my-model")
    assert status == 200
    assert headers["x-cccc-endpoint"] == "one"
    if stream:
        assert LAST[client] in answer
    else:
        assert text_of(client, answer) == "Bonjour from afar."
        assert answer["model"] == "my-model"
    assert upstream.requests[0].form == format_
    assert gateway.last.usage.output_tokens > 0
    assert f"{client} → {format_}" in gateway.last.attempts[0].notes


@pytest.mark.parametrize(("client", "format_"), PAIRS)
@pytest.mark.parametrize("stream", [False, True])
async def test_a_tool_call_survives_the_conversion(start, upstream, client, format_, stream):
    upstream.answer(calls(ToolCall("get_weather", {"city": "Łódź"})))
    gateway = await start(endpoint("one", upstream.url, format_))
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    tool = {
        "anthropic": {"name": "get_weather", "description": "d", "input_schema": schema},
        "chat": {
            "type": "function",
            "function": {"name": "get_weather", "description": "d", "parameters": schema},
        },
        "responses": {"type": "function", "name": "get_weather", "description": "d", "parameters": schema},
    }[client]
    async with gateway.post(PATHS[client], json={**body(client, stream=stream), "tools": [tool]}) as response:
        assert response.status == 200
        answer = await response.text()
    assert "get_weather" in answer
    assert "city" in answer


@pytest.mark.parametrize(("client", "format_"), PAIRS)
async def test_errors_of_another_format_come_in_the_clients(start, upstream, client, format_):
    upstream.always(fails(429, "Too fast, please slow down.").with_headers(("Retry-After", "9")))
    gateway = await start(endpoint("one", upstream.url, format_), retry={"wait_for_cool_down": 0})
    status, headers, answer = await gateway.ask(client)
    assert status == 429
    assert headers["Retry-After"] == "9"
    assert "Too fast" in answer["error"]["message"]
    assert ("request_id" in answer or answer.get("type") == "error") == (client == "anthropic")


@pytest.mark.parametrize(("client", "format_"), PAIRS)
@pytest.mark.parametrize("how", ["reset", "cut", "ended"])
async def test_a_converted_stream_that_breaks_ends_with_the_clients_error(
    start, upstream, client, format_, how
):
    upstream.answer(getattr(says(" ".join(["word"] * 20)), how)(5))
    gateway = await start(endpoint("one", upstream.url, format_))
    _, _, text = await gateway.ask(client, stream=True)
    assert ERROR[client] in text
    assert gateway.last.state == "failed"


@pytest.mark.parametrize("form", FORMS)
async def test_an_answer_in_one_piece_becomes_the_stream_that_was_asked_for(start, upstream, form):
    gateway = await start(endpoint("one", upstream.url, form))

    def whole(asked):
        return raw(WHOLE[form], "application/json")

    upstream.answer(whole)
    status, headers, text = await gateway.ask(form, stream=True)
    assert status == 200
    assert headers["Content-Type"].startswith("text/event-stream")
    assert "all at once" in text
    assert LAST[form] in text


async def test_a_stream_becomes_the_whole_answer_that_was_asked_for(start, upstream):
    gateway = await start(endpoint("one", upstream.url, "chat"))
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    delta = {**chunk, "choices": [{"index": 0, "delta": {"content": "in pieces"}, "finish_reason": None}]}
    stop = {**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    events = (
        b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in (delta, stop))
        + b"data: [DONE]\n\n"
    )
    upstream.answer(raw(events))
    status, headers, answer = await gateway.ask("chat")
    assert (status, headers.get("Content-Type", "").partition(";")[0]) == (200, "application/json")
    assert text_of("chat", answer) == "in pieces"


async def test_thinking_comes_through_a_conversion(start, upstream):
    upstream.answer(thinks("Let me see.", *says("Done.").parts))
    gateway = await start(endpoint("one", upstream.url, "chat"))
    async with gateway.post(
        "/v1/messages",
        json={
            **body("anthropic"),
            "thinking": {"type": "enabled", "budget_tokens": 1024},
            "max_tokens": 4096,
        },
    ) as response:
        answer = await response.json()
    assert [block["type"] for block in answer["content"]] == ["thinking", "text"]
    assert answer["content"][0]["thinking"] == "Let me see."


async def test_tokens_are_estimated_where_no_endpoint_counts_and_the_answer_says_so(start, upstream):
    gateway = await start(endpoint("one", upstream.url, "chat"))
    async with gateway.post(
        "/v1/messages/count_tokens", json=body("anthropic", text="word " * 100)
    ) as response:
        assert response.status == 200
        assert response.headers["x-cccc-token-source"] == "estimate"
        assert 80 <= (await response.json())["input_tokens"] <= 250
    assert upstream.requests == []


WHOLE = {
    "anthropic": json.dumps(
        {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "m",
            "content": [{"type": "text", "text": "all at once"}],
            "stop_reason": "end_turn",
            "stop_sequence": None,
            "usage": {"input_tokens": 3, "output_tokens": 3},
        }
    ).encode(),
    "chat": json.dumps(
        {
            "id": "c1",
            "object": "chat.completion",
            "created": 1,
            "model": "m",
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": "all at once"},
                    "finish_reason": "stop",
                }
            ],
            "usage": {"prompt_tokens": 3, "completion_tokens": 3, "total_tokens": 6},
        }
    ).encode(),
    "responses": json.dumps(
        {
            "id": "resp_1",
            "object": "response",
            "created_at": 1,
            "status": "completed",
            "model": "m",
            "output": [
                {
                    "id": "msg_1",
                    "type": "message",
                    "role": "assistant",
                    "status": "completed",
                    "content": [{"type": "output_text", "text": "all at once", "annotations": []}],
                }
            ],
            "usage": {"input_tokens": 3, "output_tokens": 3, "total_tokens": 6},
        }
    ).encode(),
}
