"""What can be chosen for a client, as settings for people, and the choice with another value in one of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import msgspec

from cccc_tui.connect.codex import CodexChoice, complaint_about_profile
from cccc_tui.connect.launch import Choice
from cccc_tui.locales import N_, _

MODEL = "model."
"""Before the tier in the id of a model's setting."""

TIER_LABELS: dict[str, str] = {
    "default": N_("Model"),
    "opus": N_("Model for opus"),
    "sonnet": N_("Model for sonnet"),
    "haiku": N_("Model for haiku"),
    "fable": N_("Model for fable"),
    "subagent": N_("For subagents"),
}


class Setting(NamedTuple):
    """One thing that can be chosen; all texts are translated."""

    id: str
    label: str
    shown: str
    """Its value for people."""
    help: str
    is_set: bool
    """Whether it says more than its default."""


class Option(NamedTuple):
    """One value that can be picked."""

    value: str
    label: str


def settings_of(choice: Choice) -> list[Setting]:
    """In the order in which they are shown."""
    if isinstance(choice, CodexChoice):
        return _codex_settings(choice)
    where = _("this project: {path}").format(path=home_short(str(choice.project))) if choice.project else ""
    return [
        Setting(
            "project",
            _("For"),
            where or _("all your projects"),
            _("Your own settings, or those of one project (settings.local.json)."),
            bool(where),
        ),
        *(_model_setting(tier, choice.models.get(tier, "")) for tier in TIER_LABELS),
        Setting(
            "quiet",
            _("Other traffic"),
            _("off: only requests to cccc") if choice.is_quiet else _("as Claude Code wants"),
            _("Telemetry, update checks and the like, which go past cccc."),
            not choice.is_quiet,
        ),
    ]


def _model_setting(tier: str, model: str) -> Setting:
    usual = _("Claude Code chooses")
    text = (
        _("What it asks for, unless --model or /model says otherwise.")
        if tier == "default"
        else _("What it asks for when it means {tier}.").format(tier=tier)
    )
    return Setting(MODEL + tier, _(TIER_LABELS[tier]), model or usual, text, bool(model))


def _codex_settings(choice: CodexChoice) -> list[Setting]:
    return [
        Setting(
            MODEL + "default",
            _("Model"),
            choice.model or _("Codex chooses"),
            _("What it asks for, unless --model says otherwise."),
            bool(choice.model),
        ),
        Setting(
            "profile",
            _("Profile"),
            choice.profile or _("none: Codex always asks cccc"),
            _("With a name: only when Codex is started as codex --profile NAME"),
            bool(choice.profile),
        ),
        Setting(
            "env_key",
            _("Token from"),
            choice.env_key or _("the file (any text will do)"),
            _("A variable of the environment with the token, instead of the file."),
            bool(choice.env_key),
        ),
    ]


def value_of(choice: Choice, setting_id: str) -> str:
    """The value as it is typed; empty is the default."""
    if setting_id == MODEL + "default" and isinstance(choice, CodexChoice):
        return choice.model
    if isinstance(choice, CodexChoice):
        return choice.profile if setting_id == "profile" else choice.env_key
    if setting_id.startswith(MODEL):
        return choice.models.get(setting_id.removeprefix(MODEL), "")
    if setting_id == "quiet":
        return "on" if choice.is_quiet else ""
    return str(choice.project or "")


def with_value(choice: Choice, setting_id: str, value: str) -> Choice:
    """The choice with another value; an empty one is the default."""
    value = value.strip()
    if isinstance(choice, CodexChoice):
        key = "model" if setting_id.startswith(MODEL) else setting_id
        return msgspec.structs.replace(choice, **{key: value})
    if setting_id.startswith(MODEL):
        models = {**choice.models, setting_id.removeprefix(MODEL): value}
        return msgspec.structs.replace(choice, models={tier: name for tier, name in models.items() if name})
    if setting_id == "quiet":
        return msgspec.structs.replace(choice, is_quiet=value == "on")
    return msgspec.structs.replace(choice, project=Path(value).expanduser().absolute() if value else None)


def options_of(choice: Choice, setting_id: str, models: Iterable[str], here: Path) -> list[Option]:
    """What can be picked for a setting; more may be typed."""
    if setting_id.startswith(MODEL):
        usual = _("Codex chooses") if isinstance(choice, CodexChoice) else _("Claude Code chooses")
        return [Option("", usual), *(Option(name, name) for name in models)]
    if setting_id == "project":
        here_label = _("this project: {path}").format(path=home_short(str(here)))
        return [Option("", _("all your projects")), Option(str(here), here_label)]
    return []


def complaint_about(setting_id: str, value: str) -> str:
    """Why a typed value cannot be."""
    if setting_id == "project" and value and not Path(value).expanduser().is_dir():
        return _("There is no folder {path}.").format(path=value)
    if setting_id == "profile" and value:
        return complaint_about_profile(value)
    return ""


def home_short(text: str) -> str:
    """The text with `~` in the place of the home folder."""
    home = str(Path.home())
    return text.replace(home, "~") if len(home) > 1 else text
