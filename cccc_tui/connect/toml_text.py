"""TOML edited as text: one key at a time, and not a byte beside it.

Python's own `tomllib` says whether the text is valid and what it says; here is only where each key is written.

tomlkit would write too, but it tears comments from what they are about. Its version 0.15 makes, of a file that says
`a.b = 1`, blank line, `# about t`, `[t]`, with a top-level key added, `# about t`, `k = 1`, blank line, `[t]`; and with
the table `[p.cccc]` taken out, a comment below it that is about the next table goes too. Its tests here,
`tests/connect/test_toml_text.py`, show both, and fail when tomlkit has learned better.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from cccc_tui.connect.document import (
    MISSING,
    Broken,
    Change,
    KeyPath,
    Refused,
    Value,
    changed,
    line_and_column,
    line_end_of,
    sure,
    value_at,
)

_BLANK = re.compile(r"[ \t]*")
_TRIVIA = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_KEY_PART = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""")
_DOT = re.compile(r"[ \t]*\.[ \t]*")
_STRING = re.compile(
    r'''"""(?:[^\\]|\\.)*?"""(?:"{0,2})|\'\'\'.*?\'\'\'(?:'{0,2})|"(?:[^"\\\n]|\\.)*"|'[^'\n]*\'''',
    re.DOTALL,
)
_PLAIN = re.compile(r"[^,\]}#\r\n]+")
_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)$")
_IN_ARRAY = "[]"
"""Ends the path of an array's table, so that no key path reaches into it."""


class Node(NamedTuple):
    """A value and where it is written."""

    start: int
    end: int
    pairs: tuple[Pair, ...] | None = None
    """Of an inline table, its pairs."""


class Pair(NamedTuple):
    """`key = value`, at the top, in a table, or in an inline table."""

    path: KeyPath
    """The whole path, the table's included."""
    key: KeyPath
    """The part of it that is written here."""
    start: int
    node: Node


class Table(NamedTuple):
    """A section: its header's line (none for the top) and its pairs."""

    path: KeyPath
    start: int
    header_end: int
    pairs: list[Pair]


