"""What an agent lives through with endpoints that fail, teach, rest and come back: each told as a story."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import aiohttp
import pytest

from cccc_tui.engine.core import Engine
from tests.engine.conftest import PATHS, Gateway, body, endpoint
from tests.fakes.picture import png
from tests.fakes.steps import Step, fails, gives, says
from tests.fakes.upstream import Asked

EACH_ANEW = {"sticky": {"enabled": False}}
QUICK = {"backoff": 0.01, "wait_for_cool_down": 0}

RENAME = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
EFFORT = "Unsupported value: 'xhigh' is not supported with this model. Supported values are: 'low', 'medium', and 'high'."


async def send(gateway: Gateway, form: str, **fields: Any) -> tuple[int, Any, Any]:
    """Status, headers and body of a request with more in it than the small one."""
    async with gateway.post(PATHS[form], json=body(form) | fields) as response:
        return response.status, response.headers, await response.json(content_type=None)


def refuses(condition: Any, message: str, **said: Any) -> Any:
    return lambda asked: fails(400, message, **said) if condition(asked.json) else says("done")


CURES = {
    "max_tokens-renamed": (
        "chat",
        {"max_tokens": 100},
        refuses(lambda sent: "max_tokens" in sent, RENAME, code="unsupported_parameter"),
        lambda sent: sent["max_completion_tokens"] == 100,
    ),
    "temperature-left-out": (
        "chat",
        {"temperature": 0.2},
        refuses(
            lambda sent: "temperature" in sent,
            "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.",
            code="unsupported_value",
        ),
        lambda sent: "temperature" not in sent,
    ),
    "nested-effort-lowered": (
        "responses",
        {"reasoning": {"effort": "xhigh", "summary": "auto"}},
        lambda asked: (
            Step(
                status=400,
                body=json.dumps(
                    {
                        "error": {
                            "message": EFFORT,
                            "type": "invalid_request_error",
                            "param": "reasoning.effort",
                            "code": "unsupported_value",
                        }
                    }
                ).encode(),
                content_type="application/json",
            )
            if asked.json["reasoning"]["effort"] == "xhigh"
            else says("done")
        ),
        lambda sent: sent["reasoning"] == {"effort": "high", "summary": "auto"},
    ),
    "max_tokens-clamped": (
        "anthropic",
        {"max_tokens": 64000},
        refuses(
            lambda sent: sent["max_tokens"] > 8192,
            "max_tokens: 64000 > 8192, which is the maximum allowed number of output tokens for some-model",
        ),
        lambda sent: sent["max_tokens"] == 8192,
    ),
}


@pytest.mark.parametrize("form, fields, answer, is_cured", CURES.values(), ids=CURES)
async def test_a_refused_parameter_is_cured_in_the_same_exchange_and_never_sent_again(
    start, upstream, second, form, fields, answer, is_cured
):
    upstream.always(answer)
    gateway = await start(endpoint("one", upstream.url, form), endpoint("two", second.url, form))
    for number in (2, 3):
        status, headers, _ = await send(gateway, form, **fields)
        assert (status, headers["x-cccc-endpoint"]) == (200, "one")
        assert len(upstream.requests) == number
        assert is_cured(upstream.requests[-1].json)
        assert headers["x-cccc-stripped"]
    assert second.requests == []
    assert gateway.engine.endpoints()[0].health == "healthy"


async def test_what_was_learned_survives_a_restart_until_it_is_undone(start, upstream, tmp_path):
    upstream.always(refuses(lambda sent: "temperature" in sent, "Unsupported parameter: 'temperature'"))
    gateway = await start(endpoint("one", upstream.url, "chat"))
    await send(gateway, "chat", temperature=1)
    await gateway.engine.stop(grace_s=0)
    again = Engine(gateway.config_path, tmp_path / "state0", port=0)
    await again.start()
    async with aiohttp.ClientSession() as client:
        after = Gateway(again, gateway.config_path, client)
        await send(after, "chat", temperature=1)
        assert len(upstream.requests) == 3
        (fact,) = again.facts()
        assert (fact.endpoint, fact.name, fact.value) == ("one", "param:temperature", "drop")
        assert "Unsupported parameter" in fact.evidence
        assert (await again.undo_fact(fact.endpoint, fact.model, fact.name)).done
        await send(after, "chat", temperature=1)
        assert len(upstream.requests) == 5, "it was found out anew"
    await again.stop(grace_s=0)


TOOLS = [{"name": "Bash", "description": "run", "input_schema": {"type": "object", "properties": {}}}]


async def test_tools_are_never_taken_away_for_a_vague_word(start, upstream):
    upstream.always(fails(400, "tools: something about a tool is not supported here"))
    gateway = await start(endpoint("one", upstream.url))
    status, _, _ = await send(gateway, "anthropic", tools=TOOLS)
    assert status == 400
    assert all("tools" in asked.json for asked in upstream.requests)
    assert gateway.facts() == []


async def test_a_model_without_tools_is_asked_without_them_only_when_nobody_else_is_left(
    start, upstream, second
):
    without_tools = refuses(lambda sent: "tools" in sent, "This model does not support tools.")
    upstream.always(without_tools)
    second.always(says("with tools"))
    gateway = await start(endpoint("one", upstream.url), endpoint("two", second.url), routing=EACH_ANEW)
    _, headers, _ = await send(gateway, "anthropic", tools=TOOLS)
    assert headers["x-cccc-endpoint"] == "two"
    assert "tools" in second.requests[0].json
    _, headers, _ = await send(gateway, "anthropic", tools=TOOLS)
    assert headers["x-cccc-endpoint"] == "two"
    assert len(upstream.requests) == 1, "the second request went to the other one at once"
    assert (await gateway.engine.set_enabled("two", False)).done
    await gateway.engine.undo_fact("one", "some-model", "lacks:tools")
    status, headers, _ = await send(gateway, "anthropic", tools=TOOLS)
    assert (status, headers["x-cccc-endpoint"]) == (200, "one")
    assert "tools left out" in headers["x-cccc-stripped"]
    assert "tools" not in upstream.requests[-1].json


async def test_an_endpoint_that_sees_no_images_is_passed_over_from_then_on(start, upstream, second):
    upstream.always(fails(400, "This model does not support image input."))
    gateway = await start(endpoint("one", upstream.url), endpoint("two", second.url), routing=EACH_ANEW)
    source = {"type": "base64", "media_type": "image/png", "data": base64.b64encode(png(9, 9, 9)).decode()}
    seen = [{"role": "user", "content": [{"type": "image", "source": source}]}]
    for _ in range(2):
        status, headers, _ = await send(gateway, "anthropic", messages=seen)
        assert (status, headers["x-cccc-endpoint"]) == (200, "two")
    assert len(upstream.requests) == 1, "the second request went to the other one at once"
    upstream.always(says("text is fine"))
    _, headers, _ = await send(gateway, "anthropic")
    assert headers["x-cccc-endpoint"] == "one"


async def test_a_silent_endpoint_loses_to_the_second_and_is_booked_for_what_it_read(start, upstream, second):
    upstream.always(says("late").held(asyncio.Event()))
    gateway = await start(
        endpoint("one", upstream.url), endpoint("two", second.url), retry={"hedge_after": 0.05}
    )
    status, headers, text = await gateway.ask("anthropic", stream=True)
    assert (status, headers["x-cccc-endpoint"]) == (200, "two")
    assert "message_stop" in text
    await upstream.cancelled(1)
    lost, won = gateway.last.attempts
    assert (lost.endpoint, lost.error) == ("one", "")
    assert "another endpoint began to answer first" in lost.notes
    assert (won.endpoint, won.error) == ("two", "")
    one, two = gateway.engine.endpoints()
    assert one.usage.input_tokens > 0
    assert one.usage.output_tokens == 0
    assert two.usage.output_tokens > 0
    assert (one.health, two.health) == ("untried", "healthy")
    assert one.in_flight == two.in_flight == 0


async def test_the_first_that_wins_late_is_named_although_the_second_was_asked(start, upstream, second):
    hold = asyncio.Event()
    upstream.always(says("late but first").held(hold))
    second.always(says("never").held(asyncio.Event()))
    gateway = await start(
        endpoint("one", upstream.url), endpoint("two", second.url), retry={"hedge_after": 0.05}
    )
    async with asyncio.TaskGroup() as group:
        asked = group.create_task(gateway.ask("anthropic", stream=True))
        await second.arrived(1)
        hold.set()
    assert asked.result()[1]["x-cccc-endpoint"] == "one"
    assert gateway.last.endpoint == "one"
    await second.cancelled(1)


async def test_a_lesson_learned_in_a_race_still_cures_the_same_exchange(start, upstream, second):
    refusal = refuses(lambda sent: "temperature" in sent, "temperature: Extra inputs are not permitted")
    upstream.always(refusal)
    second.always(fails(500))
    gateway = await start(
        endpoint("one", upstream.url), endpoint("two", second.url), retry={"hedge_after": 30, **QUICK}
    )
    request = body("anthropic", stream=True) | {"temperature": 0.2}
    async with gateway.post(PATHS["anthropic"], json=request) as response:
        assert "message_stop" in await response.text()
        assert (response.status, response.headers["x-cccc-endpoint"]) == (200, "one")
    assert ["temperature" in asked.json for asked in upstream.requests] == [True, False]


async def test_a_fault_of_the_client_ends_the_race_before_the_second_is_asked(start, upstream, second):
    upstream.always(fails(400, "messages.1.role: Input should be 'user' or 'assistant'"))
    gateway = await start(
        endpoint("one", upstream.url), endpoint("two", second.url), retry={"hedge_after": 30, **QUICK}
    )
    status, _, _ = await gateway.ask("anthropic", stream=True)
    assert status == 400
    assert second.requests == []


@pytest.mark.parametrize(
    "failure, status",
    [(fails(500), 500), (fails(529), 529), (fails(429).with_headers(("Retry-After", "30")), 429)],
)
async def test_a_storm_of_an_agents_retries_hardly_touches_the_upstream(start, upstream, failure, status):
    gateway = await start(endpoint("one", upstream.url), retry=QUICK)
    assert (await gateway.ask("anthropic"))[0] == 200, "it was well until now"
    upstream.always(failure)
    answers = [await gateway.ask("anthropic") for _ in range(30)]
    assert {each[0] for each in answers} == {status}
    assert all(int(each[1]["Retry-After"]) >= 1 for each in answers[-20:])
    assert len(upstream.requests) <= 12, "of the sixty that two attempts for each would be"


async def test_a_short_cool_down_is_waited_for_while_the_stream_is_kept_alive(start, upstream):
    upstream.answer(fails(429).with_headers(("Retry-After", "1")))
    gateway = await start(
        endpoint("one", upstream.url), timeouts={"keep_alive": 0.2}, retry={"wait_for_cool_down": 5}
    )
    status, _, text = await gateway.ask("anthropic", stream=True)
    assert status == 200
    assert "event: ping" in text
    assert "message_stop" in text
    assert len(upstream.requests) == 2


async def test_a_key_of_a_pool_rests_alone_and_the_next_one_is_asked(start, upstream):
    def only_second(asked: Asked) -> Step:
        said = f"{asked.header('x-api-key')} {asked.header('Authorization')}"
        return says("in") if "second-key" in said else fails(401, "invalid key")

    upstream.always(only_second)
    pool = endpoint("one", upstream.url)
    del pool["auth_value"]
    pool["keys"] = [{"name": "first", "value": "first-key"}, {"name": "second", "value": "second-key"}]
    gateway = await start(pool, routing=EACH_ANEW | {"strategy": "fill-first"})
    assert (await gateway.ask("anthropic"))[0] == 200
    asked = len(upstream.requests)
    assert (await gateway.ask("anthropic"))[0] == 200
    assert len(upstream.requests) == asked + 1, "the refused key is not tried again"
    (status,) = gateway.engine.endpoints()
    assert status.health == "healthy"
    first, second_key = status.keys
    assert (bool(first.reason), bool(second_key.reason)) == (True, False)


@pytest.mark.parametrize(
    "rule, asked, answered",
    [
        ({"status": [400], "pattern": "try later", "action": "retry", "max_retries": 2}, 3, "two"),
        ({"pattern": "TRY LATER", "action": "next"}, 1, "two"),
        ({"status": [400], "action": "stop"}, 1, ""),
        ({"status": [500], "action": "next"}, 1, ""),
    ],
    ids=["again", "next", "stop", "of-another-status"],
)
async def test_a_rule_of_the_users_decides_about_an_error(start, upstream, second, rule, asked, answered):
    upstream.always(fails(400, "try later"))
    gateway = await start(
        endpoint("one", upstream.url),
        endpoint("two", second.url),
        retry=QUICK | {"upstream_errors": [rule]},
    )
    _, headers, _ = await gateway.ask("anthropic")
    assert len(upstream.requests) == asked
    assert headers.get("x-cccc-endpoint", "") == answered


async def test_a_rule_never_looks_at_what_an_assistant_says(start, upstream, second):
    upstream.always(says("I would try later if I were you."))
    rule = {"pattern": "try later", "action": "next"}
    gateway = await start(
        endpoint("one", upstream.url), endpoint("two", second.url), retry={"upstream_errors": [rule]}
    )
    assert (await gateway.ask("anthropic"))[1]["x-cccc-endpoint"] == "one"


async def test_a_rule_can_leave_an_endpoint_out_for_a_while(start, upstream, second):
    upstream.always(fails(400, "maintenance"))
    rule = {"pattern": "maintenance", "action": "next", "cool_down": 300}
    gateway = await start(
        endpoint("one", upstream.url), endpoint("two", second.url), retry={"upstream_errors": [rule]}
    )
    for _ in range(2):
        assert (await gateway.ask("anthropic"))[1]["x-cccc-endpoint"] == "two"
    assert len(upstream.requests) == 1


async def test_a_rate_limit_of_one_model_leaves_the_others_of_its_endpoint_in(start, upstream, second):
    def limits_large(asked: Asked) -> Step:
        limited = fails(429, "slow down").with_headers(("Retry-After", "300"))
        return limited if asked.json["model"] == "large" else says("in")

    upstream.always(limits_large)
    gateway = await start(endpoint("one", upstream.url), endpoint("two", second.url), routing=EACH_ANEW)
    by = [
        (await gateway.ask("anthropic", model=model))[1]["x-cccc-endpoint"]
        for model in ("large", "large", "small")
    ]
    assert by == ["two", "two", "one"]
    assert [asked.json["model"] for asked in upstream.requests] == ["large", "small"]
    one = gateway.engine.endpoints()[0]
    assert (one.health, one.health_reason) == ("cooling", "large: slow down")
    assert [each.model for each in one.resting_models] == ["large"]


async def test_one_that_rests_is_asked_when_nobody_else_has_answered(start, upstream, second):
    upstream.always(fails(500))
    gateway = await start(
        endpoint("one", upstream.url), endpoint("two", second.url), routing=EACH_ANEW, retry=QUICK
    )
    for _ in range(2):
        assert (await gateway.ask("anthropic"))[1]["x-cccc-endpoint"] == "two"
    assert gateway.engine.endpoints()[0].health == "failing"
    upstream.always(says("well again"))
    second.always(fails(500))
    status, headers, _ = await gateway.ask("anthropic")
    assert (status, headers["x-cccc-endpoint"]) == (200, "one")
    assert headers["x-cccc-route"].startswith("one 2/2: ")
    assert "tried all the same, since no other has answered" in headers["x-cccc-route"]
    assert [step.endpoint for step in gateway.last.route] == ["two", "one"]


async def test_a_short_rest_is_waited_for_when_the_others_fail(start, upstream, second):
    upstream.answer(fails(429).with_headers(("Retry-After", "1")))
    gateway = await start(
        endpoint("one", upstream.url),
        endpoint("two", second.url),
        routing=EACH_ANEW,
        retry={"backoff": 0.01, "wait_for_cool_down": 5},
    )
    assert (await gateway.ask("anthropic"))[1]["x-cccc-endpoint"] == "two"
    second.always(fails(500))
    status, headers, _ = await gateway.ask("anthropic")
    assert (status, headers["x-cccc-endpoint"]) == (200, "one")


async def test_when_all_rest_the_agent_is_told_of_the_first_to_be_back(start, upstream, second):
    for fake, seconds in ((upstream, "400"), (second, "200")):
        fake.always(fails(429).with_headers(("Retry-After", seconds)))
    gateway = await start(endpoint("one", upstream.url), endpoint("two", second.url), retry=QUICK)
    await gateway.ask("anthropic")
    status, headers, said = await gateway.ask("anthropic")
    assert (status, int(headers["Retry-After"])) == (429, pytest.approx(200, abs=9))
    assert said["error"]["message"].startswith("two is resting")
    assert len(upstream.requests) == len(second.requests) == 1


COUNT = "/v1/messages/count_tokens"


@pytest.mark.parametrize("status", [401, 403, 429, 500, 529])
async def test_an_endpoint_that_cannot_count_still_answers(start, upstream, second, status):
    upstream.always(lambda asked: fails(status) if asked.path.endswith("count_tokens") else says("in"))
    gateway = await start(
        endpoint("one", upstream.url), endpoint("two", second.url, count_tokens_enabled=False), retry=QUICK
    )
    for _ in range(4):
        async with gateway.post(COUNT, json=body("anthropic")) as response:
            assert (response.status, (await response.json())["input_tokens"] > 0) == (200, True)
    assert (await gateway.ask("anthropic"))[1]["x-cccc-endpoint"] == "one"


async def test_an_endpoint_that_only_counts_is_left_out_all_the_same(start, upstream, second):
    upstream.always(
        lambda asked: gives({"input_tokens": 9}) if asked.path.endswith("count_tokens") else fails(500)
    )
    gateway = await start(endpoint("one", upstream.url), endpoint("two", second.url), routing=EACH_ANEW)
    for _ in range(3):
        async with gateway.post(COUNT, json=body("anthropic")) as response:
            assert response.status == 200
        assert (await gateway.ask("anthropic"))[1]["x-cccc-endpoint"] == "two"
    assert gateway.engine.endpoints()[0].health == "failing"
    assert sum(not asked.path.endswith("count_tokens") for asked in upstream.requests) == 2


async def test_after_the_deadline_nobody_else_is_asked_and_nothing_is_waited_for(start, upstream, second):
    upstream.always(fails(429, "slow down").with_headers(("Retry-After", "1")))
    gateway = await start(
        endpoint("one", upstream.url),
        endpoint("two", second.url),
        retry={"deadline": 0.0001, "wait_for_cool_down": 60},
    )
    status, headers, said = await gateway.ask("anthropic")
    assert (status, headers["Retry-After"], said["error"]["message"]) == (429, "1", "slow down")
    assert (len(upstream.requests), second.requests) == (1, [])


@pytest.mark.parametrize(
    "failure, again",
    [
        (fails(401, "invalid key"), {"x-should-retry": "false"}),
        (fails(402, "top up"), {"x-should-retry": "false"}),
        (fails(429, "slow down").with_headers(("Retry-After", "3000")), {"x-should-retry": "false"}),
        (fails(429, "slow down"), {"Retry-After": "5"}),
        (fails(529, "busy"), {"Retry-After": "5"}),
    ],
    ids=["401", "402", "429-long", "429-without", "529"],
)
@pytest.mark.parametrize("form", PATHS)
async def test_an_agent_is_told_to_wait_or_to_stop_by_the_first_refusal_and_by_the_breaker(
    start, upstream, form, failure, again
):
    upstream.always(failure)
    gateway = await start(endpoint("one", upstream.url, form), retry=QUICK | {"attempts": 1})
    told = []
    for _ in range(4):
        status, headers, _ = await gateway.ask(form)
        told.append(
            (status, {name: headers[name] for name in ("x-should-retry", "Retry-After") if name in headers})
        )
    assert sum(bool(each.attempts) for each in gateway.engine.traffic) <= 2, "the others never reached it"
    assert {status for status, _ in told} == {failure.status}
    for _, said in told:
        assert said.keys() == again.keys()
        assert int(said.get("Retry-After", 0)) <= 10
