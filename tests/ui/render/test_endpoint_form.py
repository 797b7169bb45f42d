"""An endpoint while it is typed."""

import pytest

from cccc_tui.config.load import load_text
from cccc_tui.config.problems import Problem
from cccc_tui.config.secrets import Secret
from cccc_tui.config.writing import one_line
from cccc_tui.ui.render.endpoint_form import (
    Draft,
    KeyChoice,
    changes,
    draft_of,
    fields_of,
    key_value,
    options_of,
    row_of,
    rule_complaint,
    text_of,
    values_of,
    with_rule_moved,
    with_text,
    without_rule,
)

RULES = (("a-*", "x"), ("b-*", "y"))
DRAFTS = [
    Draft(name="plain", url="https://a.example"),
    Draft(name="both", kind="both", url_anthropic="https://a.example", url_openai="https://b.example/v1"),
    Draft(
        name="chat",
        kind="openai",
        url="https://a.example",
        openai_preference="chat_completions",
        enabled=False,
    ),
    Draft(name="rules", url="https://a.example", tags="x, y", priority="7", rewrites=True, rules=RULES),
]


@pytest.mark.parametrize("draft", DRAFTS, ids=lambda draft: draft.name)
def test_what_goes_into_the_file_comes_back_as_the_same_draft(draft, tmp_path):
    loaded = load_text(one_line({"endpoints": [values_of(draft)]}), tmp_path)
    assert draft_of(loaded.config.endpoints[0]) == draft
    assert changes(draft, draft) == {}


def test_only_what_differs_is_written_and_what_is_gone_is_taken_out():
    before = DRAFTS[0]
    now = with_text(with_text(before, "kind", "both"), "url_openai", "https://b.example")
    assert changes(before, now) == {
        "url_anthropic": "https://a.example",
        "url_openai": "https://b.example",
        "url": None,
    }


def test_another_format_keeps_the_url_that_was_typed():
    both = with_text(with_text(DRAFTS[2], "kind", "both"), "kind", "openai")
    assert both.url == "https://a.example"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (KeyChoice("env", "MY_KEY"), "env:MY_KEY"),
        (KeyChoice("keyring", secret=Secret("s")), "keyring:plain"),
        (KeyChoice("encrypted", secret=Secret("s")), "keyring:plain"),
        (KeyChoice("literal", secret=Secret("s")), "s"),
        (KeyChoice(), None),
    ],
)
def test_the_file_says_where_the_key_is(key, value):
    assert key_value(key, "plain") == value


def test_no_row_shows_a_key():
    literal = load_text("endpoints: [{name: a, url: 'https://a.example', auth_value: sk-abc}]", __file__)
    typed = Draft(name="a", key=KeyChoice("literal", secret=Secret("sk-abc")))
    for draft in (draft_of(literal.config.endpoints[0]), typed):
        assert "sk-abc" not in repr(fields_of(draft, ())) + repr(draft)


def test_a_problem_stands_at_its_row():
    rows = [
        row_of(key)
        for key in ("model_rewrite.rules[1].source_pattern", "model_rewrite.rules", "tags[0]", "url")
    ]
    assert rows == ["rule.1", "rewrites", "tags", "url"]
    wrong = Problem(key="url", message="has no scheme", did_you_mean="https://x")
    fields = {field.id: field for field in fields_of(DRAFTS[3], [wrong])}
    assert fields["url"].problem == "has no scheme; did you mean https://x?"
    assert not fields["name"].problem


def test_rules_are_typed_moved_and_removed():
    draft = with_text(DRAFTS[0], "rule.0", "claude-* -> glm-5")
    assert (draft.rules, draft.rewrites) == ((("claude-*", "glm-5"),), True)
    assert text_of(draft, "rule.0") == "claude-* -> glm-5"
    assert rule_complaint("claude-*") and not rule_complaint("claude-* -> glm-5")
    assert with_rule_moved(DRAFTS[3], 0, 1).rules == (RULES[1], RULES[0])
    assert with_rule_moved(DRAFTS[3], 0, -1) == DRAFTS[3]
    assert without_rule(draft, 0).rewrites is False


def test_a_new_endpoint_has_no_key_to_keep():
    assert "kept" in [option.value for option in options_of("key", is_new=False)]
    assert "kept" not in [option.value for option in options_of("key", is_new=True)]
    assert options_of("name", is_new=True) == []
