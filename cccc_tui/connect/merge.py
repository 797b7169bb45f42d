"""The three-way restore: takes our keys back out of a text that its owner may have edited since.

`before` is what stood there, `after` what we wrote, `now` what stands there. Lines that only we changed go back line by
line, so that comments and blank lines come back too; where the owner's edits touch ours, key by key. A key that the
owner has changed since stays as the owner has it.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from cccc_tui.connect.document import (
    MISSING,
    Broken,
    Document,
    KeyPath,
    Refused,
    value_at,
    with_value,
)

Read = Callable[[str], Document]


class Merged(NamedTuple):
    text: str
    kept: tuple[KeyPath, ...]
    """Our keys that the owner has changed since, and that stay."""


def restored(read: Read, before: str, after: str, now: str, keys: Sequence[KeyPath]) -> Merged:
    """`now` with our keys as they were in `before`. Raises `Broken` when `now` cannot be read, and `Refused`."""
    if now == after:
        return Merged(before, ())
    old, ours, theirs = read(before), read(after), read(now)
    edited = [key for key in keys if value_at(theirs.data, key) != value_at(ours.data, key)]
    kept = tuple(key for key in edited if value_at(theirs.data, key) != value_at(old.data, key))
    going_back = [key for key in keys if key not in edited]
    wanted = _wanted(old, theirs, going_back)
    by_line = _merged_lines(before, after, now)
    if by_line is not None and _says(read, by_line, wanted):
        return Merged(by_line, kept)
    return Merged(_by_key(old, theirs, going_back).text, kept)


def _wanted(old: Document, theirs: Document, keys: Sequence[KeyPath]) -> Any:
    """What the restored file must say, without groups that our keys alone had made."""
    data: Any = dict(theirs.data)
    for key in keys:
        if value_at(old.data, key) is not MISSING or value_at(data, key) is not MISSING:
            data = with_value(data, key, value_at(old.data, key))
        for group in _emptied(old, data, key):
            data = with_value(data, group, MISSING)
    return data


def _by_key(old: Document, theirs: Document, keys: Sequence[KeyPath]) -> Document:
    for key in keys:
        was = value_at(old.data, key)
        if was is MISSING:
            theirs = _without(old, theirs.drop(key), key)
            continue
        theirs = theirs.put(key, was)
        raw = old.raw(key)
        if raw is not None and raw != theirs.raw(key):
            theirs = theirs.put_raw(key, raw)  # `0x10` and `16` are the same value
    return theirs


def _without(old: Document, theirs: Document, key: KeyPath) -> Document:
    """Without the groups that our key alone had made; one that was empty before is written as it was."""
    for group in _emptied(old, theirs.data, key):
        if (theirs.raw(group) or "").strip("{} \t\r\n"):
            return theirs  # its owner has written a comment into it
        theirs = theirs.drop(group)
    around = key[:-1]
    raw = old.raw(around) if around and value_at(old.data, around) == {} else None
    if raw is not None and value_at(theirs.data, around) == {} and theirs.raw(around) is not None:
        return theirs.put_raw(around, raw)
    return theirs


def _emptied(old: Document, data: Any, key: KeyPath) -> Iterator[KeyPath]:
    """The groups around `key`, innermost first, that are empty in `data` and were not there before."""
    for depth in range(len(key) - 1, 0, -1):
        group = key[:depth]
        if value_at(data, group) != {} or value_at(old.data, group) is not MISSING:
            return
        yield group
        data = with_value(data, group, MISSING)


def _says(read: Read, text: str, wanted: Any) -> bool:
    try:
        return bool(read(text).data == wanted)
    except (Broken, Refused):
        return False


def _merged_lines(before: str, after: str, now: str) -> str | None:
    """`now` with the lines that we changed as they were; None where the owner's edits touch them."""
    base, ours, theirs = (text.splitlines(keepends=True) for text in (after, before, now))
    back, edits = _hunks(base, ours), _hunks(base, theirs)
    if any(_touch(mine, edit) for mine in back for edit in edits):
        return None
    merged = list(base)
    for hunk in sorted([*back, *edits], key=lambda each: each.start, reverse=True):
        merged[hunk.start : hunk.end] = hunk.lines
    return "".join(merged)


class _Hunk(NamedTuple):
    start: int
    end: int
    lines: list[str]


def _hunks(base: list[str], other: list[str]) -> list[_Hunk]:
    matcher = difflib.SequenceMatcher(None, base, other, autojunk=False)
    return [_Hunk(a, b, other[c:d]) for tag, a, b, c, d in matcher.get_opcodes() if tag != "equal"]


def _touch(one: _Hunk, other: _Hunk) -> bool:
    """Also side by side: which of the two comes first would be a guess."""
    return one.start <= other.end and other.start <= one.end