class TomlDocument:
    """One TOML text. Raises `Broken`."""

    def __init__(self, text: str) -> None:
        self.text = text
        try:
            self._data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise _broken(str(error), text) from None
        except RecursionError:
            raise Broken("is nested too deeply") from None
        self._tables = _Scanner(text).tables()

    @property
    def data(self) -> Mapping[str, Any]:
        return self._data

    def put(self, path: KeyPath, value: Value) -> TomlDocument:
        return self._sure(path, value, lambda: TomlDocument(changed(self.text, self._put(path, value))))

    def put_raw(self, path: KeyPath, raw: str) -> TomlDocument:
        pair = self._pair(path)
        if pair is None:
            raise Refused(f"{'.'.join(path)} is not there")
        return TomlDocument(changed(self.text, [Change(pair.node.start, pair.node.end, raw)]))

    def drop(self, path: KeyPath) -> TomlDocument:
        if value_at(self._data, path) is MISSING:
            return self
        return self._sure(path, MISSING, lambda: TomlDocument(changed(self.text, self._drop(path))))

    def raw(self, path: KeyPath) -> str | None:
        pair = self._pair(path)
        return self.text[pair.node.start : pair.node.end] if pair else None

    def _sure(self, path: KeyPath, value: Any, edit: Any) -> TomlDocument:
        result = sure(self, path, value, edit)
        assert isinstance(result, TomlDocument)
        return result

    def _pairs(self) -> Iterator[Pair]:
        for table in self._tables:
            yield from _with_inner(table.pairs)

    def _pair(self, path: KeyPath) -> Pair | None:
        return next((pair for pair in self._pairs() if pair.path == path), None)

    def _put(self, path: KeyPath, value: Value) -> list[Change]:
        if pair := self._pair(path):
            return [Change(pair.node.start, pair.node.end, _encoded(value))]
        if inline := self._inline_around(path):
            return [self._into_inline(inline, path, value)]
        for table in self._tables:
            if table.path == path[:-1]:
                return [self._into_table(table, path[-1:], value)]
        if dotted := self._dotted_beside(path):
            table, relative = dotted
            return [self._into_table(table, relative, value)]
        return [self._new_table(path, value)]

    def _inline_around(self, path: KeyPath) -> Pair | None:
        """The innermost inline table in which the path must be."""
        around = [
            pair
            for pair in self._pairs()
            if pair.node.pairs is not None and pair.path == path[: len(pair.path)]
        ]
        return max(around, key=lambda pair: len(pair.path), default=None)

    def _into_inline(self, inline: Pair, path: KeyPath, value: Value) -> Change:
        assert inline.node.pairs is not None
        written = f"{_key(path[len(inline.path) :])} = {_encoded(value)}"
        if inline.node.pairs:
            end = inline.node.pairs[-1].node.end
            return Change(end, end, f", {written}")
        return Change(inline.node.start + 1, inline.node.end - 1, f" {written} ")

    def _into_table(self, table: Table, key: KeyPath, value: Value) -> Change:
        """Behind the table's last pair, indented like that."""
        if not table.pairs:
            at, indent = table.header_end, ""
        else:
            last = table.pairs[-1]
            at = self._line_end(last.node.end)
            indent = self.text[self.text.rfind("\n", 0, last.start) + 1 : last.start]
        if not table.path and not table.pairs:
            at = self._behind_the_head()
        line = f"{indent}{_key(key)} = {_encoded(value)}"
        end = line_end_of(self.text)
        if at and self.text[at - 1] != "\n":
            return Change(at, at, end + line)
        needs_gap = not table.pairs and not table.path and self.text[at : at + 1] not in ("", "\r", "\n")
        return Change(at, at, line + end + (end if needs_gap else ""))

    def _behind_the_head(self) -> int:
        """Where a first top-level key goes: behind the comment that opens the file, if a blank line ends it."""
        head = re.match(r"(?:[ \t]*#[^\n]*\n)+[ \t]*\r?\n", self.text)
        return head.end() if head else 0

    def _dotted_beside(self, path: KeyPath) -> tuple[Table, KeyPath] | None:
        """The table whose dotted keys make the parent of the path."""
        for table in self._tables:
            for pair in table.pairs:
                if len(pair.key) > 1 and pair.path[:-1] == path[:-1]:
                    return table, path[len(table.path) :]
        return None

    def _new_table(self, path: KeyPath, value: Value) -> Change:
        """At the end; a file that does not end its last line goes on not doing so."""
        end = line_end_of(self.text)
        table = f"[{_key(path[:-1])}]{end}{_key(path[-1:])} = {_encoded(value)}"
        at = len(self.text)
        if not self.text.strip():
            return Change(0, at, table + end)
        if self.text.endswith("\n"):
            return Change(at, at, end + table + end)
        return Change(at, at, end + end + table)

    def _drop(self, path: KeyPath) -> list[Change]:
        pair = self._pair(path)
        if pair is None:
            return [self._without_header(table) for table in self._tables if table.path == path]
        around = self._inline_around(path[:-1]) if len(path) > 1 else None
        if around and around.node.pairs and pair in around.node.pairs:
            return [self._out_of_inline(around.node, pair)]
        start = self.text.rfind("\n", 0, pair.start) + 1
        return [self._without_lines(start, self._line_end(pair.node.end))]

    def _out_of_inline(self, node: Node, pair: Pair) -> Change:
        assert node.pairs is not None
        index = node.pairs.index(pair)
        if len(node.pairs) == 1:
            return Change(node.start + 1, node.end - 1, "")
        if index == len(node.pairs) - 1:
            return Change(node.pairs[index - 1].node.end, pair.node.end, "")
        return Change(pair.start, node.pairs[index + 1].start, "")

    def _without_header(self, table: Table) -> Change:
        """Without the header of an empty table, and without the blank line above it."""
        gap = re.search(r"(?<=\n)[ \t]*\r?\n\Z", self.text[: table.start])
        return self._without_lines(gap.start() if gap else table.start, table.header_end)

    def _without_lines(self, start: int, end: int) -> Change:
        """The last line of a file that ends without a line end takes the one before it along."""
        if start and end == len(self.text) and not self.text.endswith("\n"):
            start -= 2 if self.text[:start].endswith("\r\n") else 1
        return Change(start, end, "")

    def _line_end(self, position: int) -> int:
        newline = self.text.find("\n", position)
        return len(self.text) if newline < 0 else newline + 1


