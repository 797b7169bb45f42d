"""`cccc connect`: shows what will change in a client's configuration, asks, writes, checks, and takes it back."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from cccc_tui.cli.arguments import (
    EXIT_FAILED,
    EXIT_OK,
    EXIT_USAGE,
    Commands,
    Given,
    add_command,
    add_config,
    complain,
)
from cccc_tui.locales import N_, _, ngettext

if TYPE_CHECKING:
    from cccc_tui.connect.clients import Standing
    from cccc_tui.connect.launch import Choice
    from cccc_tui.connect.plan import Finding, Plan
    from cccc_tui.connect.records import Record
    from cccc_tui.connect.undo import UndoPlan
    from cccc_tui.connect.verify import Verified

CLIENTS = ("claude", "codex")

_CHOICE = frozenset({"config", "model", "url", "token", "env_key", "with_traffic"})
_WHERE = frozenset({"target", "project", "profile"})
_GOES_WITH = {
    "undo": frozenset({"config", "dry_run", "yes"}) | _WHERE,
    "status": frozenset({"config", "url"}) | _WHERE,
    "script": _CHOICE,
    "print": _CHOICE | _WHERE,
    "dry_run": _CHOICE | _WHERE | {"yes"},
}
"""What else may be asked for with one of these; anything more would be ignored."""

_MARKS = {"info": " ", "change": "*", "warning": "!"}
_ONLY_ONE = {"profile": "codex", "env_key": "codex", "project": "claude", "with_traffic": "claude"}


def add_commands(commands: Commands) -> None:
    parser = add_command(commands, "connect", _("lead Claude Code or Codex to cccc, or back to where it was"))
    parser.add_argument(
        "client",
        nargs="?",
        default=None,
        choices=CLIENTS,
        help=_("which one; without it: how both are set up"),
    )
    for option, text in _SWITCHES.items():
        parser.add_argument(option, action="store_true", help=_(text))
    add_choice(parser)
    parser.add_argument("--profile", metavar=_("NAME"), help=_("Codex: only with `codex --profile NAME`"))
    parser.add_argument("--target", type=Path, metavar=_("PATH"), help=_("write this file instead"))
    parser.add_argument(
        "--project",
        nargs="?",
        type=Path,
        const=Path(),
        metavar=_("FOLDER"),
        help=_("Claude Code: only for the project in this folder, or here"),
    )
    parser.add_argument(
        "--script",
        nargs="?",
        type=Path,
        const=Path(),
        metavar=_("FOLDER"),
        help=_("write launch scripts there (or here) instead; the client's files stay as they are"),
    )


_SWITCHES = {
    "--dry-run": N_("show what would change, and write nothing"),
    "--print": N_("print the keys alone, to be written by hand"),
    "--yes": N_("do not ask"),
    "--undo": N_("put back what stood there; what you have edited since stays"),
    "--status": N_("how it is set up now"),
    "--no-verify": N_("send no request afterwards"),
    "--try": N_("afterwards, run the client itself with a one-line prompt"),
}


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


def connect(given: Given) -> int:
    """`cccc connect`."""
    from cccc_tui.connect.plan import PlanRefused

    client = given.get("client")
    if refusal := _not_together(given):
        complain(refusal)
        return EXIT_USAGE
    try:
        if given.get("undo"):
            return _undo(client, given)
        if client is None or given.get("status"):
            return _status((client,) if client else CLIENTS, given)
        choice = choice_of(client, given)
        if "script" in given:
            return _write_scripts(choice, given["script"])
        return _connect(choice, given)
    except PlanRefused as refused:
        complain(f"cccc: {refused}")
        return EXIT_FAILED


def _not_together(given: Given) -> str:
    """Why these options make no sense together; empty if they do."""
    mode = next((each for each in _GOES_WITH if each in given), "")
    if not mode:
        return ""
    others = sorted(set(given) - _GOES_WITH[mode] - {"client", "command", mode})
    if not others:
        return ""
    words = _("{option} does not go with {mode}.")
    return words.format(option=_option(others[0]), mode=_option(mode))


def _option(name: str) -> str:
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

    for option, only in _ONLY_ONE.items():
        if option in given and only != client:
            words = _("{option} is for {client} only")
            raise PlanRefused(words.format(option=_option(option), client=only))
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


def plan_of(choice: Choice) -> Plan:
    """What connecting will do. Raises `PlanRefused`."""
    from cccc_tui.connect import claude, codex

    if isinstance(choice, codex.CodexChoice):
        return codex.plan(choice, os.environ)
    return claude.plan(choice, os.environ)


def standing_of(choice: Choice) -> Standing:
    """How the client is set up now. Raises `PlanRefused`."""
    from cccc_tui.connect import claude, codex

    if isinstance(choice, codex.CodexChoice):
        return codex.standing(choice, os.environ)
    return claude.standing(choice, os.environ)


def _connect(choice: Choice, given: Given) -> int:
    from cccc_tui.connect.apply import apply

    plan = plan_of(choice)
    if given.get("print"):
        print(_fragment(choice), end="")
        return EXIT_OK
    show_findings(plan.findings)
    if not plan.is_changed:
        print(_("{path} is set up for cccc already.").format(path=plan.files[0].path))
        return EXIT_OK if given.get("dry_run") else _checked(choice, given)
    print(plan.diff(), end="")
    if given.get("dry_run"):
        return EXIT_OK
    if not given.get("yes") and (refusal := not_agreed(_("Write this?"))):
        return refusal
    applied = apply(plan)
    for path in applied.written:
        print(_("Written: {path}").format(path=path))
    for path in applied.backups:
        print(_("What stood there before: {path}").format(path=path))
    print(_("To put it back: {command}").format(command=_undo_command(plan.client, given)))
    return _checked(choice, given)


def _undo_command(client: str, given: Given) -> str:
    """The command that puts back what these options have written."""
    where = [
        word for name in sorted(_WHERE & set(given)) for word in (_option(name), str(_in_full(given[name])))
    ]
    return shlex.join(["cccc", "connect", client, "--undo", *where])


def _in_full(value: str | Path) -> str | Path:
    """A path that means the same in any folder."""
    return value.expanduser().absolute() if isinstance(value, Path) else value


def show_findings(findings: Iterable[Finding]) -> None:
    for finding in findings:
        print(f"{_MARKS[finding.level]} {finding.text}")


def not_agreed(question: str) -> int:
    """Asks; 0 when the person agrees, else the exit status. Without a terminal nobody can agree."""
    if not sys.stdin.isatty():
        complain(_("Nothing is written: without a terminal, agree with --yes."))
        return EXIT_USAGE
    try:
        answer = input(f"{question} [y/N] ").strip().lower()
    except EOFError:  # ctrl+d is a no
        answer = ""
    if answer in ("y", "yes", "j", "ja", "是"):
        return EXIT_OK
    complain(_("Nothing is written."))
    return EXIT_FAILED


def _fragment(choice: Choice) -> str:
    """The keys alone, in the file's own form."""
    from cccc_tui.connect import claude, codex
    from cccc_tui.connect.document import MISSING
    from cccc_tui.connect.plan import plan_bytes

    is_codex = isinstance(choice, codex.CodexChoice)
    wishes = codex.wishes(choice) if isinstance(choice, codex.CodexChoice) else claude.wishes(choice)
    wanted = [wish for wish in wishes if wish.value is not MISSING]
    return plan_bytes(Path(), "toml" if is_codex else "json", None, wanted).after.decode()


