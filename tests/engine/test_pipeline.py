import asyncio
import json

import pytest

from tests.engine.conftest import PATHS, body, endpoint
from tests.fakes.steps import counts, fails, page, raw, resets, says
from tests.fakes.upstream import refusing_url

FORMS = sorted(PATHS)

# The last thing that a whole stream says, and what an error inside a stream looks like.
LAST = {"anthropic": "event: message_stop", "chat": "data: [DONE]", "responses": "event: response.completed"}
ERROR = {"anthropic": "event: error", "chat": '"error"', "responses": "event: response.failed"}

EACH_ANEW = {"sticky": {"enabled": False}}
"""Requests of one conversation are routed each by itself."""


@pytest.mark.parametrize("form", FORMS)
async def test_a_request_goes_up_byte_for_byte_and_its_answer_comes_back(start, upstream, form):
    gateway = await start(endpoint("one", upstream.url, form))
    sent = b' {"stream" :false,  "model":"m", "max_tokens":7, "temperature": 1.0, "n":1e0,' + (
        b'"input":[{"role":"user","content":"h\\u00e9"}] }'
        if form == "responses"
        else b'"messages":[{"role":"user","content":"h\\u00e9"}] }'
    )
    upstream.strict = False
    async with gateway.post(PATHS[form] + "?beta=true", data=sent) as response:
        assert response.status == 200
        assert "Hello from the fake upstream." in await response.text()
    assert upstream.requests[0].body == sent
    assert upstream.requests[0].path.endswith("?beta=true")


@pytest.mark.parametrize("form", FORMS)
async def test_a_stream_comes_through_whole(start, upstream, form):
    gateway = await start(endpoint("one", upstream.url, form))
    upstream.answer(says("Streams are fine."))
    status, headers, text = await gateway.ask(form, stream=True)
    assert status == 200
    assert headers["x-cccc-endpoint"] == "one"
    assert LAST[form] in text
    assert gateway.last.state == "done"
    assert gateway.last.usage.output_tokens > 0


async def test_a_stream_is_passed_on_while_it_is_being_written(start, upstream):
    gateway = await start(endpoint("one", upstream.url))
    rest = asyncio.Event()
    upstream.answer(says("first second third").held(rest, at=1))
    async with gateway.post("/v1/messages", json=body("anthropic", stream=True)) as response:
        seen = b""
        while b"first" not in seen:
            seen += await response.content.readany()
        assert b"third" not in seen
        assert gateway.last.state == "streaming"
        rest.set()
        assert b"message_stop" in seen + await response.content.read()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("stream", [False, True])
async def test_the_clients_own_key_is_replaced_by_the_endpoints(start, upstream, form, stream):
    upstream.key = "key-of-one"
    gateway = await start(endpoint("one", upstream.url, form))
    headers = {"Authorization": "Bearer sk-mine", "x-api-key": "sk-mine", "Cookie": "session=1"}
    async with gateway.post(PATHS[form], json=body(form, stream=stream), headers=headers) as response:
        assert response.status == 200
    assert b"sk-mine" not in repr(upstream.requests[0].headers).encode()


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "failure", [fails(529), fails(500), fails(429), fails(401), page(), resets()], ids=str
)
async def test_a_failure_before_content_goes_to_the_next_endpoint_unnoticed(
    start, upstream, second, form, stream, failure
):
    upstream.always(failure)
    gateway = await start(endpoint("one", upstream.url, form), endpoint("two", second.url, form))
    status, headers, answer = await gateway.ask(form, stream=stream)
    assert status == 200
    assert headers["x-cccc-endpoint"] == "two"
    assert headers["x-cccc-attempts"].startswith("one ")
    assert "Hello from the fake upstream." in json.dumps(answer) or LAST[form] in answer


async def test_an_endpoint_that_refuses_connections_is_passed_over(start, second):
    with refusing_url() as dead:
        gateway = await start(endpoint("one", dead), endpoint("two", second.url))
        status, headers, _ = await gateway.ask("anthropic")
    assert (status, headers["x-cccc-endpoint"]) == (200, "two")
    assert "cannot connect" in gateway.last.attempts[0].error


