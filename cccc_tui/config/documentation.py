"""What each key means, in the schema's own sentences: for docs/configuration.md and `config.example.yaml`."""

from __future__ import annotations

import ast
import inspect
import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
from msgspec import inspect as types

from cccc_tui.config import schema
from cccc_tui.config.schema import Config, Section
from cccc_tui.config.secrets import SecretRef
from cccc_tui.config.writing import one_line


class Row(NamedTuple):
    """One key."""

    key: str
    """Dotted path; a list's items are `endpoints[].name`."""
    type: str
    """What it takes: `text`, `whole number`, `a | b | c` …"""
    default: str
    """As it would stand in the file; `required` where there is none."""
    sentence: str


def documentation() -> list[Row]:
    """All keys in the order of the schema, sections before their keys."""
    return list(_rows(Config, ""))


def example() -> str:
    """The text of `config.example.yaml`: every key with its sentence and its default."""
    head = (
        "# Every key of the configuration, with its default or an example; any of them can be left out.\n"
        "# Durations: 30s, 5m, 1h30m, 250ms, or a plain number of seconds.\n"
    )
    return head + "".join(_section_lines(Config, 0))


def _rows(section: type[Section], prefix: str) -> Iterator[Row]:
    sentences = _sentences(section)
    for field in _fields(section):
        key = prefix + field.name
        yield Row(key, _type_words(field.type), _default_words(field), sentences[field.name])
        inner, suffix = _inner_section(field.type)
        if inner is not None:
            yield from _rows(inner, f"{key}{suffix}.")


def _fields(section: type[Section]) -> tuple[types.Field, ...]:
    info = types.type_info(section)
    assert isinstance(info, types.StructType)
    return info.fields


def _sentences(section: type[Section]) -> dict[str, str]:
    """The string under each field: Python keeps it in the source only."""
    source = ast.parse(inspect.getsource(schema))
    body = next(
        node.body for node in source.body if isinstance(node, ast.ClassDef) and node.name == section.__name__
    )
    found = {}
    for field, below in itertools.pairwise(body):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(below, ast.Expr)
        ):
            found[field.target.id] = " ".join(str(ast.literal_eval(below.value)).split())
    return found


def _inner_section(kind: types.Type) -> tuple[type[Section] | None, str]:
    match kind:
        case types.StructType(cls=cls) if issubclass(cls, Section):
            return cls, ""
        case types.VarTupleType(item_type=types.StructType(cls=cls)) if issubclass(cls, Section):
            return cls, "[]"
        case types.DictType(value_type=types.StructType(cls=cls)) if issubclass(cls, Section):
            return cls, ".<name>"
        case types.UnionType():
            return _inner_section(_without_none(kind))
    return None, ""


def _without_none(kind: types.UnionType) -> types.Type:
    return next(each for each in kind.types if not isinstance(each, types.NoneType))


def _type_words(kind: types.Type) -> str:
    match kind:
        case types.Metadata(extra=extra, type=inner):
            return "duration" if extra else _type_words(inner)
        case types.UnionType():
            return _type_words(_without_none(kind))
        case types.LiteralType(values=values):
            return " | ".join(str(value) or '""' for value in values)
        case types.VarTupleType(item_type=types.StructType()):
            return "list of sections"
        case types.VarTupleType(item_type=item):
            return f"list of {_type_words(item)}"
        case types.StructType():
            return "section"
        case types.DictType(value_type=types.StructType()):
            return "sections by name"
        case types.DictType():
            return "mapping"
        case types.CustomType(cls=cls) if cls is SecretRef:
            return "secret"
    simple = {types.IntType: "whole number", types.FloatType: "number", types.BoolType: "true | false"}
    return simple.get(type(kind), "text")


def _default_words(field: types.Field) -> str:
    if field.required:
        return "required"
    return "" if _inner_section(field.type)[0] is not None else _written(field, _default(field))


def _default(field: types.Field) -> Any:
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    return field.default


