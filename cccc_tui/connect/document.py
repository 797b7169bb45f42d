"""A client's configuration as a text in which single keys are set and dropped; every other byte stays.

`jsonc` and `toml_text` implement it. Nothing is trusted: each edited text is read again, and unless it says what it
said before but for the one key, the edit is refused.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol, Self, TypeAlias

KeyPath: TypeAlias = tuple[str, ...]
Value: TypeAlias = Any
"""A plain JSON or TOML value: text, number, boolean, list or mapping."""


class Missing:
    """The type of `MISSING`: `None` is a value in JSON."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING = Missing()


class Broken(Exception):
    """A file that cannot be read as what it should be; it is left alone."""

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.message, self.line, self.column = message, line, column


class Refused(Exception):
    """An edit that cannot be made without harm; the text is the sentence that says why."""


class Document(Protocol):
    """One text and what it says."""

    @property
    def text(self) -> str: ...

    @property
    def data(self) -> Mapping[str, Any]: ...

    def put(self, path: KeyPath, value: Value) -> Self:
        """With `value` at `path`, its parents made where they are missing. Raises `Refused`."""
        ...

    def put_raw(self, path: KeyPath, raw: str) -> Self:
        """With the value at `path`, which must be there, written as `raw`."""
        ...

    def drop(self, path: KeyPath) -> Self:
        """Without the key at `path`; itself when there is none."""
        ...

    def raw(self, path: KeyPath) -> str | None:
        """The value at `path` as it is written; None where it is not written as one piece."""
        ...


class Change(NamedTuple):
    """A piece of a text and what comes in its place."""

    start: int
    end: int
    text: str


def changed(text: str, changes: list[Change]) -> str:
    """The text with all changes made; they must not overlap."""
    for change in sorted(changes, reverse=True):
        text = text[: change.start] + change.text + text[change.end :]
    return text


def value_at(data: Any, path: KeyPath) -> Any:
    """The value at `path`, or `MISSING`."""
    for key in path:
        if not isinstance(data, Mapping) or key not in data:
            return MISSING
        data = data[key]
    return data


def with_value(data: Mapping[str, Any], path: KeyPath, value: Any) -> dict[str, Any]:
    """A copy with `value` at `path`; `MISSING` takes the key out. Raises `Refused` where a parent is no mapping."""
    result: dict[str, Any] = copy.deepcopy(dict(data))
    inner: Any = result
    for depth, key in enumerate(path[:-1], 1):
        inner = inner.setdefault(key, {})
        if not isinstance(inner, dict):
            raise Refused(f"{'.'.join(path[:depth])} is not a group of keys there")
    inner.pop(path[-1], None)
    if value is not MISSING:
        inner[path[-1]] = value
    return result


def line_and_column(text: str, position: int) -> tuple[int, int]:
    """Both counted from 1."""
    before = text[:position]
    return before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1


def line_end_of(text: str) -> str:
    """The line end that the text uses."""
    return "\r\n" if "\r\n" in text else "\n"


def sure(before: Document, path: KeyPath, value: Any, edit: Callable[[], Document]) -> Document:
    """What `edit` makes, if it says `value` at `path` and else what `before` says. Raises `Refused`."""
    expected = with_value(before.data, path, value)
    try:
        result = edit()
    except Broken:
        raise Refused(_would_break(path)) from None
    for depth in range(len(path), 0, -1):
        if result.data == expected:
            return result
        # A TOML table is made by its keys, so the last one takes its empty parents along.
        if value is MISSING and value_at(expected, path[: depth - 1]) == {} and depth > 1:
            expected = with_value(expected, path[: depth - 1], MISSING)
    raise Refused(_would_break(path))


def _would_break(path: KeyPath) -> str:
    return f"{'.'.join(path)} cannot be changed there without changing more: edit the file by hand"
