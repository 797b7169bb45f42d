"""Facts in words."""

from typing import get_args

import pytest

from cccc_tui import locales
from cccc_tui.routing import lessons
from cccc_tui.ui.render.fact_words import fact_words
from cccc_tui.wire.adjust import Remedy
from tests.fakes.scenario import fact

TRAITS = [trait for trait, _pattern in lessons._LACKS]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("param:temperature", "drop", "no temperature"),
        ("param:max_tokens", "most=8192", "at most 8,192 output tokens"),
        ("param:thinking.budget_tokens", "most=32000", "at most 32,000 thinking tokens"),
        ("param:top_k", "most=64", "top_k at most 64"),
        ("param:temperature", "least=1", "temperature at least 1"),
        ("param:store", "set=false", "store always false"),
        ("param:max_tokens", "rename=max_completion_tokens", "max_tokens is called max_completion_tokens"),
        ("param:reasoning.effort", "one_of=low,high", "reasoning.effort only low, high"),
        ("lacks:images", "yes", "takes no images"),
        ("auth_form", "auth_token", "takes a Bearer token"),
        ("speaks_responses", "no", "speaks no Responses"),
        ("counts_tokens_anthropic", "no", "counts no tokens"),
        ("context_tokens", "200000", "holds 200,000 tokens"),
    ],
)
def test_a_fact_is_said_in_words(name, value, words):
    assert fact_words(fact(name, value)) == words


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("param:temperature", "soften=3", "param:temperature = soften=3"),
        ("lacks:wings", "yes", "lacks wings"),
        ("speaks_responses", "yes", "speaks_responses = yes"),
        ("tastes", "sweet", "tastes = sweet"),
    ],
)
def test_what_this_version_does_not_know_is_shown_as_it_is_kept(name, value, words):
    assert fact_words(fact(name, value)) == words


def test_every_remedy_and_every_trait_of_the_engine_has_its_words():
    worded = [fact_words(fact("param:x", f"{remedy}=1")) for remedy in get_args(Remedy)]
    assert [words for words in worded if words.startswith("param:")] == []
    assert [trait for trait in TRAITS if fact_words(fact(f"lacks:{trait}", "yes")).startswith("lacks")] == []


def test_nothing_in_it_reaches_the_terminal_as_an_order():
    assert fact_words(fact("param:\x1b[2J", "drop")) == "no ·[2J"


def test_it_speaks_the_language_of_the_screen():
    locales.use("zh_CN")
    try:
        assert fact_words(fact("param:temperature", "drop")) == "不带 temperature"
    finally:
        locales.use("en")
