"""Takes back what was written into a client's files; what their owner has edited since stays."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import msgspec

from cccc_tui.config.locks import locked
from cccc_tui.config.paths import drop_leftovers, replace_bytes
from cccc_tui.connect.document import Broken, Document, KeyPath, Refused
from cccc_tui.connect.merge import restored
from cccc_tui.connect.plan import (
    FilePlan,
    PlanRefused,
    changed_meanwhile,
    diff_of,
    read_document,
    read_file,
    unwritten_is_refused,
)
from cccc_tui.connect.records import Record, forget, private_mode


class UndoPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One file as it stands and as it will be."""

    record: Record
    now: bytes | None
    """None when its owner has removed it: then there is nothing to take back."""
    after: bytes | None
    """None when the file goes, since there was none before."""
    kept: tuple[KeyPath, ...] = ()
    """Keys that cccc had written and that their owner has changed since; they stay."""

    @property
    def path(self) -> Path:
        return Path(self.record.path)

    def diff(self) -> str:
        return "" if self.now == self.after else diff_of(self.path, self.now, self.after)


def plan_undo(record: Record) -> UndoPlan:
    """What taking back will do. Raises `PlanRefused`; writes nothing."""
    now = read_file(Path(record.path))
    if now is None:
        return UndoPlan(record=record, now=None, after=None)
    after, kept = _merged(record, now)
    return UndoPlan(record=record, now=now, after=after, kept=kept)


def apply_undo(plan: UndoPlan) -> None:
    """Writes the file as planned and forgets the record. Raises `PlanRefused` when it has changed since."""
    with unwritten_is_refused(plan.path), locked("connect"):
        if read_file(plan.path) != plan.now:
            raise changed_meanwhile(plan.path)
        _put_back(plan)
        forget(plan.record)
        _clear(plan.record, plan.after)


def _put_back(plan: UndoPlan) -> None:
    record, path = plan.record, plan.path
    if plan.now is None:
        return
    drop_leftovers(path)
    if plan.after is None:
        path.resolve().unlink()
        return
    # Others may read it again only if its text has no more of us in it than before.
    replace_bytes(path, plan.after, private_mode(record.mode) if plan.kept else record.mode)


def text_before(record: Record | None, file: FilePlan) -> bytes | None:
    """What taking back must lead to after `file` is written: what it would lead to now."""
    if record is None or file.before is None:
        return file.before
    return _merged(record, file.before)[0]


def _merged(record: Record, now: bytes) -> tuple[bytes | None, tuple[KeyPath, ...]]:
    path = Path(record.path)
    if now in (record.after, record.stood):
        return record.before, ()
    bom, _document = read_document(path, record.syntax, now)
    read: Callable[[str], Document] = lambda text: read_document(path, record.syntax, text.encode())[1]  # noqa: E731
    try:
        merged = restored(
            read, _text(record.before or b""), _text(record.after), now[len(bom) :].decode(), record.keys
        )
    except (Broken, Refused) as error:
        raise PlanRefused(f"{path}: {error}") from None
    is_ours_alone = record.before is None and not read(merged.text).data and not _notes(merged.text)
    return (None if is_ours_alone else bom + merged.text.encode()), merged.kept


def _notes(text: str) -> str:
    """What the owner wrote into a file without keys: comments."""
    return "".join(line for line in text.split() if line.strip("{}"))


def _text(data: bytes) -> str:
    return data.decode("utf-8-sig")


def _clear(record: Record, restored_to: bytes | None) -> None:
    """Without the backups that are now the file itself, and the folders that were made for it."""
    if restored_to == record.before:
        for backup in map(Path, record.backups):
            with contextlib.suppress(OSError):  # then it stays: the file itself is back
                backup.unlink(missing_ok=True)
    for folder in reversed(record.made_folders):
        try:
            Path(folder).rmdir()
        except OSError:  # its owner has put something in, or removed it
            return
