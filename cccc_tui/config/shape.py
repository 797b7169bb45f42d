"""Fills the typed sections from the tree, following the schema's own annotations.

One rule a kind of value, none a key: a new key needs nothing but its line in the schema. An empty value means
the default, as it does in the CCCC family, whose programs write `auth_type: ""` for "not set".
"""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from cccc_tui.config.document import Entry, Mapping, Node, Scalar, Sequence, join, plain
from cccc_tui.config.durations import read_seconds
from cccc_tui.config.problems import Report, nearest
from cccc_tui.config.schema import Section
from cccc_tui.config.secrets import SecretRef

S = TypeVar("S", bound=Section)

_BOOLEANS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


class _Wrong(Exception):
    """The value was reported as a problem; there is nothing to put in its place."""


def fill(section: type[S], node: Node, key: str, report: Report) -> S | None:
    """The section; None when a key that it needs is missing or wrong. Problems go into `report`."""
    try:
        return _section(section, node, key, report)
    except _Wrong:
        return None


def _section(section: type[S], node: Node, key: str, report: Report) -> S:
    if not isinstance(node, Mapping):
        if _is_empty(node):
            node = Mapping({}, node.at)
        else:
            raise _wrong(report, key, 'must be a mapping ("key: value" lines)', node)
    fields = _fields(section)
    for name, entry in node.entries.items():
        if name not in fields:
            report.error(join(key, name), "unknown key", entry.at, nearest(name, fields))
    values: dict[str, Any] = {}
    sound = True
    for name, field in fields.items():
        try:
            values |= _field(field, node.entries.get(name), join(key, name), node, report)
        except _Wrong:
            sound = sound and not field.required
    if not sound:
        raise _Wrong
    return section(**values)


@cache
def _fields(section: type[Section]) -> dict[str, inspect.Field]:
    info = inspect.type_info(section)
    assert isinstance(info, inspect.StructType)
    return {field.name: field for field in info.fields}


def _field(
    field: inspect.Field, entry: Entry | None, key: str, parent: Mapping, report: Report
) -> dict[str, Any]:
    """The keyword argument for this field: none when the default holds."""
    if entry is None or _is_empty(entry.node):
        if not field.required:
            return {}
        what = "missing" if entry is None else "must not be empty"
        raise _wrong(report, key, what, parent if entry is None else entry.node)
    return {field.name: _value(field.type, entry.node, key, report)}


def _value(kind: inspect.Type, node: Node, key: str, report: Report) -> Any:
    match kind:
        case inspect.Metadata(type=inner, extra=extra):
            return _seconds(inner, node, key, report) if extra else _value(inner, node, key, report)
        case inspect.UnionType(types=types):
            (inner,) = (each for each in types if not isinstance(each, inspect.NoneType))
            return _value(inner, node, key, report)
        case inspect.StructType(cls=cls):
            assert issubclass(cls, Section)
            return _section(cls, node, key, report)
        case inspect.VarTupleType(item_type=item):
            return _list(item, node, key, report)
        case inspect.DictType(value_type=value):
            return _dict(value, node, key, report)
        case inspect.AnyType():
            return plain(node)
    return _scalar(kind, node, key, report)


def _scalar(kind: inspect.Type, node: Node, key: str, report: Report) -> Any:
    if not isinstance(node, Scalar):
        found = "a mapping" if isinstance(node, Mapping) else "a list"
        raise _wrong(report, key, f"must be a single value, not {found}", node)
    match kind:
        case inspect.CustomType(cls=cls) if cls is SecretRef:
            return SecretRef(node.text)
        case inspect.LiteralType(values=values):
            return _word(values, node, key, report)
        case inspect.BoolType():
            return _boolean(node, key, report)
        case inspect.IntType() | inspect.FloatType():
            return _number(kind, node, key, report)
        case inspect.StrType():
            return node.text
    raise TypeError(f"{key}: the schema has a type that cannot be read: {kind}")


def _list(item: inspect.Type, node: Node, key: str, report: Report) -> tuple[Any, ...]:
    if not isinstance(node, Sequence):
        hint = f", like [{node.text}]" if isinstance(node, Scalar) else ""
        raise _wrong(report, key, f"must be a list{hint}", node)
    values: dict[int, Any] = {}
    for index, each in enumerate(node.items):
        with suppress(_Wrong):  # reported; the other items are read all the same
            values[index] = _value(item, each, f"{key}[{index}]", report)
    report.kept[key] = list(values)
    return tuple(values.values())


