"""The forms in which the CCCC family writes tagging, documented-only ones included, in our own words."""

from __future__ import annotations

import re

from cccc_tui.config.document import Entry, Mapping, Node, Scalar, Sequence, child, text_of
from cccc_tui.config.problems import Report

_BUILTINS = ("path", "header", "query", "body-json", "user-message", "model", "thinking")


def translate_tagging(node: Node, report: Report) -> Node:
    """A bare list is a list of rules; a rule that looks at a path becomes a tagger."""
    if isinstance(node, Sequence):
        node = Mapping({"rules": Entry(node, node.at)}, node.at)
    if not isinstance(node, Mapping):
        return node
    entries = dict(node.entries)
    taggers: list[Node] = []
    for index, tagger in enumerate(_items(entries, "taggers")):
        taggers += _tagger(tagger, f"tagging.taggers[{index}]", report)
    rules = _items(entries, "rules")
    for index, rule in enumerate(rules, 1):
        if _is_path_pattern(rule):
            taggers.append(_path_tagger(f"rule {index}", rule, Mapping({}, rule.at)))
    _replace_items(entries, "taggers", taggers)
    _replace_items(entries, "rules", [rule for rule in rules if not _is_path_pattern(rule)])
    return Mapping(entries, node.at)


def _tagger(tagger: Node, key: str, report: Report) -> list[Node]:
    tagger = _with_builtin_type(tagger)
    if text_of(tagger, "builtin_type") == "method":
        name = text_of(tagger, "name")
        report.warn(
            f"{key}.builtin_type", f'taggers by method are not run, "{name}" is skipped: all calls are POST'
        )
        return []
    return _rule_taggers(tagger)


def _with_builtin_type(tagger: Node) -> Node:
    """`type: body-json` with a `value_pattern`, as one example file of the family has it."""
    kind = text_of(tagger, "type")
    if not isinstance(tagger, Mapping) or kind not in _BUILTINS or "builtin_type" in tagger.entries:
        return tagger
    entries = {name: entry for name, entry in tagger.entries.items() if name != "type"}
    entries["builtin_type"] = _entry(kind, tagger)
    settings = entries.get("config")
    if settings is not None and isinstance(settings.node, Mapping):
        renamed = {"value_pattern": "expected_value"}
        values = {renamed.get(name, name): entry for name, entry in settings.node.entries.items()}
        entries["config"] = Entry(Mapping(values, settings.node.at), settings.at)
    return Mapping(entries, tagger.at)


def _rule_taggers(tagger: Node) -> list[Node]:
    """The documented form `config: {rules: [{pattern, tag}, …]}` is one path tagger a rule."""
    config = child(tagger, "config")
    rules = child(config, "rules")
    if not isinstance(tagger, Mapping) or not isinstance(rules, Sequence) or "builtin_type" in tagger.entries:
        return [tagger]
    name = text_of(tagger, "name")
    return [_path_tagger(f"{name} {i + 1}", rule, tagger) for i, rule in enumerate(rules.items)]


def _path_tagger(name: str, rule: Node, like: Mapping) -> Node:
    """A tagger that tags requests whose path matches; a broken rule is left for the schema to refuse."""
    if not isinstance(rule, Mapping) or not isinstance(child(rule, "pattern"), Scalar):
        return rule
    entries = {key: entry for key, entry in like.entries.items() if key not in ("config", "type")}
    pattern = _path_glob(text_of(rule, "pattern"))
    config = Mapping({"path_pattern": _entry(pattern, rule)}, rule.at)
    entries |= {
        "name": _entry(name, rule),
        "builtin_type": _entry("path", rule),
        "config": Entry(config, rule.at),
    }
    entries |= {key: entry for key, entry in rule.entries.items() if key != "pattern"}
    return Mapping(entries, rule.at)


def _path_glob(pattern: str) -> str:
    """`^/v1/messages` as a glob. Only the anchors and `.*` are understood of regular expressions."""
    if not pattern.startswith("^") and not pattern.endswith("$"):
        return pattern
    start = "" if pattern.startswith("^") else "*"
    end = "" if pattern.endswith("$") else "*"
    middle = pattern.removeprefix("^").removesuffix("$")
    return start + re.sub(r"\\(.)", r"\1", middle.replace(".*", "*")) + end


def _is_path_pattern(rule: Node) -> bool:
    return text_of(rule, "pattern").startswith(("/", "^/"))


def _items(entries: dict[str, Entry], name: str) -> tuple[Node, ...]:
    entry = entries.get(name)
    return entry.node.items if entry is not None and isinstance(entry.node, Sequence) else ()


def _replace_items(entries: dict[str, Entry], name: str, items: list[Node]) -> None:
    """Only where there are some: a value of the wrong kind is left for the schema to refuse."""
    old = entries.get(name)
    if items or (old is not None and isinstance(old.node, Sequence)):
        at = old.at if old is not None else items[0].at
        entries[name] = Entry(Sequence(tuple(items), at), at)


def _entry(text: str, like: Node) -> Entry:
    return Entry(Scalar(text, text, like.at), like.at)
