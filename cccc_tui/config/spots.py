"""Where each node of a YAML text stands, down to the character, so that an edit can leave all else alone.

Built from PyYAML's events rather than its nodes, because an alias must be seen as an alias here.
"""

from __future__ import annotations

import re
from typing import Any, Literal

import msgspec
import yaml

from cccc_tui.config.document import LOADER


class Spot(msgspec.Struct, frozen=True, kw_only=True):
    """One node as it is written."""

    kind: Literal["scalar", "alias", "mapping", "sequence"]
    start: int
    """Offset of its first character, behind its anchor and tag."""
    end: int
    """Offset after its last character. Equal to `start` for a value that is left out (`key:`)."""
    column: int
    """Counted from 0."""
    flow: bool = False
    """Written in brackets."""
    text: str = ""
    """The scalar's text, or the anchor that an alias names."""
    pairs: tuple[tuple[Spot, Spot], ...] = ()
    items: tuple[Spot, ...] = ()


class Spots:
    """The spots of one text, which must be sound YAML with one document."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._anchors: dict[str, Spot] = {}
        self._shift = len(text) - len(
            text.removeprefix("\ufeff")
        )  # libyaml does not count the byte order mark
        self._events = yaml.parse(text[self._shift :], Loader=LOADER)
        event = self._next()
        while not isinstance(event, yaml.DocumentStartEvent):
            event = self._next()
        self.root = self._spot(self._next())

    def target(self, spot: Spot) -> Spot:
        """What an alias stands for; anything else is itself."""
        return self._anchors[spot.text] if spot.kind == "alias" else spot

    def value(self, mapping: Spot, key: str) -> tuple[Spot, Spot] | None:
        """The key and the value of `key`, where the mapping itself has it (not through a merge)."""
        return next(((name, value) for name, value in mapping.pairs if name.text == key), None)

    def _next(self) -> Any:
        return next(self._events)

    def _offset(self, mark: Any) -> int:
        return int(mark.index) + self._shift

    def _spot(self, event: Any) -> Spot:
        if isinstance(event, yaml.AliasEvent):
            return self._leaf("alias", event, str(event.anchor))
        spot = self._node(event)
        if event.anchor:
            self._anchors[event.anchor] = spot
        return spot

    def _node(self, event: Any) -> Spot:
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(event)
        return self._leaf("scalar", event, event.value)

    def _leaf(self, kind: Literal["scalar", "alias"], event: Any, text: str) -> Spot:
        start, end = self._offset(event.start_mark), self._offset(event.end_mark)
        if kind == "scalar":
            start += _properties(self._text[start:end])
        if getattr(event, "style", None) in ("|", ">"):  # its end mark is where the next token begins
            end = start + len(self._text[start:end].rstrip())
        return Spot(kind=kind, start=start, end=end, column=event.start_mark.column, text=text)

    def _mapping(self, start: Any) -> Spot:
        pairs = []
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._spot(event)
            pairs.append((key, self._spot(self._next())))
        last = pairs[-1][1].end if pairs else self._offset(start.end_mark)
        return self._collection("mapping", start, event, last, pairs=tuple(pairs))

    def _sequence(self, start: Any) -> Spot:
        items = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.append(self._spot(event))
        last = items[-1].end if items else self._offset(start.end_mark)
        return self._collection("sequence", start, event, last, items=tuple(items))

    def _collection(
        self, kind: Literal["mapping", "sequence"], start: Any, end: Any, last: int, **children: Any
    ) -> Spot:
        """A block ends with its last child: its own end mark is past the comments that follow."""
        return Spot(
            kind=kind,
            start=self._offset(start.start_mark),
            end=self._offset(end.end_mark) if start.flow_style else last,
            column=start.start_mark.column,
            flow=bool(start.flow_style),
            **children,
        )


def _properties(written: str) -> int:
    """Length of the anchor and the tag that stand before a value."""
    found = re.match(r"([&!]\S*\s*)*", written)
    return found.end() if found else 0
