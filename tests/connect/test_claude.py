from __future__ import annotations

import json
from pathlib import Path

import pytest

from cccc_tui.config.schema import Server
from cccc_tui.connect import claude
from cccc_tui.connect.claude import ClaudeChoice
from cccc_tui.connect.clients import Gateway, Program, find_program, gateway_of, installed, points_at, whose


def choice(**more) -> ClaudeChoice:
    return ClaudeChoice(gateway=Gateway("http://127.0.0.1:8080"), **more)


def said(found, level: str = "") -> str:
    return "\n".join(each.text for each in found.findings if level in ("", each.level))


def settings(own_home: Path, text: str) -> Path:
    path = own_home / ".claude" / "settings.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def test_the_settings_of_the_user_are_written(own_home: Path):
    plan = claude.plan(choice(models={"opus": "big", "haiku": "small", "default": "usual"}), {})
    assert plan.files[0].path == own_home / ".claude" / "settings.json"
    assert json.loads(plan.files[0].after)["env"] == {
        "ANTHROPIC_BASE_URL": "http://127.0.0.1:8080",
        "ANTHROPIC_AUTH_TOKEN": "cccc",
        "ANTHROPIC_DEFAULT_OPUS_MODEL": "big",
        "ANTHROPIC_DEFAULT_HAIKU_MODEL": "small",
        "ANTHROPIC_MODEL": "usual",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "API_TIMEOUT_MS": "600000",
    }


def test_its_own_traffic_may_stay_on():
    assert claude.QUIET not in claude.variables(choice(is_quiet=False))


def test_the_folder_is_that_of_the_environment_the_project_or_the_person(tmp_path: Path, own_home: Path):
    env = {"CLAUDE_CONFIG_DIR": str(tmp_path / "other")}
    assert claude.settings_path(choice(), env) == tmp_path / "other" / "settings.json"
    local = tmp_path / ".claude" / "settings.local.json"
    assert claude.settings_path(choice(project=tmp_path), env) == local
    assert claude.settings_path(choice(project=tmp_path, target=Path("~/x.json")), env) == own_home / "x.json"


def test_another_tools_proxy_is_named_before_it_is_replaced(own_home: Path):
    settings(
        own_home,
        '{"env": {"ANTHROPIC_BASE_URL": "http://u:p@localhost:3456", "ANTHROPIC_MODEL": "deepseek"}}',
    )
    plan = claude.plan(choice(), {})
    assert "http://localhost:3456 (claude-code-router)" in said(plan, "change")
    assert "u:p" not in said(plan)
    assert "ANTHROPIC_MODEL stays deepseek" in said(plan, "info")


@pytest.mark.parametrize("name", claude.BYPASSES)
def test_a_switch_that_goes_around_any_base_url_is_taken_out_and_said(name: str, own_home: Path):
    settings(own_home, json.dumps({"env": {name: "1", "AWS_REGION": "x"}}))
    plan = claude.plan(choice(), {})
    assert name not in json.loads(plan.files[0].after)["env"]
    assert name in said(plan, "change")
    assert name in said(claude.plan(choice(target=Path("t.json")), {name: "1"}), "warning")


def test_an_official_login_is_said_to_stay(own_home: Path):
    settings(own_home, "{}").with_name(".credentials.json").write_text("{}")
    assert "the login stays" in said(claude.plan(choice(), {}), "change")


def test_comments_that_claude_itself_does_not_read_are_a_warning(own_home: Path):
    settings(own_home, '{\n  // mine\n  "model": "opus"\n}\n')
    assert "does not read" in said(claude.plan(choice(), {}), "warning")


def test_stronger_settings_elsewhere_are_a_warning(tmp_path: Path, monkeypatch):
    elsewhere = '{"env": {"ANTHROPIC_BASE_URL": "https://other.example"}}'
    managed = tmp_path / "managed-settings.json"
    managed.write_text(elsewhere)
    monkeypatch.setattr(claude, "MANAGED", {claude.sys.platform: managed})
    local = tmp_path / ".claude" / "settings.local.json"
    local.parent.mkdir()
    local.write_text(elsewhere)
    told = said(claude.plan(choice(), {}), "warning")
    assert f"{managed} wins over it" in told
    assert f"{local} wins over it" in told
    assert str(local) not in said(claude.plan(choice(project=tmp_path), {}), "warning")


def test_a_proxy_that_would_catch_the_way_to_this_computer_is_a_warning():
    caught = claude.plan(choice(), {"HTTP_PROXY": "http://proxy:3128", "NO_PROXY": "example.com"})
    assert "Add to NO_PROXY: 127.0.0.1" in said(caught, "warning")
    assert (
        said(claude.plan(choice(), {"HTTP_PROXY": "http://p:1", "no_proxy": "x,127.0.0.1"}), "warning") == ""
    )


