"""What is on record, and what is free again, after an endpoint was asked: whatever the end."""

import asyncio
import time

import pytest

from tests.engine.conftest import endpoint
from tests.fakes.steps import fails, gives, says


def limited(name: str, url: str, **limits: object) -> dict[str, object]:
    return endpoint(name, url, limits=limits)


async def test_an_attempt_that_failed_is_on_record_with_its_time_and_reason(start, upstream):
    upstream.always(fails(400, "nonsense"))
    gateway = await start(endpoint("one", upstream.url))
    await gateway.ask("anthropic")
    (attempt,) = gateway.last.attempts
    assert (attempt.status, attempt.error, attempt.error_class) == (400, "nonsense", "invalid_request")
    assert attempt.ended_s >= attempt.headers_s >= attempt.began_s
    assert "key-of-one" not in repr(attempt.request_headers)


async def test_a_request_that_cannot_be_said_there_is_an_attempt_without_a_call(start, upstream):
    gateway = await start(endpoint("one", upstream.url, "chat"))
    request = {"model": "m", "input": "go on", "previous_response_id": "resp_of_somebody_else"}
    async with gateway.post("/v1/responses", json=request) as response:
        assert response.status == 400
    assert upstream.requests == []
    (attempt,) = gateway.last.attempts
    assert attempt.endpoint == "one"
    assert attempt.error
    assert gateway.health("one").state == "untried"


async def test_the_place_is_free_again_after_a_failure(start, upstream):
    upstream.answer(fails(400))
    gateway = await start(limited("one", upstream.url, max_concurrent=1))
    assert [(await gateway.ask("anthropic"))[0] for _ in range(2)] == [400, 200]


async def test_a_full_endpoint_passes_the_request_to_the_next(start, upstream, second):
    hold = asyncio.Event()
    upstream.answer(says("slow").held(hold))
    gateway = await start(limited("one", upstream.url, max_concurrent=1), endpoint("two", second.url))
    async with asyncio.TaskGroup() as group:
        group.create_task(gateway.ask("anthropic"))
        await upstream.arrived(1)
        status, headers, _ = await gateway.ask("anthropic")
        hold.set()
    assert (status, headers["x-cccc-endpoint"]) == (200, "two")
    assert headers["x-cccc-attempts"].startswith("one - unavailable")
    assert not gateway.health("one").failed_at


async def test_the_last_endpoint_lets_requests_wait_their_turn(start, upstream):
    hold = asyncio.Event()
    upstream.answer(says("slow").held(hold))
    gateway = await start(limited("one", upstream.url, max_concurrent=1))
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(gateway.ask("anthropic")) for _ in range(3)]
        await upstream.arrived(1)
        assert upstream.active == 1
        hold.set()
    assert [task.result()[0] for task in asked] == [200, 200, 200]


async def test_a_wait_that_is_too_long_ends_with_a_503_that_says_when_to_come_again(start, upstream):
    hold = asyncio.Event()
    upstream.answer(says("slow").held(hold))
    gateway = await start(limited("one", upstream.url, max_concurrent=1, queue_timeout=0.05))
    async with asyncio.TaskGroup() as group:
        group.create_task(gateway.ask("anthropic"))
        await upstream.arrived(1)
        status, headers, answer = await gateway.ask("anthropic")
        hold.set()
    assert (status, answer["type"]) == (503, "error")
    assert int(headers["Retry-After"]) >= 1
    assert "no place within" in answer["error"]["message"]
    assert len(upstream.requests) == 1


async def test_more_requests_than_a_minute_has_go_to_the_next_endpoint(start, upstream, second):
    gateway = await start(
        limited("one", upstream.url, requests_per_minute=2),
        endpoint("two", second.url),
        routing={"sticky": {"enabled": False}},
    )
    names = [(await gateway.ask("anthropic"))[1]["x-cccc-endpoint"] for _ in range(3)]
    assert names == ["one", "one", "two"]


async def test_an_answers_headers_are_read_into_the_endpoints_quota(start, upstream):
    lines = (
        ("anthropic-ratelimit-requests-limit", "100"),
        ("anthropic-ratelimit-requests-remaining", "25"),
        ("anthropic-ratelimit-requests-reset", "60"),
    )
    upstream.answer(says("hi").with_headers(*lines))
    gateway = await start(endpoint("one", upstream.url))
    await gateway.ask("anthropic")
    (key,) = gateway.engine.endpoints()[0].keys
    assert key.remaining == 0.25
    assert key.resets_at is not None


LIMIT = {
    "error": {
        "type": "usage_limit_reached",
        "message": "The usage limit has been reached",
        "resets_in_seconds": 900,
    }
}


@pytest.mark.parametrize(
    "step, left, resets_in_s",
    [
        (fails(429, "slow down").with_headers(("Retry-After", "30")), 0.0, 30),
        (gives(LIMIT, status=429), 0.0, 900),
        (
            says("in").with_headers(
                ("x-codex-primary-used-percent", "40"), ("x-codex-primary-reset-after-seconds", "600")
            ),
            0.6,
            600,
        ),
        (
            says("in").with_headers(
                ("x-ratelimit-limit-tokens", "1000"),
                ("x-ratelimit-remaining-tokens", "100"),
                ("x-ratelimit-reset-tokens", "2m"),
            ),
            0.1,
            120,
        ),
    ],
    ids=["retry-after", "resets_in_seconds", "x-codex", "x-ratelimit"],
)
async def test_whatever_names_the_allowance_is_read_from_refusals_too(
    start, upstream, step, left, resets_in_s
):
    upstream.always(step)
    gateway = await start(endpoint("one", upstream.url, "responses"), retry={"wait_for_cool_down": 0})
    await gateway.ask("responses")
    (key,) = gateway.engine.endpoints()[0].keys
    assert key.remaining == pytest.approx(left)
    assert key.resets_at == pytest.approx(time.time() + resets_in_s, abs=5)
