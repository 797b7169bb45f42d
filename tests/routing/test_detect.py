from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cccc_tui.routing.detect import Place, RequestFacts, detect, normal_path, place
from cccc_tui.wire.patch import Document

GENERATE = {
    "anthropic": Place("generate", "anthropic"),
    "chat": Place("generate", "chat"),
    "responses": Place("generate", "responses"),
}

CLAUDE = {
    "accept": "application/json",
    "user-agent": "claude-cli/2.1.329 (external, sdk-cli)",
    "x-app": "cli",
    "x-claude-code-session-id": "0c2f6d1e-7d0c-4a56-8b7d-2f5b3c1d9e10",
    "x-stainless-lang": "js",
    "anthropic-version": "2023-06-01",
}
CODEX = {
    "accept": "text/event-stream",
    "originator": "codex_exec",
    "user-agent": "codex_exec/0.169.0 (Debian 12.0.0; x86_64) xterm-256color (codex_exec; 0.169.0)",
    "session-id": "thread-1",
    "thread-id": "thread-1",
    "x-client-request-id": "thread-1",
    "x-codex-window-id": "thread-1:0",
}


class Unread:
    """A body of which nothing large may be decoded."""

    def __init__(self, **values: Any) -> None:
        self._values = values

    def keys(self) -> set[str]:
        return {*self._values, "messages", "input", "tools", "system", "instructions"}

    def text(self, key: str) -> str | None:
        value = self.value(key)
        return value if isinstance(value, str) else None

    def flag(self, key: str) -> bool:
        return self.value(key) is True

    def value(self, key: str) -> Any:
        assert key not in ("messages", "input", "tools", "system", "instructions"), f"{key} was decoded"
        return self._values.get(key)


def facts(headers: Mapping[str, str], body: Mapping[str, Any], form: str = "anthropic") -> RequestFacts:
    return detect(GENERATE[form], headers, Document.read(msgspec.json.encode(body)))


@pytest.mark.parametrize(
    "path",
    [
        "/v1/messages",
        "/messages",
        "/v1/v1/messages",
        "//v1//messages/",
        "/v1/messages/v1/messages",
        "/anthropic/v1/messages",
        "/anthropic/messages",
        "/v1/messages?beta=true",
    ],
)
def test_every_spelling_of_the_messages_path_is_understood(path: str) -> None:
    assert normal_path(path) == "/v1/messages"
    assert place("POST", path) == Place("generate", "anthropic")


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("POST", "/v1/messages/count_tokens?beta=true", Place("count_tokens", "anthropic")),
        ("POST", "/v1/messages/v1/messages/count_tokens", Place("count_tokens", "anthropic")),
        ("POST", "/chat/completions", Place("generate", "chat")),
        ("POST", "/openai/v1/chat/completions", Place("generate", "chat")),
        ("POST", "/v1/chat/completions/chat/completions", Place("generate", "chat")),
        ("POST", "/responses", Place("generate", "responses")),
        ("POST", "/v1/responses/compact", Place("compact", "responses")),
        ("POST", "/v1/responses/responses/compact", Place("compact", "responses")),
        ("GET", "/v1/models?client_version=0.169.0", Place("models", None)),
        ("HEAD", "/models", Place("models", None)),
        ("GET", "/v1/responses", None),
        ("POST", "/v1/models", None),
        ("POST", "/v1/embeddings", None),
        ("POST", "/v1/messages/batches", None),
        ("GET", "/", None),
        ("POST", "/v1", None),
        ("POST", "/messagesx", None),
    ],
)
def test_a_place_is_told_by_method_and_path(method: str, path: str, expected: Place | None) -> None:
    assert place(method, path) == expected


@given(
    st.lists(st.sampled_from(["v1", "", "messages", "count_tokens", "chat", "completions", "models", "x"]))
)
def test_a_normal_path_is_its_own_normal_path(segments: list[str]) -> None:
    path = normal_path("/" + "/".join(segments))
    assert normal_path(path) == path


