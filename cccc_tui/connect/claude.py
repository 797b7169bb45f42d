"""Claude Code: which keys of its settings lead it to cccc, and what else in them has a say.

Seen on version 2.1: `env` in the settings wins over the shell's environment; a project's `settings.local.json` and
`settings.json` win over the user's; `--settings` wins over all of them; the administrator's file over everything.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from cccc_tui.connect.clients import (
    Find,
    Gateway,
    Program,
    Standing,
    about_program,
    about_proxies,
    can_undo,
    find_program,
    points_at,
    whose,
    with_findings,
)
from cccc_tui.connect.document import MISSING, value_at
from cccc_tui.connect.jsonc import JsonDocument
from cccc_tui.connect.plan import (
    Finding,
    Plan,
    PlanRefused,
    Wish,
    plan_file,
    read_document,
    read_file,
)
from cccc_tui.locales import _

BASE_URL = "ANTHROPIC_BASE_URL"
AUTH_TOKEN = "ANTHROPIC_AUTH_TOKEN"
QUIET = "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"
TIMEOUT = "API_TIMEOUT_MS"
TIMEOUT_MS = "600000"

TIERS: dict[str, str] = {
    "default": "ANTHROPIC_MODEL",
    "opus": "ANTHROPIC_DEFAULT_OPUS_MODEL",
    "sonnet": "ANTHROPIC_DEFAULT_SONNET_MODEL",
    "haiku": "ANTHROPIC_DEFAULT_HAIKU_MODEL",
    "fable": "ANTHROPIC_DEFAULT_FABLE_MODEL",
    "subagent": "CLAUDE_CODE_SUBAGENT_MODEL",
}
"""What a model can be chosen for, and the variable that says it."""

ALIASES = frozenset({"default", "best", "opus", "sonnet", "haiku", "fable", "opusplan"})
"""What Claude Code itself turns into the name of a model."""

BYPASSES = (
    "CLAUDE_CODE_USE_BEDROCK",
    "CLAUDE_CODE_USE_VERTEX",
    "CLAUDE_CODE_USE_FOUNDRY",
    "CLAUDE_CODE_USE_MANTLE",
    "CLAUDE_CODE_USE_ANTHROPIC_AWS",
    "CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD",
)
"""Switches to a cloud's own API; with one of them the base URL is not asked at all."""

MANAGED = {
    "linux": Path("/etc/claude-code/managed-settings.json"),
    "darwin": Path("/Library/Application Support/ClaudeCode/managed-settings.json"),
    "win32": Path(r"C:\Program Files\ClaudeCode\managed-settings.json"),
}
"""Where the administrator's settings are."""


class ClaudeChoice(msgspec.Struct, frozen=True, kw_only=True):
    """What the person wants."""

    gateway: Gateway
    models: dict[str, str] = {}
    """By tier, the keys of `TIERS`."""
    is_quiet: bool = True
    """No telemetry, update checks and the like: only requests to cccc."""
    project: Path | None = None
    """Only for this project, in its `.claude/settings.local.json`."""
    target: Path | None = None
    """This file instead."""


def folder(env: Mapping[str, str]) -> Path:
    """`$CLAUDE_CONFIG_DIR`, else `~/.claude`."""
    named = env.get("CLAUDE_CONFIG_DIR", "")
    return Path(named).expanduser() if named else Path.home() / ".claude"


def settings_path(choice: ClaudeChoice, env: Mapping[str, str]) -> Path:
    """The file that is to be written."""
    if choice.target is not None:
        return choice.target.expanduser()
    if choice.project is not None:
        return choice.project / ".claude" / "settings.local.json"
    return folder(env) / "settings.json"


def variables(choice: ClaudeChoice) -> dict[str, str]:
    """The environment that leads Claude Code to cccc."""
    chosen = {TIERS[tier]: model for tier, model in choice.models.items()}
    quiet = {QUIET: "1"} if choice.is_quiet else {}
    return {
        BASE_URL: choice.gateway.url,
        AUTH_TOKEN: choice.gateway.token,
        **chosen,
        **quiet,
        TIMEOUT: TIMEOUT_MS,
    }


def wishes(choice: ClaudeChoice) -> tuple[Wish, ...]:
    """The keys to write. Quiet and time-out stay as they are where the person has set them."""
    return (
        *(Wish(("env", name), MISSING) for name in BYPASSES),
        *(Wish(("env", name), value, name in (QUIET, TIMEOUT)) for name, value in variables(choice).items()),
    )


def plan(choice: ClaudeChoice, env: Mapping[str, str], find: Find = find_program) -> Plan:
    """What connecting will do. Raises `PlanRefused`; writes nothing."""
    path = settings_path(choice, env)
    file = plan_file(path, "json", wishes(choice))
    document = _document(path)
    planned = Plan(client="claude", files=(file,))
    return with_findings(planned, _all_findings(choice, env, path, document, find("claude")))


def standing(choice: ClaudeChoice, env: Mapping[str, str], find: Find = find_program) -> Standing:
    """How it is set up now. Raises `PlanRefused` for a file that cannot be read."""
    path = settings_path(choice, env)
    document = _document(path)
    url = _variable(document.data, BASE_URL)
    return Standing(
        client="claude",
        program=find("claude"),
        path=path,
        points_to=url,
        is_connected=points_at(url, choice.gateway),
        can_undo=can_undo(path),
        findings=tuple(_about_file(choice, env, path, document)),
    )


