from __future__ import annotations

from typing import Any

from cccc_tui.routing.conditions import HealthView
from cccc_tui.routing.detect import RequestFacts
from cccc_tui.routing.endpoints import Alias, EndpointFacts, Naming
from cccc_tui.routing.plan import Group, Member, RoutingTable
from cccc_tui.routing.rules import Aim, Rule
from cccc_tui.routing.select import Availability, select
from cccc_tui.routing.slots import Route
from cccc_tui.wire.patch import Document


def endpoint(name: str, *formats: Any, **fields: Any) -> EndpointFacts:
    return EndpointFacts(id=name, name=name, formats=formats or ("anthropic",), **fields)


def facts(model: str = "m", **fields: Any) -> RequestFacts:
    known = {"operation": "generate", "format": "anthropic", "peek": Document.read(b"{}"), "model": model}
    return RequestFacts(**(known | fields))


def asked(
    table: RoutingTable, model: str = "m", tags: tuple[str, ...] = (), **fields: Any
) -> list[tuple[str, str]]:
    return [(each.name, each.model) for each in route(table, model, tags, **fields).candidates]


def route(table: RoutingTable, model: str = "m", tags: tuple[str, ...] = (), **fields: Any) -> Route:
    return select(facts(model, **fields), tags, table)


A, B, C = endpoint("a"), endpoint("b", "chat"), endpoint("c", priority=2)


def test_a_group_answers_under_its_name_with_its_members_then_its_fallbacks() -> None:
    groups = {
        "router-default": Group(
            members=(Member(endpoint="b", model="gpt-x"), Member(endpoint="a", model="claude-x")),
            fallbacks=("router-cheap",),
        ),
        "router-cheap": Group(members=(Member(endpoint="a", model="small"),), fallbacks=("router-default",)),
    }
    table = RoutingTable([A, B, C], groups=groups)
    assert asked(table, "router-default") == [("b", "gpt-x"), ("a", "claude-x"), ("a", "small")]
    assert asked(table, "router-cheap") == [("a", "small"), ("b", "gpt-x"), ("a", "claude-x")]
    found = route(table, "router-default")
    assert "group router-cheap, the fallback of router-default" in found.candidates[2].reason
    assert found.left_out == (("c", "not in the group router-default"),)
    assert asked(table, "other") == [("a", "other"), ("b", "other"), ("c", "other")]


def test_a_member_without_an_endpoint_is_every_endpoint_that_serves_the_model() -> None:
    serves = endpoint("s", naming=Naming(models=("claude-*",)))
    table = RoutingTable([serves, B, C], groups={"g": Group(members=(Member(model="gpt-x"),))})
    assert asked(table, "g") == [("b", "gpt-x"), ("c", "gpt-x")]


def test_a_member_without_a_model_is_asked_for_the_clients_own() -> None:
    cheap = Group(members=(Member(endpoint="b"),))
    rule = Rule(aim=Aim(rule="r", group="cheap"), for_model="claude-*")
    table = RoutingTable([A, B], groups={"cheap": cheap}, rules=[rule])
    assert asked(table, "claude-x") == [("b", "claude-x")]
    found = route(table, "cheap")
    assert found.candidates == ()
    assert ("b", "the group cheap names no model for it") in found.left_out


def test_members_of_a_group_need_no_tags_but_must_speak_to_the_client() -> None:
    tagged = endpoint("t", tags=("x",))
    shut = endpoint("s", supported_clients=("codex",))
    group = Group(members=(Member(endpoint="t", model="m"), Member(endpoint="s", model="m")))
    found = route(RoutingTable([tagged, shut], groups={"g": group}), "g", ("y",))
    assert [each.name for each in found.candidates] == ["t"]
    assert found.left_out[0].reason == "only for codex, the client is other"


def test_a_rules_endpoint_comes_first_and_the_others_are_still_there() -> None:
    aim = Aim(rule="r", endpoint="c")
    table = RoutingTable([A, B, C], rules=[Rule(aim=aim, for_model="x")])
    assert [name for name, _ in asked(table, "x")] == ["c", "a", "b"]
    assert route(table, "x").candidates[0].reason.startswith("rule r; priority 2")
    assert [name for name, _ in asked(table, "y")] == ["a", "b", "c"]


def test_a_rules_model_is_asked_for_everywhere_or_at_its_endpoint_alone() -> None:
    table = RoutingTable([A, C], rules=[Rule(aim=Aim(rule="r", model="small"))])
    assert asked(table) == [("a", "small"), ("c", "small")]
    table = RoutingTable([A, C], rules=[Rule(aim=Aim(rule="r", model="small", endpoint="c"))])
    assert asked(table) == [("c", "small"), ("a", "m")]


def test_a_rules_model_may_be_a_group() -> None:
    groups = {"g": Group(members=(Member(endpoint="c", model="x"),))}
    table = RoutingTable([A, C], groups=groups, rules=[Rule(aim=Aim(rule="r", model="g"))])
    assert asked(table) == [("c", "x")]


def test_an_alias_pool_stands_in_the_route_model_by_model() -> None:
    pool = Naming(aliases=(Alias(name="x", alias="fast"), Alias(name="y", alias="fast")))
    table = RoutingTable([endpoint("p", naming=pool), A], strategy="round-robin")
    assert asked(table, "fast") == [("p", "x"), ("p", "y")]
    view = HealthView(models={("p", "x"): Availability(usable=False, reason="no such model")})
    assert [each.model for each in select(facts("fast"), (), table, view).candidates] == ["y"]


def test_plans_are_made_once_and_made_up_names_do_not_fill_the_memory() -> None:
    table = RoutingTable([A])
    first = table.plan(facts(), (), Aim())
    assert table.plan(facts(), (), Aim()) is first
    for number in range(2000):
        table.plan(facts(f"model-{number}"), (), Aim())
    assert len(table._plans) <= 512


def test_what_shares_turns_and_bindings_is_told_apart_by_group_rule_and_tags() -> None:
    table = RoutingTable([A], groups={"g": Group(members=(Member(endpoint="a", model="x"),))})
    kinds = [("m", (), Aim()), ("g", (), Aim()), ("m", ("t",), Aim()), ("m", (), Aim(endpoint="a"))]
    assert len({table.plan(facts(model), tags, aim).pool for model, tags, aim in kinds}) == 4
    assert table.plan(facts("m"), (), Aim()).pool == table.plan(facts("other"), (), Aim()).pool