def test_an_unknown_path_keeps_its_segments() -> None:
    assert normal_path("//api//event_logging/v2/batch/") == "/api/event_logging/v2/batch"


@pytest.mark.parametrize(
    ("headers", "form", "client", "reason"),
    [
        (CLAUDE, "anthropic", "claude-code", "X-Claude-Code-Session-Id"),
        ({"user-agent": "claude-cli/1.0.2 (external, cli)"}, "anthropic", "claude-code", "claude-cli/1.0.2"),
        ({"user-agent": "claude-code/2.1.329"}, "anthropic", "claude-code", "User-Agent"),
        ({"x-app": "cli"}, "anthropic", "claude-code", "x-app"),
        (CODEX, "responses", "codex", "originator: codex_exec"),
        ({"originator": "codex-tui"}, "responses", "codex", "codex-tui"),
        ({"user-agent": "codex_cli_rs/0.40.0"}, "responses", "codex", "User-Agent"),
        ({"x-codex-turn-metadata": "{}"}, "responses", "codex", "x-codex-turn-metadata"),
        (
            {"user-agent": "AsyncAnthropic/Python 2.11.0"},
            "anthropic",
            "anthropic-sdk",
            "AsyncAnthropic/Python",
        ),
        ({"user-agent": "OpenAI/JS 6.1.0"}, "chat", "openai-sdk", "OpenAI/JS"),
        ({"user-agent": "AzureOpenAI/Python 3.5"}, "responses", "openai-sdk", "AzureOpenAI"),
        ({"user-agent": "mybot/1", "x-stainless-lang": "python"}, "chat", "openai-sdk", "x-stainless-lang"),
        ({"user-agent": "mybot/1", "x-stainless-lang": "js"}, "anthropic", "anthropic-sdk", "Anthropic path"),
        ({"user-agent": "curl/8.5"}, "chat", "other", "no header"),
        ({}, "anthropic", "other", "no header"),
    ],
)
def test_the_client_is_known_by_its_headers(
    headers: dict[str, str], form: str, client: str, reason: str
) -> None:
    found = facts(headers, {"model": "m"}, form)
    assert found.client == client
    assert reason in found.client_reason


@pytest.mark.parametrize(
    ("body", "form", "client"),
    [
        ({"metadata": {"user_id": "user_ab_account__session_1f"}}, "anthropic", "claude-code"),
        ({"metadata": {"user_id": '{"device_id":"d","session_id":"s"}'}}, "anthropic", "claude-code"),
        ({"client_metadata": {"x-codex-installation-id": "i"}}, "responses", "codex"),
        ({"metadata": {"user_id": "somebody"}}, "anthropic", "other"),
        ({"metadata": ["user_id"], "client_metadata": 3}, "responses", "other"),
    ],
)
def test_without_telling_headers_the_body_gives_the_client_away(
    body: dict[str, Any], form: str, client: str
) -> None:
    assert facts({"user-agent": "gateway/1"}, body, form).client == client


def test_streaming_is_what_the_body_says_and_not_what_accept_says() -> None:
    assert facts(CLAUDE, {"stream": True}).streamed
    assert not facts({"accept": "text/event-stream"}, {"stream": False}).streamed
    assert not facts({"accept": "text/event-stream"}, {}).streamed


def test_an_agents_request_is_understood_without_decoding_conversation_or_tools() -> None:
    body = Unread(
        model="claude-opus-5-5",
        stream=True,
        metadata={"user_id": '{"device_id":"d","account_uuid":"","session_id":"s"}'},
        thinking={"type": "adaptive", "display": "updates"},
        output_config={"effort": "medium"},
    )
    found = detect(GENERATE["anthropic"], CLAUDE, body)
    assert (found.model, found.streamed, found.thinking) == ("claude-opus-5-5", True, True)
    assert found.session == CLAUDE["x-claude-code-session-id"]
    codex = detect(GENERATE["responses"], CODEX, Unread(model="gpt-5.5", prompt_cache_key="k"))
    assert codex.session == "thread-1"