@pytest.mark.parametrize("form", FORMS)
async def test_an_error_event_before_content_is_a_failure_too(start, upstream, second, form):
    upstream.answer(says("never seen").broken("Overloaded", at=0))
    gateway = await start(endpoint("one", upstream.url, form), endpoint("two", second.url, form))
    status, headers, text = await gateway.ask(form, stream=True)
    assert (status, headers["x-cccc-endpoint"]) == (200, "two")
    assert LAST[form] in text
    assert ERROR[form] not in text


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("how", ["reset", "cut", "ended"])
async def test_a_stream_that_breaks_after_content_ends_with_the_formats_error(
    start, upstream, second, form, how
):
    step = getattr(counts(20), how)(5)
    upstream.answer(step)
    gateway = await start(endpoint("one", upstream.url, form), endpoint("two", second.url, form))
    status, _, text = await gateway.ask(form, stream=True)
    assert status == 200
    assert ERROR[form] in text
    assert second.requests == [], "nothing is spliced after content"
    assert gateway.last.state == "failed"


@pytest.mark.parametrize("form", ["anthropic", "chat"])
async def test_a_missing_last_event_is_written_when_the_answer_is_whole(start, upstream, form):
    stop = b'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":1}}\n\n'
    start_event = (
        b'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant",'
        b'"model":"m","content":[],"stop_reason":null,"usage":{"input_tokens":1,"output_tokens":1}}}\n\n'
        b'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n'
        b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hi"}}\n\n'
        b'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n'
    )
    chat = (
        b'data: {"id":"c","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":"hi"}}]}\n\n'
        b'data: {"id":"c","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'
    )
    upstream.answer(raw(start_event + stop if form == "anthropic" else chat))
    gateway = await start(endpoint("one", upstream.url, form))
    _, _, text = await gateway.ask(form, stream=True)
    assert text.rstrip().endswith("data: [DONE]" if form == "chat" else '{"type":"message_stop"}')
    assert gateway.last.state == "done"


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_context_overflow_goes_back_to_the_agent_and_is_not_rotated(
    start, upstream, second, streamed
):
    message = "This model's maximum context length is 200000 tokens. However, your messages resulted in 210345 tokens."
    upstream.answer(fails(400, message, "invalid_request_error", "context_length_exceeded"))
    gateway = await start(endpoint("one", upstream.url, "chat"), endpoint("two", second.url, "chat"))
    status, _, answer = await gateway.ask("chat", stream=streamed)
    error = (json.loads(answer) if isinstance(answer, str) else answer)["error"]
    assert (status, error["code"], error["message"]) == (400, "context_length_exceeded", message)
    assert second.requests == []
    assert gateway.engine.endpoints()[0].health in ("untried", "healthy")


@pytest.mark.parametrize("form", FORMS)
async def test_the_clients_fault_is_answered_at_once_and_verbatim(start, upstream, second, form):
    upstream.answer(fails(400, "messages.1.role: Input should be 'user' or 'assistant'"))
    gateway = await start(endpoint("one", upstream.url, form), endpoint("two", second.url, form))
    status, headers, answer = await gateway.ask(form)
    assert status == 400
    assert answer["error"]["message"] == "messages.1.role: Input should be 'user' or 'assistant'"
    assert headers["x-cccc-attempts"].startswith("one 400")
    assert second.requests == []
    assert gateway.engine.endpoints()[0].health != "failing"


@pytest.mark.parametrize("form", FORMS)
async def test_when_all_endpoints_fail_the_last_real_answer_is_passed_on(start, upstream, form):
    upstream.always(fails(503, "We are down for maintenance."))
    with refusing_url() as dead:
        gateway = await start(
            endpoint("one", upstream.url, form),
            endpoint("two", dead, form),
            retry={"backoff": 0.01, "wait_for_cool_down": 0},
        )
        status, headers, answer = await gateway.ask(form)
    assert status == 503
    assert "We are down for maintenance." in answer["error"]["message"]
    assert "two - refused" in headers["x-cccc-attempts"]


@pytest.mark.parametrize("form", FORMS)
async def test_an_html_page_becomes_an_error_in_the_clients_format(start, upstream, form):
    upstream.always(page(502))
    gateway = await start(endpoint("one", upstream.url, form))
    status, _, answer = await gateway.ask(form)
    assert status == 502
    assert "Bad Gateway" in answer["error"]["message"]
    assert ("type" in answer) == (form == "anthropic")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "answer",
    [
        raw(b"", "application/json"),
        raw(b"<html>hello</html>", "text/html"),
        raw(b'{"half":', "application/json"),
    ],
    ids=["empty", "html", "truncated"],
)
@pytest.mark.parametrize("stream", [False, True])
async def test_a_good_status_without_an_answer_in_it_is_a_failure(
    start, upstream, second, form, answer, stream
):
    upstream.always(answer)
    gateway = await start(endpoint("one", upstream.url, form), endpoint("two", second.url, form))
    status, headers, _ = await gateway.ask(form, stream=stream)
    assert (status, headers["x-cccc-endpoint"]) == (200, "two")


