from pathlib import Path

import pytest

from cccc_tui.config.load import load_text

ENDPOINTS = "endpoints: [{name: one, url: 'https://x.example'}]\n"


def said(text: str) -> list[str]:
    loaded = load_text(ENDPOINTS + text, Path("c.yaml"))
    return [f"{problem.key}: {problem.message} {problem.did_you_mean}".strip() for problem in loaded.problems]


@pytest.mark.parametrize(
    ("routing", "problem"),
    [
        (
            "groups: {g: {members: [{endpoint: onee, model: m}]}}",
            'routing.groups.g.members[0].endpoint: there is no endpoint "onee" one',
        ),
        (
            "groups: {g: {members: []}}",
            "routing.groups.g.members: is empty: a group needs at least one member",
        ),
        (
            "groups: {g: {members: [{weight: 2}]}}",
            "routing.groups.g.members[0]: needs an endpoint, a model, or both",
        ),
        (
            "groups: {g: {members: [{model: m}], fallbacks: [h]}}",
            'routing.groups.g.fallbacks[0]: there is no group "h"',
        ),
        (
            "groups: {g: {members: [{model: m}], fallbacks: [g]}}",
            "routing.groups.g.fallbacks: a group cannot fall back to itself",
        ),
        ("groups: {g: {member: []}}", "routing.groups.g.member: unknown key members"),
        ("rules: [{when: [thinkin], tag: t}]", "routing.rules[0].when[0]: must be one of"),
        (
            "rules: [{when: [thinking]}]",
            "routing.rules[0]: leads nowhere: give a group, a model, an endpoint or a tag",
        ),
        ("rules: [{tag: t}]", "routing.rules[0]: fits every request: rules after it are never looked at"),
        (
            "rules: [{when: [thinking], endpoint: two}]",
            'routing.rules[0].endpoint: there is no endpoint "two"',
        ),
        ("fallbacks: {gone: []}", 'routing.fallbacks.gone: there is no group "gone"'),
        ("stratgy: weighted", "routing.stratgy: unknown key strategy"),
        ("strategy: weigted", "routing.strategy: must be one of"),
    ],
)
def test_names_that_lead_nowhere_are_said_with_the_nearest_one(routing: str, problem: str) -> None:
    found = said(f"routing: {{{routing}}}\n")
    assert any(each.startswith(problem) for each in found), found


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ("auth_value: k, keys: [{value: a}]", "endpoints[0].keys: say either auth_value or keys, not both"),
        ("keys: [{name: a, value: x}, {name: a, value: y}]", 'endpoints[0].keys: "a" stands twice'),
        (
            "keys: [{value: x, weight: 0}]",
            "endpoints[0].keys: every key has the weight 0: none would be used",
        ),
        ("keys: [{name: x}]", "endpoints[0].keys[0].value: missing"),
        ("prefix: a/b", "endpoints[0].prefix: must be a word without a slash"),
        ("excluded_models: ['*']", 'endpoints[0].excluded_models: "*" excludes every model'),
        ("aliases: [{name: a, alias: b}, {name: a, alias: b}]", 'endpoints[0].aliases: "b → a" stands twice'),
        ("context_tokens: 0", "endpoints[0].context_tokens: must be"),
    ],
)
def test_keys_and_names_of_an_endpoint_that_contradict_each_other_are_said(more: str, problem: str) -> None:
    loaded = load_text(f"endpoints: [{{name: one, url: 'https://x.example', {more}}}]\n", Path("c.yaml"))
    found = [f"{each.key}: {each.message}" for each in loaded.problems]
    assert any(each.startswith(problem) for each in found), found


def test_a_sound_file_has_no_problem() -> None:
    text = """
routing:
  strategy: lowest-latency
  groups:
    a: {members: [{endpoint: one, model: m}], fallbacks: [b]}
    b: {members: [{model: m}], strategy: weighted}
  rules:
    - {when: [background, subagent], group: b}
    - {for_model: "x*", model: a}
"""
    assert said(text) == []


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        ("{expression: 'model = 1'}", "is no expression"),
        ("{expression: 'modl == 1'}", 'nothing is called "modl"'),
        ("{expression: 'model.upper() == 1'}", "knows no attributes"),
        ("{}", "needs expression"),
        ("{expression: 'model == 1', path_pattern: x}", "unknown key"),
    ],
)
def test_an_expression_that_cannot_work_is_said(config: str, problem: str) -> None:
    found = said(f"tagging: {{taggers: [{{name: t, tag: t, type: expression, config: {config}}}]}}\n")
    assert any(problem in each for each in found), found
