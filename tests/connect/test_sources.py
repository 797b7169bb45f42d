from __future__ import annotations

import json
from pathlib import Path

import pytest

from cccc_tui.connect.clients import Gateway
from cccc_tui.connect.plan import PlanRefused
from cccc_tui.connect.sources import read_source, source_of, usual_path
from cccc_tui.connect.takings import Found

GATEWAY = Gateway("http://127.0.0.1:8080")

ROUTER = {
    "APIKEY": "abc",
    "PROXY_URL": "http://127.0.0.1:7890",
    "Providers": [
        {
            "name": "or",
            "api_base_url": "https://or.example/v1/chat/completions",
            "api_key": "sk-or-0123456789",
            "models": ["a", "b", "c"],
            "transformer": {"use": ["openrouter", ["maxtoken", {"max_tokens": 1}], "enhancetool"]},
        },
        {
            "name": "gem",
            "api_base_url": "https://g.example",
            "models": ["g"],
            "transformer": {"use": ["gemini"]},
        },
        {
            "name": "ant",
            "api_base_url": "https://a.example/v1/messages",
            "api_key": "${ANT}",
            "models": ["x"],
        },
        {"name": "nowhere"},
    ],
    "Router": {"default": "or,b", "background": "or,c", "think": "ant,x"},
}

CLIPROXY = """
auth-dir: ~/.cli-proxy-api
api-keys: [local]
gemini-api-key: [{api-key: g}]
claude-api-key:
  - api-key: sk-ant-1
    base-url: https://relay.example
    proxy-url: socks5://u:p@127.0.0.1:1080
    models: [{name: claude-x, alias: opus}]
codex-api-key: [{api-key: sk-codex}]
openai-compatibility:
  - name: or
    base-url: https://or.example/v1
    headers: {X-Title: me}
    api-key-entries: [{api-key: k1}, {api-key: k2}]
  - base-url: https://noname.example
"""

CCCC = """
server: {port: 9000}
endpoints:
  - name: one
    url: https://one.example
    auth_type: api_key
    auth_value: sk-one
    client_type: claude_code
    priority: 5
  - name: login
    url: https://two.example
    auth_type: oauth
"""


def read(tmp_path: Path, name: str, text: str) -> Found:
    path = tmp_path / name
    path.write_text(text)
    return read_source(source_of(path), path, {}, GATEWAY)


def left(found: Found) -> dict[str, str]:
    return {each.what: each.why for each in found.left}


def test_the_routers_providers_are_taken_with_its_routes_as_rules(tmp_path: Path):
    found = read(tmp_path, "config.json", "// mine\n" + json.dumps(ROUTER))
    first, second = found.taken
    assert first.values == {
        "name": "or",
        "url": "https://or.example/v1/chat/completions",
        "endpoint_type": "openai",
        "openai_preference": "chat_completions",
        "model_rewrite": {
            "enabled": True,
            "rules": [
                {"source_pattern": "*haiku*", "target_model": "c"},
                {"source_pattern": "*", "target_model": "b"},
            ],
        },
        "proxy": {"type": "http", "address": "127.0.0.1:7890"},
    }
    assert first.key == "sk-or-0123456789"
    assert (second.values["endpoint_type"], second.key) == ("anthropic", "env:ANT")


def test_what_the_router_has_and_cccc_cannot_take_is_named_with_its_reason(tmp_path: Path):
    why = left(read(tmp_path, "config.json", json.dumps(ROUTER)))
    assert "does not speak" in why["gem"]
    assert "no address" in why["nowhere"]
    assert "ant,x" in why["Router.think"]
    assert "asks for none" in why["APIKEY"]
    assert "transformers" in why["or: enhancetool"]
    assert "or: a" in why


def test_the_keys_and_providers_of_cliproxyapi_are_taken(tmp_path: Path):
    found = read(tmp_path, "config.yaml", CLIPROXY)
    assert found.source == "cliproxyapi"
    by_name = {each.values["name"]: each for each in found.taken}
    assert list(by_name) == ["claude-1", "codex-1", "or", "or-2"]
    assert by_name["claude-1"].values["proxy"] == {
        "type": "socks5",
        "address": "127.0.0.1:1080",
        "username": "u",
        "password": "p",
    }
    assert by_name["claude-1"].values["model_rewrite"]["rules"] == [
        {"source_pattern": "opus", "target_model": "claude-x"}
    ]
    assert by_name["codex-1"].values["url"] == "https://api.openai.com/v1"
    assert [by_name[name].key for name in ("or", "or-2")] == ["k1", "k2"]
    assert by_name["or-2"].values["header_overrides"] == {"X-Title": "me"}
    assert set(left(found)) == {"openai-compatibility", "gemini-api-key", "auth-dir", "api-keys"}


def test_the_endpoints_of_the_family_are_taken_as_they_stand_and_logins_are_not(tmp_path: Path):
    found = read(tmp_path, "config.yaml", CCCC)
    assert found.source == "cccc"
    (one,) = found.taken
    assert one.values == {
        "name": "one",
        "url": "https://one.example",
        "auth_type": "api_key",
        "client_type": "claude_code",
    }
    assert one.key == "sk-one"
    assert "OAuth" in left(found)["login"]
    assert "cccc --config" in left(found)["server"]