def _checked(choice: Choice, given: Given) -> int:
    """The request afterwards; a failure of it is said, but what was to be written is written."""
    from cccc_tui.connect.clients import find_program
    from cccc_tui.connect.codex import CodexChoice
    from cccc_tui.connect.trial import try_client
    from cccc_tui.connect.verify import verify

    is_codex = isinstance(choice, CodexChoice)
    if not given.get("no_verify"):
        model = choice.model if isinstance(choice, CodexChoice) else choice.models.get("default", "")
        verified = verify("codex" if is_codex else "claude", choice.gateway, model)
        _tell(verified)
        if given.get("try") and not verified.is_running:  # both clients would ask again for minutes
            return EXIT_FAILED
    if not given.get("try"):
        return EXIT_OK
    tried = try_client(choice, find_program("codex" if is_codex else "claude"))
    _tell(tried)
    return EXIT_OK if tried.is_ok else EXIT_FAILED


def _tell(verified: Verified) -> None:
    print(f"{'✓' if verified.is_ok else '!'} {verified.sentence}")


def _status(clients: Iterable[str], given: Given) -> int:
    for client in clients:
        own = {key: value for key, value in given.items() if _ONLY_ONE.get(key, client) == client}
        standing = standing_of(choice_of(client, own))
        _show_standing(standing)
        _show_others(standing)
    return EXIT_OK


