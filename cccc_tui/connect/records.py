"""What was written into clients' files, kept in the state folder until it is taken back."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

import msgspec

from cccc_tui.config.paths import make_private_folder, replace_bytes, state_folder
from cccc_tui.connect.document import KeyPath
from cccc_tui.connect.plan import ClientName, PlanRefused, Syntax
from cccc_tui.locales import _

PRIVATE = 0o600


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What was done to one file; kept in the state folder, for its owner alone, since it holds the file's text."""

    client: ClientName
    path: str
    """As it was named, absolute."""
    syntax: Syntax
    before: bytes | None
    """What stood there before cccc wrote for the first time, with the owner's edits since; None for no file."""
    after: bytes
    stood: bytes | None = None
    """What `after` was written over: where it still stands, the write was ended in the middle."""
    keys: tuple[KeyPath, ...]
    mode: int = PRIVATE
    """Of the file before."""
    made_folders: tuple[str, ...] = ()
    """Outermost first."""
    backups: tuple[str, ...] = ()
    written_at: str = ""


def records(client: ClientName | None = None) -> tuple[Record, ...]:
    """What can be taken back, for one client or for all."""
    folder = _folder()
    found = []
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else ():
        record = _read(path)
        if client is None or record.client == client:
            found.append(record)
    return tuple(found)


def find_record(path: Path) -> Record | None:
    """The record of one file, if cccc has written it."""
    file = _record_path(path)
    return _read(file) if file.is_file() else None


def forget(record: Record) -> None:
    """Drops the record of what has been taken back."""
    forget_path(Path(record.path))


def forget_path(path: Path) -> None:
    """The same by the file's name."""
    _record_path(path).unlink(missing_ok=True)


def private_mode(mode: int) -> int:
    """The same mode without anything for others: a credential is in the file now."""
    return stat.S_IMODE(mode) & 0o700


def save(record: Record) -> None:
    """Keeps the record of a file in the place of the one before."""
    make_private_folder(_folder())
    replace_bytes(_record_path(Path(record.path)), msgspec.json.encode(record), PRIVATE)


def _read(file: Path) -> Record:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Record)
    except msgspec.DecodeError as error:
        raise PlanRefused(_("{path} is damaged: {reason}").format(path=file, reason=error)) from None


def _folder() -> Path:
    return state_folder() / "connect"


def _record_path(path: Path) -> Path:
    absolute = os.path.abspath(path)  # noqa: PTH100 - a link stays a link here, as `resolve` would not leave it
    digest = hashlib.sha256(absolute.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return _folder() / f"{path.name}-{digest}.json"
