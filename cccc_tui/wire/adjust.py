"""Edits of a request by what its endpoint has taught: parameters left out, limited, renamed or given another value.

A path names keys from the top level on, lists as `*`: `temperature`, `reasoning.effort`, `tools.*.strict`. A segment
that an object does not have is passed over unless it is the last one: Anthropic puts the kind of a block into the
paths of its errors (`tools.3.custom.strict`). Every top-level value without a change keeps its bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

import msgspec

from cccc_tui.wire.patch import Document

Remedy = Literal["drop", "most", "least", "set", "rename", "one_of"]

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
"""From least to most, as all providers order them."""


class Adjustment(NamedTuple):
    """What to do with the parameter at `path` of every request."""

    path: str
    remedy: Remedy
    value: str = ""
    """`most` and `least`: a number; `set`: JSON; `rename`: the new name; `one_of`: words between commas."""

    def sentence(self) -> str:
        """For the exchange's notes and the facts screen."""
        match self.remedy:
            case "drop":
                return f"{self.path} left out"
            case "most":
                return f"{self.path} at most {self.value}"
            case "least":
                return f"{self.path} at least {self.value}"
            case "set":
                return f"{self.path} set to {self.value}"
            case "rename":
                return f"{self.path} sent as {self.value}"
            case "one_of":
                return f"{self.path} only {self.value.replace(',', ', ')}"


def adjust(body: bytes, adjustments: Iterable[Adjustment]) -> tuple[bytes, list[str]]:
    """The body with all that applies to it done, and a sentence for each that did; the same object when none did."""
    document = Document.read(body)
    tree: dict[str, Any] = {}
    notes = []
    for adjustment in adjustments:
        top = adjustment.path.partition(".")[0]
        if top not in tree:
            if (raw := document.raw(top)) is None:
                continue
            tree[top] = msgspec.json.decode(raw)
        if _apply(tree, adjustment.path.split("."), adjustment):
            notes.append(adjustment.sentence())
    if not notes:
        return body, notes
    changed = {key: msgspec.json.encode(value) for key, value in tree.items()}
    kept = {key: value for key, value in changed.items() if not _says_the_same(document, key, tree[key])}
    gone = {adjustment.path.partition(".")[0] for adjustment in _done(adjustments, notes)} - tree.keys()
    return document.edited(kept, gone), notes


def has_path(body: bytes, path: str) -> bool:
    """Whether the request says anything at `path`."""
    document = Document.read(body)
    top, _, rest = path.partition(".")
    if document.raw(top) is None:
        return False
    return not rest or any(True for _place in _places(document.value(top), rest.split(".")))


def _done(adjustments: Iterable[Adjustment], notes: list[str]) -> Iterable[Adjustment]:
    return (adjustment for adjustment in adjustments if adjustment.sentence() in notes)


def _says_the_same(document: Document, key: str, value: object) -> bool:
    raw = document.raw(key)
    return raw is not None and bool(msgspec.json.decode(raw) == value)


def _apply(tree: dict[str, Any], path: list[str], adjustment: Adjustment) -> bool:
    """Changes the values at `path`; whether there was anything to change."""
    changed = False
    for holder, key in list(_places(tree, path)):
        changed |= _change(holder, key, adjustment)
    return changed


def _places(value: object, path: list[str]) -> Iterable[tuple[dict[str, Any], str]]:
    """Every object that has the last key of `path`, with that key."""
    head, rest = path[0], path[1:]
    if isinstance(value, list):
        for entry in value:
            yield from _places(entry, rest if head == "*" and rest else path)
    elif isinstance(value, dict):
        if head in value and not rest:
            yield value, head
        elif head in value:
            yield from _places(value[head], rest)
        elif rest:
            yield from _places(value, rest)


def _change(holder: dict[str, Any], key: str, adjustment: Adjustment) -> bool:
    value = holder[key]
    match adjustment.remedy:
        case "drop":
            del holder[key]
        case "rename":
            del holder[key]
            holder.setdefault(adjustment.value, value)
        case "set":
            wanted = msgspec.json.decode(adjustment.value)
            if value == wanted:
                return False
            holder[key] = wanted
        case "most" | "least":
            return _limit(holder, key, value, adjustment)
        case "one_of":
            allowed = adjustment.value.split(",")
            if not isinstance(value, str) or value in allowed:
                return False
            nearest = _nearest(value, allowed)
            if nearest is None:
                del holder[key]
            else:
                holder[key] = nearest
    return True


def _limit(holder: dict[str, Any], key: str, value: object, adjustment: Adjustment) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    bound = float(adjustment.value)
    is_fine = value <= bound if adjustment.remedy == "most" else value >= bound
    if not is_fine:
        holder[key] = int(bound) if bound.is_integer() else bound
    return not is_fine


def _nearest(word: str, allowed: list[str]) -> str | None:
    """The allowed effort next to the one asked for, rather less than more; None for what is no effort."""
    ranked = [name for name in EFFORTS if name in allowed]
    if word not in EFFORTS or not ranked:
        return None
    asked = EFFORTS.index(word)
    return min(ranked, key=lambda name: (abs(EFFORTS.index(name) - asked), EFFORTS.index(name)))
