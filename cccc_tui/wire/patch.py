"""Edits on the top level of a JSON object that leave every other byte alone.

Prompt caches and signed thinking blocks depend on the exact bytes of a request, so a changed model name must
not reorder a key, respell a number or reescape a text somewhere else. One decode finds the top-level values
as they are written (`msgspec.Raw`); where they stand is looked up only when something is really changed.

Of a key that occurs twice the last one counts when reading, as with all parsers, and an edit changes all.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

_decode_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_MEMBER_START = re.compile(rb'[ \t\r\n,{]*("[^"\\]*+(?:\\.[^"\\]*+)*+")[ \t\r\n]*:[ \t\r\n]*', re.DOTALL)
_ITEM_START = re.compile(rb"[ \t\r\n,]*(?=[^ \t\r\n,\]])")
_OBJECT_START = re.compile(rb"[ \t\r\n]*\{")
_OBJECT_END = re.compile(rb"[ \t\r\n]*,?[ \t\r\n]*\}[ \t\r\n]*\Z")
_SCALAR = re.compile(rb"[^ \t\r\n,\]}]+")
_TOKEN = re.compile(rb'"[^"\\]{0,200}+"|["\[\]{}]')
"""A bracket, a short plain string, or the quote that any other string begins with."""
_BACKSLASH = ord("\\")
_SHORT_BYTES = 4096
"""A list of this size is decoded sooner than its first item is found."""
_LONE_SURROGATE = re.compile(
    rb"(?<!\\)((?:\\\\)*+)"  # an even number of backslashes before it: the next one begins an escape
    rb"(?:(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)


class NotAnObject(ValueError):
    """The body is not a JSON object; `sentence` says what is wrong and where."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class _Member(NamedTuple):
    key: str
    start: int
    """Where the key's opening quote stands."""
    value: int
    """Where the value begins."""
    end: int
    """Where the value has ended."""


class Document:
    """A JSON object as it was written."""

    def __init__(self, body: bytes, raws: dict[str, msgspec.Raw], readable: bytes) -> None:
        self.body = body
        self._raws = raws
        self._readable = readable
        self._values: dict[str, Any] = {}
        self._members: list[_Member] | None = None

    @classmethod
    def read(cls, body: bytes) -> Document:
        """Raises `NotAnObject`."""
        try:
            return cls(body, _decode_object(body), body)
        except msgspec.DecodeError as error:
            readable = without_lone_surrogates(body)
            if readable == body:
                raise NotAnObject(_sentence(body, error)) from error
        except (UnicodeDecodeError, RecursionError) as error:
            raise NotAnObject(_sentence(body, error)) from error
        try:
            return cls(body, _decode_object(readable), readable)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise NotAnObject(_sentence(body, error)) from error

    @property
    def fields(self) -> dict[str, msgspec.Raw]:
        """The values as they are to be read: of a body with half an emoji in it, as it was mended."""
        return self._raws

    def keys(self) -> Collection[str]:
        return self._raws.keys()

    def raw(self, key: str) -> bytes | None:
        """The value as it is written; None when there is no such key."""
        raw = self._raws.get(key)
        if raw is None or self._readable is self.body:
            return None if raw is None else bytes(raw)
        last = [member for member in self._located() if member.key == key][-1]
        return self.body[last.value : last.end]

    def value(self, key: str) -> Any:
        """The decoded value; None when there is no such key, or no Python value for it (`1e400`)."""
        raw = self._raws.get(key)
        if raw is None:
            return None
        if key not in self._values:
            self._values[key] = _decoded(raw)
        return self._values[key]

    def items(self, key: str) -> Iterator[Any]:
        """The values of a list, each decoded when it is reached: of a long one mostly the first is wanted."""
        raw = self._raws.get(key)
        if raw is None or memoryview(raw)[0] != ord("["):
            return
        written = bytes(raw)
        if len(written) <= _SHORT_BYTES:
            values = _decoded(raw)
            if values is not None:
                yield from values
                return
        at = 1
        while found := _ITEM_START.match(written, at):
            at = _value_end(written, found.end())
            yield _decoded(msgspec.Raw(written[found.end() : at]))

    def text(self, key: str) -> str | None:
        """The value if it is a string."""
        raw = self._raws.get(key)
        if raw is None or memoryview(raw)[0] != ord('"'):
            return None
        value = self.value(key)
        return value if isinstance(value, str) else None

    def flag(self, key: str) -> bool:
        """Whether the value is `true`."""
        raw = self._raws.get(key)
        return raw is not None and bytes(memoryview(raw)[:5]) == b"true"

    def edited(self, set: Mapping[str, bytes], remove: Collection[str] = ()) -> bytes:  # noqa: A002
        """The body with `set` (values as JSON) and without `remove`; the same object when nothing changes.

        New keys follow the last one. A removed member takes the comma and the space before it along.
        """
        removed = {key for key in remove if key in self._raws and key not in set}
        changed = {key: value for key, value in set.items() if self.raw(key) != value}
        if not removed and not changed:
            return self.body
        return b"".join(self._pieces(changed, removed))

    def _pieces(self, changed: Mapping[str, bytes], removed: Collection[str]) -> Iterator[bytes]:
        body, members = self.body, self._located()
        opening = _OBJECT_START.match(body)
        assert opening, "the decoder has found an object"
        yield body[: members[0].start] if members else body[: opening.end()]
        before, is_first = 0, True
        for member in members:
            if member.key not in removed:
                if not is_first:
                    yield body[before : member.start]
                yield body[member.start : member.value]
                yield changed.get(member.key, body[member.value : member.end])
                is_first = False
            before = member.end
        for key, value in changed.items():
            if key not in self._raws:
                yield b"" if is_first else b","
                yield msgspec.json.encode(key) + b":" + value
                is_first = False
        yield body[members[-1].end :] if members else body[opening.end() :]

    def _located(self) -> list[_Member]:
        if self._members is None:
            self._members = _walk(self._readable, self._raws) or list(_scan(self._readable))
        return self._members


