from __future__ import annotations

import pytest

from cccc_tui.routing.endpoints import Alias, Naming, Price
from cccc_tui.routing.naming import KnownNames, aliases_of, family, named, offers, price_of

KNOWN = KnownNames(frozenset({"work", "home"}), frozenset({"fast", "pool", "gpt-fast"}))
ANTHROPIC = Naming(families=("claude",), default_model="claude-default")
OPENAI = Naming(families=("gpt", ""), default_model="gpt-default")


@pytest.mark.parametrize(
    ("model", "maker"),
    [
        ("claude-sonnet-4-5", "claude"),
        ("anthropic/claude-3", "claude"),
        ("gpt-5.5", "gpt"),
        ("o3", "gpt"),
        ("o3-mini", "gpt"),
        ("codex-mini", "gpt"),
        ("openai/gpt-4o", "gpt"),
        ("gemini-2.5-pro", "gemini"),
        ("olmo-2", ""),
        ("gpthing", ""),
        ("qwen3-coder", ""),
    ],
)
def test_a_name_tells_its_maker(model: str, maker: str) -> None:
    assert family(model) == maker


def test_a_name_stays_as_it_is_where_nothing_speaks_of_it() -> None:
    assert named("any", Naming(), KNOWN) == (("any",), "", "")


def test_a_prefix_reaches_its_endpoint_alone_and_is_taken_off() -> None:
    assert named("work/m", Naming(prefix="work"), KNOWN) == (("m",), "prefix work/", "")
    assert "prefix of another endpoint" in named("work/m", Naming(prefix="home"), KNOWN).refused
    assert "prefix of another endpoint" in named("work/m", Naming(), KNOWN).refused
    assert named("openai/gpt-4o", Naming(prefix="work"), KNOWN).models == ("openai/gpt-4o",)
    assert named("m", Naming(prefix="work"), KNOWN).models == ("m",)
    forced = KnownNames(frozenset({"work"}), force_prefix=True)
    assert "only names that begin with work/" in named("m", Naming(prefix="work"), forced).refused


def test_an_alias_takes_its_models_place_or_stands_beside_it() -> None:
    taken = Naming(aliases=(Alias(name="gpt-5-mini", alias="fast"),))
    assert named("fast", taken, KNOWN) == (("gpt-5-mini",), "alias of gpt-5-mini", "")
    assert "by its alias only" in named("gpt-5-mini", taken, KNOWN).refused
    forked = Naming(aliases=(Alias(name="gpt-5-mini", alias="fast", fork=True),))
    assert named("gpt-5-mini", forked, KNOWN).models == ("gpt-5-mini",)


def test_one_alias_for_several_models_is_a_pool_and_several_for_one_all_work() -> None:
    pool = Naming(
        aliases=(Alias(name="a", alias="pool"), Alias(name="b", alias="pool"), Alias(name="a", alias="x"))
    )
    assert named("pool", pool, KNOWN).models == ("a", "b")
    assert named("x", pool, KNOWN).models == ("a",)
    assert aliases_of(pool) == ["pool", "x"]


def test_an_alias_elsewhere_is_no_model_here_unless_its_name_tells_a_maker() -> None:
    assert "alias that other endpoints have" in named("fast", Naming(), KNOWN).refused
    assert "alias that other endpoints have" in named("fast", ANTHROPIC, KNOWN).refused
    assert named("gpt-fast", Naming(), KNOWN).models == ("gpt-fast",)
    assert named("fast", Naming(models=("f*",)), KNOWN).models == ("fast",)


def test_rules_rewrite_and_the_first_that_matches_wins() -> None:
    rules = Naming(rules=(("claude-*", "big"), ("*", "small")))
    assert named("claude-x", rules, KNOWN) == (("big",), "model_rewrite", "")
    assert named("other", rules, KNOWN).models == ("small",)


def test_excluded_models_are_not_asked_for_whatever_their_case_or_name_here() -> None:
    naming = Naming(excluded=("*-Preview", "gpt-4*"), aliases=(Alias(name="gpt-4o", alias="old"),))
    assert named("x-preview", naming, KNOWN).refused == "x-preview is excluded there"
    assert named("old", naming, KNOWN).refused == "gpt-4o is excluded there"
    assert aliases_of(naming) == []
    assert [model for model in ("gpt-4o", "gpt-5", "A-PREVIEW") if offers(model, naming)] == ["gpt-5"]


def test_an_endpoint_with_a_list_of_models_serves_those_only() -> None:
    naming = Naming(models=("claude-*",))
    assert named("Claude-x", naming, KNOWN).models == ("Claude-x",)
    assert named("gpt-5", naming, KNOWN).refused == "does not serve gpt-5"


@pytest.mark.parametrize(
    ("asked", "naming", "model"),
    [
        ("claude-x", OPENAI, "gpt-default"),
        ("gemini-x", OPENAI, "gpt-default"),
        ("ft:mine", OPENAI, "ft:mine"),
        ("gpt-5", OPENAI, "gpt-5"),
        ("gpt-5", ANTHROPIC, "claude-default"),
        ("anything", ANTHROPIC, "claude-default"),
        ("claude-x", ANTHROPIC, "claude-x"),
        ("gpt-5", Naming(), "gpt-5"),
    ],
)
def test_a_model_that_cannot_exist_there_gives_way_to_the_endpoints_own(
    asked: str, naming: Naming, model: str
) -> None:
    found = named(asked, naming, KNOWN)
    assert found.models == (model,)
    assert ("cannot exist there" in found.note) is (model != asked)


def test_nothing_stands_in_for_a_model_that_was_named_on_purpose() -> None:
    assert named("gpt-5", ANTHROPIC, KNOWN, replace=False).refused == "gpt-5 cannot exist there"


def test_a_price_is_found_by_the_first_glob_that_fits() -> None:
    prices = [
        Price(model="*haiku*", input_usd=1, output_usd=5),
        Price(model="*", input_usd=3, output_usd=15),
    ]
    assert price_of("claude-haiku", prices) == 2.0
    assert price_of("claude-opus", prices) == 6.0
    assert price_of("x", []) is None
