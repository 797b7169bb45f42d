from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from cccc_tui.routing.detect import RequestFacts
from cccc_tui.routing.select import Availability, EndpointFacts, HealthView, Route, select
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
    convertible: bool = False,
) -> Route:
    return select(facts or request(), tags, endpoints, HealthView(endpoints=health or {}), NOW, convertible)


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


def test_another_format_is_left_out_until_it_can_be_converted() -> None:
    chat = endpoint("chat", "chat")
    assert "speaks chat, the request is anthropic" in reason(route(chat), "chat")
    found = route(chat, endpoint("native", priority=2), convertible=True)
    assert names(found) == ["chat", "native"]
    assert found.candidates[0].format == "chat"
    assert "converted from anthropic to chat" in reason(found, "chat")


def test_the_native_format_is_preferred_where_an_endpoint_speaks_several() -> None:
    found = route(endpoint("both", "chat", "responses", "anthropic"), convertible=True)
    assert found.candidates[0].format == "anthropic"
    found = route(endpoint("openai", "chat", "responses"), convertible=True)
    assert found.candidates[0].format == "responses"


def test_counting_is_never_converted() -> None:
    for form in ("anthropic", "responses"):
        facts = request(operation="count_tokens", format=form)
        found = route(endpoint("chat", "chat"), facts=facts, convertible=True)
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
    found = route(demo, endpoint("real", "chat"))
    assert names(found) == []
    assert "demo answers only while" in reason(found, "demo")
    found = route(demo, endpoint("real"), health={"id-real": out()})
    assert names(found) == ["real"]


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
            tags=draw(tags),
            supported_clients=draw(st.sampled_from([(), ("codex",), ("other",)])),
            out_of_service=draw(st.sampled_from(["", "", "no key"])),
            is_demo=draw(st.booleans()),
        )
        for number in range(draw(st.integers(0, 5)))
    ]


@settings(max_examples=40)
@given(
    endpoint_lists(),
    st.lists(st.sampled_from(["a", "b"]), unique=True).map(tuple),
    st.dictionaries(st.sampled_from([f"id-{n}" for n in range(5)]), st.just(out()) | st.just(Availability())),
    st.booleans(),
)
def test_every_endpoint_is_in_the_route_once_with_a_reason(
    endpoints: list[EndpointFacts],
    tags: tuple[str, ...],
    health: dict[str, Availability],
    convertible: bool,
) -> None:
    found = select(request(), tags, endpoints, HealthView(endpoints=health), NOW, convertible)
    entries = (*found.candidates, *found.left_out)
    assert sorted(entry.name for entry in entries) == sorted(one.name for one in endpoints)
    assert all(entry.reason for entry in entries)
    by_name = {one.name: one for one in endpoints}
    assert all(candidate.format in by_name[candidate.name].formats for candidate in found.candidates)
    assert msgspec.json.encode(found)
