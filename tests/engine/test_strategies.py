"""Strategies and preferences by the running engine: what answers teach it decides where the next request goes."""

from __future__ import annotations

import pytest
from multidict import CIMultiDict

from tests.engine.conftest import Gateway, endpoint
from tests.fakes.steps import Step, fails, says

EACH_ANEW = {"sticky": {"enabled": False}}


async def answered_by(gateway: Gateway, times: int = 1) -> list[str]:
    return [(await gateway.ask("anthropic"))[1]["x-cccc-endpoint"] for _ in range(times)]


def allows(remaining: int, reset_s: int) -> Step:
    """An answer whose headers say what is left of a hundred requests."""
    named = {
        "anthropic-ratelimit-requests-limit": "100",
        "anthropic-ratelimit-requests-remaining": str(remaining),
        "anthropic-ratelimit-requests-reset": str(reset_s),
    }
    return says("in").with_headers(*CIMultiDict(named).items())


async def test_what_is_renewed_soonest_is_spent_first_once_answers_have_said_it(start, upstream, second):
    upstream.always(allows(80, 4 * 3600))
    second.always(allows(80, 600))
    routing = EACH_ANEW | {"prefer": "expiring-quota", "strategy": "round-robin"}
    gateway = await start(endpoint("one", upstream.url), endpoint("two", second.url), routing=routing)
    assert await answered_by(gateway, 2) == ["one", "two"], "nothing is known yet: each in turn"
    assert await answered_by(gateway, 3) == ["two"] * 3
    second.always(allows(0, 600))
    assert await answered_by(gateway, 3) == ["two", "one", "one"], "what is used up comes last"


async def test_a_refusal_for_a_quota_makes_its_endpoint_the_last_choice_until_it_is_renewed(
    start, upstream, second
):
    second.always(allows(50, 7200))
    routing = EACH_ANEW | {"prefer": "expiring-quota"}
    gateway = await start(endpoint("one", upstream.url), endpoint("two", second.url), routing=routing)
    upstream.always(fails(429, "slow down").with_headers(("Retry-After", "1000")))
    assert await answered_by(gateway) == ["two"]
    upstream.always(says("in again"))
    await gateway.engine.reset_endpoint("one")
    assert await answered_by(gateway, 2) == ["two", "two"]


async def test_without_the_preference_an_allowance_changes_nothing(start, upstream, second):
    upstream.always(allows(80, 4 * 3600))
    second.always(allows(80, 600))
    gateway = await start(endpoint("one", upstream.url), endpoint("two", second.url), routing=EACH_ANEW)
    assert await answered_by(gateway, 3) == ["one"] * 3


async def test_the_faster_endpoint_is_asked_once_both_are_measured(start, upstream, second):
    upstream.always(says("late").paced(0.2))
    routing = EACH_ANEW | {"strategy": "lowest-latency"}
    gateway = await start(endpoint("one", upstream.url), endpoint("two", second.url), routing=routing)
    assert sorted(await answered_by(gateway, 2)) == ["one", "two"], "what was never measured comes first"
    assert await answered_by(gateway, 5) == ["two"] * 5
    assert "s to the first content" in gateway.last.route[0].reason


PRICES = [
    {"model": "*-mini", "input": 0.1, "output": 0.4},
    {"model": "*", "input": 9, "output": 20},
]


@pytest.mark.parametrize("model, by", [("big", "two"), ("some-mini", "one")])
async def test_the_cheaper_endpoint_for_the_model_is_asked(start, upstream, second, model, by):
    gateway = await start(
        endpoint("none", upstream.url, priority=1),
        endpoint("one", upstream.url, prices=PRICES),
        endpoint("two", second.url, prices=[{"input": 3, "output": 15}]),
        routing=EACH_ANEW | {"strategy": "lowest-cost"},
    )
    _, headers, _ = await gateway.ask("anthropic", model=model)
    assert headers["x-cccc-endpoint"] == by
    assert "per million tokens" in headers["x-cccc-route"]
    assert gateway.last.route[-1].reason.endswith("price not known")


async def test_a_conversation_stays_although_the_strategy_would_send_a_new_one_elsewhere(
    start, upstream, second
):
    gateway = await start(
        endpoint("one", upstream.url), endpoint("two", second.url), routing={"strategy": "round-robin"}
    )

    async def ask(session: str) -> str:
        _, headers, _ = await gateway.ask("anthropic", text=session)
        return headers["x-cccc-endpoint"]

    assert [await ask(session) for session in ("a", "b", "a", "b", "a", "b")] == ["one", "two"] * 3
