from __future__ import annotations

import time
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from cccc_tui.routing.conditions import NOTHING_LEARNED
from cccc_tui.routing.detect import RequestFacts
from cccc_tui.routing.endpoints import KeyFacts, Naming
from cccc_tui.routing.plan import Group, Member
from cccc_tui.routing.select import (
    Availability,
    Bound,
    EndpointFacts,
    HealthView,
    LearnedView,
    Quota,
    Route,
    RoutingTable,
    select,
)
from cccc_tui.routing.slots import STRATEGIES
from cccc_tui.wire.patch import Document

NOW = 1_000.0
EMPTY = Document.read(b"{}")


def request(**fields: Any) -> RequestFacts:
    return RequestFacts(**({"operation": "generate", "format": "anthropic", "peek": EMPTY} | fields))


def endpoint(name: str, *formats: Any, **fields: Any) -> EndpointFacts:
    return EndpointFacts(id=f"id-{name}", name=name, formats=formats or ("anthropic",), **fields)


def route(
    *endpoints: EndpointFacts,
    facts: RequestFacts | None = None,
    tags: tuple[str, ...] = (),
    health: dict[str, Availability] | None = None,
    view: HealthView | None = None,
    bound: Bound | None = None,
    turn: int = 0,
    learned: LearnedView = NOTHING_LEARNED,
    **table: Any,
) -> Route:
    return select(
        facts or request(),
        tags,
        RoutingTable(endpoints, **table),
        view or HealthView(endpoints=health or {}),
        NOW,
        learned=learned,
        bound=bound,
        turn=turn,
    )


def names(found: Route) -> list[str]:
    return [candidate.name for candidate in found.candidates]


def reason(found: Route, name: str) -> str:
    return next(entry.reason for entry in (*found.candidates, *found.left_out) if entry.name == name)


def out(why: str = "rate limited", back_at: float | None = NOW + 42, strain: float = 1.0) -> Availability:
    return Availability(usable=False, reason=why, back_at=back_at, strain=strain)


def test_lower_priority_comes_first_and_equals_keep_the_order_of_the_file() -> None:
    found = route(endpoint("c", priority=2), endpoint("a"), endpoint("b"), endpoint("z", priority=0))
    assert names(found) == ["z", "a", "b", "c"]
    assert "priority 2" in reason(found, "c")


def test_what_is_disabled_or_out_of_service_is_left_out_with_the_reason() -> None:
    found = route(endpoint("off", enabled=False), endpoint("bad", out_of_service="no secret ANTHROPIC_KEY"))
    assert names(found) == []
    assert reason(found, "off") == "disabled"
    assert "no secret ANTHROPIC_KEY" in reason(found, "bad")


def test_another_formats_endpoint_keeps_its_place_and_is_asked_in_its_own() -> None:
    found = route(endpoint("chat", "chat"), endpoint("native", priority=2))
    assert names(found) == ["chat", "native"]
    assert found.candidates[0].format == "chat"
    assert "converted from anthropic to chat" in reason(found, "chat")


def test_the_native_format_is_preferred_where_an_endpoint_speaks_several() -> None:
    found = route(endpoint("both", "chat", "responses", "anthropic"))
    assert found.candidates[0].format == "anthropic"
    found = route(endpoint("openai", "chat", "responses"))
    assert found.candidates[0].format == "responses"


def test_a_format_that_an_endpoint_turned_out_not_to_speak_is_not_asked_in() -> None:
    learned = LearnedView(refused_formats=frozenset({("id-openai", "responses")}))
    found = route(endpoint("openai", "chat", "responses"), learned=learned)
    assert found.candidates[0].format == "chat"


def test_counting_is_never_converted() -> None:
    for form in ("anthropic", "responses"):
        facts = request(operation="count_tokens", format=form)
        found = route(endpoint("chat", "chat"), facts=facts)
        assert "cannot be converted" in reason(found, "chat")


def test_count_tokens_goes_only_where_it_is_allowed() -> None:
    found = route(
        endpoint("no", count_tokens=False), endpoint("yes"), facts=request(operation="count_tokens")
    )
    assert names(found) == ["yes"]
    assert "switched off" in reason(found, "no")
    assert names(route(endpoint("no", count_tokens=False))) == ["no"]


def test_an_endpoint_for_some_clients_is_left_out_for_the_others() -> None:
    only = endpoint("only", supported_clients=("codex",))
    assert names(route(only, facts=request(client="codex"))) == ["only"]
    assert "only for codex, the client is claude-code" in reason(
        route(only, facts=request(client="claude-code")), "only"
    )