def replace_string(body: bytes, path: tuple[str, ...], new: str) -> bytes:
    """The body with the string at `path` replaced; the very same bytes when there is none."""
    try:
        document = Document.read(body)
    except NotAnObject:
        return body
    key, *rest = path
    if not rest:
        old = document.text(key)
        return body if old is None or old == new else document.edited({key: msgspec.json.encode(new)})
    inner = document.raw(key)
    return body if inner is None else document.edited({key: replace_string(inner, tuple(rest), new)})


def apply_overrides(source: Document | bytes, overrides: Mapping[str, str]) -> tuple[bytes, list[str]]:
    """The body with an endpoint's `parameter_overrides`, and a note for each that changed something.

    An empty value removes the key; a value that is JSON is put in as it is spelled; any other is a text.
    """
    document = source if isinstance(source, Document) else Document.read(source)
    values = {key: _as_json(text) for key, text in overrides.items() if text}
    removals = [key for key, text in overrides.items() if not text and document.raw(key) is not None]
    notes = [f"set {key} to {value.decode()}" for key, value in values.items() if document.raw(key) != value]
    notes += [f"removed {key}" for key in removals]
    return document.edited(values, removals), notes


def _as_json(text: str) -> bytes:
    written = text.strip().encode()
    try:
        msgspec.json.decode(written, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        return msgspec.json.encode(text)
    return written


def _decoded(raw: msgspec.Raw) -> Any:
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _walk(body: bytes, raws: Mapping[str, msgspec.Raw]) -> list[_Member] | None:
    """Where the members stand, given their values in order; None when a repeated key has mixed that up."""
    members: list[_Member] = []
    at = 0
    for key, raw in raws.items():
        found = _MEMBER_START.match(body, at)
        # Key and value are compared, so that a walk that has gone astray can never come out at the end.
        if not found or not body.startswith(memoryview(raw), found.end()) or _decoded_key(found[1]) != key:
            return None
        at = found.end() + len(raw)
        members.append(_Member(key, found.start(1), found.end(), at))
    return members if _OBJECT_END.match(body, at) else None


def _scan(body: bytes) -> Iterator[_Member]:
    """Where the members of a valid object stand, found token by token: slow, for repeated keys."""
    at = 0
    while found := _MEMBER_START.match(body, at):
        at = _value_end(body, found.end())
        yield _Member(_decoded_key(found[1]), found.start(1), found.end(), at)


def _value_end(body: bytes, start: int) -> int:
    if body[start] not in b'"[{':
        scalar = _SCALAR.match(body, start)
        assert scalar, "the decoder has found a value"
        return scalar.end()
    depth, at = 0, start
    while token := _TOKEN.search(body, at):
        kind, at = token[0], token.end()
        if kind == b'"':
            at = _string_end(body, at)
        else:
            depth += (kind in b"[{") - (kind in b"]}")
        if depth == 0:
            return at
    raise AssertionError("the decoder has found the end of the value")


def _string_end(body: bytes, at: int) -> int:
    """Where a string has ended whose first character stands there: found, and not read, as most are long."""
    end = body.index(b'"', at)
    while _is_escaped(body, end):
        end = body.index(b'"', end + 1)
    return end + 1


def _is_escaped(body: bytes, at: int) -> bool:
    first = at
    while body[first - 1] == _BACKSLASH:
        first -= 1
    return (at - first) % 2 == 1


def _decoded_key(written: bytes) -> str:
    return written[1:-1].decode() if b"\\" not in written else msgspec.json.decode(written, type=str)


def without_lone_surrogates(body: bytes) -> bytes:
    r"""Half an emoji is JSON that clients send and msgspec refuses; `\ufffd` is as long, so places agree."""
    return _LONE_SURROGATE.sub(lambda found: found[1] + (found[2] or rb"\ufffd"), body)


def _sentence(body: bytes, error: Exception) -> str:
    if not body.strip():
        return "the body is empty, where a JSON object was expected"
    if isinstance(error, RecursionError):
        return "the body is nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        return "the body is not UTF-8"
    said = str(error)
    if found := re.search(r"^(?:JSON is malformed: )?(.*) \(byte (\d+)\)$", said):
        return f"the body is not JSON: {found[1]} at {_place(body, int(found[2]))}"
    if isinstance(error, msgspec.ValidationError):
        got = re.search(r"got `(\w+)`", said)
        return f"the body is JSON, but not an object: {got[1] if got else said}"
    return "the body is not JSON: it ends too early"


def _place(body: bytes, at: int) -> str:
    line = body.count(b"\n", 0, at) + 1
    column = at - body.rfind(b"\n", 0, at)
    return f"line {line}, column {column}" if line > 1 else f"byte {column}"
