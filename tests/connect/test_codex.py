from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from cccc_tui.connect import codex
from cccc_tui.connect.clients import Gateway, Program
from cccc_tui.connect.codex import CodexChoice
from cccc_tui.connect.plan import PlanRefused


def choice(**more) -> CodexChoice:
    return CodexChoice(gateway=Gateway("http://127.0.0.1:8080"), **more)


def said(found, level: str = "") -> str:
    return "\n".join(each.text for each in found.findings if level in ("", each.level))


def config(own_home: Path, text: str, name: str = "config.toml") -> Path:
    path = own_home / ".codex" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def test_the_provider_and_nothing_else_is_written(own_home: Path):
    plan = codex.plan(choice(), {})
    assert plan.files[0].path == own_home / ".codex" / "config.toml"
    assert tomllib.loads(plan.files[0].after.decode()) == {
        "model_provider": "cccc",
        "model_providers": {
            "cccc": {
                "name": "cccc",
                "base_url": "http://127.0.0.1:8080/v1",
                "wire_api": "responses",
                "experimental_bearer_token": "cccc",
                "supports_websockets": False,
            }
        },
    }


def test_the_token_may_stay_in_the_environment(own_home: Path):
    config(own_home, '[model_providers.cccc]\nexperimental_bearer_token = "x"\nrequires_openai_auth = true\n')
    plan = codex.plan(choice(env_key="MY_TOKEN", model="gpt-5.5"), {})
    written = tomllib.loads(plan.files[0].after.decode())
    assert written["model"] == "gpt-5.5"
    assert written["model_providers"]["cccc"]["env_key"] == "MY_TOKEN"
    assert not {"experimental_bearer_token", "requires_openai_auth"} & set(written["model_providers"]["cccc"])
    assert "needs MY_TOKEN" in said(plan)


def test_the_folder_is_that_of_the_environment(tmp_path: Path):
    assert codex.config_path(choice(), {"CODEX_HOME": str(tmp_path)}) == tmp_path / "config.toml"


def test_a_profile_is_a_file_of_its_own_and_the_configuration_stays(own_home: Path):
    base = config(own_home, 'profile = "old"\n[profiles.work]\nmodel = "x"\n')
    plan = codex.plan(choice(profile="work"), {})
    assert [file.path for file in plan.files] == [base.with_name("work.config.toml")]
    assert "codex --profile work" in said(plan, "info")
    assert "[profiles.work]" in said(plan, "warning")
    assert "profile = …" in said(plan, "warning")


@pytest.mark.parametrize("name", ["../x", "a b", "a/b", "."])
def test_a_name_that_is_no_profile_is_refused(name: str):
    with pytest.raises(PlanRefused, match="is no name for a profile"):
        codex.plan(choice(profile=name), {})


def test_a_codex_that_keeps_profiles_elsewhere_is_said(tmp_path: Path):
    program = tmp_path / "codex"
    program.write_text("#!/bin/sh\necho '  -p, --profile <PROFILE>  from config'\n")
    program.chmod(0o755)
    with pytest.raises(PlanRefused, match=r"Codex 0\.60\.0 keeps profiles elsewhere"):
        codex.plan(choice(profile="work"), {}, lambda name: Program(program, "0.60.0"))


def test_what_stands_there_and_what_changes_is_said(own_home: Path):
    config(own_home, 'model_provider = "r"\n[model_providers.r]\nbase_url = "http://127.0.0.1:8317/v1"\n')
    config(own_home, "{}", "auth.json")
    plan = codex.plan(choice(), {})
    assert "Its provider is r, http://127.0.0.1:8317/v1 (CLIProxyAPI) now" in said(plan, "change")
    assert "the login stays" in said(plan, "change")


def test_what_keeps_codex_from_starting_is_said(own_home: Path):
    config(own_home, 'profile = "x"\n[model_providers.old]\nwire_api = "chat"\n')
    warnings = said(codex.plan(choice(), {}), "warning")
    assert "profile = …" in warnings
    assert "the provider old" in warnings


@pytest.mark.parametrize(
    ("text", "points_to", "is_connected"),
    [
        ("", "", False),
        ('openai_base_url = "http://127.0.0.1:4000/v1"\n', "http://127.0.0.1:4000/v1", False),
        (
            'model_provider = "c"\nmodel_providers.c.base_url = "http://localhost:8080/v1"\n',
            "http://localhost:8080/v1",
            True,
        ),
        ('model_provider = "gone"\n', "", False),
    ],
)
def test_how_it_stands_is_told_from_the_file(own_home: Path, text: str, points_to: str, is_connected: bool):
    config(own_home, text)
    found = codex.standing(choice(), {})
    assert (found.points_to, found.is_connected) == (points_to, is_connected)


def test_the_options_of_one_run_say_the_same_as_the_file_but_for_the_token():
    words = codex.arguments(choice(env_key="T", model="m"))
    assert words[::2] == ["-c"] * 3
    data = tomllib.loads("\n".join(words[1::2]))
    assert data == {
        "model_provider": "cccc",
        "model": "m",
        "model_providers": {"cccc": codex.provider(choice(env_key="T"))},
    }


def test_the_model_that_codex_will_ask_for_is_the_chosen_one_or_what_its_files_say(own_home: Path):
    assert codex.asked_model(choice(), {}) == ""
    config(own_home, 'model = "base"\n')
    assert codex.asked_model(choice(), {}) == codex.asked_model(choice(profile="work"), {}) == "base"
    (own_home / ".codex" / "work.config.toml").write_text('model = "mine"\n')
    assert codex.asked_model(choice(profile="work"), {}) == "mine"
    assert codex.asked_model(choice(model="chosen"), {}) == "chosen"


def test_the_profiles_are_those_that_have_a_file(own_home: Path):
    assert codex.profiles({}) == ()
    for name in ("work.config.toml", "home.config.toml", "config.toml", "no name.config.toml"):
        config(own_home, "", name)
    assert codex.profiles({}) == ("home", "work")