def test_an_untagged_request_takes_untagged_endpoints_only() -> None:
    found = route(endpoint("tagged", tags=("think",)), endpoint("plain"))
    assert names(found) == ["plain"]
    assert "only for requests tagged think" in reason(found, "tagged")


def test_a_tagged_request_takes_endpoints_with_all_its_tags_first_and_then_untagged_ones() -> None:
    found = route(
        endpoint("plain", priority=0),
        endpoint("half", tags=("think",)),
        endpoint("all", tags=("long", "think", "more"), priority=9),
        tags=("think", "long"),
    )
    assert names(found) == ["all", "plain"]
    assert "lacks the request's tag long" in reason(found, "half")
    assert "has the request's tag think, long" in reason(found, "all")


def test_a_resting_endpoint_is_left_out_with_the_reason_and_when_it_comes_back() -> None:
    found = route(endpoint("a"), endpoint("b"), health={"id-a": out()})
    assert names(found) == ["b"]
    assert reason(found, "a") == "rate limited, back in 42 s"


def test_durations_are_said_as_people_say_them() -> None:
    said = []
    for seconds in (-5.0, 0.2, 90.0, 91.0, 3600.0, 86400.0):
        found = route(endpoint("a"), endpoint("b"), health={"id-a": out(back_at=NOW + seconds)})
        said.append(reason(found, "a").rpartition("back in ")[2])
    assert said == ["0 s", "1 s", "90 s", "2 min", "60 min", "24 h"]
    found = route(endpoint("a"), endpoint("b"), health={"id-a": out(why="", back_at=None)})
    assert reason(found, "a") == "failing"


def test_when_all_that_fit_rest_the_least_bad_is_tried_rather_than_refusing() -> None:
    health = {
        "id-a": out(strain=3),
        "id-b": out(strain=1, back_at=NOW + 99),
        "id-c": out(strain=1, back_at=NOW + 7),
    }
    found = route(endpoint("a"), endpoint("b"), endpoint("c"), health=health)
    assert names(found) == ["c"]
    assert "tried all the same" in reason(found, "c")
    assert {left.name for left in found.left_out} == {"a", "b"}


def test_a_resting_tagged_endpoint_gives_way_to_a_healthy_untagged_one() -> None:
    found = route(endpoint("t", tags=("x",)), endpoint("plain"), tags=("x",), health={"id-t": out()})
    assert names(found) == ["plain"]


def test_the_demo_answers_only_while_no_other_endpoint_is_enabled() -> None:
    demo = endpoint("demo", "anthropic", "chat", "responses", is_demo=True)
    assert names(route(demo, endpoint("off", enabled=False))) == ["demo"]
    found = route(demo, endpoint("real", supported_clients=("codex",)))
    assert names(found) == []
    assert "demo answers only while" in reason(found, "demo")
    found = route(demo, endpoint("real"), health={"id-real": out()})
    assert names(found) == ["real"]


def test_what_rests_of_an_endpoint_is_a_key_or_a_model_alone() -> None:
    keys = (KeyFacts(id="k1", name="one"), KeyFacts(id="k2", name="two"))
    view = HealthView(keys={("id-a", "k1"): out("the key is refused")}, models={("id-b", "m"): out()})
    found = route(endpoint("a", keys=keys), endpoint("b"), view=view, facts=request(model="m"))
    assert [(each.name, each.key_id) for each in found.candidates] == [("a", "k2")]
    assert ("a (key one)", "the key is refused, back in 42 s") in found.left_out
    assert "rate limited" in reason(found, "b")


def test_a_key_without_its_secret_is_never_the_least_bad_one() -> None:
    keys = (KeyFacts(id="k1", name="one", out_of_service="KEY_1 is not set"), KeyFacts(id="k2", name="two"))
    found = route(endpoint("a", keys=keys), view=HealthView(keys={("id-a", "k2"): out(strain=9)}))
    assert [each.key_id for each in found.candidates] == ["k2"]
    assert ("a (key one)", "out of service: KEY_1 is not set") in found.left_out


def test_keys_are_used_in_turn_by_their_weights_and_filled_one_by_one_where_asked() -> None:
    keys = (KeyFacts(id="k1", name="1", weight=3), KeyFacts(id="k2", name="2", weight=1))
    pool = RoutingTable([endpoint("a", keys=keys)])
    first = [select(request(), (), pool, turn=turn).candidates[0].key_id for turn in range(400)]
    assert 295 <= first.count("k1") <= 305
    filled = RoutingTable([endpoint("a", keys=keys)], strategy="fill-first")
    assert {select(request(), (), filled, turn=turn).candidates[0].key_id for turn in range(50)} == {"k1"}


