from __future__ import annotations

from collections import Counter
from typing import Any

from cccc_tui.routing.conditions import HealthView
from cccc_tui.routing.detect import RequestFacts
from cccc_tui.routing.endpoints import EndpointFacts, KeyFacts, Price
from cccc_tui.routing.plan import RoutingTable
from cccc_tui.routing.select import select
from cccc_tui.wire.patch import Document

FACTS = RequestFacts(operation="generate", format="anthropic", model="m", peek=Document.read(b"{}"))


def endpoint(name: str, **fields: Any) -> EndpointFacts:
    return EndpointFacts(id=name, name=name, formats=("anthropic",), **fields)


def orders(strategy: Any, *endpoints: EndpointFacts, turns: int = 1, view: Any = None) -> list[str]:
    table = RoutingTable(endpoints, strategy=strategy)
    routes = (select(FACTS, (), table, view or HealthView(), turn=turn) for turn in range(turns))
    return ["".join(candidate.name for candidate in route.candidates) for route in routes]


def test_round_robin_gives_each_its_turn() -> None:
    assert orders("round-robin", *map(endpoint, "abc"), turns=4) == ["abc", "bca", "cab", "abc"]


def test_priority_and_fill_first_keep_the_order_of_the_file() -> None:
    for strategy in ("priority", "fill-first"):
        assert set(orders(strategy, *map(endpoint, "abc"), turns=9)) == {"abc"}


def test_a_strategy_orders_equals_and_never_crosses_priorities() -> None:
    found = orders("round-robin", endpoint("a"), endpoint("b"), endpoint("z", priority=2), turns=2)
    assert found == ["abz", "baz"]


def test_weights_are_shares_over_any_stretch_of_turns() -> None:
    weighted = [
        endpoint("a", weight=6),
        endpoint("b", weight=3),
        endpoint("c", weight=1),
        endpoint("d", weight=0),
    ]
    first = Counter(order[0] for order in orders("weighted", *weighted, turns=1000))
    assert abs(first["a"] - 600) < 15 and abs(first["b"] - 300) < 15 and abs(first["c"] - 100) < 15
    assert first["d"] == 0
    assert all(order.endswith("d") for order in orders("weighted", *weighted, turns=20))


def test_weights_that_are_all_zero_still_give_an_order() -> None:
    assert orders("weighted", endpoint("a", weight=0), endpoint("b", weight=0)) == ["ab"]


def test_keys_never_fall_into_step_with_the_endpoints() -> None:
    keys = (KeyFacts(id="1", name="1"), KeyFacts(id="2", name="2"))
    table = RoutingTable([endpoint("a", keys=keys), endpoint("b", keys=keys)], strategy="round-robin")
    first = (select(FACTS, (), table, turn=turn).candidates[0] for turn in range(400))
    used = Counter((candidate.name, candidate.key_id) for candidate in first)
    assert len(used) == 4 and min(used.values()) > 80


def test_the_fastest_comes_first_and_what_was_never_measured_before_it() -> None:
    view = HealthView(first_content_s={"a": 3.0, "b": 0.5})
    assert orders("lowest-latency", *map(endpoint, "abc"), view=view) == ["cba"]


def test_the_slower_ones_are_measured_anew_now_and_then() -> None:
    view = HealthView(first_content_s={"a": 0.5, "b": 2.0, "c": 9.0})
    first = Counter(
        order[0] for order in orders("lowest-latency", *map(endpoint, "abc"), turns=160, view=view)
    )
    assert first["a"] == 150 and first["b"] == first["c"] == 5


def test_the_cheapest_comes_first_and_what_has_no_price_last() -> None:
    dear = Price(model="*", input_usd=3, output_usd=15)
    cheap = Price(model="m", input_usd=1, output_usd=5)
    found = orders(
        "lowest-cost", endpoint("a"), endpoint("b", prices=(dear,)), endpoint("c", prices=(cheap,))
    )
    assert found == ["cba"]


def test_the_reason_says_what_the_strategy_went_by() -> None:
    table = RoutingTable([endpoint("a"), endpoint("b")], strategy="lowest-latency")
    route = select(FACTS, (), table, HealthView(first_content_s={"a": 1.25}))
    assert [candidate.reason.rpartition("; ")[2] for candidate in route.candidates] == [
        "not measured yet",
        "1.2 s to the first content",
    ]
