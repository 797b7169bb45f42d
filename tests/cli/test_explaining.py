import io
import json
import sys
from pathlib import Path

import pytest

from cccc_tui.cli import main

CONFIG = """\
endpoints:
  - {name: one, url: 'https://one.example', keys: [{name: a, value: sk-secret-1}, {name: b, value: sk-secret-2}]}
  - {name: two, url: 'https://two.example', endpoint_type: openai, auth_value: sk-secret-3, priority: 2,
     parameter_overrides: {temperature: "1"}, model_rewrite: {enabled: true, rules: [{source_pattern: '*', target_model: gpt-x}]}}
  - {name: off, url: 'https://off.example', enabled: false}
routing:
  rules: [{when: [thinking], name: deep, endpoint: two}]
"""
BODY = {"model": "claude-x", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG)
    return path


def explained(config: Path, tmp_path: Path, capsys, *options: str, **more) -> str:
    file = tmp_path / "request.json"
    file.write_text(json.dumps(BODY | more))
    assert main(["explain", str(file), "--config", str(config), *options]) == 0
    return capsys.readouterr().out


def test_the_route_is_told_with_keys_models_changes_and_why_not_the_others(config, tmp_path, capsys):
    said = explained(config, tmp_path, capsys, "--client", "claude-code")
    assert said.startswith("claude-code asks for claude-x in the format anthropic")
    assert "1. one (key a): priority 1; speaks anthropic; key a" in said
    assert "2. one (key b)" in said
    assert (
        "3. two: priority 2; converted from anthropic to responses; asked for gpt-x (model_rewrite)" in said
    )
    assert "asked for gpt-x  https://two.example/v1/responses" in said
    assert "temperature" in said
    assert "– off: disabled" in said
    assert "sk-secret" not in said


def test_a_rule_and_headers_count_as_they_would(config, tmp_path, capsys):
    said = explained(
        config,
        tmp_path,
        capsys,
        "--header",
        "X-Session-Id: s-1",
        thinking={"type": "enabled", "budget_tokens": 9},
    )
    assert "rule: deep" in said and "session: s-1" in said
    assert "1. two: rule deep" in said


def test_the_format_is_found_out_or_given_and_stdin_is_a_file(config, tmp_path, capsys, monkeypatch):
    assert "in the format responses" in explained(config, tmp_path, capsys, input="hi")
    assert "in the format chat" in explained(config, tmp_path, capsys, "--format", "chat")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(BODY).encode())))
    assert main(["explain", "-", "--config", str(config), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [step["endpoint"] for step in answer["steps"]] == ["one", "one", "two"]


@pytest.mark.parametrize("text", ["no json", "[]", '{"model": ""}'])
def test_what_is_no_request_is_said(config, tmp_path, capsys, text):
    (tmp_path / "r.json").write_text(text)
    assert main(["explain", str(tmp_path / "r.json"), "--config", str(config)]) == 2
    assert capsys.readouterr().err.startswith("cccc: The request")


def test_a_broken_configuration_is_said(config, tmp_path, capsys):
    config.write_text("endpoints: [{name: a, urll: x}]")
    (tmp_path / "r.json").write_text(json.dumps(BODY))
    assert main(["explain", str(tmp_path / "r.json"), "--config", str(config)]) == 2
    assert "urll" in capsys.readouterr().err


def test_profiles_are_listed_and_put_into_use(config, capsys):
    assert main(["profile", "set", "cost", "--config", str(config)]) == 0
    assert main(["profile", "list", "--config", str(config)]) == 0
    assert capsys.readouterr().out == 'The profile "cost" is in use.\n  balanced\n* cost\n  reliability\n'
    assert main(["profile", "set", "none", "--config", str(config)]) == 0
    assert main(["profile", "set", "costs", "--config", str(config)]) == 2
    assert 'did you mean "cost"' in capsys.readouterr().err
