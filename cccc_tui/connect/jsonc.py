"""JSON with comments and trailing commas, edited as text: one key at a time, and not a byte beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping
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

_TRIVIA = re.compile(r"(?:[ \t\r\n]+|//[^\r\n]*|/\*.*?\*/)*", re.DOTALL)
_COMMENT_TO_LINE_END = re.compile(r"[ \t]*(?://[^\r\n]*|/\*[^\r\n]*?\*/[ \t]*)(?=\r?\n|$)")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
_SCALAR = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null")
_MAX_DEPTH = 200


class Node(NamedTuple):
    """A value and where it is written."""

    start: int
    end: int
    value: Any
    members: tuple[Member, ...] | None = None
    """Of an object, its members; None for everything else."""


class Member(NamedTuple):
    key: str
    start: int
    """Where the key begins, its quote included."""
    node: Node


class JsonDocument:
    """One JSON text; an empty one is an empty object. Raises `Broken`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._blank = not _TRIVIA.sub("", text)
        self._root = Node(0, 0, {}, ()) if self._blank else _Reader(text).root()
        if self._root.members is None:
            raise Broken("must be an object, { … }", *line_and_column(text, self._root.start))

    @property
    def data(self) -> Mapping[str, Any]:
        value: Mapping[str, Any] = self._root.value
        return value

    @property
    def has_comments(self) -> bool:
        """Whether something in it is no strict JSON: a comment or a trailing comma."""
        if self._blank:
            return False
        try:
            msgspec.json.decode(self.text)
        except msgspec.DecodeError:
            return True
        return False

    def put(self, path: KeyPath, value: Value) -> JsonDocument:
        if self._blank:
            comments = self.text if self.text.strip() else ""
            return JsonDocument(f"{comments}{{}}{line_end_of(self.text)}").put(path, value)
        return self._sure(path, value, lambda: self._put(path, value))

    def put_raw(self, path: KeyPath, raw: str) -> JsonDocument:
        node = self._node(path)
        if node is None:
            raise Refused(f"{'.'.join(path)} is not there")
        return JsonDocument(changed(self.text, [Change(node.start, node.end, raw)]))

    def drop(self, path: KeyPath) -> JsonDocument:
        if value_at(self.data, path) is MISSING:
            return self
        return self._sure(path, MISSING, lambda: self._drop(path))

    def raw(self, path: KeyPath) -> str | None:
        node = self._node(path)
        return self.text[node.start : node.end] if node else None

    def _sure(self, path: KeyPath, value: Any, edit: Any) -> JsonDocument:
        result = sure(self, path, value, edit)
        assert isinstance(result, JsonDocument)
        return result

    def _node(self, path: KeyPath) -> Node | None:
        node = self._root
        for key in path:
            member = _named(node, key)
            if member is None:
                return None
            node = member.node
        return node

    def _put(self, path: KeyPath, value: Value) -> JsonDocument:
        node = self._root
        for depth, key in enumerate(path):
            member = _named(node, key)
            if member is None:
                for parent in reversed(path[depth + 1 :]):
                    value = {parent: value}
                return JsonDocument(changed(self.text, self._insertion(node, key, value)))
            node = member.node
        return JsonDocument(changed(self.text, [Change(node.start, node.end, _encoded(value))]))

    def _insertion(self, node: Node, key: str, value: Value) -> list[Change]:
        assert node.members is not None
        if not node.members:
            return [self._first_member(node, key, value)]
        last = node.members[-1]
        indent = self._own_line_indent(last)
        comma = self._comma_after(last.node.end, node.end)
        colon = self._colon(last)
        if indent is None:
            member = f"{_encoded(key)}{colon}{_encoded(value)}"
            space = " " if colon.endswith(" ") else ""
            if comma is None and (begin := self._comma_first(last)):
                return [Change(last.node.end, last.node.end, f"{line_end_of(self.text)}{begin}{member}")]
            if comma is None:
                return [Change(last.node.end, last.node.end, f",{space}{member}")]
            return [Change(comma + 1, comma + 1, f"{space}{member},")]
        member = line_end_of(self.text) + indent + self._member(key, value, indent, colon)
        behind = last.node.end if comma is None else comma + 1
        note = _COMMENT_TO_LINE_END.match(self.text, behind)
        at = note.end() if note else behind
        if comma is not None:
            return [Change(at, at, f"{member},")]
        if at == last.node.end:
            return [Change(at, at, f",{member}")]
        return [Change(last.node.end, last.node.end, ","), Change(at, at, member)]

    def _first_member(self, node: Node, key: str, value: Value) -> Change:
        inside = self.text[node.start + 1 : node.end - 1]
        if node is not self._root and "\n" not in self.text:
            return Change(node.start + 1, node.end - 1, f"{_encoded(key)}: {_encoded(value)}")
        end = line_end_of(self.text)
        outer = self._line_indent(node.start)
        inner = outer + self._indent_unit()
        member = end + inner + self._member(key, value, inner, ": ")
        written = inside.rstrip()
        tail = inside[len(written) :] if written and "\n" in inside[len(written) :] else end + outer
        return Change(node.start + 1 + len(written), node.end - 1, member + tail)

    def _member(self, key: str, value: Value, indent: str, colon: str) -> str:
        if not isinstance(value, dict):
            return f"{_encoded(key)}{colon}{_encoded(value)}"
        inner, end = indent + self._indent_unit(), line_end_of(self.text)
        members = f",{end}{inner}".join(self._member(k, v, inner, colon) for k, v in value.items())
        return f"{_encoded(key)}{colon}{{{end}{inner}{members}{end}{indent}}}"

    def _drop(self, path: KeyPath) -> JsonDocument:
        parent = self._node(path[:-1])
        assert parent is not None and parent.members is not None
        members = parent.members
        index = max(i for i, member in enumerate(members) if member.key == path[-1])
        own = members[index]
        comma = self._comma_after(own.node.end, parent.end)
        indent = self._own_line_indent(own)
        if len(members) == 1:
            changes = [self._only_member(parent, own, comma)]
        elif comma is None:
            changes = self._last_member(members[index - 1], own, indent)
        else:
            ends = comma + 1
            start = self._beginning(own, ends, indent)
            if indent is None and index + 1 < len(members):
                ends = members[index + 1].start
            changes = [Change(start, ends, "")]
        return JsonDocument(changed(self.text, changes))

    def _only_member(self, parent: Node, own: Member, comma: int | None) -> Change:
        ends = own.node.end if comma is None else comma + 1
        around = self.text[parent.start + 1 : own.start] + self.text[ends : parent.end - 1]
        if around.strip():  # comments stay
            return Change(own.start, ends, "")
        return Change(parent.start + 1, parent.end - 1, "")

    def _last_member(self, before: Member, own: Member, indent: str | None) -> list[Change]:
        comma = self._comma_after(before.node.end, own.start)
        assert comma is not None
        start = self._beginning(own, own.node.end, indent)
        if not self.text[comma + 1 : start].strip():
            begin = comma if self.text[before.node.end : comma].strip() else before.node.end
            return [Change(begin, own.node.end, "")]
        return [Change(comma, comma + 1, ""), Change(start, own.node.end, "")]

    def _comma_after(self, start: int, end: int) -> int | None:
        position = _skip(self.text, start)
        return position if position < end and self.text[position] == "," else None

    def _colon(self, member: Member) -> str:
        """The colon with the spaces around it, as that member has them."""
        key = _STRING.match(self.text, member.start)
        assert key is not None
        between = self.text[key.end() : member.node.start]
        return between if re.fullmatch(r"[ \t]*:[ \t]*", between) else ": "

    def _own_line_indent(self, member: Member) -> str | None:
        """What stands before a member that begins its line; None if something else stands there too."""
        line = self.text[self.text.rfind("\n", 0, member.start) + 1 : member.start]
        return line if not line.strip(" \t") and "\n" in self.text[: member.start] else None

    def _comma_first(self, member: Member) -> str:
        """The beginning of a line whose member has its comma before it; empty in other styles."""
        line = self.text[self.text.rfind("\n", 0, member.start) + 1 : member.start]
        return line if re.fullmatch(r"[ \t]*,[ \t]*", line) else ""

    def _beginning(self, own: Member, ends: int, indent: str | None) -> int:
        """From where a member goes: with its whole line, unless something else stands behind it on that line.

        A comment above would swallow what is left.
        """
        rest = self.text[ends:].split("\n", 1)[0].strip()
        return own.start if indent is None or rest else self._line_break_before(own.start)

    def _line_break_before(self, position: int) -> int:
        newline = self.text.rfind("\n", 0, position)
        return newline - 1 if newline and self.text[newline - 1] == "\r" else newline

    def _line_indent(self, position: int) -> str:
        line = self.text[self.text.rfind("\n", 0, position) + 1 : position]
        return line[: len(line) - len(line.lstrip(" \t"))]

    def _indent_unit(self) -> str:
        """One step of indentation, as the first member of the file has it."""
        first = next(iter(self._root.members or ()), None)
        return (self._own_line_indent(first) if first else None) or "  "


