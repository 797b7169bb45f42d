"""What can be chosen for a client."""

from pathlib import Path

import pytest

from cccc_tui.connect.claude import TIERS, ClaudeChoice
from cccc_tui.connect.clients import Gateway
from cccc_tui.connect.codex import CodexChoice
from cccc_tui.connect.form import (
    TIER_LABELS,
    complaint_about,
    home_short,
    options_of,
    settings_of,
    value_of,
    with_value,
)

CLAUDE = ClaudeChoice(gateway=Gateway("http://127.0.0.1:8080"))
CODEX = CodexChoice(gateway=Gateway("http://127.0.0.1:8080"))


def test_every_tier_has_its_row():
    assert set(TIER_LABELS) == set(TIERS)


@pytest.mark.parametrize("choice", [CLAUDE, CODEX])
def test_every_setting_can_be_set_and_emptied_again(choice):
    for setting in settings_of(choice):
        value = "on" if setting.id == "quiet" else "/tmp" if setting.id == "project" else "glm-5"
        changed = with_value(choice, setting.id, value)
        assert value_of(changed, setting.id) == value
        assert with_value(changed, setting.id, value_of(choice, setting.id)) == choice


def test_a_model_can_be_picked_from_those_that_are_offered():
    options = options_of(CLAUDE, "model.opus", ("a", "b"), Path("/tmp"))
    assert [option.value for option in options] == ["", "a", "b"]


def test_a_project_is_a_folder_that_is_there(tmp_path):
    assert complaint_about("project", str(tmp_path)) == ""
    assert "no folder" in complaint_about("project", str(tmp_path / "gone"))


def test_the_home_folder_is_written_short():
    assert home_short(f"see {Path.home()}/x") == "see ~/x"
