"""Clients led to cccc without a file of theirs being touched: for one shell, for one run, or by a script."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

import msgspec

from cccc_tui.config.paths import replace_bytes
from cccc_tui.connect import claude, codex
from cccc_tui.connect.claude import ClaudeChoice
from cccc_tui.connect.codex import CodexChoice

Shell = Literal["sh", "fish", "powershell", "cmd"]
Choice = ClaudeChoice | CodexChoice

TOKEN_VARIABLE = "CCCC_TOKEN"
"""Where Codex finds the token when nothing is written: the process list does not show it there."""

_SCRIPTS: dict[str, Shell] = {"ccc.sh": "sh", "ccc.command": "sh", "ccc.bat": "cmd"}


class Launch(NamedTuple):
    """How to start a client so that it asks cccc."""

    variables: dict[str, str]
    removed: tuple[str, ...]
    """Variables that would lead it elsewhere."""
    command: tuple[str, ...]
    """The program and its options; what the person adds comes behind."""


def launch(choice: Choice, env: Mapping[str, str]) -> Launch:
    """The environment and the options for one run."""
    exempt = _exempt(choice.gateway.url, env)
    if isinstance(choice, CodexChoice):
        named = choice.env_key or TOKEN_VARIABLE
        choice = msgspec.structs.replace(choice, env_key=named)
        return Launch({named: choice.gateway.token, **exempt}, (), ("codex", *codex.arguments(choice)))
    variables = claude.variables(choice)
    # Settings win over the environment, and `--settings` over them; the token is not among them, for the process
    # list would show it: one that stands in the settings is sent instead, and cccc takes out any.
    overriding = {name: value for name, value in variables.items() if name != claude.AUTH_TOKEN}
    overriding |= dict.fromkeys(claude.BYPASSES, "")
    settings = _quotable(msgspec.json.encode({"env": overriding}).decode())
    return Launch({**variables, **exempt}, claude.BYPASSES, ("claude", "--settings", settings))


def asked_model(choice: Choice, env: Mapping[str, str]) -> str:
    """The model that the client will ask for; empty where it chooses one itself. Raises `PlanRefused`."""
    return (
        codex.asked_model(choice, env) if isinstance(choice, CodexChoice) else claude.asked_model(choice, env)
    )


def environment(wanted: Launch, env: Mapping[str, str]) -> dict[str, str]:
    """The whole environment of that run."""
    return {name: value for name, value in env.items() if name not in wanted.removed} | wanted.variables


def shell_lines(choice: Choice, shell: Shell, env: Mapping[str, str]) -> str:
    """Lines that a shell evaluates: variables for Claude Code; for Codex, which heeds none, a command of its name."""
    wanted = launch(choice, env)
    lines = [_removal(name, shell) for name in wanted.removed if name in env]
    lines += [_assignment(name, value, shell) for name, value in wanted.variables.items()]
    if isinstance(choice, CodexChoice):
        lines.append(_function(wanted.command, shell))
    return "\n".join(lines)


def scripts(choice: Choice, folder: Path, env: Mapping[str, str]) -> dict[Path, str]:
    """The launch scripts by path: one for shells, the same for a double click on macOS, one for Windows."""
    wanted = launch(choice, env)
    suffix = "-codex" if isinstance(choice, CodexChoice) else ""
    return {
        folder / name.replace("ccc", f"ccc{suffix}"): _script(wanted, shell)
        for name, shell in _SCRIPTS.items()
    }


def write_scripts(written: Mapping[Path, str]) -> None:
    """Writes them, for their owner alone, ready to be run."""
    for path, text in written.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_bytes(path, text.encode(), 0o700)


def _quotable(text: str) -> str:
    """JSON without the characters that cmd heeds even so: for it, each inner quote ends what is quoted."""
    return re.sub(r"[&|<>^%!]", lambda found: f"\\u{ord(found[0]):04x}", text)


def _exempt(url: str, env: Mapping[str, str]) -> dict[str, str]:
    """NO_PROXY with cccc's host in it, where a proxy is set that would catch the way to it."""
    host = urlsplit(url).hostname or ""
    if not any(env.get(name) for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")):
        return {}
    listed = env.get("NO_PROXY") or env.get("no_proxy") or ""
    if host in listed.split(","):
        return {}
    value = f"{listed},{host}".lstrip(",")
    return {"NO_PROXY": value, "no_proxy": value}


def _script(wanted: Launch, shell: Shell) -> str:
    lines = [_assignment(name, value, shell) for name, value in wanted.variables.items()]
    removals = [_removal(name, shell) for name in wanted.removed]
    if shell == "cmd":
        command = _words(wanted.command, shell)
        # In a file `%` begins a variable; at the prompt, and in what `for /f` reads, it does not.
        lines = ["@echo off", "setlocal", *removals, *(line.replace("%", "%%") for line in (*lines, command))]
        lines[-1] += " %*"
        return "".join(f"{line}\r\n" for line in lines)
    lines = ["#!/bin/sh", *removals, *lines]
    lines.append(f'exec {_words(wanted.command, shell)} "$@"')
    return "".join(f"{line}\n" for line in lines)


def _removal(name: str, shell: Shell) -> str:
    match shell:
        case "fish":
            return f"set -e {name};"
        case "powershell":
            return f"Remove-Item Env:{name} -ErrorAction SilentlyContinue"
        case "cmd":
            return f'set "{name}="'
    return f"unset {name}"


def _assignment(name: str, value: str, shell: Shell) -> str:
    match shell:
        case "fish":
            return f"set -gx {name} {_quoted(value, shell)};"
        case "powershell":
            return f"$env:{name} = {_quoted(value, shell)}"
        case "cmd":
            return f'set "{name}={value}"'
    return f"export {name}={_quoted(value, shell)}"


def _function(command: tuple[str, ...], shell: Shell) -> str:
    name, words = command[0], _words(command, shell)
    match shell:
        case "fish":
            return f"function {name}; command {words} $argv; end"
        case "powershell":
            found = f"(Get-Command -CommandType Application {name})[0]"
            return f"function {name} {{ & {found} {_words(command[1:], shell)} @args }}"
        case "cmd":
            return f"doskey {name}={words} $*"
    return f'{name}() {{ command {words} "$@"; }}'


def _words(words: tuple[str, ...], shell: Shell) -> str:
    return " ".join(_quoted(word, shell) for word in words)


def _quoted(text: str, shell: Shell) -> str:
    if shell in ("sh", "fish"):
        return shlex.quote(text)
    if shell == "powershell":
        return "'" + text.replace("'", "''") + "'"
    if not any(mark in text for mark in ' "&|<>^'):
        return text
    return '"' + text.replace('"', '\\"') + '"'
