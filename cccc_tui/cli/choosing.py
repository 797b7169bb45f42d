"""What the person has chosen for a client: the options that say it, and what they mean together."""

from __future__ import annotations

import argparse
import os
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from cccc_tui.cli.arguments import Given, add_config
from cccc_tui.locales import _

if TYPE_CHECKING:
    from cccc_tui.connect.launch import Choice

CLIENTS = ("claude", "codex")

WHERE = frozenset({"target", "project", "profile"})
"""Options that say which file."""

ONLY_ONE = {"profile": "codex", "env_key": "codex", "project": "claude", "with_traffic": "claude"}


def add_choice(parser: argparse.ArgumentParser) -> None:
    """What `connect`, `env` and `run` have in common."""
    add_config(parser)
    parser.add_argument(
        "--model",
        action="append",
        metavar=_("[TIER=]NAME"),
        help=_("the model to ask for; Claude Code: also for default, opus, sonnet, haiku, fable, subagent"),
    )
    parser.add_argument(
        "--url", metavar="URL", help=_("where cccc is, instead of where the configuration says")
    )
    parser.add_argument(
        "--token", metavar=_("TEXT"), help=_("what the client shows to cccc; any text will do")
    )
    parser.add_argument("--env-key", metavar=_("NAME"), help=_("Codex: the variable that holds the token"))
    parser.add_argument(
        "--with-traffic",
        action="store_true",
        help=_("Claude Code: let it send telemetry and look for updates"),
    )


def option_of(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def choice_of(client: str, given: Given) -> Choice:
    """What the person wants, by the arguments and the configuration. Raises `PlanRefused`."""
    from cccc_tui.config.load import load
    from cccc_tui.config.paths import find_config
    from cccc_tui.config.schema import Config
    from cccc_tui.connect.claude import ClaudeChoice
    from cccc_tui.connect.clients import ANY_TOKEN, Gateway, gateway_of
    from cccc_tui.connect.codex import CodexChoice
    from cccc_tui.connect.plan import PlanRefused

    for option, only in ONLY_ONE.items():
        if option in given and only != client:
            words = _("{option} is for {client} only")
            raise PlanRefused(words.format(option=option_of(option), client=only))
    config = load(find_config(given.get("config"))).config or Config()
    token = given.get("token", ANY_TOKEN)
    url = given.get("url", "")
    gateway = Gateway(_base(url), token) if url else gateway_of(config.server, token)
    models = _models(client, given.get("model", ()))
    if client == "codex":
        return CodexChoice(
            gateway=gateway,
            model=models.get("default", ""),
            profile=given.get("profile", ""),
            env_key=given.get("env_key", ""),
            target=given.get("target"),
        )
    return ClaudeChoice(
        gateway=gateway,
        models=models,
        is_quiet=not given.get("with_traffic", False),
        project=given["project"].absolute() if "project" in given else None,
        target=given.get("target"),
    )


def _base(url: str) -> str:
    from urllib.parse import urlsplit

    from cccc_tui.connect.plan import PlanRefused

    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise PlanRefused(_("{url} is no address: http://HOST:PORT").format(url=url))
    return url.rstrip("/").removesuffix("/v1")


def _models(client: str, named: Iterable[str]) -> dict[str, str]:
    from cccc_tui.connect.claude import TIERS
    from cccc_tui.connect.plan import PlanRefused

    models = {}
    for each in named:
        tier, equals, name = each.partition("=")
        if not equals:
            tier, name = "default", each
        if not name or tier not in (TIERS if client == "claude" else ("default",)):
            known = ", ".join(TIERS) if client == "claude" else "default"
            words = _("--model {text}: give NAME, or TIER=NAME with a tier of {known}")
            raise PlanRefused(words.format(text=each, known=known))
        models[tier] = name
    return models


def named_file(client: str | None, given: Given) -> Path:
    """The one file that `--target`, `--project` or `--profile` mean."""
    from cccc_tui.connect import claude, codex

    named = next((only for option, only in ONLY_ONE.items() if option in given), client or "claude")
    choice = choice_of(client or named, given)
    if isinstance(choice, codex.CodexChoice):
        return codex.config_path(choice, os.environ).absolute()
    return claude.settings_path(choice, os.environ).absolute()


def undo_command(client: str, given: Given) -> str:
    """The command that puts back what these options have written."""
    where = [
        word for name in sorted(WHERE & set(given)) for word in (option_of(name), str(_in_full(given[name])))
    ]
    return shlex.join(["cccc", "connect", client, "--undo", *where])


def _in_full(value: str | Path) -> str | Path:
    """A path that means the same in any folder."""
    return value.expanduser().absolute() if isinstance(value, Path) else value
