"""What is asked before a client is connected, and what an answer means: the settings of the form, one by one.

An empty answer leaves a setting as it is, so that enter alone goes through all of them. Nothing here reads or prints.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from cccc_tui.connect.codex import CodexChoice
from cccc_tui.connect.form import MODEL, Option, Setting, complaint_about, options_of, settings_of
from cccc_tui.connect.launch import Choice
from cccc_tui.locales import _


class Question(NamedTuple):
    """One setting, asked for."""

    id: str
    label: str
    help: str
    usual: str
    """What an empty answer means, for people."""
    options: tuple[Option, ...] = ()
    """What can be picked by its number, from 1; something else may be typed."""


class Answer(NamedTuple):
    """What was typed."""

    value: str = ""
    """Empty leaves the setting as it is."""
    complaint: str = ""
    """Why it cannot be; then it is asked again."""


def place_question(choice: Choice, here: Path, places: Iterable[str]) -> Question:
    """For which file: of the user or this project, or of a profile; `places` are the profiles that are there."""
    wanted = "profile" if isinstance(choice, CodexChoice) else "project"
    setting = next(each for each in settings_of(choice) if each.id == wanted)
    options = [*options_of(choice, wanted, (), here), *(Option(name, name) for name in places)]
    return _question(setting, setting.shown, options)


def model_questions(choice: Choice, standing: Mapping[str, str], models: Iterable[str]) -> list[Question]:
    """One for every tier; `standing` is what the client's files say now, `models` what cccc knows."""
    names = [name for name in models if not _complaint_about_name(name)]
    return [
        _question(setting, _usual(setting, standing), options_of(choice, setting.id, names, Path()))
        for setting in settings_of(choice)
        if setting.id.startswith(MODEL)
    ]


def read_answer(question: Question, text: str) -> Answer:
    """What the typed text means."""
    value = text.strip()
    count = len(question.options)
    if value.isdecimal() and count:
        if not 1 <= int(value) <= count:
            return Answer(complaint=_("There is no number {number} here.").format(number=value))
        return Answer(question.options[int(value) - 1].value)
    is_model = question.id.startswith(MODEL)
    complaint = _complaint_about_name(value) if is_model else complaint_about(question.id, value)
    return Answer(complaint=complaint) if complaint else Answer(value)


def _question(setting: Setting, usual: str, options: Iterable[Option]) -> Question:
    picks = tuple(option for option in options if option.value)
    return Question(setting.id, setting.label, setting.help, usual, picks)


def _usual(setting: Setting, standing: Mapping[str, str]) -> str:
    model = standing.get(setting.id.removeprefix(MODEL), "")
    return _("{model}, as it is").format(model=model) if model else setting.shown


def _complaint_about_name(name: str) -> str:
    """Arrow keys and the like arrive as characters where a line is typed."""
    if name.isprintable() and " " not in name:
        return ""
    return _("A model's name has neither blanks nor control characters in it.")
