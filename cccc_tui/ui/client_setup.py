"""What the connect screen asks of `connect`: one picture of a client's set-up, and the steps that change it.

Everything here blocks (files, programs, sockets) and runs beside the loop; what goes wrong is a sentence.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from cccc_tui.config.load import load
from cccc_tui.config.schema import Server
from cccc_tui.connect import claude, codex
from cccc_tui.connect.apply import apply
from cccc_tui.connect.claude import ClaudeChoice
from cccc_tui.connect.clients import Find, Gateway, Standing, find_program, gateway_of, installed
from cccc_tui.connect.codex import CodexChoice
from cccc_tui.connect.launch import Choice, asked_model
from cccc_tui.connect.plan import ClientName, Plan, PlanRefused
from cccc_tui.connect.records import find_record
from cccc_tui.connect.trial import try_client as run_client
from cccc_tui.connect.undo import apply_undo, plan_undo
from cccc_tui.connect.verify import verify
from cccc_tui.engine.control import EngineStatus
from cccc_tui.locales import _, ngettext


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """How a client is set up, and what connecting would do."""

    standing: Standing | None = None
    plan: Plan | None = None
    refused: str = ""
    """Why nothing can be written."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a step."""

    is_ok: bool
    sentences: tuple[str, ...]


def gateway_for(status: EngineStatus) -> Gateway:
    """Where cccc listens; where it does not yet, where its configuration wants it to."""
    if status.address:
        return Gateway(status.address)
    config = load(Path(status.config_path)).config
    return gateway_of(config.server if config else Server())


def name_of(choice: Choice) -> ClientName:
    return "codex" if isinstance(choice, CodexChoice) else "claude"


def look(choice: Choice, env: Mapping[str, str], find: Find = find_program) -> Picture:
    """The picture for this choice; writes nothing."""
    standing = None
    try:
        if isinstance(choice, CodexChoice):
            standing = codex.standing(choice, env, find)
            return Picture(standing=standing, plan=codex.plan(choice, env, find))
        standing = claude.standing(choice, env, find)
        return Picture(standing=standing, plan=claude.plan(choice, env, find))
    except PlanRefused as refused:
        return Picture(standing=standing, refused=str(refused))


def look_at_once(choice: Choice, env: Mapping[str, str]) -> Picture:
    """The same without starting anything: the program's version may be missing."""
    return look(choice, env, installed)


def lacks_version(picture: Picture) -> bool:
    """Whether a second look would know more."""
    program = picture.standing.program if picture.standing else None
    return program is not None and not program.version


def write(plan: Plan) -> Report:
    """Applies the plan."""
    if not plan.is_changed:
        words = _("{path} is set up for cccc already.")
        return Report(is_ok=True, sentences=(words.format(path=plan.files[0].path),))
    return _said(lambda: _written(plan))


def take_back(path: Path) -> Report:
    """Puts the file back as it was; what its owner has edited since stays."""
    return _said(lambda: _put_back(path))


def test(choice: Choice) -> Report:
    """One small request, as the client would send it."""
    try:
        model = asked_model(choice, os.environ)
    except PlanRefused as refused:
        return Report(is_ok=False, sentences=(str(refused),))
    verified = verify(name_of(choice), choice.gateway, model)
    return Report(is_ok=verified.is_ok, sentences=(verified.sentence,))


def try_client(choice: Choice) -> Report:
    """Runs the installed program once, with a prompt of one line."""
    tried = run_client(choice, find_program(name_of(choice)))
    return Report(is_ok=tried.is_ok, sentences=(tried.sentence,))


def first_choice(client: ClientName, gateway: Gateway) -> Choice:
    """What is proposed before the person has chosen anything."""
    return CodexChoice(gateway=gateway) if client == "codex" else ClaudeChoice(gateway=gateway)


def _said(step: Callable[[], tuple[str, ...]]) -> Report:
    try:
        return Report(is_ok=True, sentences=step())
    except PlanRefused as refused:
        return Report(is_ok=False, sentences=(str(refused),))
    except OSError as error:
        words = _("{path} cannot be written: {reason}")
        text = words.format(path=error.filename or "?", reason=error.strerror)
        return Report(is_ok=False, sentences=(text,))


def _written(plan: Plan) -> tuple[str, ...]:
    applied = apply(plan)
    written = [_("Written: {path}").format(path=path) for path in applied.written]
    kept = [_("What stood there before: {path}").format(path=path) for path in applied.backups]
    return *written, *kept


def _put_back(path: Path) -> tuple[str, ...]:
    record = find_record(path)
    if record is None:
        return (_("Nothing to put back: cccc has not written {path}.").format(path=path),)
    plan = plan_undo(record)
    apply_undo(plan)
    if plan.now is None:
        return (_("{path} is gone already.").format(path=path),)
    if not plan.kept:
        return (_("Put back: {path}").format(path=path),)
    names = ", ".join(".".join(key) for key in plan.kept)
    text = ngettext(
        "You have changed {names} since; it stays.",
        "You have changed {names} since; they stay.",
        len(plan.kept),
    )
    return _("Put back: {path}").format(path=path), text.format(names=names)