def test_the_environment_is_taken_by_the_names_of_its_variables():
    env = {"OPENAI_API_KEY": "sk", "ANTHROPIC_BASE_URL": "https://a.example", "ANTHROPIC_AUTH_TOKEN": "t"}
    found = read_source("environment", None, env, GATEWAY)
    assert {(each.values["url"], each.key) for each in found.taken} == {
        ("https://api.openai.com", "env:OPENAI_API_KEY"),
        ("https://a.example", "env:ANTHROPIC_AUTH_TOKEN"),
    }


def test_an_environment_that_leads_to_cccc_itself_is_no_endpoint():
    env = {"ANTHROPIC_BASE_URL": "http://localhost:8080", "ANTHROPIC_AUTH_TOKEN": "t"}
    assert read_source("environment", None, env, GATEWAY).taken == ()
    env = {"OPENAI_BASE_URL": "http://localhost:8080/v1", "OPENAI_API_KEY": "t"}
    assert read_source("environment", None, env, GATEWAY).taken == ()


def test_what_the_clients_point_to_is_taken_and_their_logins_are_not(own_home: Path):
    (own_home / ".claude").mkdir()
    env = {
        "ANTHROPIC_BASE_URL": "https://a.example",
        "ANTHROPIC_AUTH_TOKEN": "t",
        "ANTHROPIC_DEFAULT_OPUS_MODEL": "glm",
    }
    (own_home / ".claude" / "settings.json").write_text(json.dumps({"env": env}))
    (own_home / ".codex").mkdir()
    (own_home / ".codex" / "auth.json").write_text("{}")
    (own_home / ".codex" / "config.toml").write_text(
        '[model_providers.p]\nbase_url = "https://p.example/v1"\nenv_key = "P"\n'
        '[model_providers.old]\nbase_url = "https://o.example/v1"\nwire_api = "chat"\n'
        '[model_providers.cccc]\nbase_url = "http://localhost:8080/v1"\n'
    )
    found = read_source("clients", None, {}, GATEWAY)
    assert [(each.values["name"], each.key) for each in found.taken] == [
        ("claude-code", "t"),
        ("p", "env:P"),
        ("old", ""),
    ]
    assert found.taken[0].values["model_rewrite"]["rules"] == [
        {"source_pattern": "*opus*", "target_model": "glm"}
    ]
    assert found.taken[2].values["openai_preference"] == "chat_completions"
    assert str(own_home / ".codex" / "auth.json") in left(found)


def test_whatever_else_the_clients_say_of_their_provider_is_taken_or_named(own_home: Path):
    (own_home / ".claude").mkdir()
    env = {
        "ANTHROPIC_BASE_URL": "https://a.example",
        "ANTHROPIC_MODEL": "glm-5[1m]",
        "ANTHROPIC_DEFAULT_SONNET_MODEL": "sonnet",
        "ANTHROPIC_SMALL_FAST_MODEL": "glm-5-air",
        "ANTHROPIC_CUSTOM_HEADERS": "X-Team: one\nX-Odd",
        "CLAUDE_CODE_USE_BEDROCK": "1",
    }
    settings = {"env": env, "apiKeyHelper": "~/key.sh"}
    (own_home / ".claude" / "settings.json").write_text(json.dumps(settings))
    (own_home / ".codex").mkdir()
    (own_home / ".codex" / "config.toml").write_text(
        'openai_base_url = "https://o.example/v1"\n[model_providers.p]\nbase_url = "https://p.example/v1"\n'
        'http_headers = { X-A = "1" }\nquery_params = { api-version = "2" }\nrequires_openai_auth = true\n'
    )
    found = read_source("clients", None, {}, GATEWAY)
    by_name = {each.values["name"]: each for each in found.taken}
    assert by_name["claude-code"].values["model_rewrite"]["rules"] == [
        {"source_pattern": "*haiku*", "target_model": "glm-5-air"},
        {"source_pattern": "*", "target_model": "glm-5"},
    ]
    assert by_name["claude-code"].values["header_overrides"] == {"X-Team": "one"}
    assert by_name["codex-openai"].values["url"] == "https://o.example/v1"
    assert by_name["codex-openai"].key == "env:OPENAI_API_KEY"
    assert by_name["p"].values["header_overrides"] == {"X-A": "1"}
    assert set(left(found)) == {
        "CLAUDE_CODE_USE_BEDROCK",
        "apiKeyHelper",
        "p: query_params",
        "p: requires_openai_auth",
    }


@pytest.mark.parametrize(("name", "text"), [("c.json", "{"), ("c.yaml", "a: [")])
def test_a_broken_file_is_refused_with_its_place(tmp_path: Path, name: str, text: str):
    with pytest.raises(PlanRefused, match=name):
        read(tmp_path, name, text)


def test_a_tool_that_is_not_here_is_said():
    with pytest.raises(PlanRefused, match="no such file"):
        read_source("claude-code-router", None, {}, GATEWAY)
    assert usual_path("cliproxyapi").name == "config.yaml"