class _Reader:
    """Reads a text into nodes. Raises `Broken`."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._depth = 0

    def root(self) -> Node:
        node = self._value(_skip(self._text, 0))
        end = _skip(self._text, node.end)
        if end < len(self._text):
            raise self._broken(end, "something stands behind the end")
        return node

    def _value(self, at: int) -> Node:
        head = self._text[at : at + 1]
        if head in ("{", "["):
            self._depth += 1
            if self._depth > _MAX_DEPTH:
                raise self._broken(at, "is nested too deeply")
            node = self._object(at) if head == "{" else self._array(at)
            self._depth -= 1
            return node
        found = (_STRING if head == '"' else _SCALAR).match(self._text, at)
        if found is None:
            raise self._broken(at, _what_is_wrong(head))
        return Node(at, found.end(), self._decoded(found))

    def _object(self, start: int) -> Node:
        members: list[Member] = []
        at = _skip(self._text, start + 1)
        while self._text[at : at + 1] != "}":
            key = _STRING.match(self._text, at)
            if key is None:
                raise self._broken(at, 'a key in "quotes" or } is expected')
            colon = _skip(self._text, key.end())
            if self._text[colon : colon + 1] != ":":
                raise self._broken(colon, "a colon is expected")
            node = self._value(_skip(self._text, colon + 1))
            members.append(Member(self._decoded(key), at, node))
            at = self._next(node.end, "}")
        value = {member.key: member.node.value for member in members}
        return Node(start, at + 1, value, tuple(members))

    def _array(self, start: int) -> Node:
        items = []
        at = _skip(self._text, start + 1)
        while self._text[at : at + 1] != "]":
            node = self._value(at)
            items.append(node.value)
            at = self._next(node.end, "]")
        return Node(start, at + 1, items)

    def _next(self, end: int, closing: str) -> int:
        """Where the next item begins, or the closing bracket is."""
        at = _skip(self._text, end)
        mark = self._text[at : at + 1]
        if mark == ",":
            return _skip(self._text, at + 1)
        if mark == closing:
            return at
        raise self._broken(at, f"a comma or {closing} is expected")

    def _decoded(self, found: re.Match[str]) -> Any:
        try:
            return msgspec.json.decode(found[0])
        except (msgspec.DecodeError, UnicodeEncodeError):
            raise self._broken(found.start(), "is no valid text") from None

    def _broken(self, at: int, message: str) -> Broken:
        return Broken(message, *line_and_column(self._text, at))


def _skip(text: str, at: int) -> int:
    found = _TRIVIA.match(text, at)
    return found.end() if found else at


def _named(node: Node, key: str) -> Member | None:
    """The member that counts: the last one of that name."""
    return next((member for member in reversed(node.members or ()) if member.key == key), None)


def _encoded(value: Value) -> str:
    return msgspec.json.encode(value).decode()


def _what_is_wrong(head: str) -> str:
    if not head:
        return "the file ends too early"
    return "a text does not end" if head == '"' else "a value is expected"
