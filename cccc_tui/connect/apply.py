"""Writes a plan: a dated backup beside each file, the file in one step, and a record by which it can be taken back."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from cccc_tui.config.paths import make_private_folder, replace_bytes
from cccc_tui.connect.document import KeyPath
from cccc_tui.connect.plan import ClientName, FilePlan, Plan, PlanRefused, read_file
from cccc_tui.connect.records import PRIVATE, Record, find_record, private_mode, save
from cccc_tui.connect.undo import text_before
from cccc_tui.locales import _


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """What was written."""

    written: tuple[Path, ...]
    backups: tuple[Path, ...]


def apply(plan: Plan, now: datetime | None = None) -> Applied:
    """Writes every changed file of the plan. Raises `PlanRefused` when a file has changed since the plan was made."""
    changed = [file for file in plan.files if file.is_changed]
    for file in changed:
        if read_file(file.path) != file.before:
            raise PlanRefused(
                _("{path} was changed by someone else just now; nothing is written. Try again.").format(
                    path=file.path
                )
            )
    backups: list[Path] = []
    for file in changed:
        earlier = find_record(file.path)
        record = _record(plan.client, file, earlier, text_before(earlier, file), now or datetime.now())
        backups += [Path(each) for each in record.backups if earlier is None or each not in earlier.backups]
        _write(file, record)
    return Applied(written=tuple(file.path for file in changed), backups=tuple(backups))


def _record(
    client: ClientName, file: FilePlan, earlier: Record | None, before: bytes | None, now: datetime
) -> Record:
    path = file.path.absolute()
    missing = tuple(str(each) for each in reversed(path.parents) if not each.exists())
    mode = PRIVATE if file.before is None else stat.S_IMODE(path.stat().st_mode)
    backup = () if file.before is None else (str(_backup(path, file.before, now)),)
    keys: Sequence[KeyPath] = () if earlier is None else earlier.keys
    return Record(
        client=client,
        path=str(path),
        syntax=file.syntax,
        before=before,
        after=file.after,
        keys=tuple(dict.fromkeys([*keys, *file.keys])),
        mode=earlier.mode if earlier else mode,
        made_folders=(earlier.made_folders if earlier else ()) + missing,
        backups=(earlier.backups if earlier else ()) + backup,
        written_at=now.isoformat(timespec="seconds"),
    )


def _write(file: FilePlan, record: Record) -> None:
    """The record first: what is written must be possible to take back, whatever happens in between."""
    path = Path(record.path)
    save(record)
    make_private_folder(path.parent)
    mode = PRIVATE if file.before is None else private_mode(path.stat().st_mode)
    replace_bytes(path, file.after, mode)


def _backup(path: Path, data: bytes, now: datetime) -> Path:
    """A copy beside the file, for its owner alone; beside the link, where the file is one."""
    name = f"{path.name}.backup-{now:%Y%m%d-%H%M%S}"
    backup, number = path.with_name(name), 1
    while backup.exists():
        number += 1
        backup = path.with_name(f"{name}-{number}")
    replace_bytes(backup, data, PRIVATE)
    return backup
