import contextlib
import json
from collections import Counter
from pathlib import Path

import aiohttp
import pytest

from cccc_tui.engine.demo.provider import PERSONALITIES, DemoProvider, Personality

MESSAGES = {"model": "m", "max_tokens": 100, "messages": [{"role": "user", "content": "Hello"}]}
BODIES = {
    "/v1/messages": MESSAGES,
    "/v1/chat/completions": {"model": "m", "messages": [{"role": "user", "content": "Hello"}]},
    "/v1/responses": {"model": "m", "input": "Hello"},
}
ENDS = {
    "/v1/messages": b"event: message_stop",
    "/v1/chat/completions": b"data: [DONE]",
    "/v1/responses": b"event: response.completed",
}


@contextlib.asynccontextmanager
async def demo(seed=1):
    provider = DemoProvider(Path("config.yaml"), word_s=0, seed=seed)
    url = await provider.start()
    try:
        async with aiohttp.ClientSession(url) as session:
            yield session
    finally:
        await provider.stop()


async def post(session, path, body):
    """Status and body of an answer; the name of the failure where there is none or not all of it."""
    try:
        async with session.post(path, json=body) as response:
            return response.status, await response.read()
    except aiohttp.ClientError as error:
        return type(error).__name__, b""


@pytest.mark.parametrize("path", BODIES)
@pytest.mark.parametrize("personality", ["", "/healthy", "/second", "/slow"])
async def test_every_good_personality_answers_every_format_whole_and_streamed(path, personality):
    async with demo() as session:
        status, whole = await post(session, personality + path, BODIES[path])
        assert (status, b"Hello from the cccc demo" in whole) == (200, True)
        status, stream = await post(session, personality + path, BODIES[path] | {"stream": True})
        assert (status, ENDS[path] in stream) == (200, True)


async def test_the_flaky_one_teaches_how_long_an_answer_may_be():
    async with demo() as session:
        status, refusal = await post(session, "/flaky/v1/messages", MESSAGES | {"max_tokens": 32_000})
        assert (status, b"max_tokens: 32000 > 16384" in refusal) == (400, True)
        status, _ = await post(session, "/healthy/v1/messages", MESSAGES | {"max_tokens": 32_000})
        assert status == 200


async def test_the_flaky_one_fails_in_every_way_about_one_time_in_three():
    short = MESSAGES | {"stream": True, "max_tokens": 6}
    async with demo() as session:
        outcomes = Counter()
        for _ in range(90):
            status, _ = await post(session, "/flaky/v1/messages", short)
            outcomes[status] += 1
    assert set(outcomes) == {200, 500, 529, "ServerDisconnectedError", "ClientPayloadError"}
    assert 50 <= outcomes[200] <= 70


async def test_the_same_seed_fails_the_same_way():
    async def outcomes():
        async with demo(seed=5) as session:
            return [
                (await post(session, "/flaky/v1/responses", BODIES["/v1/responses"]))[0] for _ in range(20)
            ]

    assert await outcomes() == await outcomes()


async def test_an_error_of_the_flaky_one_is_in_the_format_of_the_request():
    async with demo() as session:
        for path, body in BODIES.items():
            answers = [await post(session, f"/flaky{path}", body) for _ in range(40)]
            overloaded = next(json.loads(data) for status, data in answers if status == 529)
            assert "on purpose" in overloaded["error"]["message"]
            assert (overloaded.get("type") == "error") == (path == "/v1/messages")


async def test_tokens_are_counted():
    async with demo() as session:
        counted = json.loads((await post(session, "/v1/messages/count_tokens", MESSAGES))[1])
        assert counted["input_tokens"] > 5
        counted = json.loads((await post(session, "/v1/responses/input_tokens", BODIES["/v1/responses"]))[1])
        assert counted["object"] == "response.input_tokens"


async def test_models_are_listed_in_the_shape_of_each_asker():
    async with demo() as session:
        async with session.get("/v1/models", headers={"anthropic-version": "2023-06-01"}) as response:
            listed = await response.json()
            assert {"cccc-demo", "claude-opus-5-5"} <= {row["id"] for row in listed["data"]}
            assert listed["has_more"] is False
        async with session.get("/slow/v1/models") as response:
            listed = await response.json()
            assert (listed["object"], listed["models"]) == ("list", [])


@pytest.mark.parametrize("path", BODIES)
async def test_a_bad_request_is_refused_in_its_format(path):
    async with demo() as session:
        status, body = await post(session, path, {"model": "m"})
        assert status == 400
        assert "at least one message is required" in json.loads(body)["error"]["message"]


async def test_a_websocket_is_told_to_come_back_over_http():
    headers = {"Connection": "Upgrade", "Upgrade": "websocket"}
    async with demo() as session, session.get("/v1/responses", headers=headers) as response:
        assert response.status == 426


async def test_what_it_does_not_have_is_a_404():
    async with demo() as session:
        assert (await post(session, "/v1/embeddings", {}))[0] == 404
        async with session.get("/") as response:
            assert "demo provider" in await response.text()


async def test_stop_ends_a_stream_that_would_go_on_for_hours(monkeypatch):
    monkeypatch.setitem(PERSONALITIES, "slow", Personality(first_content_words=0, word_words=1))
    provider = DemoProvider(Path("config.yaml"), word_s=3600)
    url = await provider.start()
    slow = MESSAGES | {"stream": True}
    async with (
        aiohttp.ClientSession(url) as session,
        session.post("/slow/v1/messages", json=slow) as response,
    ):
        await provider.stop()
        with pytest.raises(aiohttp.ClientError):
            await response.read()
    await provider.stop()


def test_every_personality_of_the_demo_is_there():
    assert set(PERSONALITIES) == {"", "healthy", "second", "flaky", "slow"}
