from __future__ import annotations

from typing import Any

import msgspec
import pytest

from cccc_tui.config.checks import EXPRESSION_NAMES
from cccc_tui.routing.detect import Place, detect
from cccc_tui.routing.expressions import FUNCTIONS, Expression
from cccc_tui.routing.tags import LOOKUPS, NAMES, Tagged, TaggerKind, TaggerRule, TagView, tags_of
from cccc_tui.wire.patch import Document

BODY = {
    "model": "claude-opus-5-5",
    "max_tokens": 32000,
    "stream": True,
    "metadata": {"user_id": "u1", "labels": ["blue", "green"]},
    "thinking": {"type": "enabled", "budget_tokens": 10000},
    "messages": [
        {"role": "user", "content": "first"},
        {"role": "assistant", "content": "fine"},
        {"role": "user", "content": [{"type": "text", "text": "please\nfix [urgent] bugs"}]},
    ],
}


def tags(
    kind: TaggerKind, body: dict[str, Any] | None = None, path: str = "/v1/messages", **config: Any
) -> tuple[str, ...]:
    document = Document.read(msgspec.json.encode(BODY if body is None else body))
    facts = detect(Place("generate", "anthropic"), {}, document)
    view = TagView(path=path, headers={"x-team": "blue one"}, query={"beta": "true"}, peek=document)
    return tags_of(facts, view, [TaggerRule(name="t", kind=kind, tag="hit", config=config)], []).tags


@pytest.mark.parametrize(
    ("kind", "config", "hit"),
    [
        ("path", {"path_pattern": "/v1/messages"}, True),
        ("path", {"path_pattern": "/v1/*"}, True),
        ("path", {"path_pattern": "/messages"}, False),
        ("header", {"header_name": "X-Team", "expected_value": "blue*"}, True),
        ("header", {"header_name": "X-Team", "expected_value": "blue"}, False),
        ("header", {"header_name": "X-Other", "expected_value": "*"}, False),
        ("query", {"param_name": "beta", "expected_value": "true"}, True),
        ("query", {"param_name": "gamma", "expected_value": "*"}, False),
        ("body-json", {"json_path": "metadata.user_id", "expected_value": "u?"}, True),
        ("body-json", {"json_path": "metadata.labels.1", "expected_value": "green"}, True),
        ("body-json", {"json_path": "metadata.labels.7", "expected_value": "*"}, False),
        ("body-json", {"json_path": "max_tokens", "expected_value": "32000"}, True),
        ("body-json", {"json_path": "stream", "expected_value": "true"}, True),
        ("body-json", {"json_path": "metadata", "expected_value": "*"}, False),
        ("body-json", {"json_path": "model.deeper", "expected_value": "*"}, False),
        ("user-message", {"expected_value": "*bugs"}, True),
        ("user-message", {"expected_value": "please*bugs"}, True),
        ("user-message", {"expected_value": "*[urgent]*"}, True),
        ("user-message", {"expected_value": "*first*"}, False),
        ("model", {"expected_value": "claude-opus-*"}, True),
        ("model", {"expected_value": "gpt*"}, False),
        ("thinking", {}, True),
        ("thinking", {"min_budget_tokens": 10000}, True),
        ("thinking", {"min_budget_tokens": "20000"}, False),
        ("thinking", {"min_budget_tokens": 9999.5}, True),
    ],
)
def test_each_kind_of_tagger_looks_at_its_thing(kind: TaggerKind, config: dict[str, Any], hit: bool) -> None:
    assert tags(kind, **config) == (("hit",) if hit else ())


def test_a_path_matches_as_it_was_sent_and_as_it_is_meant() -> None:
    assert tags("path", path="/v1/v1/messages", path_pattern="/v1/messages") == ("hit",)
    assert tags("path", path="/v1/v1/messages", path_pattern="/v1/v1/*") == ("hit",)


def test_adaptive_thinking_passes_every_minimum() -> None:
    body = BODY | {"thinking": {"type": "adaptive"}}
    assert tags("thinking", body, min_budget_tokens=50_000) == ("hit",)


@pytest.mark.parametrize("thinking", [{"type": "disabled"}, {"enabled": True}, None])
def test_a_request_without_thinking_has_no_thinking_tag(thinking: Any) -> None:
    assert tags("thinking", BODY | {"thinking": thinking}) == ()


def test_an_empty_body_has_no_model_and_no_message() -> None:
    assert tags("model", {}, expected_value="*") == ()
    assert tags("user-message", {}, expected_value="*") == ()


