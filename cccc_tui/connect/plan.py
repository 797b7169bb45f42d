"""What will be written into a client's files: the exact new bytes, the diff, and what a person should know first.

A plan is made without writing anything, shown, and then applied (`apply`) or forgotten.
"""

from __future__ import annotations

import difflib
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from cccc_tui.connect.document import (
    MISSING,
    Broken,
    Document,
    KeyPath,
    Refused,
    Value,
    value_at,
)
from cccc_tui.connect.jsonc import JsonDocument
from cccc_tui.connect.masking import masked
from cccc_tui.connect.toml_text import TomlDocument
from cccc_tui.locales import _

Syntax = Literal["json", "toml"]
ClientName = Literal["claude", "codex"]
Level = Literal["info", "change", "warning"]

_BOM = b"\xef\xbb\xbf"
_MAX_BYTES = 4 * 1024 * 1024


class PlanRefused(Exception):
    """Nothing is written; the text is the sentence that says why, with file and line."""


def changed_meanwhile(path: Path) -> PlanRefused:
    """For a file that is no longer what was planned for."""
    words = _("{path} was changed by someone else just now; nothing is written. Try again.")
    return PlanRefused(words.format(path=path))


@contextmanager
def unwritten_is_refused(path: Path) -> Iterator[None]:
    """What the system does not let be written, a full disk or a read-only folder, as `PlanRefused`."""
    try:
        yield
    except OSError as error:
        named = Path(str(error.filename)) if error.filename else path
        shown = path if named.parent == path.resolve().parent else named
        words = _("{path} cannot be written: {reason}. Nothing is changed.")
        raise PlanRefused(words.format(path=shown, reason=error.strerror or error)) from None


class Wish(NamedTuple):
    """One key as it should be."""

    path: KeyPath
    value: Value
    """`MISSING` takes the key out."""
    only_if_missing: bool = False
    """A value that stands there already is left."""


class Finding(msgspec.Struct, frozen=True):
    """One sentence about what stands there, or what changes for the user."""

    level: Level
    text: str


class FilePlan(msgspec.Struct, frozen=True, kw_only=True):
    """One file before and after."""

    path: Path
    """As the client names it; may be a symbolic link."""
    syntax: Syntax
    before: bytes | None
    """None where there is no file yet."""
    after: bytes
    keys: tuple[KeyPath, ...]
    """The keys that are set or taken out."""

    @property
    def is_changed(self) -> bool:
        return self.before != self.after

    def diff(self) -> str:
        """A unified diff, secrets masked; empty when nothing changes."""
        return diff_of(self.path, self.before, self.after)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that connecting a client will do."""

    client: ClientName
    files: tuple[FilePlan, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def is_changed(self) -> bool:
        return any(file.is_changed for file in self.files)

    def diff(self) -> str:
        return "".join(file.diff() for file in self.files)


def plan_file(path: Path, syntax: Syntax, wishes: Iterable[Wish]) -> FilePlan:
    """The file with the wishes fulfilled. Raises `PlanRefused`; writes nothing."""
    before = read_file(path)
    return plan_bytes(path, syntax, before, wishes)


def plan_bytes(path: Path, syntax: Syntax, before: bytes | None, wishes: Iterable[Wish]) -> FilePlan:
    """The same for bytes that are known already."""
    bom, document = read_document(path, syntax, before or b"")
    keys = []
    for wish in wishes:
        stands = value_at(document.data, wish.path)
        if stands == wish.value or (wish.only_if_missing and stands is not MISSING):
            continue
        try:
            is_drop = wish.value is MISSING
            document = document.drop(wish.path) if is_drop else document.put(wish.path, wish.value)
        except Refused as refused:
            raise PlanRefused(f"{path}: {refused}") from None
        keys.append(wish.path)
    after = bom + document.text.encode() if keys else before or b""
    return FilePlan(path=path, syntax=syntax, before=before, after=after, keys=tuple(keys))


def read_file(path: Path) -> bytes | None:
    """The file's bytes; None where there is none. Raises `PlanRefused` for what is no file that may be edited."""
    try:
        if path.is_symlink() and not path.exists():
            _nothing_behind(path)
            return None
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise PlanRefused(_("{path} is no file.").format(path=path))
        if not status.st_mode & stat.S_IWUSR:
            raise PlanRefused(
                _("{path} is read-only, so it is left alone. To let cccc change it: chmod u+w {path}").format(
                    path=path
                )
            )
        if status.st_size > _MAX_BYTES:
            raise PlanRefused(_("{path} is larger than 4 MiB.").format(path=path))
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except (
        OSError,
        RuntimeError,
    ) as error:  # a loop of links is the latter until 3.12
        reason = getattr(error, "strerror", None) or str(error)
        raise PlanRefused(_("{path} cannot be read: {reason}").format(path=path, reason=reason)) from None


def _nothing_behind(link: Path) -> None:
    """A link to a file that is still to be made is fine, if its folder is there."""
    try:
        target = link.resolve(strict=True)
    except FileNotFoundError:
        target = link.resolve()
    if not target.parent.is_dir():
        words = _("{path} is a link to {target}, whose folder is not there.")
        raise PlanRefused(words.format(path=link, target=target))


def read_document(path: Path, syntax: Syntax, data: bytes) -> tuple[bytes, Document]:
    """The byte order mark and the document. Raises `PlanRefused` with file and line."""
    bom = _BOM if data.startswith(_BOM) else b""
    try:
        text = data[len(bom) :].decode()
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise PlanRefused(_left_alone(path, line, 0, _("is not UTF-8 text"))) from None
    try:
        return bom, JsonDocument(text) if syntax == "json" else TomlDocument(text)
    except Broken as broken:
        raise PlanRefused(_left_alone(path, broken.line, broken.column, broken.message)) from None


def _left_alone(path: Path, line: int, column: int, message: str) -> str:
    place = ":".join(str(each) for each in (path, line, column) if each)
    return _("{place}: {message}. The file is left as it is; mend it first.").format(
        place=place, message=message
    )


def diff_of(path: Path, before: bytes | None, after: bytes | None) -> str:
    """A unified diff of two states of a file, None being no file; secrets masked."""
    old, new = (_lines(data) for data in (before, after))
    lines = difflib.unified_diff(
        old, new, "/dev/null" if before is None else str(path), "/dev/null" if after is None else str(path)
    )
    return "".join(masked(line) if line.endswith("\n") else f"{masked(line)}\n" for line in lines)


def _lines(data: bytes | None) -> list[str]:
    text = (data or b"").decode("utf-8", "replace").replace("\r\n", "\n").removeprefix("\ufeff")
    return text.splitlines(keepends=True)