def asked_model(choice: ClaudeChoice, env: Mapping[str, str]) -> str:
    """The model that Claude Code will ask for; empty where it chooses one itself. Raises `PlanRefused`."""
    data = _document(settings_path(choice, env)).data
    wanted = choice.models.get("default") or _variable(data, TIERS["default"]) or str(data.get("model") or "")
    name = wanted.removesuffix("[1m]")  # which is a wish to Claude Code, not a name
    if name in TIERS:
        return choice.models.get(name) or _variable(data, TIERS[name])
    return "" if name in ALIASES else name


def standing_models(choice: ClaudeChoice, env: Mapping[str, str]) -> dict[str, str]:
    """By tier, what the settings say now; those of the project win over the user's. Raises `PlanRefused`."""
    own, base = settings_path(choice, env), folder(env) / "settings.json"
    data = [_document(own).data]
    if base != own:
        with contextlib.suppress(PlanRefused):  # a broken one has no say, for Claude Code does not read it
            data.append(_document(base).data)
    found = {
        tier: next(filter(None, (_variable(each, name) for each in data)), "") for tier, name in TIERS.items()
    }
    return {tier: model for tier, model in found.items() if model}


def is_project(here: Path, env: Mapping[str, str]) -> bool:
    """Whether somebody works with Claude Code or git in this folder; the home folder is everybody's."""
    own = here / ".claude"
    if here == Path.home() or own == folder(env):
        return False
    return own.is_dir() or (here / ".git").exists() or (here / "CLAUDE.md").is_file()


def _document(path: Path) -> JsonDocument:
    document = read_document(path, "json", read_file(path) or b"")[1]
    assert isinstance(document, JsonDocument)
    return document


def _all_findings(
    choice: ClaudeChoice, env: Mapping[str, str], path: Path, document: JsonDocument, program: Program | None
) -> Iterator[Finding]:
    yield about_program("claude", program)
    yield from _about_change(choice, env, document.data)
    yield from _about_file(choice, env, path, document)


def _about_file(
    choice: ClaudeChoice, env: Mapping[str, str], path: Path, document: JsonDocument
) -> Iterator[Finding]:
    if document.has_comments:
        words = _(
            "Claude Code itself does not read {path} while there are comments or trailing commas in it."
        )
        yield Finding("warning", words.format(path=path))
    yield from _about_kept(choice, document.data)
    yield from _about_stronger(choice, env, path)
    yield from about_proxies(env, choice.gateway)


def _about_change(choice: ClaudeChoice, env: Mapping[str, str], data: Mapping[str, Any]) -> Iterator[Finding]:
    url = _variable(data, BASE_URL)
    if url and not points_at(url, choice.gateway):
        words = _("Its requests go to {place} now; they will go to cccc instead. --undo brings that back.")
        yield Finding("change", words.format(place=whose(url)))
    for name in BYPASSES:
        if _variable(data, name):
            yield Finding(
                "change", _("{name} is taken out: with it cccc would not be asked.").format(name=name)
            )
    if not url and _is_logged_in(env):
        words = _("It is logged in to Anthropic. While connected it asks cccc; the login stays as it is.")
        yield Finding("change", words)


def _about_kept(choice: ClaudeChoice, data: Mapping[str, Any]) -> Iterator[Finding]:
    """What stays in the file and matters all the same."""
    for tier, name in TIERS.items():
        model = _variable(data, name)
        if model and tier not in choice.models:
            words = _("{name} stays {model}: cccc is asked for that model.")
            yield Finding("info", words.format(name=name, model=model))
    if _variable(data, "ANTHROPIC_API_KEY") or value_at(data, ("apiKeyHelper",)) is not MISSING:
        words = _("An API key is set there too. It is sent to cccc as well, which takes it out.")
        yield Finding("info", words)


def _about_stronger(choice: ClaudeChoice, env: Mapping[str, str], path: Path) -> Iterator[Finding]:
    """Settings elsewhere that win over the file."""
    here = choice.project or Path.cwd()
    for other in (
        MANAGED.get(sys.platform),
        here / ".claude" / "settings.local.json",
        here / ".claude" / "settings.json",
    ):
        # A project's own file is the stronger one, so the project's shared one does not matter to it.
        if other is None or other == path or (choice.project and other.name == "settings.json"):
            continue
        url = _other_url(other)
        if url and not points_at(url, choice.gateway):
            words = _("{file} wins over it, and points to {place}.")
            yield Finding("warning", words.format(file=other, place=whose(url)))
    for name in BYPASSES:
        if env.get(name):
            words = _("{name} is set in your environment: with it cccc is not asked. Unset it.")
            yield Finding("warning", words.format(name=name))


def _other_url(path: Path) -> str:
    try:
        return _variable(_document(path).data, BASE_URL)
    except PlanRefused:  # Claude Code does not read it either, and it is not ours to judge
        return ""


def _variable(data: Mapping[str, Any], name: str) -> str:
    value = value_at(data, ("env", name))
    return "" if value is MISSING or value is None else str(value)


def _is_logged_in(env: Mapping[str, str]) -> bool:
    return (folder(env) / ".credentials.json").exists() or bool(env.get("CLAUDE_CODE_OAUTH_TOKEN"))