def test_a_request_that_is_too_long_goes_where_it_fits_and_the_reason_says_the_sizes() -> None:
    facts = request(peek=Document.read(b'{"input":"' + b"word " * 8000 + b'"}'))
    found = route(endpoint("small", context_tokens=8000), endpoint("large"), facts=facts)
    assert names(found) == ["large"]
    assert reason(found, "small") == "holds 8,000 tokens, the request has about 10,003"
    learned = LearnedView(context_tokens={("id-large", ""): 9000})
    found = route(endpoint("small", context_tokens=8000), endpoint("large"), facts=facts, learned=learned)
    assert names(found) == ["small"]
    assert "tried all the same, since no other endpoint can take it" in reason(found, "small")


def test_counting_tokens_is_never_too_long() -> None:
    facts = request(operation="count_tokens", peek=Document.read(b'{"input":"' + b"word " * 8000 + b'"}'))
    assert names(route(endpoint("small", context_tokens=8000), facts=facts)) == ["small"]


def test_images_go_only_where_they_are_taken() -> None:
    image = b'{"messages":[{"role":"user","content":[{"type": "image","source":{}}]}]}'
    facts = request(peek=Document.read(image), model="m")
    blind = endpoint("blind", supports_images=False)
    found = route(blind, endpoint("sees"), facts=facts)
    assert (names(found), reason(found, "blind")) == (["sees"], "takes no images, and the request has some")
    learned = LearnedView(no_images=frozenset({("id-sees", "m")}))
    assert names(route(endpoint("sees"), endpoint("other"), facts=facts, learned=learned)) == ["other"]
    assert names(route(blind, endpoint("sees"))) == ["blind", "sees"]


def test_tools_are_never_sent_where_they_would_be_left_out_while_another_endpoint_takes_them() -> None:
    facts = request(peek=Document.read(b'{"tools":[{"name":"Bash"}]}'), model="m")
    learned = LearnedView(no_tools=frozenset({("id-first", "m")}))
    found = route(endpoint("first"), endpoint("second"), facts=facts, learned=learned)
    assert (names(found), reason(found, "first")) == (
        ["second"],
        "takes no tools, and the request has some",
    )
    assert names(route(endpoint("first"), facts=facts, learned=learned)) == ["first"]
    assert names(route(endpoint("first"), endpoint("second"), learned=learned)) == ["first", "second"]


def test_a_conversation_stays_where_its_cache_is_even_behind_a_better_endpoint() -> None:
    bound = Bound("id-b", "key")
    found = route(endpoint("a"), endpoint("b", priority=2), endpoint("c", priority=3), bound=bound)
    assert names(found) == ["b", "a", "c"]
    assert "prompt cache is there" in reason(found, "b")


def test_a_conversation_that_may_return_stays_among_equals_only() -> None:
    bound = Bound("id-c", "key", may_return=True)
    found = route(endpoint("a"), endpoint("b", priority=2), endpoint("c", priority=2), bound=bound)
    assert names(found) == ["a", "c", "b"]


def test_a_conversation_leaves_an_endpoint_that_rests() -> None:
    bound = Bound("id-b", "key")
    assert names(route(endpoint("a"), endpoint("b"), bound=bound, health={"id-b": out()})) == ["a"]


def test_a_conversation_stays_with_its_key() -> None:
    keys = tuple(KeyFacts(id=f"k{n}", name=str(n)) for n in range(3))
    found = route(endpoint("a", keys=keys), bound=Bound("id-a", "k2"))
    assert found.candidates[0].key_id == "k2"
    assert sorted(each.key_id for each in found.candidates) == ["k0", "k1", "k2"]


def test_what_expires_first_is_spent_first_when_that_is_asked_for() -> None:
    view = HealthView(
        quota={
            ("id-a", "key"): Quota(0.0, NOW + 10),
            ("id-c", "key"): Quota(0.5, NOW + 900),
            ("id-d", "key"): Quota(0.5, NOW + 60),
        },
        first_content_s={"id-b": 1.0},
    )
    endpoints = [endpoint(name) for name in "abcd"]
    assert names(route(*endpoints, view=view)) == ["a", "b", "c", "d"]
    assert names(route(*endpoints, view=view, expiring_first=True)) == ["d", "c", "b", "a"]
    unmeasured = HealthView(quota=view.quota)
    found = names(route(*endpoints, view=unmeasured, expiring_first=True))
    assert found == ["b", "d", "c", "a"], (
        "one that never answered may have something that expires even sooner"
    )


