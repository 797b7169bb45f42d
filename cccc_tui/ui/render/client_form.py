"""What can be chosen for a client, as fields, and the choice with another value in one of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import msgspec

from cccc_tui.connect.codex import CodexChoice
from cccc_tui.connect.launch import Choice
from cccc_tui.locales import N_, _
from cccc_tui.ui.render.fields import Field

MODEL = "model."
"""Before the tier in the id of a model's field."""

TIER_LABELS: dict[str, str] = {
    "default": N_("Model"),
    "opus": N_("Model for opus"),
    "sonnet": N_("Model for sonnet"),
    "haiku": N_("Model for haiku"),
    "fable": N_("Model for fable"),
    "subagent": N_("For subagents"),
}


class Option(NamedTuple):
    """One value that can be picked."""

    value: str
    label: str


def fields_of(choice: Choice) -> list[Field]:
    """The rows of the form."""
    if isinstance(choice, CodexChoice):
        return _codex_fields(choice)
    where = _("this project: {path}").format(path=home_short(str(choice.project))) if choice.project else ""
    return [
        Field(
            "project",
            _("For"),
            where or _("all your projects"),
            _("Your own settings, or those of one project (settings.local.json)."),
            bool(where),
        ),
        *(_model_field(tier, choice.models.get(tier, "")) for tier in TIER_LABELS),
        Field(
            "quiet",
            _("Other traffic"),
            _("off: only requests to cccc") if choice.is_quiet else _("as Claude Code wants"),
            _("Telemetry, update checks and the like, which go past cccc."),
            not choice.is_quiet,
        ),
    ]


def _model_field(tier: str, model: str) -> Field:
    usual = _("Claude Code chooses")
    text = (
        _("What it asks for, unless --model or /model says otherwise.")
        if tier == "default"
        else _("What it asks for when it means {tier}.").format(tier=tier)
    )
    return Field(MODEL + tier, _(TIER_LABELS[tier]), model or usual, text, bool(model))


def _codex_fields(choice: CodexChoice) -> list[Field]:
    return [
        Field(
            MODEL + "default",
            _("Model"),
            choice.model or _("Codex chooses"),
            _("What it asks for, unless --model says otherwise."),
            bool(choice.model),
        ),
        Field(
            "profile",
            _("Profile"),
            choice.profile or _("none: Codex always asks cccc"),
            _("With a name: only when Codex is started as codex --profile NAME"),
            bool(choice.profile),
        ),
        Field(
            "env_key",
            _("Token from"),
            choice.env_key or _("the file (any text will do)"),
            _("A variable of the environment with the token, instead of the file."),
            bool(choice.env_key),
        ),
    ]


def value_of(choice: Choice, field_id: str) -> str:
    """The value as it is typed; empty is the default."""
    if field_id == MODEL + "default" and isinstance(choice, CodexChoice):
        return choice.model
    if isinstance(choice, CodexChoice):
        return choice.profile if field_id == "profile" else choice.env_key
    if field_id.startswith(MODEL):
        return choice.models.get(field_id.removeprefix(MODEL), "")
    if field_id == "quiet":
        return "on" if choice.is_quiet else ""
    return str(choice.project or "")


def with_value(choice: Choice, field_id: str, value: str) -> Choice:
    """The choice with another value; an empty one is the default."""
    value = value.strip()
    if isinstance(choice, CodexChoice):
        key = "model" if field_id.startswith(MODEL) else field_id
        return msgspec.structs.replace(choice, **{key: value})
    if field_id.startswith(MODEL):
        models = {**choice.models, field_id.removeprefix(MODEL): value}
        return msgspec.structs.replace(choice, models={tier: name for tier, name in models.items() if name})
    if field_id == "quiet":
        return msgspec.structs.replace(choice, is_quiet=value == "on")
    return msgspec.structs.replace(choice, project=Path(value).expanduser().absolute() if value else None)


def options_of(choice: Choice, field_id: str, models: Iterable[str], here: Path) -> list[Option]:
    """What can be picked for a field; more may be typed."""
    if field_id.startswith(MODEL):
        usual = _("Codex chooses") if isinstance(choice, CodexChoice) else _("Claude Code chooses")
        return [Option("", usual), *(Option(name, name) for name in models)]
    if field_id == "project":
        here_label = _("this project: {path}").format(path=home_short(str(here)))
        return [Option("", _("all your projects")), Option(str(here), here_label)]
    return []


def complaint_about(field_id: str, value: str) -> str:
    """Why a typed value cannot be."""
    if field_id == "project" and value and not Path(value).expanduser().is_dir():
        return _("There is no folder {path}.").format(path=value)
    return ""


def home_short(text: str) -> str:
    """The text with `~` in the place of the home folder."""
    home = str(Path.home())
    return text.replace(home, "~") if len(home) > 1 else text
