import asyncio

import pytest

from cccc_tui.engine.routes import route_line
from cccc_tui.traffic.exchange import Attempt, Consideration, Exchange
from tests.engine.conftest import endpoint
from tests.fakes.steps import fails, says

KEYS = [{"value": "key-1", "name": "first"}, {"value": "key-2", "name": "second"}]


def with_keys(url: str, **more):
    entry = endpoint("pool", url, keys=KEYS, **more)
    del entry["auth_value"]
    return entry


def keys_used(fake) -> list[str]:
    return [asked.header("x-api-key") for asked in fake.requests]


async def test_a_conversation_stays_where_it_was_answered(start, upstream, second):
    gateway = await start(endpoint("one", upstream.url), endpoint("two", second.url))
    upstream.always(fails(503))
    _, headers, _ = await gateway.ask("anthropic")
    assert headers["x-cccc-endpoint"] == "two"
    upstream.always(says("back again"))
    await gateway.engine.reset_endpoint(None)
    for _ in range(2):
        _, headers, _ = await gateway.ask("anthropic")
        assert headers["x-cccc-endpoint"] == "two"
        assert "prompt cache is there" in headers["x-cccc-route"]
    _, headers, _ = await gateway.ask("anthropic", text="another conversation")
    assert headers["x-cccc-endpoint"] == "one"


async def test_conversations_are_spread_over_keys_and_each_keeps_its_own(start, upstream):
    gateway = await start(with_keys(upstream.url))
    for text in ("a", "b", "c", "d", "a", "b", "c", "d"):
        assert (await gateway.ask("anthropic", text=text))[0] == 200
    used = keys_used(upstream)
    assert set(used) == {"key-1", "key-2"}
    assert used[:4] == used[4:]


async def test_a_refused_key_rests_alone_and_the_next_one_answers(start, upstream):
    def only_second(asked):

        return fails(429, "used up") if asked.header("x-api-key") == "key-1" else says("fine")

    upstream.always(only_second)
    gateway = await start(with_keys(upstream.url), routing={"strategy": "fill-first"})
    for text in ("a", "b"):
        assert (await gateway.ask("anthropic", text=text))[0] == 200
    assert keys_used(upstream)[0] == "key-1"
    assert keys_used(upstream)[-1] == "key-2"


async def test_round_robin_takes_turns_between_conversations(start, upstream, second):
    gateway = await start(
        endpoint("one", upstream.url), endpoint("two", second.url), routing={"strategy": "round-robin"}
    )
    asked = [(await gateway.ask("anthropic", text=text))[1]["x-cccc-endpoint"] for text in "abcd"]
    assert asked == ["one", "two", "one", "two"]


async def test_a_group_answers_under_its_name_and_the_client_reads_it_back(start, upstream, second):
    group = {"members": [{"endpoint": "two", "model": "claude-fake"}], "fallbacks": ["spare"]}
    spare = {"members": [{"endpoint": "one", "model": "other-fake"}]}
    gateway = await start(
        endpoint("one", upstream.url),
        endpoint("two", second.url),
        routing={"groups": {"router-default": group, "spare": spare}},
    )
    status, headers, answer = await gateway.ask("anthropic", model="router-default")
    assert (status, headers["x-cccc-endpoint"], answer["model"]) == (200, "two", "router-default")
    assert second.requests[0].json["model"] == "claude-fake"


async def test_a_rule_sends_chores_elsewhere(start, upstream, second):
    rules = [{"when": ["background"], "endpoint": "two", "model": "small"}]
    gateway = await start(
        endpoint("one", upstream.url), endpoint("two", second.url), routing={"rules": rules}
    )
    claude = {"User-Agent": "claude-cli/2.0"}
    request = {"model": "claude-haiku-4-5", "max_tokens": 9, "messages": [{"role": "user", "content": "x"}]}
    async with gateway.post("/v1/messages", json=request, headers=claude) as response:
        assert response.headers["x-cccc-endpoint"] == "two"
        assert response.headers["x-cccc-route"].startswith("two 1/2: rule background; priority 1")
    assert second.requests[0].json["model"] == "small"


async def test_a_rules_tag_is_on_the_exchange(start, upstream):
    rules = [{"for_model": "some-*", "tag": "bulk"}]
    gateway = await start(endpoint("one", upstream.url, tags=["bulk"]), routing={"rules": rules})
    assert (await gateway.ask("anthropic"))[0] == 200
    assert gateway.last.tags == ("bulk",)


async def test_a_profile_is_switched_while_a_stream_runs(start, upstream, second):
    gateway = await start(endpoint("one", upstream.url), endpoint("two", second.url, priority=2))
    gateway.config_path.write_text(
        gateway.config_path.read_text()
        + "profiles: {night: {routing: {rules: [{for_model: '*', endpoint: two}]}}}\n"
    )
    assert (await gateway.engine.reload_config()).done
    assert gateway.engine.status().profiles == ("balanced", "cost", "night", "reliability")
    body = {"model": "m", "max_tokens": 9, "stream": True, "messages": [{"role": "user", "content": "x"}]}
    async with gateway.post("/v1/messages", json=body) as response:
        outcome = await gateway.engine.set_profile("night")
        assert outcome.done, outcome.message
        assert b"message_stop" in await response.read()
    assert gateway.engine.status().profile == "night"
    assert (await gateway.ask("anthropic", text="new"))[1]["x-cccc-endpoint"] == "two"
    assert not (await gateway.engine.set_profile("nigth")).done
    assert (await gateway.engine.undo_edit()).done
    assert gateway.engine.status().profile == ""


@pytest.mark.parametrize("number", [1, 2])
def test_the_header_names_the_place_of_the_key_that_answered(number):
    route = (
        Consideration("é", 1, "key a"),
        Consideration("é", 2, "key b\n"),
        Consideration("z", None, "off"),
    )
    exchange = Exchange(id=1, began_at=0.0, method="POST", path="/", endpoint="é", route=route)
    exchange.attempts = [Attempt(endpoint="é", url="", format="chat") for _ in range(number)]
    assert route_line(exchange) == f"? {number}/2: key {'a' if number == 1 else 'b?'}"


def test_the_header_is_short():
    route = (Consideration("a", 1, "x" * 900),)
    exchange = Exchange(id=1, began_at=0.0, method="POST", path="/", endpoint="a", route=route)
    assert len(route_line(exchange)) == 240
    assert route_line(Exchange(id=1, began_at=0.0, method="POST", path="/")) == ""


async def test_many_conversations_at_once_are_all_answered(start, upstream, second):
    gateway = await start(
        endpoint("one", upstream.url), endpoint("two", second.url), routing={"strategy": "weighted"}
    )
    answers = await asyncio.gather(*(gateway.ask("anthropic", text=f"c{n}") for n in range(20)))
    assert {status for status, _, _ in answers} == {200}
