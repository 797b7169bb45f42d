"""What a token is to a model, and the counts that rest on it."""

import asyncio
import json

import pytest

from cccc_tui.engine.calibrate import EVERY_S, FIRST, MARGIN, Calibration
from cccc_tui.state.database import Database
from cccc_tui.state.facts import FactStore
from cccc_tui.wire.model import Usage
from cccc_tui.wire.tokens import estimate_tokens
from tests.engine.conftest import body, endpoint
from tests.fakes.steps import fails, gives

LONG = "A sentence of nine words that is said again. " * 100


@pytest.fixture
def calibration(tmp_path) -> Calibration:
    database = Database(tmp_path / "state.db")
    return Calibration(FactStore(database))


def test_the_factor_rises_fast_and_falls_slowly(calibration):
    key = ("one", "m")
    assert calibration.factor(*key) is None
    calibration.learn(key, 1000, 1500, 1)
    assert calibration.factor(*key) == pytest.approx(1.5 * MARGIN)
    calibration.learn(key, 1000, 1000, 2)
    assert 1.4 * MARGIN < calibration.factor(*key) < 1.5 * MARGIN
    calibration.learn(key, 1000, 2000, 3)
    assert calibration.factor(*key) > 1.7 * MARGIN


def test_of_many_answers_the_factor_stands_near_the_upper_end(calibration):
    for number in range(300):
        calibration.learn(("one", "m"), 1000, 1100 + 40 * (number % 6), number)
    assert 1.2 < calibration.factor("one", "m") / MARGIN <= 1.3


def test_what_cannot_be_about_the_same_text_teaches_nothing(calibration):
    calibration.learn(("one", "m"), 1000, 20_000, 1)
    calibration.learn(("one", "m"), 1000, 10, 1)
    assert calibration.factor("one", "m") is None


async def test_a_model_is_looked_at_only_now_and_then(calibration, monkeypatch):
    now = [0.0]
    calibration._clock = lambda: now[0]
    looked = []
    monkeypatch.setattr("cccc_tui.engine.calibrate.spawn", lambda coro, name: looked.append(coro.close()))
    for _ in range(10):
        calibration.observe("one", "m", "chat", b"{}", Usage(1000), 1)
    assert len(looked) == FIRST
    now[0] += EVERY_S
    calibration.observe("one", "m", "chat", b"{}", Usage(0, 0, 900, 90), 1)
    assert len(looked) == FIRST + 1
    calibration.observe("two", "m", "chat", b"{}", Usage(10), 1)
    assert len(looked) == FIRST + 1, "too short to tell"


async def learned(gateway, endpoint_name: str) -> float:
    target = next(t for t in gateway.engine.live.targets.values() if t.facts.name == endpoint_name)
    for _ in range(1000):
        facts = [f for f in gateway.engine._memory.facts.list(target.facts.id) if f.name == "token_factor"]
        if facts:
            return facts[0].value
        await asyncio.sleep(0)
        await asyncio.to_thread(lambda: None)
    raise AssertionError("nothing was learned")


async def test_a_count_is_an_upper_bound_learned_from_real_usage(start, upstream):
    gateway = await start(endpoint("one", upstream.url, "chat"))
    sent = {**body("anthropic", text=LONG), "max_tokens": 9}
    estimate = estimate_tokens("anthropic", json.dumps(sent).encode())

    async def count():
        async with gateway.post("/v1/messages/count_tokens", json=sent) as answer:
            return (await answer.json())["input_tokens"], answer.headers["x-cccc-token-source"]

    before, source = await count()
    assert before >= estimate and source == "estimate"
    reported = int(estimate * 1.6)
    choice = {"index": 0, "message": {"role": "assistant", "content": "ok"}, "finish_reason": "stop"}
    usage = {
        "prompt_tokens": reported,
        "completion_tokens": 1,
        "prompt_tokens_details": {"cached_tokens": 50},
    }
    upstream.answer(gives({"id": "c1", "model": "m", "choices": [choice], "usage": usage}))
    async with gateway.post("/v1/messages", json=sent) as answer:
        assert answer.status == 200
    assert await learned(gateway, "one") == pytest.approx(1.6, rel=0.05)
    after, source = await count()
    assert reported <= after <= reported * 1.15
    assert source.startswith("estimate, learned factor 1.")


async def test_responses_count_in_their_own_shape(start, upstream):
    gateway = await start(endpoint("one", upstream.url, "chat"))
    async with gateway.post("/v1/responses/input_tokens", json={"model": "m", "input": LONG}) as answer:
        counted = await answer.json()
    assert counted["object"] == "response.input_tokens" and counted["input_tokens"] > 900
    assert upstream.requests == []


async def test_an_endpoint_that_counts_is_asked_and_named(start, upstream):
    gateway = await start(endpoint("one", upstream.url, "anthropic"))
    async with gateway.post("/v1/messages/count_tokens", json=body("anthropic")) as answer:
        assert answer.headers["x-cccc-token-source"] == "endpoint"
        assert (await answer.json())["input_tokens"] > 0


async def test_an_endpoint_that_does_not_count_is_asked_once(start, upstream):
    gateway = await start(endpoint("one", upstream.url, "responses"))
    upstream.strict = False
    upstream.always(fails(404, "Not Found"))
    for _ in range(2):
        async with gateway.post("/v1/responses/input_tokens", json={"model": "m", "input": LONG}) as answer:
            assert answer.status == 200
            assert answer.headers["x-cccc-token-source"] == "estimate"
    assert len(upstream.requests) == 1
    upstream.always(gives({"id": "resp_1", "object": "response", "status": "completed", "output": []}))
    async with gateway.post("/v1/responses", json={"model": "m", "input": "hi"}) as answer:
        assert answer.status == 200, "it still speaks Responses"
