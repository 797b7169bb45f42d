"""Codex: the provider table that leads it to cccc, and what else in its configuration has a say.

Seen on version 0.169: no variable of the environment says where to call; a profile is a file of its own,
`<name>.config.toml`; the old `profile = …` keeps Codex from starting, and so does `wire_api = "chat"` in any provider;
a project's file has no say in providers; a provider without `env_key` sends the bearer token of its table.
"""

from __future__ import annotations

import re
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
    output_of,
    points_at,
    whose,
    with_findings,
)
from cccc_tui.connect.document import MISSING, value_at
from cccc_tui.connect.plan import Finding, Plan, PlanRefused, Wish, plan_file, read_document, read_file
from cccc_tui.locales import _

PROVIDER = "cccc"
TABLE = ("model_providers", PROVIDER)
_PROFILE_END = ".config.toml"


class CodexChoice(msgspec.Struct, frozen=True, kw_only=True):
    """What the person wants."""

    gateway: Gateway
    model: str = ""
    """Empty leaves the choice to Codex."""
    profile: str = ""
    """Only with `codex --profile NAME`; Codex without it stays as it is."""
    env_key: str = ""
    """The variable with the token, instead of the token itself in the file."""
    target: Path | None = None
    """This file instead."""


def folder(env: Mapping[str, str]) -> Path:
    """`$CODEX_HOME`, else `~/.codex`."""
    named = env.get("CODEX_HOME", "")
    return Path(named).expanduser() if named else Path.home() / ".codex"


def config_path(choice: CodexChoice, env: Mapping[str, str]) -> Path:
    """The file that is to be written."""
    if choice.target is not None:
        return choice.target.expanduser()
    return folder(env) / (f"{choice.profile}{_PROFILE_END}" if choice.profile else "config.toml")


def provider(choice: CodexChoice) -> dict[str, Any]:
    """The provider's table. Responses is the one format that Codex still speaks; over HTTP, as cccc does."""
    credential = (
        {"env_key": choice.env_key} if choice.env_key else {"experimental_bearer_token": choice.gateway.token}
    )
    return {
        "name": "cccc",
        "base_url": f"{choice.gateway.url}/v1",
        "wire_api": "responses",
        **credential,
        "supports_websockets": False,
    }


def wishes(choice: CodexChoice) -> tuple[Wish, ...]:
    """The keys to write."""
    table = provider(choice)
    unwanted = {"env_key", "experimental_bearer_token", "requires_openai_auth"} - set(table)
    model = (Wish(("model",), choice.model),) if choice.model else ()
    return (
        Wish(("model_provider",), PROVIDER),
        *model,
        *(Wish((*TABLE, key), value) for key, value in table.items()),
        *(Wish((*TABLE, key), MISSING) for key in sorted(unwanted)),
    )


def arguments(choice: CodexChoice) -> list[str]:
    """Command line options that lead one run of Codex to cccc. The token is not among them: others could read it."""
    table = ", ".join(f"{key} = {_toml(value)}" for key, value in provider(choice).items())
    pairs = [f"model_provider={_toml(PROVIDER)}", f"model_providers.{PROVIDER}={{{table}}}"]
    if choice.model:
        pairs.append(f"model={_toml(choice.model)}")
    return [word for pair in pairs for word in ("-c", pair)]


def plan(choice: CodexChoice, env: Mapping[str, str], find: Find = find_program) -> Plan:
    """What connecting will do. Raises `PlanRefused`; writes nothing."""
    program = find("codex")
    if choice.profile:
        _check_profile(choice.profile, program)
    path = config_path(choice, env)
    file = plan_file(path, "toml", wishes(choice))
    data = _data(path)
    return with_findings(Plan(client="codex", files=(file,)), _all_findings(choice, env, path, data, program))


def standing(choice: CodexChoice, env: Mapping[str, str], find: Find = find_program) -> Standing:
    """How it is set up now. Raises `PlanRefused` for a file that cannot be read."""
    path = config_path(choice, env)
    data = _data(path)
    url = _url(data)
    return Standing(
        client="codex",
        program=find("codex"),
        path=path,
        points_to=url,
        is_connected=points_at(url, choice.gateway),
        can_undo=can_undo(path),
        findings=tuple(_about_file(choice, env, path, data)),
    )


def asked_model(choice: CodexChoice, env: Mapping[str, str]) -> str:
    """The model that Codex will ask for; empty where it chooses one itself. Raises `PlanRefused`."""
    own, base = config_path(choice, env), folder(env) / "config.toml"
    named = (choice.model, *(str(_data(path).get("model") or "") for path in (own, base)))
    return next(filter(None, named), "")


