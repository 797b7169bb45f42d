"""A list of small mappings, as rewrite rules are, rewritten item by item: comments between and behind them stay.

An item that stays, or moves, takes the comments above it and behind it along; one that changes keeps them; of one that
goes, the comments above it stay. In brackets nothing says which item a comment means, so there only values change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import yaml

from cccc_tui.config.spots import Spot
from cccc_tui.config.writing import block, one_line

_COMMENT = re.compile(r"(?<!\w)#")
"""Between scalars; behind a letter it belongs to an anchor or a tag."""


class Rewritten(NamedTuple):
    """A piece of the text and what comes in its place."""

    start: int
    end: int
    text: str


class _Item(NamedTuple):
    lead: str
    """The lines above it, comments or blank, down from the item before."""
    body: str
    """Its own lines, without the last line end."""
    at: int
    """Where its body begins in the text."""
    values: dict[str, Any]
    spots: dict[str, Spot]


def rewritten(text: str, key: Spot, old: Spot, new: Sequence[Mapping[str, Any]]) -> Rewritten | None:
    """The list behind `key` with the items of `new`; None where it is not written as one item on lines of its own,
    nor as one in brackets of which only values change."""
    if old.flow:
        return _in_brackets(text, old, new)
    items = _items(text, key, old)
    if not items or not new:
        return None
    eol = "\r\n" if "\r\n" in text else "\n"
    sources = _sources(items, new)
    pieces, lead = [], {place: item.lead for place, item in enumerate(items)}
    left = ""
    for place in range(len(items)):
        if place not in sources:
            left += lead[place]
        else:
            lead[place], left = left + lead[place], ""
    for wanted, source in zip(new, sources, strict=True):
        if source is None:
            pieces.append(block(wanted, old.column).replace("\n", eol))
        else:
            pieces.append(lead[source] + _with_values(items[source], wanted))
    start = items[0].at - len(items[0].lead)
    end = items[-1].at + len(items[-1].body)
    tail = eol + left.rstrip("\r\n") if left.strip() else ""
    return Rewritten(start, end, eol.join(pieces) + tail)


def has_comment(text: str, spot: Spot) -> bool:
    """Whether a comment stands inside the node, between what it says."""
    position = spot.start
    for leaf in _leaves(spot):
        if _COMMENT.search(text, position, leaf.start):
            return True
        position = leaf.end
    return bool(_COMMENT.search(text, position, spot.end))


def _leaves(spot: Spot) -> Iterator[Spot]:
    inner = [*spot.items, *(each for pair in spot.pairs for each in pair)]
    if not inner and spot.kind in ("scalar", "alias"):
        yield spot
    for each in inner:
        yield from _leaves(each)


def _in_brackets(text: str, old: Spot, new: Sequence[Mapping[str, Any]]) -> Rewritten | None:
    """The values that differ, each in its place; None where an item comes, goes or moves."""
    known = [_values(text, spot) for spot in old.items]
    if len(known) != len(new) or not new:
        return None
    written = text[old.start : old.end]
    for spot, values, wanted in reversed(list(zip(old.items, known, new, strict=True))):
        if values is None or values.keys() != wanted.keys() or (values != wanted and wanted in known):
            return None
        spots = {name.text: value for name, value in spot.pairs}
        written = _with_values(_Item("", written, old.start, values, spots), wanted)
    return Rewritten(old.start, old.end, written)


def _items(text: str, key: Spot, old: Spot) -> list[_Item]:
    """The items as they are written; none where one of them is written in another way."""
    items: list[_Item] = []
    begin = _line_end(text, key.end)
    for spot in old.items:
        line = text.rfind("\n", 0, spot.start) + 1
        values = _values(text, spot)
        if begin > line or text[line : spot.start].strip() != "-" or values is None:
            return []
        end = _line_end(text, spot.end)
        body = text[line:end].rstrip("\r\n")
        pairs = {name.text: value for name, value in spot.pairs}
        items.append(_Item(text[begin:line], body, line, values, pairs))
        begin = end
    return items


def _values(text: str, spot: Spot) -> dict[str, Any] | None:
    """What a mapping of plain values says."""
    if spot.kind != "mapping" or any(value.kind != "scalar" for _name, value in spot.pairs):
        return None
    return {name.text: yaml.safe_load(text[value.start : value.end]) for name, value in spot.pairs}


def _sources(items: Sequence[_Item], new: Sequence[Mapping[str, Any]]) -> list[int | None]:
    """For each new item the old one that it is or comes from: the same, else the likest, else the one in its place."""
    free = dict(enumerate(items))
    found: list[int | None] = [None] * len(new)
    for place, wanted in enumerate(new):
        same = [old for old, item in free.items() if item.values == wanted]
        if same:
            nearest = min(same, key=lambda old: abs(old - place))
            found[place] = nearest
            del free[nearest]
    for place, wanted in enumerate(new):
        like = [old for old, item in free.items() if item.values.keys() == wanted.keys()]
        if found[place] is None and like:
            best = max(like, key=lambda old: (_shared(items[old], wanted), old == place))
            if best == place or _shared(items[best], wanted):
                found[place] = best
                del free[best]
    return found


def _shared(item: _Item, wanted: Mapping[str, Any]) -> int:
    return sum(item.values[key] == value for key, value in wanted.items())


def _with_values(item: _Item, wanted: Mapping[str, Any]) -> str:
    body = item.body
    for key, spot in sorted(item.spots.items(), key=lambda pair: pair[1].start, reverse=True):
        if item.values[key] != wanted[key]:
            start, end = spot.start - item.at, spot.end - item.at
            body = body[:start] + ("" if start < end else " ") + one_line(wanted[key]) + body[end:]
    return body


def _line_end(text: str, position: int) -> int:
    newline = text.find("\n", position)
    return len(text) if newline < 0 else newline + 1
