import pytest

from cccc_tui.config.schema import (
    Config,
    Endpoint,
    GroupMember,
    Key,
    ModelGroup,
    ModelRewrite,
    RewriteRule,
    Routing,
)
from cccc_tui.config.secrets import SecretRef
from cccc_tui.engine.routing_table import endpoint_facts, key_id, routing_table


def facts(url: str = "https://x.example", implicit: bool = True, **more):
    return endpoint_facts(Endpoint(name="a", url=url, **more), "", {}, implicit)


def test_a_keys_identity_holds_through_edits_of_the_others_and_tells_nothing_of_the_secret():
    named = Key(name="work", value=SecretRef("sk-1"))
    assert key_id(named, 0) == key_id(Key(name="work", value=SecretRef("sk-2")), 5)
    by_place = Key(value=SecretRef("env:KEY"))
    assert key_id(by_place, 0) == key_id(by_place, 3)
    literal = Key(value=SecretRef("sk-1"))
    assert key_id(literal, 0) == key_id(Key(value=SecretRef("sk-other")), 0)
    assert key_id(literal, 0) != key_id(literal, 1)


def test_an_endpoint_has_one_key_unless_it_lists_several():
    assert len(facts(auth_value=SecretRef("k")).keys) == 1
    keys = (Key(value=SecretRef("a")), Key(name="two", value=SecretRef("b"), weight=3))
    found = endpoint_facts(Endpoint(name="a", url="https://x", keys=keys), "", {("a", 0): "gone"}, True).keys
    assert [(key.name, key.weight, key.out_of_service) for key in found] == [("1", 1, "gone"), ("two", 3, "")]


@pytest.mark.parametrize(
    ("endpoint", "families", "default"),
    [
        ({"url": "https://api.anthropic.com"}, ("claude",), "claude-sonnet-4-5"),
        ({"url": "https://api.openai.com/v1", "endpoint_type": "openai"}, ("gpt", ""), "gpt-5"),
        ({"url": "https://x.example", "endpoint_type": "openai"}, (), ""),
        ({"url": "https://x.example"}, (), ""),
        ({"url": "demo:"}, (), ""),
    ],
)
def test_whose_models_can_exist_is_known_of_the_makers_own_addresses(endpoint, families, default):
    naming = facts(**endpoint).naming
    assert (naming.families, naming.default_model) == (families, default)


def test_a_model_that_the_user_names_stands_in_for_another_makers_anywhere():
    rewrite = ModelRewrite(target_model="glm-5")
    openai = facts(endpoint_type="openai", model_rewrite=rewrite).naming
    assert (openai.families, openai.default_model) == (("gpt", "gemini", ""), "glm-5")
    anthropic = facts(model_rewrite=rewrite).naming
    assert (anthropic.families, anthropic.default_model) == (("claude", "gemini", ""), "glm-5")


def test_nothing_is_replaced_where_that_is_switched_off():
    assert facts("https://api.anthropic.com", implicit=False).naming.families == ()


def test_rules_that_are_switched_off_are_not_used():
    rules = (RewriteRule(source_pattern="*", target_model="m"),)
    assert facts(model_rewrite=ModelRewrite(rules=rules)).naming.rules == ()
    assert facts(model_rewrite=ModelRewrite(enabled=True, rules=rules)).naming.rules == (("*", "m"),)


def test_fallbacks_of_a_profile_take_the_place_of_the_groups_own():
    members = (GroupMember(model="m"),)
    groups = {"a": ModelGroup(members=members, fallbacks=("b",)), "b": ModelGroup(members=members)}
    routing = Routing(groups=groups, fallbacks={"a": (), "b": ("a",)})
    table = routing_table(Config(routing=routing), ())
    assert {name: group.fallbacks for name, group in table.groups.items()} == {"a": (), "b": ("a",)}