def test_how_it_stands_is_told_from_the_file(own_home: Path):
    assert claude.standing(choice(), {}).points_to == ""
    settings(own_home, '{"env": {"ANTHROPIC_BASE_URL": "http://localhost:8080/"}}')
    assert claude.standing(choice(), {}).is_connected
    settings(own_home, '{"env": {"ANTHROPIC_BASE_URL": "https://other.example"}}')
    found = claude.standing(choice(), {})
    assert (found.is_connected, found.points_to, found.can_undo) == (False, "https://other.example", False)


@pytest.mark.parametrize(
    ("url", "is_ours"),
    [
        ("http://127.0.0.1:8080", True),
        ("http://localhost:8080/v1/", True),
        ("http://127.0.0.1:8081", False),
        ("https://127.0.0.1", False),
        ("http://[::1", False),
        ("", False),
    ],
)
def test_the_gateway_is_known_by_host_and_port(url: str, is_ours: bool):
    assert points_at(url, Gateway("http://127.0.0.1:8080")) is is_ours


def test_an_address_is_shown_without_its_credentials():
    assert whose("https://me:secret@h.example/x?key=1") == "https://h.example/x"


def test_the_address_comes_from_the_configuration():
    assert gateway_of(Server(host="::1", port=9000)).url == "http://[::1]:9000"


def test_the_version_is_what_the_program_says(tmp_path: Path, monkeypatch):
    program = tmp_path / "claude"
    program.write_text("#!/bin/sh\necho '2.1.329 (Claude Code)'\n")
    program.chmod(0o755)
    monkeypatch.setattr("cccc_tui.connect.clients.shutil.which", lambda name: str(program))
    found = find_program("claude")
    assert found is not None
    assert found.version == "2.1.329"
    program.write_text("#!/bin/sh\nexit 3\n")
    again = find_program("claude")
    assert again is not None
    assert again.version == ""


def test_a_program_is_started_once_for_each_installation_and_not_to_be_named_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    program, starts = tmp_path / "claude", tmp_path / "starts"
    program.write_text(f"#!/bin/sh\necho started >> '{starts}'\necho 2.1.329\n")
    program.chmod(0o755)
    monkeypatch.setattr("cccc_tui.connect.clients.shutil.which", lambda name: str(program))
    assert installed("claude") == Program(program, "")
    assert not starts.exists()
    assert (
        find_program("claude") == find_program("claude") == installed("claude") == Program(program, "2.1.329")
    )
    assert starts.read_text() == "started\n"
    program.write_text("#!/bin/sh\necho 2.1.330 by an update\n")
    assert installed("claude") == Program(program, "")
    assert find_program("claude") == Program(program, "2.1.330")


@pytest.mark.parametrize(
    ("text", "models", "asked"),
    [
        ("{}", {}, ""),
        ("{}", {"default": "big"}, "big"),
        ('{"env": {"ANTHROPIC_MODEL": "glm[1m]"}, "model": "opus"}', {}, "glm"),
        ('{"model": "claude-x"}', {}, "claude-x"),
        ('{"model": "opus", "env": {"ANTHROPIC_DEFAULT_OPUS_MODEL": "glm"}}', {}, "glm"),
        ('{"model": "opus"}', {"opus": "big"}, "big"),
        ('{"model": "opusplan"}', {}, ""),
    ],
)
def test_the_model_that_claude_code_will_ask_for(
    text: str, models: dict[str, str], asked: str, tmp_path: Path
):
    path = tmp_path / "settings.json"
    path.write_text(text)
    assert claude.asked_model(choice(target=path, models=models), {}) == asked


def test_the_models_that_stand_are_those_of_the_project_and_else_of_the_user(tmp_path: Path, own_home: Path):
    settings(own_home, '{"env": {"ANTHROPIC_MODEL": "usual", "ANTHROPIC_DEFAULT_OPUS_MODEL": "big"}}')
    project = tmp_path / ".claude" / "settings.local.json"
    project.parent.mkdir()
    project.write_text('{"env": {"ANTHROPIC_MODEL": "here"}}')
    assert claude.standing_models(choice(), {}) == {"default": "usual", "opus": "big"}
    assert claude.standing_models(choice(project=tmp_path), {}) == {"default": "here", "opus": "big"}
    settings(own_home, "{")
    assert claude.standing_models(choice(project=tmp_path), {}) == {"default": "here"}


def test_a_project_is_a_folder_in_which_somebody_works(tmp_path: Path, own_home: Path):
    assert not claude.is_project(tmp_path, {})
    (tmp_path / "CLAUDE.md").touch()
    assert claude.is_project(tmp_path, {})
    (own_home / ".git").mkdir()
    assert not claude.is_project(own_home, {})
    (tmp_path / ".claude").mkdir()
    assert not claude.is_project(tmp_path, {"CLAUDE_CONFIG_DIR": str(tmp_path / ".claude")})
