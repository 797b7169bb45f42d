"""`cccc connect`: asks, shows what will change in a client's configuration, writes, checks, and takes it back."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from cccc_tui.cli.arguments import (
    EXIT_FAILED,
    EXIT_OK,
    EXIT_USAGE,
    Commands,
    Given,
    add_command,
    complain,
    not_agreed,
    nothing_written,
)
from cccc_tui.cli.asking import ask, is_to_ask
from cccc_tui.cli.choosing import CLIENTS, WHERE, add_choice, choice_of, option_of, undo_command
from cccc_tui.cli.restoring import show_findings, show_status, undo
from cccc_tui.locales import N_, _

if TYPE_CHECKING:
    from cccc_tui.connect.launch import Choice
    from cccc_tui.connect.plan import Plan
    from cccc_tui.connect.verify import Verified

_CHOICE = frozenset({"config", "model", "url", "token", "env_key", "with_traffic"})
_GOES_WITH = {
    "undo": frozenset({"config", "dry_run", "yes"}) | WHERE,
    "status": frozenset({"config", "url"}) | WHERE,
    "script": _CHOICE,
    "print": _CHOICE | WHERE,
    "dry_run": _CHOICE | WHERE | {"yes"},
}
"""What else may be asked for with one of these; anything more would be ignored."""


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


def connect(given: Given) -> int:
    """`cccc connect`."""
    from cccc_tui.connect.plan import PlanRefused

    client = given.get("client")
    if refusal := _not_together(given):
        complain(refusal)
        return EXIT_USAGE
    try:
        if given.get("undo"):
            return undo(client, given)
        if client is None or given.get("status"):
            return show_status((client,) if client else CLIENTS, given)
        choice = choice_of(client, given)
        if "script" in given:
            return _write_scripts(choice, given["script"])
        return _ask_and_connect(choice, given) if is_to_ask(given) else _connect(choice, given)
    except PlanRefused as refused:
        complain(f"cccc: {refused}")
        return EXIT_FAILED


def _not_together(given: Given) -> str:
    """Why these options make no sense together; empty if they do."""
    mode = next((each for each in _GOES_WITH if each in given), "")
    if not mode and given.get("client") is None and (more := set(given) - _GOES_WITH["status"] - {"client"}):
        words = _("{option}: say for which client: {clients}")
        return words.format(option=option_of(min(more)), clients=", ".join(CLIENTS))
    if not mode:
        return ""
    others = sorted(set(given) - _GOES_WITH[mode] - {"client", "command", mode})
    if not others:
        return ""
    words = _("{option} does not go with {mode}.")
    return words.format(option=option_of(others[0]), mode=option_of(mode))


def plan_of(choice: Choice) -> Plan:
    """What connecting will do. Raises `PlanRefused`."""
    from cccc_tui.connect import claude, codex

    if isinstance(choice, codex.CodexChoice):
        return codex.plan(choice, os.environ)
    return claude.plan(choice, os.environ)


def _ask_and_connect(choice: Choice, given: Given) -> int:
    try:
        choice, given = ask(choice, given)
    except (EOFError, KeyboardInterrupt) as left:
        return nothing_written(left)
    return _connect(choice, given)


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
    print(_("To put it back: {command}").format(command=undo_command(plan.client, given)))
    return _checked(choice, given)


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
    from cccc_tui.connect.launch import asked_model
    from cccc_tui.connect.trial import try_client
    from cccc_tui.connect.verify import verify

    is_codex = isinstance(choice, CodexChoice)
    if not given.get("no_verify"):
        model = asked_model(choice, os.environ)
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