@pytest.mark.parametrize("form", FORMS)
async def test_a_good_status_with_an_error_inside_is_a_failure(start, upstream, second, form):
    upstream.always(fails(200, "The server is overloaded", kind="overloaded_error"))
    gateway = await start(endpoint("one", upstream.url, form), endpoint("two", second.url, form))
    status, headers, _ = await gateway.ask(form)
    assert (status, headers["x-cccc-endpoint"]) == (200, "two")


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
@pytest.mark.parametrize("stream", [False, True])
async def test_a_compressed_answer_is_handed_on_readable(start, upstream, encoding, stream):
    upstream.answer(says("squeezed").encoded(encoding))
    gateway = await start(endpoint("one", upstream.url))
    status, headers, answer = await gateway.ask("anthropic", stream=stream)
    assert status == 200
    assert "Content-Encoding" not in headers
    assert "squeezed" in json.dumps(answer)


async def test_a_client_that_leaves_stops_the_upstream_at_once(start, upstream):
    gateway = await start(endpoint("one", upstream.url))
    upstream.answer(counts(50).held(asyncio.Event(), at=3))
    response = await gateway.post("/v1/messages", json=body("anthropic", stream=True))
    while b"content_block_delta" not in await response.content.readany():
        pass
    response.close()
    await upstream.cancelled(1)
    while not gateway.last.is_over:
        await asyncio.sleep(0)
    assert gateway.last.state == "cancelled"
    assert gateway.engine.status().in_flight == 0


async def test_a_client_that_leaves_before_the_answer_stops_the_upstream_as_well(start, upstream):
    gateway = await start(endpoint("one", upstream.url))
    upstream.answer(says("late").held(asyncio.Event()))
    asking = asyncio.get_running_loop().create_task(gateway.ask("anthropic"))
    await upstream.arrived(1)
    asking.cancel()
    await upstream.cancelled(1)


async def test_a_request_cancelled_from_the_screen_ends_with_an_error(start, upstream):
    gateway = await start(endpoint("one", upstream.url))
    upstream.answer(counts(50).held(asyncio.Event(), at=3))
    async with gateway.post("/v1/messages", json=body("anthropic", stream=True)) as response:
        while b"content_block_delta" not in await response.content.readany():
            pass
        outcome = await gateway.engine.cancel_exchange(gateway.last.id)
        assert outcome.done
        assert b"event: error" in await response.content.read()
    assert gateway.last.state == "cancelled"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("stream", [False, True])
async def test_a_rewritten_model_is_asked_for_and_the_clients_name_comes_back(start, upstream, form, stream):
    rewrite = {"enabled": True, "rules": [{"source_pattern": "big-*", "target_model": "small-1"}]}
    gateway = await start(endpoint("one", upstream.url, form, model_rewrite=rewrite))
    _, _, answer = await gateway.ask(form, model="big-9", stream=stream)
    assert upstream.requests[0].json["model"] == "small-1"
    text = answer if isinstance(answer, str) else json.dumps(answer)
    assert "big-9" in text
    assert "small-1" not in text


async def test_parameters_and_headers_are_overridden(start, upstream):
    gateway = await start(
        endpoint(
            "one",
            upstream.url,
            parameter_overrides=[{"key": "temperature", "value": "0.5"}, {"key": "top_k", "value": ""}],
            header_overrides={"X-Team": "blue"},
        )
    )
    async with gateway.post("/v1/messages", json={**body("anthropic"), "top_k": 5}) as response:
        assert response.status == 200
    assert upstream.requests[0].json["temperature"] == 0.5
    assert "top_k" not in upstream.requests[0].json
    assert upstream.requests[0].header("X-Team") == "blue"