def profiles(env: Mapping[str, str]) -> tuple[str, ...]:
    """The profiles that have a file."""
    names = (path.name.removesuffix(_PROFILE_END) for path in folder(env).glob(f"*{_PROFILE_END}"))
    return tuple(sorted(name for name in names if not complaint_about_profile(name)))


def complaint_about_profile(name: str) -> str:
    """Why a profile cannot have this name; empty if it can."""
    if re.fullmatch(r"[A-Za-z0-9_-]+", name):
        return ""
    return _('"{name}" is no name for a profile: letters, digits, - and _').format(name=name)


def _check_profile(name: str, program: Program | None) -> None:
    if complaint := complaint_about_profile(name):
        raise PlanRefused(complaint)
    if program is not None and not _has_profile_files(program):
        words = _("Codex {version} keeps profiles elsewhere: update it, or connect it without --profile.")
        raise PlanRefused(words.format(version=program.version))


def _has_profile_files(program: Program) -> bool:
    """Whether this Codex reads `<name>.config.toml`; older ones had tables in `config.toml`."""
    said = output_of(program.path, "--help")
    return not said or b".config.toml" in said  # if it does not even start, today's form is the best guess


def _all_findings(
    choice: CodexChoice, env: Mapping[str, str], path: Path, data: Mapping[str, Any], program: Program | None
) -> Iterator[Finding]:
    yield about_program("codex", program)
    yield from _about_change(choice, env, data)
    yield from _about_file(choice, env, path, data)


def _about_change(choice: CodexChoice, env: Mapping[str, str], data: Mapping[str, Any]) -> Iterator[Finding]:
    chosen = data.get("model_provider", "")
    url = _url(data)
    if chosen and chosen != PROVIDER:
        place = f"{chosen}, {whose(url)}" if url else str(chosen)
        words = _("Its provider is {place} now; it will be cccc instead. --undo brings that back.")
        yield Finding("change", words.format(place=place))
    elif url and not points_at(url, choice.gateway):
        words = _("Its requests go to {place} now; they will go to cccc instead. --undo brings that back.")
        yield Finding("change", words.format(place=whose(url)))
    if (folder(env) / "auth.json").exists():
        words = _("It is logged in to OpenAI. While connected it asks cccc; the login stays as it is.")
        yield Finding("change", words)
    if choice.profile:
        words = _("Codex asks cccc only when started as: codex --profile {profile}")
        yield Finding("info", words.format(profile=choice.profile))
    if choice.env_key:
        words = _("Codex needs {name} in its environment; any text will do.")
        yield Finding("info", words.format(name=choice.env_key))


def _about_file(
    choice: CodexChoice, env: Mapping[str, str], path: Path, data: Mapping[str, Any]
) -> Iterator[Finding]:
    yield from _about_obstacles(path, data)
    if choice.profile:
        base = folder(env) / "config.toml"
        base_data = _data(base)
        yield from _about_obstacles(base, base_data)
        if choice.profile in _table(base_data, "profiles"):
            words = _(
                "Codex does not start with this profile while {file} has [profiles.{profile}]: remove it."
            )
            yield Finding("warning", words.format(file=base, profile=choice.profile))
    yield from about_proxies(env, choice.gateway)


def _about_obstacles(path: Path, data: Mapping[str, Any]) -> Iterator[Finding]:
    """What keeps today's Codex from starting at all."""
    if "profile" in data:
        words = _(
            "{path}: today's Codex does not start while there is profile = … in it; it wants --profile."
        )
        yield Finding("warning", words.format(path=path))
    for name, table in _table(data, "model_providers").items():
        if isinstance(table, Mapping) and table.get("wire_api") == "chat" and name != PROVIDER:
            words = _(
                '{path}: today\'s Codex does not start while the provider {name} has wire_api = "chat".'
            )
            yield Finding("warning", words.format(path=path, name=name))


def _data(path: Path) -> Mapping[str, Any]:
    return read_document(path, "toml", read_file(path) or b"")[1].data


def _url(data: Mapping[str, Any]) -> str:
    """The address that the chosen provider has, or the built-in one is sent to."""
    chosen = data.get("model_provider")
    if chosen in (None, "openai"):
        return str(data.get("openai_base_url", ""))
    url = value_at(data, ("model_providers", str(chosen), "base_url"))
    return "" if url is MISSING else str(url)


def _table(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    table = data.get(key)
    return table if isinstance(table, Mapping) else {}


def _toml(value: Any) -> str:
    """As TOML without double quotes, where it can be: the shells of Windows lose them."""
    if isinstance(value, str) and "'" not in value and value.isprintable():
        return f"'{value}'"
    return msgspec.json.encode(value).decode()