def _show_standing(standing: Standing) -> None:
    from cccc_tui.connect.clients import title, whose

    program = standing.program
    installed = f"{program.version or '?'} ({program.path})" if program else _("not installed")
    if standing.is_connected:
        state = _("asks cccc")
    elif standing.points_to:
        state = _("asks {place}").format(place=whose(standing.points_to))
    else:
        state = _("asks its own provider")
    print(f"{title(standing.client)} {installed}")
    print(f"  {standing.path}: {state}")
    if standing.can_undo:
        command = f"cccc connect {standing.client} --undo"
        print("  " + _("To put it back: {command}").format(command=command))
    for finding in standing.findings:
        print(f"  {_MARKS[finding.level]} {finding.text}")


def _show_others(standing: Standing) -> None:
    """Other files that cccc has written for this client: of a project, a profile, or where it was told to."""
    from cccc_tui.connect.records import records

    for record in records(standing.client):
        if record.path != str(standing.path.absolute()):
            command = f"cccc connect {standing.client} --undo --target {shlex.quote(record.path)}"
            print(
                "  "
                + _("{path} is written too; to put it back: {command}").format(
                    path=record.path, command=command
                )
            )


def _undo(client: str | None, given: Given) -> int:
    from cccc_tui.connect.records import records
    from cccc_tui.connect.undo import apply_undo

    found = records(client)  # type: ignore[arg-type]  # argparse lets nothing else through
    if _WHERE & set(given):
        path = str(_named_file(client, given))
        found = tuple(each for each in found if each.path == path)
        if not found:
            print(_("Nothing to put back: cccc has not written {path}.").format(path=path))
            return EXIT_OK
    if not found:
        print(_("Nothing to put back: cccc has not written any configuration of it."))
        return EXIT_OK
    plans, status = _undo_plans(found)
    for plan in plans:
        _show_undo(plan)
    if given.get("dry_run") or not plans:
        return status
    if not given.get("yes") and (refusal := not_agreed(_("Put this back?"))):
        return refusal
    for plan in plans:
        apply_undo(plan)
        print(_("Put back: {path}").format(path=plan.path))
    return status


def _undo_plans(found: Iterable[Record]) -> tuple[list[UndoPlan], int]:
    """What can be put back, and the exit status: a file that is broken now does not hold up the others."""
    from cccc_tui.connect.plan import PlanRefused
    from cccc_tui.connect.undo import plan_undo

    plans, status = [], EXIT_OK
    for record in found:
        try:
            plans.append(plan_undo(record))
        except PlanRefused as refused:
            complain(f"cccc: {refused}")
            status = EXIT_FAILED
    return plans, status


def _named_file(client: str | None, given: Given) -> Path:
    """The one file that `--target`, `--project` or `--profile` mean."""
    from cccc_tui.connect import claude, codex

    named = next((only for option, only in _ONLY_ONE.items() if option in given), client or "claude")
    choice = choice_of(client or named, given)
    if isinstance(choice, codex.CodexChoice):
        return codex.config_path(choice, os.environ).absolute()
    return claude.settings_path(choice, os.environ).absolute()


def _show_undo(plan: UndoPlan) -> None:
    if plan.now is None:
        print(_("{path} is gone already.").format(path=plan.path))
    print(plan.diff(), end="")
    if plan.kept:
        names = ", ".join(".".join(key) for key in plan.kept)
        text = ngettext(
            "You have changed {names} since; it stays.",
            "You have changed {names} since; they stay.",
            len(plan.kept),
        )
        print(text.format(names=names))


def _write_scripts(choice: Choice, folder: Path) -> int:
    from cccc_tui.connect.launch import scripts, write_scripts

    written = scripts(choice, folder, os.environ)
    there = [path for path, text in written.items() if path.exists() and path.read_bytes() != text.encode()]
    if there:
        complain(_("{path} is there already, with another text. Nothing is written.").format(path=there[0]))
        return EXIT_FAILED
    write_scripts(written)
    for path in written:
        print(_("Written: {path}").format(path=path))
    return EXIT_OK