async def test_an_endpoint_that_wants_the_other_auth_header_is_understood_and_remembered(start, upstream):
    def only_bearer(asked):
        return says("in") if asked.header("Authorization") == "Bearer key-of-one" else fails(401, "no key")

    upstream.always(only_bearer)
    gateway = await start(endpoint("one", upstream.url))
    for _ in range(2):
        status, _, _ = await gateway.ask("anthropic")
        assert status == 200
    assert [bool(asked.header("Authorization")) for asked in upstream.requests] == [False, True, True]


async def test_an_openai_endpoint_without_responses_is_asked_in_chat_and_that_is_remembered(start, upstream):
    def only_chat(asked):
        return says("in chat") if asked.form == "chat" else fails(404, "unknown path")

    upstream.always(only_chat)
    gateway = await start(endpoint("one", upstream.url, "responses", openai_preference="auto"))
    for _ in range(2):
        status, _, answer = await gateway.ask("responses")
        assert status == 200
        assert answer["output"][-1]["content"][0]["text"] == "in chat"
    assert [asked.form for asked in upstream.requests] == ["responses", "chat", "chat"]


async def test_a_dead_endpoint_is_left_out_until_its_time_comes(start, upstream, second):
    upstream.always(fails(500))
    gateway = await start(endpoint("one", upstream.url), endpoint("two", second.url), routing=EACH_ANEW)
    for _ in range(4):
        assert (await gateway.ask("anthropic"))[0] == 200
    assert gateway.engine.endpoints()[0].health == "failing"
    asked_before = len(upstream.requests)
    await gateway.ask("anthropic")
    assert len(upstream.requests) == asked_before
    assert [step.endpoint for step in gateway.last.route] == ["two", "one"]
    await gateway.engine.reset_endpoint("one")
    await gateway.ask("anthropic")
    assert len(upstream.requests) > asked_before


@pytest.mark.parametrize("form", FORMS)
async def test_a_silent_upstream_gets_keep_alives_and_then_the_next_endpoint(start, upstream, second, form):
    upstream.always(says("never").held(asyncio.Event(), at="head"))
    gateway = await start(
        endpoint("one", upstream.url, form),
        endpoint("two", second.url, form),
        timeouts={"keep_alive": 0.2, "first_content": 1.0},
    )
    status, _, text = await gateway.ask(form, stream=True)
    assert status == 200
    assert ("event: ping" if form == "anthropic" else ": keep-alive") in text
    assert LAST[form] in text
    assert gateway.last.endpoint == "two"


async def test_a_stream_that_stalls_in_the_middle_ends_with_an_error(start, upstream):
    upstream.answer(counts(50).held(asyncio.Event(), at=3))
    gateway = await start(endpoint("one", upstream.url), timeouts={"stream_idle": 0.5})
    _, _, text = await gateway.ask("anthropic", stream=True)
    assert "event: error" in text
    assert "overloaded_error" in text
    await upstream.cancelled(1)


async def test_an_endpoint_of_another_client_is_left_out_with_the_reason(start, upstream, second):
    gateway = await start(
        endpoint("one", upstream.url, supported_clients=["codex"]), endpoint("two", second.url)
    )
    await gateway.ask("anthropic")
    assert gateway.last.route[1].endpoint == "one"
    assert "codex" in gateway.last.route[1].reason


async def test_a_request_that_comes_back_to_its_sender_is_refused(start, upstream):
    gateway = await start(endpoint("one", upstream.url))
    await gateway.ask("anthropic")
    hop = upstream.requests[0].header("x-cccc-hop")
    async with gateway.post("/v1/messages", json=body("anthropic"), headers={"x-cccc-hop": hop}) as response:
        assert response.status == 508
        assert "came back" in (await response.json())["error"]["message"]


async def test_without_a_usable_endpoint_the_answer_says_why_for_each(start, upstream):
    gateway = await start(endpoint("one", upstream.url, enabled=False))
    status, _, answer = await gateway.ask("anthropic")
    assert status == 503
    assert "one: disabled" in answer["error"]["message"]


async def test_the_demo_never_stands_in_for_a_real_endpoint(start, upstream):
    upstream.always(fails(500))
    demo = {"name": "demo", "url": "demo:"}
    gateway = await start(endpoint("one", upstream.url), demo)
    assert (await gateway.ask("anthropic"))[0] == 500


@pytest.mark.parametrize("form", FORMS)
async def test_the_demo_answers_every_format_while_it_is_alone(start, form):
    gateway = await start({"name": "demo", "url": "demo:"})
    assert (await gateway.ask(form))[0] == 200
    assert gateway.engine.status().demo
