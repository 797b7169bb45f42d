from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cccc_tui.routing.rewrite import matches, rewrite


def test_the_first_rule_that_matches_wins() -> None:
    rules = [("claude-*", "first"), ("claude-opus-*", "second")]
    assert rewrite("claude-opus-5-5", rules) == "first"


def test_a_model_that_no_rule_matches_is_left_alone() -> None:
    assert rewrite("gpt-5.5", [("claude-*", "x")]) is None
    assert rewrite("gpt-5.5", []) is None


@pytest.mark.parametrize(
    ("pattern", "model", "fits"),
    [
        ("claude-sonnet-4-6", "claude-sonnet-4-6", True),
        ("claude", "claude-sonnet", False),
        ("*sonnet*", "anthropic/claude-sonnet-4-5", True),
        ("anthropic/*", "anthropic/claude/x", True),
        ("Claude-*", "claude-opus", False),
        ("gpt-?", "gpt-5", True),
        ("gpt-?", "gpt-55", False),
        ("gpt-[45]*", "gpt-5.1", True),
        ("gpt-[!45]*", "gpt-5.1", False),
        ("gpt-[^45]*", "gpt-6", True),
        ("gpt-[", "gpt-[", True),
        ("gpt.5", "gpt-5", False),
        ("*", "", True),
    ],
)
def test_globs_match_the_whole_name(pattern: str, model: str, fits: bool) -> None:
    assert matches(pattern, model) is fits


@given(st.text(), st.text())
def test_no_pattern_is_an_error(pattern: str, model: str) -> None:
    assert rewrite(model, [(pattern, "x")]) in ("x", None)


@given(st.text())
def test_a_star_matches_everything(model: str) -> None:
    assert matches("*", model)