@pytest.mark.parametrize(
    ("body", "thinks", "budget"),
    [
        ({"thinking": {"type": "enabled", "budget_tokens": 31999, "display": "omitted"}}, True, 31999),
        ({"thinking": {"type": "adaptive", "display": "updates"}}, True, None),
        ({"thinking": {"type": "disabled"}}, False, None),
        ({"thinking": {"enabled": True}}, False, None),
        ({"reasoning": {"summary": "auto"}}, True, None),
        ({"reasoning": {"effort": "none"}}, False, None),
        ({"reasoning": {"effort": "high", "max_tokens": 2000}}, True, 2000),
        ({"reasoning": None}, False, None),
        ({"reasoning_effort": "low"}, True, None),
        ({"reasoning_effort": "none"}, False, None),
        ({}, False, None),
        ({"thinking": "yes"}, False, None),
    ],
)
def test_thinking_is_seen_as_real_requests_ask_for_it(
    body: dict[str, Any], thinks: bool, budget: int | None
) -> None:
    found = facts({}, body)
    assert (found.thinking, found.thinking_budget) == (thinks, budget)


SESSION_SOURCES: list[tuple[dict[str, str], dict[str, Any], str]] = [
    ({"x-claude-code-session-id": "a"}, {}, "a"),
    ({"x-session-id": "b"}, {}, "b"),
    ({"session-id": "c"}, {}, "c"),
    ({"session_id": "d"}, {}, "d"),
    ({"x-session-affinity": "e"}, {}, "e"),
    ({"x-amp-thread-id": "f"}, {}, "f"),
    ({"originator": "codex_exec", "x-client-request-id": "g"}, {}, "g"),
    ({}, {"session_id": "h"}, "h"),
    ({}, {"conversation_id": "i"}, "i"),
    ({}, {"prompt_cache_key": "j"}, "j"),
    ({}, {"metadata": {"user_id": "user_x_account__session_k"}}, "k"),
    ({}, {"conversation": {"id": "l"}}, "l"),
]


@pytest.mark.parametrize("first", range(len(SESSION_SOURCES)))
def test_the_session_is_the_first_name_that_is_given(first: int) -> None:
    headers: dict[str, str] = {}
    body: dict[str, Any] = {"messages": [{"role": "user", "content": "hi"}]}
    for more_headers, more_body, _ in SESSION_SOURCES[first:]:
        headers |= more_headers
        body |= more_body
    assert facts(headers, body).session == SESSION_SOURCES[first][2]


@pytest.mark.parametrize("user_id", ['{"session_id": 3}', "{not json", "[]", "plain", '{"device_id":"x"}'])
def test_a_user_id_without_a_session_names_none(user_id: str) -> None:
    assert facts({}, {"metadata": {"user_id": user_id}}).session == ""


def test_a_conversation_as_one_string_names_itself() -> None:
    assert facts({}, {"conversation": "conv_1"}, "responses").session == "conv_1"


def test_a_request_id_that_changes_with_every_request_is_no_session() -> None:
    assert facts({"x-client-request-id": "r1"}, {"prompt_cache_key": "k"}, "chat").session == "k"


def turn(*said: str, system: str = "You help.") -> dict[str, Any]:
    return {"system": system, "messages": [{"role": "user", "content": text} for text in said]}


def test_turns_of_an_unnamed_conversation_share_a_session() -> None:
    first, second = facts({}, turn("hello")).session, facts({}, turn("hello", "and then?")).session
    assert first == second != ""


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, turn("other")),
        ({}, turn("hello", system="You translate.")),
        ({"authorization": "Bearer somebody-else"}, turn("hello")),
    ],
)
def test_another_beginning_system_or_caller_is_another_session(
    headers: dict[str, str], body: dict[str, Any]
) -> None:
    assert facts(headers, body).session != facts({}, turn("hello")).session


def test_a_session_made_of_content_does_not_show_it() -> None:
    assert "sk-secret" not in facts({"x-api-key": "sk-secret"}, turn("sk-secret")).session