@st.composite
def endpoint_lists(draw: st.DrawFn) -> list[EndpointFacts]:
    kinds = st.sampled_from(["anthropic", "chat", "responses"])
    tags = st.lists(st.sampled_from(["a", "b"]), unique=True, max_size=2).map(tuple)
    return [
        endpoint(
            str(number),
            *draw(st.lists(kinds, unique=True, min_size=1)),
            enabled=draw(st.booleans()),
            priority=draw(st.integers(0, 2)),
            weight=draw(st.sampled_from([0.0, 1.0, 3.0])),
            keys=tuple(KeyFacts(id=f"k{n}", name=str(n)) for n in range(draw(st.integers(1, 3)))),
            tags=draw(tags),
            supported_clients=draw(st.sampled_from([(), ("codex",), ("other",)])),
            out_of_service=draw(st.sampled_from(["", "", "no key"])),
            is_demo=draw(st.booleans()),
            context_tokens=draw(st.sampled_from([None, 1, 100])),
            naming=draw(st.sampled_from([Naming(), Naming(models=("m*",)), Naming(excluded=("model",))])),
        )
        for number in range(draw(st.integers(0, 5)))
    ]


IDS = [f"id-{number}" for number in range(5)]
STATES = st.sampled_from([out(), out(strain=3, back_at=None), Availability()])
VIEWS = st.builds(
    HealthView,
    endpoints=st.dictionaries(st.sampled_from(IDS), STATES),
    keys=st.dictionaries(st.tuples(st.sampled_from(IDS), st.sampled_from(["k0", "k1", "k2"])), STATES),
    models=st.dictionaries(st.tuples(st.sampled_from(IDS), st.just("model")), STATES),
    first_content_s=st.dictionaries(st.sampled_from(IDS), st.floats(0, 9)),
    quota=st.dictionaries(
        st.tuples(st.sampled_from(IDS), st.just("k0")),
        st.builds(Quota, st.floats(0, 1), st.floats(NOW - 9, NOW + 9)),
    ),
)
MEMBERS = st.builds(
    Member, endpoint=st.sampled_from(["", *"01234"]), model=st.sampled_from(["", "model", "x"])
)
GROUPS = st.dictionaries(
    st.sampled_from(["g", "h"]),
    st.builds(
        Group,
        members=st.lists(MEMBERS, max_size=3).map(tuple),
        strategy=st.sampled_from(STRATEGIES),
        fallbacks=st.lists(st.sampled_from(["g", "h", "gone"]), max_size=2).map(tuple),
    ),
)
BOUNDS = st.none() | st.builds(Bound, st.sampled_from(IDS), st.sampled_from(["k0", "k1"]), st.booleans())


@st.composite
def questions(draw: st.DrawFn) -> tuple[list[EndpointFacts], RoutingTable, HealthView, dict[str, Any]]:
    endpoints = draw(endpoint_lists())
    table = RoutingTable(
        endpoints,
        groups=draw(GROUPS),
        strategy=draw(st.sampled_from(STRATEGIES)),
        expiring_first=draw(st.booleans()),
    )
    asked: dict[str, Any] = {
        "facts": request(model=draw(st.sampled_from(["model", "g", "claude-x"]))),
        "tags": draw(st.lists(st.sampled_from(["a", "b"]), unique=True).map(tuple)),
        "bound": draw(BOUNDS),
        "turn": draw(st.integers(0, 100)),
    }
    return endpoints, table, draw(VIEWS), asked


def answer(table: RoutingTable, view: HealthView, asked: dict[str, Any]) -> Route:
    more = {"bound": asked["bound"], "turn": asked["turn"]}
    return select(asked["facts"], asked["tags"], table, view, NOW, **more)


