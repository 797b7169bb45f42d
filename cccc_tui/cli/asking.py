"""`cccc connect` on a terminal: asks, one by one, for what no option says."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cccc_tui.cli.arguments import Given
from cccc_tui.locales import _

if TYPE_CHECKING:
    from cccc_tui.connect.form import Option
    from cccc_tui.connect.launch import Choice
    from cccc_tui.connect.questions import Question

_SAID_BY_OPTIONS = frozenset(
    {"yes", "print", "dry_run", "model", "project", "profile", "target", "env_key", "with_traffic"}
)
"""With one of these the person knows what is wanted, and is asked nothing but whether to write it."""

_LIST_TIMEOUT_S = 10.0
_MAX_ROWS = 3
_INDENT = "  "


def is_to_ask(given: Given) -> bool:
    """Whether somebody sees the questions and can answer them, and the options leave them open."""
    return sys.stdin.isatty() and sys.stdout.isatty() and not _SAID_BY_OPTIONS & set(given)


def ask(choice: Choice, given: Given) -> tuple[Choice, Given]:
    """The choice with the answers in it, and the options that say where. Raises `PlanRefused`; `EOFError` and
    `KeyboardInterrupt` where the person leaves."""
    from cccc_tui.connect.form import with_value
    from cccc_tui.connect.questions import model_questions

    print(_("Enter takes what stands in brackets; ctrl+c leaves everything as it is."))
    choice = _ask_place(choice)
    standing = _standing_models(choice)
    for question in model_questions(choice, standing, _known_models(choice, given)):
        choice = with_value(choice, question.id, _answer(question))
    print()
    return choice, {**given, **_where(choice)}


def _ask_place(choice: Choice) -> Choice:
    from cccc_tui.connect import claude, codex
    from cccc_tui.connect.form import with_value
    from cccc_tui.connect.questions import place_question

    here = Path.cwd()
    if isinstance(choice, codex.CodexChoice):
        places = codex.profiles(os.environ)
    elif claude.is_project(here, os.environ):
        places = ()
    else:
        return choice
    question = place_question(choice, here, places)
    return with_value(choice, question.id, _answer(question))


def _where(choice: Choice) -> Given:
    """The answer as the option that says the same."""
    from cccc_tui.connect.codex import CodexChoice

    name = "profile" if isinstance(choice, CodexChoice) else "project"
    value = getattr(choice, name)
    return {name: value} if value else {}


def _standing_models(choice: Choice) -> dict[str, str]:
    from cccc_tui.connect import claude, codex

    if isinstance(choice, codex.CodexChoice):
        return {"default": codex.asked_model(choice, os.environ)}
    return claude.standing_models(choice, os.environ)


def _known_models(choice: Choice, given: Given) -> tuple[str, ...]:
    """What the running cccc offers; else what its configuration names, and a sentence that says so."""
    from cccc_tui.config.load import load
    from cccc_tui.config.paths import find_config
    from cccc_tui.connect.models import configured_models, offered_models

    if offered := offered_models(choice.gateway, _LIST_TIMEOUT_S):
        return offered
    config = load(find_config(given.get("config"))).config
    names = configured_models(config) if config else ()
    if names:
        words = _("{url} lists no models now; these stand in the configuration.")
    else:
        words = _("{url} lists no models now; type a name, or leave it.")
    print("\n" + words.format(url=choice.gateway.url))
    return names


def _answer(question: Question) -> str:
    """What the person wants; empty leaves it as it is."""
    from cccc_tui.connect.questions import read_answer

    width = shutil.get_terminal_size().columns
    print(f"\n{question.label}: {question.help}")
    for row in rows_of(question.options, width, _MAX_ROWS):
        print(row)
    while True:
        text = input(f"{_INDENT}[{question.usual}] > ")
        if text.strip() == "?" and question.options:
            print("\n".join(rows_of(question.options, width)))
            continue
        answer = read_answer(question, text)
        if not answer.complaint:
            return answer.value
        print(f"{_INDENT}{answer.complaint}")


def rows_of(options: Sequence[Option], width: int, max_rows: int = 0) -> list[str]:
    """The options with their numbers, as many as fit beside each other; with `max_rows` the last row says
    how to see the rest."""
    rows: list[str] = []
    for number, option in enumerate(options, 1):
        cell = f"{number} {option.label}"
        if rows and len(rows[-1]) + 3 + len(cell) < width:
            rows[-1] += f"   {cell}"
        else:
            rows.append(_INDENT + cell)
    if max_rows and len(rows) > max_rows:
        more = _("… ? shows all {count}").format(count=len(options))
        return [*rows[: max_rows - 1], _INDENT + more]
    return rows
