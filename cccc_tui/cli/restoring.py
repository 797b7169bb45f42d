"""`cccc connect --status` and `--undo`: how the clients are set up, and back to where they were."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable
from typing import TYPE_CHECKING

from cccc_tui.cli.arguments import EXIT_FAILED, EXIT_OK, Given, complain, not_agreed
from cccc_tui.cli.choosing import ONLY_ONE, WHERE, choice_of, named_file
from cccc_tui.locales import _, ngettext

if TYPE_CHECKING:
    from cccc_tui.connect.clients import Standing
    from cccc_tui.connect.launch import Choice
    from cccc_tui.connect.plan import Finding
    from cccc_tui.connect.records import Record
    from cccc_tui.connect.undo import UndoPlan

_MARKS = {"info": " ", "change": "*", "warning": "!"}


def show_status(clients: Iterable[str], given: Given) -> int:
    """`cccc connect --status`."""
    for client in clients:
        own = {key: value for key, value in given.items() if ONLY_ONE.get(key, client) == client}
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
            words = _("{path} is written too; to put it back: {command}")
            print("  " + words.format(path=record.path, command=command))


def undo(client: str | None, given: Given) -> int:
    """`cccc connect --undo`."""
    from cccc_tui.connect.records import records
    from cccc_tui.connect.undo import apply_undo

    found = records(client)  # type: ignore[arg-type]  # argparse lets nothing else through
    if WHERE & set(given):
        path = str(named_file(client, given))
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


def standing_of(choice: Choice) -> Standing:
    """How the client is set up now. Raises `PlanRefused`."""
    from cccc_tui.connect import claude, codex

    if isinstance(choice, codex.CodexChoice):
        return codex.standing(choice, os.environ)
    return claude.standing(choice, os.environ)


def show_findings(findings: Iterable[Finding]) -> None:
    for finding in findings:
        print(f"{_MARKS[finding.level]} {finding.text}")