def test_a_tag_is_given_once_and_short_rules_follow_the_taggers() -> None:
    document = Document.read(msgspec.json.encode(BODY))
    facts = detect(Place("generate", "anthropic"), {}, document)
    view = TagView(path="/v1/messages", headers={}, query={}, peek=document)
    taggers = [
        TaggerRule(kind="thinking", tag="think"),
        TaggerRule(kind="model", tag="big", config={"expected_value": "claude-opus*"}),
        TaggerRule(kind="path", tag="big", config={"path_pattern": "*"}),
    ]
    rules = [("claude-*", "claude"), ("*opus*", "think"), ("gpt-*", "gpt")]
    assert tags_of(facts, view, taggers, rules).tags == ("think", "big", "claude")


def expression(source: str, *more: TaggerRule, late_after: int = 1000) -> Tagged:
    document = Document.read(msgspec.json.encode(BODY))
    facts = detect(Place("generate", "anthropic"), {}, document)
    view = TagView(path="/v1/messages", headers={"x-team": "blue"}, query={"beta": "true"}, peek=document)
    own = TaggerRule(kind="expression", name="own", tag="hit", expression=Expression(source))
    looks = iter(range(10_000))
    return tags_of(facts, view, [own, *more], [], lambda: next(looks) > late_after)


@pytest.mark.parametrize(
    "source",
    [
        "model == 'claude-opus-5-5' and thinking and thinking_tokens >= 10000",
        "header('X-Team') == 'blue' and query('beta') == 'true'",
        "body('metadata.user_id') == 'u1' and contains(body('metadata.labels'), 'green')",
        "contains(user_message, '[urgent]') and not images",
        "format == 'anthropic' and client == 'other' and agent == 'main' and stream and tokens > 10",
        "path == '/v1/messages'",
    ],
)
def test_an_expression_sees_the_whole_request(source: str) -> None:
    assert expression(source) == (("hit",), ())


def test_a_failing_tagger_is_a_note_and_the_others_give_their_tags() -> None:
    other = TaggerRule(kind="thinking", tag="think", name="t")
    tagged = expression("body('max_tokens') > 'a'", other)
    assert tagged.tags == ("think",)
    assert 'tagger "own" failed' in tagged.notes[0]


def test_taggers_without_time_left_are_notes() -> None:
    tagged = expression("model == model", TaggerRule(kind="thinking", tag="think", name="t"), late_after=2)
    assert tagged.tags == ()
    assert tagged.notes == ('tagger "own" took too long', 'tagger "t" had no time left')


def test_the_configuration_check_knows_every_name_of_an_expression() -> None:
    assert set(EXPRESSION_NAMES) == {*NAMES, *LOOKUPS, *FUNCTIONS}


CLAUDE_CODE = {
    "model": "claude-sonnet-4-5",
    "max_tokens": 32000,
    "thinking": {"type": "enabled", "budget_tokens": 31999, "display": "updates"},
    "metadata": {"user_id": '{"device_id":"d","account_uuid":"","session_id":"s-1"}'},
    "system": [{"type": "text", "text": "You are Claude Code."}],
    "messages": [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "<system-reminder>today is Monday</system-reminder>"},
                {"type": "text", "text": "review this patch"},
            ],
        },
        {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "Read", "input": {}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "done"}]},
    ],
    "stream": True,
}
CODEX = {
    "model": "gpt-5.5",
    "input": [
        {
            "type": "message",
            "role": "developer",
            "content": [{"type": "input_text", "text": "You are Codex"}],
        },
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "review this patch"}]},
    ],
    "reasoning": {"summary": "auto"},
    "prompt_cache_key": "thread-1",
    "client_metadata": {"x-codex-installation-id": "i"},
    "stream": True,
}


@pytest.mark.parametrize(
    ("body", "form", "path"),
    [(CLAUDE_CODE, "anthropic", "/v1/messages"), (CODEX, "responses", "/v1/responses")],
)
def test_every_kind_of_tagger_fits_what_the_agents_really_send(body: Any, form: Any, path: str) -> None:
    document = Document.read(msgspec.json.encode(body))
    facts = detect(Place("generate", form), {"user-agent": "x"}, document)
    view = TagView(path=path, headers={"user-agent": "x"}, query={"beta": "true"}, peek=document)
    metadata = "metadata.user_id" if form == "anthropic" else "client_metadata.x-codex-installation-id"
    kinds: dict[TaggerKind, dict[str, str]] = {
        "path": {"path_pattern": "/v1/*"},
        "header": {"header_name": "User-Agent", "expected_value": "x"},
        "query": {"param_name": "beta", "expected_value": "true"},
        "body-json": {"json_path": metadata, "expected_value": "*"},
        "user-message": {"expected_value": "review*"},
        "model": {"expected_value": "*5*"},
        "thinking": {"min_budget_tokens": "1024"},
    }
    taggers = [TaggerRule(kind=kind, name=kind, tag=kind, config=config) for kind, config in kinds.items()]
    assert tags_of(facts, view, taggers).tags == tuple(kinds)