def _written(field: types.Field, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(field.type, types.Metadata):
        return f"{value}s"
    return one_line(value) if value != "" else '""'


_EXAMPLES: dict[str, Any] = {
    "Endpoint.name": "anthropic",
    "Endpoint.url": "https://api.anthropic.com",
    "Endpoint.endpoint_type": "anthropic",
    "Endpoint.auth_value": "env:ANTHROPIC_API_KEY",
    "Endpoint.enabled": False,
    "Key.name": "first",
    "Key.value": "env:FIRST_KEY",
    "ModelAlias.name": "claude-haiku-4-5",
    "ModelAlias.alias": "fast",
    "ModelPrice.input": 3,
    "ModelPrice.output": 15,
    "GroupMember.endpoint": "anthropic",
    "GroupMember.model": "claude-sonnet-4-5",
    "Routing.groups": "router-default",
    "RoutingRule.name": "chores",
    "RoutingRule.when": ["background"],
    "RoutingRule.group": "router-default",
    "Config.profiles": "mine",
    "UpstreamErrorRule.pattern": "temporarily unavailable",
    "Profile.routing": {"strategy": "round-robin"},
    "Profile.timeouts": {"check_interval": "10s"},
    "Proxy.address": "127.0.0.1:1080",
    "Proxy.username": "me",
    "Proxy.password": "keyring:proxy",
    "RewriteRule.source_pattern": "claude-*-haiku-*",
    "RewriteRule.target_model": "claude-haiku-4-5",
    "Tagger.name": "thinking",
    "Tagger.builtin_type": "thinking",
    "Tagger.tag": "thinking",
    "Tagger.config": {"min_budget_tokens": 1024},
    "TagRule.pattern": "*-haiku-*",
    "TagRule.tag": "small",
}
"""Values that say more than the default, or that a whole example needs; for sections by name, one name."""

_COMMENTED_SECTIONS = frozenset({"Endpoint.keys"})
"""Sections that stand in the example as comments: another key of it says the same."""

_COMMENTED = {
    "Endpoint.url_anthropic": "https://llm.example.com/anthropic",
    "Endpoint.url_openai": "https://llm.example.com/v1",
    "Endpoint.path_prefix": "/v1",
    "Endpoint.openai_preference": "auto",
}
"""Keys that make no sense beside the others of the example: they stand there as comments."""


def _section_lines(section: type[Section], indent: int) -> Iterator[str]:
    sentences = _sentences(section)
    for field in _fields(section):
        if indent == 0:
            yield "\n"
        yield from _comment(sentences[field.name], indent)
        yield from _key_lines(section, field, indent)


def _comment(sentence: str, indent: int) -> Iterator[str]:
    words, line = sentence.split(), "#"
    for word in words:
        if len(line) + len(word) + indent > 108:
            yield f"{' ' * indent}{line}\n"
            line = "#"
        line += f" {word}"
    yield f"{' ' * indent}{line}\n"


def _key_lines(section: type[Section], field: types.Field, indent: int) -> Iterator[str]:
    name, pad = f"{section.__name__}.{field.name}", " " * indent
    inner, suffix = _inner_section(field.type)
    if name in _COMMENTED:
        yield f"{pad}# {field.name}: {_COMMENTED[name]}\n"
    elif inner is None:
        value = _EXAMPLES[name] if name in _EXAMPLES else _default(field)
        yield f"{pad}{field.name}: {_written(field, value)}".rstrip() + "\n"
    else:
        lines = list(_section_lines(inner, indent + (4 if suffix else 2)))
        if suffix == "[]":
            lines = list(_as_item(lines, indent + 2))
        elif suffix:
            lines = [f"{pad}  {_EXAMPLES[name]}:\n", *lines]
        lines = [f"{pad}{field.name}:\n", *lines]
        yield from _commented(lines, pad) if name in _COMMENTED_SECTIONS else lines


def _commented(lines: list[str], pad: str) -> Iterator[str]:
    return (f"{pad}# {line.removeprefix(pad)}" for line in lines)


def _as_item(lines: list[str], indent: int) -> Iterator[str]:
    """The dash goes to the first key; the comment above it moves out with it."""
    first = next(i for i, line in enumerate(lines) if not line.lstrip().startswith("#"))
    for i, line in enumerate(lines):
        if i < first:
            yield line[2:]
        elif i == first:
            yield f"{' ' * indent}- {line.lstrip()}"
        else:
            yield line
