"""Rules by what a request is for: a subagent's goes there, a long one here. The first rule that fits decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple, get_args

import msgspec

from cccc_tui.routing.detect import RequestFacts
from cccc_tui.routing.rewrite import matches

Condition = Literal["thinking", "background", "long-context", "web-search", "subagent", "images"]

CONDITIONS: tuple[Condition, ...] = get_args(Condition)


class Aim(NamedTuple):
    """Where a rule sends a request."""

    rule: str = ""
    """What the rule is called, for the reasons; empty without a rule."""
    group: str = ""
    model: str = ""
    endpoint: str = ""
    tag: str = ""


NO_AIM = Aim()


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule: all that it asks for must hold."""

    aim: Aim
    when: tuple[Condition, ...] = ()
    min_tokens: int = 60_000
    """From how many tokens on a request is `long-context`."""
    for_model: str = ""
    """Glob for the model that the client asks for; empty is every model."""
    clients: tuple[str, ...] = ()


_HOLDS: dict[Condition, Callable[[RequestFacts, Rule], bool]] = {
    "thinking": lambda facts, _: facts.thinking,
    "background": lambda facts, _: facts.is_background,
    "long-context": lambda facts, rule: facts.estimated_tokens >= rule.min_tokens,
    "web-search": lambda facts, _: facts.asks_web_search,
    "subagent": lambda facts, _: facts.agent == "subagent",
    "images": lambda facts, _: facts.has_images,
}


def aim_of(facts: RequestFacts, rules: Sequence[Rule]) -> Aim:
    """The aim of the first rule that fits, or none."""
    return next((rule.aim for rule in rules if _fits(rule, facts)), NO_AIM)


def _fits(rule: Rule, facts: RequestFacts) -> bool:
    if rule.clients and facts.client not in rule.clients:
        return False
    if rule.for_model and not matches(rule.for_model, facts.model):
        return False
    return all(_HOLDS[condition](facts, rule) for condition in rule.when)
