"""Runs: the stretches of a stream in which one event comes over and over, and only its text differs.

Nearly all of a stream is such. An event that did nothing but say its text shows the frame that stands around it; what
comes next in the same frame needs no reading, for all that a reader would find in it is another text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from operator import add
from typing import Final, NamedTuple

import msgspec

from cccc_tui.wire.events import Delta
from cccc_tui.wire.parts import UNREADABLE, encode
from cccc_tui.wire.sse import Decoder, Event

_PATIENCE: Final = 8
"""Frames of which none came twice: after so many there is no more looking for any."""
_UNREAD: Final = re.compile(rb'("(?:sequence_number|obfuscation)":\s*)(?:\d+|"[^"]*")')
"""What differs in each event and no reader reads."""
_decode = msgspec.json.Decoder(str).decode
_decode_values = msgspec.json.Decoder(list[int | str]).decode


class Frame(NamedTuple):
    """What stands around the text in each event of a run, up to its quotes, and around what is not read."""

    head: bytes
    gaps: list[bytes]
    """One less than there are places."""
    tail: bytes
    text_place: int


class Run(msgspec.Struct, gc=False):
    """Texts that follow one another in one block."""

    key: int
    pieces: Sequence[bytes]
    """What each event brings, as it is written between the quotes of a JSON string; none is empty."""
    text: str
    """All of it."""

    def framed(self, head: bytes, tail: bytes) -> bytes:
        """An event for each piece: what stands around its text is always the same."""
        between = b'"%b%b"' % (tail, head)
        return b'%b"%b"%b' % (head, between.join(self.pieces), tail)


class Runs:
    """Finds the runs in one stream."""

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        self._key = 0
        self._frame: Frame | None = None
        self._unused = 0

    def learn(self, event: Event, delta: Delta) -> None:
        """Takes the frame of an event that did nothing but say this, and would do the same with another text."""
        self._key = delta.key
        self._frame = frame_of(event, delta.text) if self._unused < _PATIENCE else None
        self._unused += 1

    def forget(self) -> None:
        """Something else came: what it means for the block, its reader knows."""
        self._frame = None

    def take(self) -> Run | None:
        """The run that goes on with the next event, as far as it has come; None if there is none."""
        frame = self._frame
        if frame is None or not (found := self._decoder.between(frame.head, frame.tail)):
            return None
        pieces = _as_we_write(_texts(frame, found))
        if not pieces:
            return None
        self._unused = 0
        count = len(pieces)
        self._decoder.skip(sum(map(len, found[:count])) + count * (len(frame.head) + len(frame.tail)))
        return Run(self._key, pieces, _decode(b'"%b"' % b"".join(pieces)))


def frame_of(event: Event, text: str) -> Frame | None:
    """What stands around the text in its event; None if that cannot be told for sure."""
    data, body = event.data, encode(text)
    start = data.find(body)
    if start < 0 or data.rfind(body) != start:
        return None
    before, behind = data[:start], data[start + len(body) :]
    # Without an escape around it, another string with this text would have been found: it came from here.
    if b"\\" in before or b"\\" in behind or b"\n" in data:
        return None
    name = b"event: %b\n" % event.name.encode() if event.name else b""
    front, back = _around_unread(b'%bdata: %b"' % (name, before)), _around_unread(b'"%b\n\n' % behind)
    head, *gaps, tail = front + back
    return Frame(head, gaps, tail, len(front) - 1)


def _around_unread(data: bytes) -> list[bytes]:
    """What stands around the values that are not read."""
    parts = _UNREAD.split(data)
    return [*map(add, parts[::2], parts[1::2]), parts[-1]]


def _texts(frame: Frame, found: list[bytes]) -> Sequence[bytes]:
    """What stands in the place of the text; nothing if not all of the rest is as it should be."""
    if not frame.gaps:
        return found
    texts, unread = [], []
    for inside in found:
        places = _cut(inside, frame.gaps)
        texts.append(places.pop(frame.text_place))
        unread += places
    return texts if _are_values(unread) else ()


def _cut(inside: bytes, gaps: list[bytes]) -> list[bytes]:
    """What is in the places of an event; all behind a gap that is missing is empty."""
    places = []
    for gap in gaps:
        place, _, inside = inside.partition(gap)
        places.append(place)
    places.append(inside)
    return places


def _are_values(unread: list[bytes]) -> bool:
    """Whether each is a number or a string."""
    try:
        return len(_decode_values(b"[%b]" % b",\n".join(unread))) == len(unread)
    except UNREADABLE:
        return False


def _as_we_write(texts: Sequence[bytes]) -> Sequence[bytes]:
    """The insides of JSON strings as our encoder writes them, up to the first that is empty or none."""
    together = b'"%b"' % b" ".join(texts)
    # No escape has a space in it: together they are as we write them only if each of them is.
    if b"" not in texts and _rewritten(together) == together:
        return texts
    pieces = [_rewritten(b'"%b"' % each)[1:-1] for each in texts]
    return pieces[: pieces.index(b"")] if b"" in pieces else pieces


def _rewritten(string: bytes) -> bytes:
    """A JSON string as our encoder writes it; empty if it is none."""
    try:
        return encode(_decode(string))
    except UNREADABLE:
        return b""