class _Scanner:
    """Finds where the keys of a valid text are written."""

    def __init__(self, text: str) -> None:
        self._text = text

    def tables(self) -> list[Table]:
        found = [Table((), 0, 0, [])]
        at = _end(_TRIVIA, self._text, 0)
        while at < len(self._text):
            if self._text[at] == "[":
                found.append(self._header(at))
                at = found[-1].header_end
            else:
                found[-1].pairs.append(pair := self._pair(at, found[-1].path))
                at = pair.node.end
            at = _end(_TRIVIA, self._text, at)
        return found

    def _header(self, at: int) -> Table:
        is_array = self._text.startswith("[[", at)
        path, _end_of_path = self._key(_end(_BLANK, self._text, at + 1 + is_array))
        newline = self._text.find("\n", at)
        line_start = self._text.rfind("\n", 0, at) + 1
        header_end = len(self._text) if newline < 0 else newline + 1
        return Table((*path, _IN_ARRAY) if is_array else path, line_start, header_end, [])

    def _pair(self, at: int, around: KeyPath) -> Pair:
        key, end = self._key(at)
        equals = self._text.index("=", end)
        path = (*around, *key)
        return Pair(path, key, at, self._value(_end(_BLANK, self._text, equals + 1), path))

    def _key(self, at: int) -> tuple[KeyPath, int]:
        parts = []
        while part := _KEY_PART.match(self._text, at):
            parts.append(_plain_key(part[0]))
            dot = _DOT.match(self._text, part.end())
            if dot is None:
                return tuple(parts), part.end()
            at = dot.end()
        raise Broken("a key is expected", *line_and_column(self._text, at))

    def _value(self, at: int, path: KeyPath) -> Node:
        match self._text[at]:
            case "[":
                return self._array(at, path)
            case "{":
                return self._inline(at, path)
            case '"' | "'":
                return Node(at, _end(_STRING, self._text, at))
        found = _PLAIN.match(self._text, at)
        assert found is not None
        return Node(at, at + len(found[0].rstrip()))

    def _array(self, start: int, path: KeyPath) -> Node:
        at = _end(_TRIVIA, self._text, start + 1)
        while self._text[at] != "]":
            at = self._next(self._value(at, (*path, _IN_ARRAY)).end)
        return Node(start, at + 1)

    def _inline(self, start: int, path: KeyPath) -> Node:
        pairs = []
        at = _end(_TRIVIA, self._text, start + 1)
        while self._text[at] != "}":
            pairs.append(pair := self._pair(at, path))
            at = self._next(pair.node.end)
        return Node(start, at + 1, tuple(pairs))

    def _next(self, at: int) -> int:
        at = _end(_TRIVIA, self._text, at)
        return _end(_TRIVIA, self._text, at + 1) if self._text[at] == "," else at


def _with_inner(pairs: tuple[Pair, ...] | list[Pair]) -> Iterator[Pair]:
    for pair in pairs:
        yield pair
        yield from _with_inner(pair.node.pairs or ())


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _plain_key(written: str) -> str:
    return next(iter(tomllib.loads(f"{written}=0"))) if written[0] in "\"'" else written


def _key(path: KeyPath) -> str:
    return ".".join(part if _BARE_KEY.fullmatch(part) else _encoded(part) for part in path)


def _encoded(value: Value) -> str:
    if isinstance(value, dict):
        inside = ", ".join(f"{_key((key,))} = {_encoded(each)}" for key, each in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(_encoded, value))}]"
    # JSON's way to write texts, numbers and booleans is TOML's too, but for this one character.
    return msgspec.json.encode(value).decode().replace("\x7f", "\\u007f")


def _broken(message: str, text: str) -> Broken:
    place = _PLACE.search(message)
    plain = _PLACE.sub("", message).removesuffix(" (at end of document)")
    if place:
        return Broken(plain, int(place[1]), int(place[2]))
    return Broken(plain, *line_and_column(text, len(text)))
