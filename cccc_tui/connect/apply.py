"""Writes a plan: a dated backup beside each file, the file in one step, and a record by which it can be taken back."""

from __future__ import annotations

import contextlib
import stat
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from cccc_tui.config.locks import locked
from cccc_tui.config.paths import drop_leftovers, make_private_folder, replace_bytes
from cccc_tui.connect.document import KeyPath
from cccc_tui.connect.plan import (
    ClientName,
    FilePlan,
    Plan,
    changed_meanwhile,
    read_file,
    unwritten_is_refused,
)
from cccc_tui.connect.records import PRIVATE, Record, find_record, forget_path, private_mode, save
from cccc_tui.connect.undo import text_before


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """What was written."""

    written: tuple[Path, ...]
    backups: tuple[Path, ...]


def apply(plan: Plan, now: datetime | None = None) -> Applied:
    """Writes every changed file of the plan, or says in a `PlanRefused` why it is left as it is."""
    changed = [file for file in plan.files if file.is_changed]
    backups: list[Path] = []
    for file in changed:
        with unwritten_is_refused(file.path), locked("connect"):
            if read_file(file.path) != file.before:
                raise changed_meanwhile(file.path)
            backups += _apply_file(plan.client, file, now or datetime.now())
    return Applied(written=tuple(file.path for file in changed), backups=tuple(backups))


def _apply_file(client: ClientName, file: FilePlan, now: datetime) -> list[Path]:
    """The backup and the file; after a failure all is as it was."""
    path = file.path.absolute()
    drop_leftovers(path)
    earlier = find_record(path)
    made = [each for each in reversed(path.parents) if not each.exists()]
    backups: list[Path] = []
    try:
        if file.before is not None:
            backups.append(_backup(path, file.before, now))
        record = _record(client, file, earlier, made, backups, now)
        # The record first: what is written must be possible to take back, whatever happens in between.
        save(record)
        make_private_folder(path.parent)
        mode = PRIVATE if file.before is None else private_mode(path.stat().st_mode)
        replace_bytes(path, file.after, mode)
    except OSError:
        _unwind(path, earlier, made, backups)
        raise
    return backups


def _record(
    client: ClientName,
    file: FilePlan,
    earlier: Record | None,
    made: Sequence[Path],
    backups: Sequence[Path],
    now: datetime,
) -> Record:
    path = file.path.absolute()
    mode = PRIVATE if file.before is None else stat.S_IMODE(path.stat().st_mode)
    keys: Sequence[KeyPath] = () if earlier is None else earlier.keys
    return Record(
        client=client,
        path=str(path),
        syntax=file.syntax,
        before=text_before(earlier, file),
        after=file.after,
        stood=file.before,
        keys=tuple(dict.fromkeys([*keys, *file.keys])),
        mode=earlier.mode if earlier else mode,
        made_folders=(earlier.made_folders if earlier else ()) + tuple(map(str, made)),
        backups=(earlier.backups if earlier else ()) + tuple(map(str, backups)),
        written_at=now.isoformat(timespec="seconds"),
    )


def _unwind(path: Path, earlier: Record | None, made: Sequence[Path], backups: Sequence[Path]) -> None:
    """As far as it can be done where something cannot be written."""
    with contextlib.suppress(OSError):
        if earlier is None:
            forget_path(path)
        else:
            save(earlier)
    for backup in backups:
        with contextlib.suppress(OSError):
            backup.unlink()
    for folder in reversed(made):
        with contextlib.suppress(OSError):
            folder.rmdir()


def _backup(path: Path, data: bytes, now: datetime) -> Path:
    """A copy beside the file, for its owner alone; beside the link, where the file is one."""
    name = f"{path.name}.backup-{now:%Y%m%d-%H%M%S}"
    backup, number = path.with_name(name), 1
    while backup.exists():
        number += 1
        backup = path.with_name(f"{name}-{number}")
    replace_bytes(backup, data, PRIVATE)
    return backup
