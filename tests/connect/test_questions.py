"""What is asked before a client is connected, and what an answer means."""

from __future__ import annotations

from pathlib import Path

import pytest

from cccc_tui.connect.claude import TIERS, ClaudeChoice
from cccc_tui.connect.clients import Gateway
from cccc_tui.connect.codex import CodexChoice
from cccc_tui.connect.questions import Answer, model_questions, place_question, read_answer

CLAUDE = ClaudeChoice(gateway=Gateway("http://127.0.0.1:8080"))
CODEX = CodexChoice(gateway=Gateway("http://127.0.0.1:8080"))
NAMES = ("glm-5", "glm-5-air")


def test_every_tier_is_asked_for_with_what_stands_there_and_the_known_names():
    asked = model_questions(CLAUDE, {"haiku": "old"}, NAMES)
    assert [question.id for question in asked] == [f"model.{tier}" for tier in TIERS]
    assert {question.usual for question in asked} == {"Claude Code chooses", "old, as it is"}
    assert asked[3].usual == "old, as it is"
    assert all([option.value for option in question.options] == list(NAMES) for question in asked)


def test_codex_has_one_model():
    (asked,) = model_questions(CODEX, {"default": "gpt-5.5"}, NAMES)
    assert asked.usual == "gpt-5.5, as it is"


def test_a_name_that_nobody_can_type_is_not_offered():
    (asked,) = model_questions(CODEX, {}, ("a b", "\x1b[31m", "fine"))
    assert [option.value for option in asked.options] == ["fine"]


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        ("", Answer("")),
        ("  ", Answer("")),
        ("2", Answer("glm-5-air")),
        (" other-model ", Answer("other-model")),
        ("glm-5[1m]", Answer("glm-5[1m]")),
        ("0", Answer(complaint="There is no number 0 here.")),
        ("3", Answer(complaint="There is no number 3 here.")),
        ("a b", Answer(complaint="A model's name has neither blanks nor control characters in it.")),
        ("\x1b[A", Answer(complaint="A model's name has neither blanks nor control characters in it.")),
    ],
)
def test_an_answer_about_a_model_is_a_number_a_name_or_nothing(typed: str, means: Answer):
    (asked,) = model_questions(CODEX, {}, NAMES)
    assert read_answer(asked, typed) == means


def test_where_no_name_is_known_a_number_is_a_name():
    (asked,) = model_questions(CODEX, {}, ())
    assert read_answer(asked, "7") == Answer("7")


def test_the_settings_may_be_those_of_the_project(tmp_path: Path):
    asked = place_question(CLAUDE, tmp_path, ())
    assert asked.usual == "all your projects"
    assert read_answer(asked, "") == Answer("")
    assert read_answer(asked, "1") == Answer(str(tmp_path))
    assert "no folder" in read_answer(asked, "gone").complaint


def test_a_profile_is_one_that_is_there_a_new_one_or_none():
    asked = place_question(CODEX, Path(), ("home", "work"))
    assert read_answer(asked, "2") == Answer("work")
    assert read_answer(asked, "third") == Answer("third")
    assert read_answer(asked, "") == Answer("")
    assert "is no name for a profile" in read_answer(asked, "my work").complaint
