"""YAML as a small tree in which every node knows its line.

PyYAML's node graph is turned into plain values here: merge keys are applied, aliases followed, duplicate keys
reported, and a file that grows without bounds when its aliases are followed is refused.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any, TypeAlias

import msgspec
import yaml

from cccc_tui.config.problems import Mark, Report

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml where PyYAML was built with it: much faster, and more lenient about tabs behind values."""

_TAG = "tag:yaml.org,2002:"
_MAX_NODES = 20_000
_MAX_DEPTH = 64


class Scalar(msgspec.Struct, frozen=True):
    text: str
    """As it stands in the file, without quotes."""
    value: str | int | float | bool | None
    """As YAML understands it; quoted text is text."""
    at: Mark = Mark()


class Entry(msgspec.Struct, frozen=True):
    node: Node
    at: Mark = Mark()
    """Where the key stands."""


class Mapping(msgspec.Struct, frozen=True):
    entries: dict[str, Entry]
    at: Mark = Mark()


class Sequence(msgspec.Struct, frozen=True):
    items: tuple[Node, ...]
    at: Mark = Mark()


Node: TypeAlias = Scalar | Mapping | Sequence


def parse(text: str, report: Report) -> Node | None:
    """The tree of the one document in `text`; None, and a problem, when there is none."""
    try:
        root = yaml.compose(text, Loader=LOADER)
    except yaml.YAMLError as error:
        _report_syntax(error, text, report)
        return None
    except RecursionError:
        report.error("", "not usable: nested too deeply")
        return None
    if root is None:
        report.error("", "the file is empty")
        return None
    try:
        return _Builder(report).node(root, "", 0)
    except _Unbounded:
        report.error("", "not usable: too large or nested too deeply once its aliases are followed")
        return None


def plain(node: Node) -> Any:
    """The tree as dicts, lists and scalars."""
    match node:
        case Mapping(entries=entries):
            return {key: plain(entry.node) for key, entry in entries.items()}
        case Sequence(items=items):
            return [plain(item) for item in items]
        case Scalar(value=value):
            return value


def places(node: Node, key: str = "") -> Iterator[tuple[str, Mark]]:
    """Where each dotted path stands."""
    match node:
        case Mapping(entries=entries):
            for name, entry in entries.items():
                path = join(key, name)
                yield path, entry.at
                yield from places(entry.node, path)
        case Sequence(items=items):
            for index, item in enumerate(items):
                yield f"{key}[{index}]", item.at
                yield from places(item, f"{key}[{index}]")
        case Scalar():
            return


def join(key: str, name: str) -> str:
    """The dotted path of `name` in the mapping at `key`."""
    return f"{key}.{name}" if key else name


def child(node: Node | None, name: str) -> Node | None:
    """The value of `name`, if `node` is a mapping that has it."""
    entry = node.entries.get(name) if isinstance(node, Mapping) else None
    return entry.node if entry is not None else None


def text_of(node: Node, name: str) -> str:
    """The text of `name` in a mapping; empty if there is none."""
    found = child(node, name)
    return found.text if isinstance(found, Scalar) else ""


class _Unbounded(Exception):
    pass


class _Builder:
    def __init__(self, report: Report) -> None:
        self._report = report
        self._nodes = 0

    def node(self, node: Any, key: str, depth: int) -> Node:
        self._nodes += 1
        if self._nodes > _MAX_NODES or depth > _MAX_DEPTH:
            raise _Unbounded
        at = _mark(node.start_mark)
        if isinstance(node, yaml.MappingNode):
            return Mapping(self._entries(node, key, depth), at)
        if isinstance(node, yaml.SequenceNode):
            items = (self.node(item, f"{key}[{i}]", depth + 1) for i, item in enumerate(node.value))
            return Sequence(tuple(items), at)
        return Scalar(node.value, _value(node), at)

    def _entries(self, node: Any, key: str, depth: int) -> dict[str, Entry]:
        own: dict[str, Entry] = {}
        merged: dict[str, Entry] = {}
        for name_node, value_node in node.value:
            at = _mark(name_node.start_mark)
            if name_node.tag == f"{_TAG}merge":
                merged = self._merge(value_node, key, depth) | merged
            elif not isinstance(name_node, yaml.ScalarNode):
                self._report.error(key, "a key must be a word, not a list or a mapping", at)
            elif name_node.value in own:
                first = own[name_node.value].at.line
                path = join(key, name_node.value)
                self._report.error(path, f"stands twice, first in line {first}", at)
            else:
                path = join(key, name_node.value)
                own[name_node.value] = Entry(self.node(value_node, path, depth + 1), at)
        return merged | own

    def _merge(self, node: Any, key: str, depth: int) -> dict[str, Entry]:
        """What `<<` brings in; of several mappings the first wins."""
        entries: dict[str, Entry] = {}
        for part in node.value if isinstance(node, yaml.SequenceNode) else [node]:
            tree = self.node(part, key, depth + 1)
            if isinstance(tree, Mapping):
                entries = tree.entries | entries
            else:
                self._report.error(key, "`<<` takes a mapping or a list of mappings", tree.at)
        return entries


def _value(node: Any) -> str | int | float | bool | None:
    text: str = node.value
    match node.tag.removeprefix(_TAG):
        case "null":
            return None
        case "bool":
            return text.lower() in ("yes", "true", "on")
        case "int":
            return _integer(text)
        case "float":
            return _float(text)
    return text


def _integer(text: str) -> int | str:
    """YAML 1.1 also takes `1:30` for a number (sixties): nobody means that, so it stays text."""
    digits = text.replace("_", "")
    try:
        return int(digits) if re.fullmatch(r"[-+]?\d+", digits) else int(digits, 0)
    except ValueError:
        return text


def _float(text: str) -> float | str:
    special = {".inf": math.inf, "+.inf": math.inf, "-.inf": -math.inf, ".nan": math.nan}
    try:
        return special[text.lower()] if text.lower() in special else float(text.replace("_", ""))
    except ValueError:
        return text


def _mark(mark: Any) -> Mark:
    return Mark(mark.line + 1, mark.column + 1)


def _report_syntax(error: yaml.YAMLError, text: str, report: Report) -> None:
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        reason = error.problem or "it cannot be read"
        if reason.startswith("but "):
            reason = f"{error.context}, {reason}"
        hint = " (indent with spaces, not with tabs)" if _tab_at(text, mark) else ""
        report.error("", f"not YAML: {reason}{hint}", _mark(mark) if mark else Mark())
        return
    # A ReaderError: a character that no YAML file may hold. Its position counts characters or bytes,
    # depending on the parser, so the line is found by looking for the character.
    found = re.search("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text)
    line = text.count("\n", 0, found.start()) + 1 if found else 0
    report.error("", "not YAML: a control character that YAML does not allow", Mark(line))


def _tab_at(text: str, mark: Any) -> bool:
    lines = text.split("\n")
    return bool(mark) and mark.line < len(lines) and lines[mark.line][: mark.column + 1].endswith("\t")