def _dict(value: inspect.Type, node: Node, key: str, report: Report) -> dict[str, Any]:
    if not isinstance(node, Mapping):
        raise _wrong(report, key, 'must be a mapping ("key: value" lines)', node)
    if isinstance(value, inspect.StrType):
        return {name: _text(entry.node, join(key, name), report) for name, entry in node.entries.items()}
    values: dict[str, Any] = {}
    for name, entry in node.entries.items():
        with suppress(_Wrong):  # reported; the others are read all the same
            values[name] = _value(value, entry.node, join(key, name), report)
    return values


def _text(node: Node, key: str, report: Report) -> str:
    """Text stays as it is; everything else becomes its JSON text."""
    if isinstance(node, Scalar) and (isinstance(node.value, str) or node.text == ""):
        return node.text
    if isinstance(node, Scalar) and isinstance(node.value, int | float) and _is_json(node.text):
        return node.text
    try:
        text = msgspec.json.encode(plain(node)).decode()
    except (UnicodeEncodeError, OverflowError):
        raise _wrong(report, key, "has no JSON form", node) from None
    if isinstance(node, Scalar) and isinstance(node.value, float) and text == "null":
        raise _wrong(report, key, f"{node.text} has no JSON form", node)
    return text


def _is_json(text: str) -> bool:
    try:
        msgspec.json.decode(text)
    except msgspec.DecodeError:
        return False
    return True


def _word(values: tuple[Any, ...], node: Scalar, key: str, report: Report) -> Any:
    if node.text in values:
        return node.text
    choices = ", ".join(repr(each) if not each else str(each) for each in values)
    guess = nearest(node.text, [str(each) for each in values if each])
    report.error(key, f"must be one of {choices}, not {_shown(node)}", node.at, guess)
    raise _Wrong


def _boolean(node: Scalar, key: str, report: Report) -> bool:
    if isinstance(node.value, bool):
        return node.value
    if node.text.lower() in _BOOLEANS:
        return _BOOLEANS[node.text.lower()]
    raise _wrong(report, key, f"must be true or false, not {_shown(node)}", node)


def _number(kind: inspect.IntType | inspect.FloatType, node: Scalar, key: str, report: Report) -> int | float:
    whole = isinstance(kind, inspect.IntType)
    number = _read_number(node)
    if number is None or (whole and number != int(number)):
        what = "a whole number" if whole else "a number"
        raise _wrong(report, key, f"must be {what}, not {_shown(node)}", node)
    if reason := _out_of_range(kind, number):
        raise _wrong(report, key, f"must be {reason}, not {_shown(node)}", node)
    return int(number) if whole else float(number)


def _read_number(node: Scalar) -> int | float | None:
    if isinstance(node.value, bool):
        return None
    try:
        number = node.value if isinstance(node.value, int | float) else float(node.text)
    except ValueError:
        return None
    return number if abs(number) < 2**63 else None  # not for infinities, and never for NaN


def _out_of_range(kind: inspect.IntType | inspect.FloatType, number: float) -> str:
    if kind.ge is not None and kind.le is not None and not kind.ge <= number <= kind.le:
        return f"{kind.ge} to {kind.le}"
    if kind.ge is not None and number < kind.ge:
        return f"{kind.ge} or more"
    if kind.gt is not None and number <= kind.gt:
        return f"more than {kind.gt}"
    return ""


def _seconds(kind: inspect.Type, node: Node, key: str, report: Report) -> float:
    assert isinstance(kind, inspect.FloatType)
    seconds = read_seconds(node.text) if isinstance(node, Scalar) else None
    if seconds is None or not isinstance(node, Scalar):
        raise _wrong(report, key, f"must be a duration such as 30s, 1m30s or 500ms, not {_shown(node)}", node)
    if reason := _out_of_range(kind, seconds):
        raise _wrong(report, key, f"must be {reason}, not {_shown(node)}", node)
    return seconds


def _is_empty(node: Node) -> bool:
    return isinstance(node, Scalar) and (node.value is None or node.text == "")


def _shown(node: Node) -> str:
    if not isinstance(node, Scalar):
        return "a mapping" if isinstance(node, Mapping) else "a list"
    text = node.text if len(node.text) <= 60 else node.text[:57] + "..."
    return f'"{text}"'


def _wrong(report: Report, key: str, message: str, node: Node) -> _Wrong:
    report.error(key, message, node.at)
    return _Wrong()
