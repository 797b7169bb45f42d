from __future__ import annotations

from typing import Any

import msgspec
import pytest

from cccc_tui.routing.detect import Place, detect
from cccc_tui.routing.tags import TaggerKind, TaggerRule, TagView, tags_of
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
    return tags_of(facts, view, [TaggerRule(name="t", kind=kind, tag="hit", config=config)], [])


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
    assert tags_of(facts, view, taggers, rules) == ("think", "big", "claude")