def test_a_list_of_models_has_no_session_and_the_format_of_the_asker() -> None:
    empty = Document.read(b"{}")
    asked = Place("models", None)
    assert detect(asked, {"anthropic-version": "2023-06-01"}, empty).format == "anthropic"
    assert detect(asked, CODEX, empty).format == "responses"
    assert detect(asked, {"user-agent": "OpenAI/Python 3.52.0"}, empty).format == "chat"
    assert detect(asked, {}, empty).session == ""


TITLE = {"format": {"type": "json_schema", "schema": {"type": "object", "properties": {"title": {}}}}}


@pytest.mark.parametrize(
    ("headers", "body", "form", "agent", "is_background"),
    [
        (CLAUDE, {}, "anthropic", "main", False),
        (CLAUDE | {"x-claude-code-agent-id": "a1"}, {}, "anthropic", "subagent", False),
        (CLAUDE | {"x-claude-code-request-class": "subagent"}, {}, "anthropic", "subagent", False),
        (CLAUDE, {"output_config": TITLE}, "anthropic", "title", True),
        (CLAUDE, {"output_config": {"effort": "medium"}}, "anthropic", "main", False),
        (CODEX, {"text": {"verbosity": "low"}}, "responses", "main", False),
        (CODEX, {"text": TITLE}, "responses", "title", True),
        (CODEX | {"x-openai-subagent": "review"}, {}, "responses", "subagent", False),
        (CODEX | {"x-codex-parent-thread-id": "t0"}, {}, "responses", "subagent", False),
        (CODEX | {"x-openai-subagent": "memory_consolidation"}, {}, "responses", "memory", True),
        ({}, {"output_config": TITLE}, "anthropic", "main", False),
    ],
)
def test_which_part_of_an_agent_asks(
    headers: dict[str, str], body: dict[str, Any], form: str, agent: str, is_background: bool
) -> None:
    found = facts(headers, body, form)
    assert (found.agent, found.is_background) == (agent, is_background)


def test_a_schema_with_more_than_a_title_is_a_persons_own() -> None:
    schema = {"format": {"schema": {"properties": {"title": {}, "body": {}}}}}
    assert facts(CLAUDE, {"output_config": schema}).agent == "main"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"messages": [{"role": "user", "content": "one"}, {"role": "assistant", "content": "two"}]}, "one"),
        (
            {
                "messages": [
                    {"role": "user", "content": [{"type": "text", "text": "do it"}]},
                    {
                        "role": "assistant",
                        "content": [{"type": "tool_use", "id": "t", "name": "Bash", "input": {}}],
                    },
                    {
                        "role": "user",
                        "content": [{"type": "tool_result", "tool_use_id": "t", "content": "ok"}],
                    },
                ]
            },
            "do it",
        ),
        (
            {
                "messages": [
                    {
                        "role": "user",
                        "content": [
                            {"type": "text", "text": "prompt"},
                            {"type": "text", "text": "<system-reminder>x</system-reminder>"},
                        ],
                    }
                ]
            },
            "prompt",
        ),
        ({"input": "plain"}, "plain"),
        (
            {
                "input": [
                    {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "in"}]}
                ]
            },
            "in",
        ),
        ({"messages": "nonsense"}, ""),
        ({"messages": [3, {"role": "user"}, {"role": "user", "content": [4, {"text": 5}]}]}, ""),
        ({}, ""),
    ],
)
def test_the_last_user_text_is_what_a_person_said(body: dict[str, Any], said: str) -> None:
    assert facts({}, body).last_user_text == said


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**31), 2**31) | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=8,
    ),
    st.sampled_from(
        [
            "model",
            "messages",
            "input",
            "thinking",
            "reasoning",
            "metadata",
            "conversation",
            "output_config",
            "system",
        ]
    ),
)
def test_no_shape_of_body_is_a_surprise(value: Any, key: str) -> None:
    found = facts(CLAUDE, {key: value})
    assert isinstance(found.session, str)
    assert isinstance(found.last_user_text, str)
    assert isinstance(facts({}, {key: value}, "responses").session, str)