@settings(max_examples=50)
@given(questions())
def test_every_endpoint_is_in_the_route_with_a_reason_and_nothing_in_it_twice(question: Any) -> None:
    endpoints, table, view, asked = question
    found = answer(table, view, asked)
    shown = {entry.name.partition(" (key")[0] for entry in (*found.candidates, *found.left_out)}
    assert shown == {one.name for one in endpoints}
    assert all(entry.reason for entry in (*found.candidates, *found.left_out))
    asked_for = [(each.endpoint_id, each.key_id, each.model) for each in found.candidates]
    assert len(set(asked_for)) == len(asked_for)
    for one in endpoints:
        if len(one.keys) == 1 and not table.groups:
            assert [each.name for each in (*found.candidates, *found.left_out)].count(one.name) == 1
    by_name = {one.name: one for one in endpoints}
    assert all(candidate.format in by_name[candidate.name].formats for candidate in found.candidates)
    assert msgspec.json.encode(found)


@settings(max_examples=50)
@given(questions())
def test_the_same_question_has_the_same_answer_however_often_it_is_asked(question: Any) -> None:
    endpoints, table, view, asked = question
    first = answer(table, view, asked)
    assert answer(table, view, asked) == first
    again = RoutingTable(
        endpoints, groups=table.groups, strategy=table.strategy, expiring_first=table.expiring_first
    )
    assert answer(again, view, asked) == first


@settings(max_examples=50)
@given(questions())
def test_health_never_empties_a_route_that_it_could_shorten(question: Any) -> None:
    _, table, view, asked = question
    healthy = answer(table, HealthView(), asked)
    found = answer(table, view, asked)
    assert bool(found.candidates) == bool(healthy.candidates)
    assert {each[:3] for each in found.candidates} <= {each[:3] for each in _all_slots(table, asked)}


def _all_slots(table: RoutingTable, asked: dict[str, Any]) -> list[Any]:
    plan = table.plan(asked["facts"], asked["tags"], table.aim(asked["facts"]))
    return [candidate for tier in plan.tiers for slot in tier.slots for candidate in slot.candidates]


@settings(max_examples=50)
@given(questions())
def test_a_better_tier_always_comes_first_unless_the_conversation_is_bound(question: Any) -> None:
    _, table, view, asked = question
    found = answer(table, view, {**asked, "bound": None})
    plan = table.plan(asked["facts"], asked["tags"], table.aim(asked["facts"]))
    tier_of = {
        (each.endpoint_id, each.key_id, each.model): number
        for number, tier in enumerate(plan.tiers)
        for slot in tier.slots
        for each in slot.candidates
    }
    order = [tier_of[each.endpoint_id, each.key_id, each.model] for each in found.candidates]
    assert order == sorted(order)


def test_fifty_endpoints_are_chosen_from_in_little_time() -> None:
    table = RoutingTable([endpoint(str(number), priority=number) for number in range(50)])
    facts, view = (
        request(model="m"),
        HealthView(endpoints={f"id-{number}": Availability() for number in range(50)}),
    )
    select(facts, (), table, view, NOW)
    began = time.perf_counter()
    for _ in range(200):
        select(facts, (), table, view, NOW)
    assert (time.perf_counter() - began) / 200 < 0.002  # about 0.1 ms on a slow core


def test_requests_share_one_route_until_something_speaks_for_or_against_an_endpoint() -> None:
    table = RoutingTable([endpoint("a"), endpoint("b")])
    here, there = Bound("id-b", "key"), Bound("id-a", "key")
    assert select(request(), (), table) is select(request(), (), table, turn=5)
    assert select(request(), (), table, bound=here) is select(request(), (), table, bound=here)
    assert [names(select(request(), (), table, bound=bound)) for bound in (here, there)] == [
        ["b", "a"],
        ["a", "b"],
    ]
    assert names(select(request(), (), table, HealthView(endpoints={"id-a": out()}), NOW)) == ["b"]
    assert names(select(request(), (), table)) == ["a", "b"]


def test_facts_that_keep_a_request_from_nobody_leave_the_shared_route() -> None:
    table = RoutingTable([endpoint("one"), endpoint("two", priority=2)])
    foreign = LearnedView(
        context_tokens={("id-elsewhere", "m"): 10}, no_images=frozenset({("id-one", "another-model")})
    )
    own = LearnedView(context_tokens={("id-one", "m"): 1})
    asked = request(model="m", peek=Document.read(b'{"input":"' + b"word " * 8000 + b'"}'))
    first = select(asked, (), table, learned=foreign)
    assert names(first) == ["one", "two"]
    assert select(asked, (), table, learned=foreign) is first
    assert names(select(asked, (), table, learned=own)) == ["two"]
    wide = LearnedView(context_tokens={("id-one", "m"): 200_000}, no_images=frozenset({("id-two", "")}))
    assert select(asked, (), table, learned=wide) is first
    assert select(asked, (), table, learned=foreign) is first
