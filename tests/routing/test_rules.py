from __future__ import annotations

from typing import Any

import msgspec
import pytest

from cccc_tui.routing.detect import Place, RequestFacts, detect
from cccc_tui.routing.rules import NO_AIM, Aim, Rule, aim_of
from cccc_tui.wire.patch import Document

CLAUDE = {"user-agent": "claude-cli/2.0"}


def facts(body: dict[str, Any], headers: dict[str, str] = CLAUDE) -> RequestFacts:
    document = Document.read(msgspec.json.encode({"model": "claude-sonnet-4-5", "messages": [], **body}))
    return detect(Place("generate", "anthropic"), headers, document)


@pytest.mark.parametrize(
    ("when", "body", "headers"),
    [
        ("thinking", {"thinking": {"type": "enabled", "budget_tokens": 2000}}, {}),
        ("background", {"model": "claude-haiku-4-5"}, {}),
        ("background", {"output_config": {"format": {"schema": {"properties": {"title": {}}}}}}, {}),
        ("long-context", {"system": "word " * 60_000}, {}),
        ("web-search", {"tools": [{"type": "web_search_20250305", "name": "web_search"}]}, {}),
        ("subagent", {}, {"x-claude-code-agent-id": "a1"}),
        ("images", {"messages": [{"role": "user", "content": [{"type": "image", "source": {}}]}]}, {}),
    ],
)
def test_a_rule_knows_what_a_request_is_for(when: Any, body: dict[str, Any], headers: dict[str, str]) -> None:
    rule = Rule(aim=Aim(rule="r", group="g"), when=(when,))
    assert aim_of(facts(body, CLAUDE | headers), [rule]).group == "g"
    assert aim_of(facts({}), [rule]) == NO_AIM


def test_a_subagents_haiku_is_no_chore() -> None:
    rule = Rule(aim=Aim(rule="r"), when=("background",))
    asked = facts({"model": "claude-haiku-4-5"}, CLAUDE | {"x-claude-code-agent-id": "a1"})
    assert aim_of(asked, [rule]) == NO_AIM


def test_all_that_a_rule_asks_for_must_hold_and_the_first_rule_decides() -> None:
    rules = [
        Rule(aim=Aim(rule="both", tag="t"), when=("thinking",), for_model="gpt-*"),
        Rule(aim=Aim(rule="codex"), clients=("codex",)),
        Rule(aim=Aim(rule="model"), for_model="claude-*"),
        Rule(aim=Aim(rule="late"), for_model="*"),
    ]
    assert aim_of(facts({"thinking": {"type": "adaptive"}}), rules).rule == "model"


def test_the_threshold_of_long_context_is_the_rules_own() -> None:
    asked = facts({"system": "word " * 1000})
    for least, rule in ((1000, "r"), (2000, "")):
        found = aim_of(asked, [Rule(aim=Aim(rule="r"), when=("long-context",), min_tokens=least)])
        assert found.rule == rule
