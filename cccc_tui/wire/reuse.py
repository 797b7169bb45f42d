"""What was converted before is not converted again.

Agents repeat their whole conversation with each turn, so nearly all of a request has been read and written already. A
`Memo` keeps what was read of a system prompt, of a list of tools, and of the beginnings of conversations, each found
again by comparing bytes, which takes a hundredth of the time of reading them. The forms in which a piece was written
hang on it and go with it. Whatever depends on more than a piece's bytes (pairing of calls, moving cache breakpoints,
tools loaded on the way) is decided anew for each request.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Generic, NamedTuple, Protocol, TypeAlias, TypeVar

import msgspec

from cccc_tui.wire.model import Forms

LIMIT_BYTES: Final = 16 << 20
_COPIES: Final = 4
"""As it came, as it was read, and as it was written, twice at most."""
_OBJECT_BYTES: Final = 1000
_SAMPLE_BYTES: Final = 64
_MOVING: Final = 3
"""Items at the end of a conversation that may come back changed: agents mark the newest ones for the prompt cache."""
_RENEWED_AT: Final = 1 / 8
"""A beginning is kept anew when what has come behind it is so much of it: each time it is copied."""
_MOST_ALIKE: Final = 4
"""Conversations with the same words in the same place, of which each is held against a request."""
_SEPARATORS: Final = b" \t\r\n,"
_Key: TypeAlias = tuple[str, int, bytes]
"""Kind, length and last bytes, which tell nearly all apart: to hash a whole text takes longer than to compare it."""
_list: Final = msgspec.json.Decoder(list[msgspec.Raw])


class Remembered(Protocol):
    forms: Forms | None


R = TypeVar("R", bound=Remembered)


class Told(NamedTuple, Generic[R]):
    """What was read of the items of a conversation."""

    known: list[R]
    """Those with which it began before."""
    fresh: list[R]
    """Those that followed."""
    forms: Forms | None = None
    """What was made of the known ones together; None where some of them were read anew."""


class _Beginning(msgspec.Struct, eq=False):
    """Of a conversation."""

    kind: str
    text: bytes
    """From the bracket of its list to the end of an item."""
    said: list[Any]
    """What was read of each item, or the item where that is not all that is in it."""
    forms: Forms | None

    @property
    def size_bytes(self) -> int:
        return _COPIES * len(self.text) + _OBJECT_BYTES * len(self.said)

    @property
    def key(self) -> _Key:
        """Found again by its last bytes before a power of two: a longer text has few places to look at."""
        return _key(self.kind, memoryview(self.text), 1 << (len(self.text).bit_length() - 1))

    def begins(self, written: memoryview) -> bool:
        """Whether that list begins so."""
        return len(self.text) < len(written) and self.text.startswith(written[: len(self.text)])

    def rest(self, written: memoryview) -> bytes:
        """The list of the items behind it."""
        rest = bytes(written[len(self.text) :])
        return b"[" + rest.lstrip(_SEPARATORS) if self.text else rest

    def known(self, read: Callable[[msgspec.Raw], tuple[R, bool]]) -> list[R]:
        """What is in its items."""
        if self.forms is not None:
            return self.said
        return [read(item)[0] if isinstance(item, msgspec.Raw) else item for item in self.said]


class _Generation:
    """What was asked for in the same while."""

    def __init__(self) -> None:
        self.pieces: dict[_Key, tuple[msgspec.Raw, Any]] = {}
        self.beginnings: dict[_Key, list[_Beginning]] = {}
        self.size_bytes = 0

    def __len__(self) -> int:
        return len(self.pieces) + sum(map(len, self.beginnings.values()))

    def piece(self, key: _Key, raw: msgspec.Raw) -> Any:
        """What was read of these bytes; None if it is not here."""
        written, known = self.pieces.get(key, (None, None))
        return known if written == raw else None

    def beginning(self, kind: str, written: memoryview) -> _Beginning | None:
        """Of that list."""
        at = 1 << (len(written).bit_length() - 1)
        while at >= _SAMPLE_BYTES:
            for beginning in self.beginnings.get(_key(kind, written, at), ()):
                if beginning.begins(written):
                    return beginning
            at >>= 1
        return None

    def add(self, beginning: _Beginning) -> None:
        alike = self.beginnings.setdefault(beginning.key, [])
        if len(alike) == _MOST_ALIKE:
            self.remove(alike[0])
        alike.append(beginning)
        self.size_bytes += beginning.size_bytes

    def remove(self, beginning: _Beginning) -> None:
        """If it is here."""
        alike = self.beginnings.get(beginning.key, [])
        if beginning in alike:
            alike.remove(beginning)
            self.size_bytes -= beginning.size_bytes


class Memo:
    """Pieces of requests by their bytes; those that were not asked for lately are forgotten.

    There are two generations. A piece that is asked for moves into the young one; when that is half of the limit, it
    becomes the old one, and what was still in the old one is gone.
    """

    def __init__(self, limit_bytes: int = LIMIT_BYTES) -> None:
        self._half_bytes = limit_bytes // 2
        self._young, self._old = _Generation(), _Generation()

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def read(self, kind: str, raw: msgspec.Raw, read: Callable[[msgspec.Raw], tuple[R, bool]]) -> R:
        """What `read` makes of these bytes, once; it also says whether that is all that is in them."""
        key = _key(kind, memoryview(raw), len(raw))
        known: R | None = self._young.piece(key, raw)
        if known is not None:
            return known
        own = msgspec.Raw(bytes(raw))  # what is read may hold on to a part of it, not to the whole request
        known = self._old.piece(key, raw) or _read(own, read)
        size_bytes = _COPIES * len(raw) + _OBJECT_BYTES
        if known.forms is not None and self._makes_room(size_bytes):
            self._young.pieces[key] = own, known
            self._young.size_bytes += size_bytes
        return known

    def read_items(
        self, kind: str, raw: msgspec.Raw, read: Callable[[msgspec.Raw], tuple[R, bool]]
    ) -> Told[R]:
        """The same of each item of a conversation, of which the beginning is mostly known."""
        written = memoryview(raw)
        known = self._known_beginning(kind, written)
        said = known.known(read)
        rest = known.rest(written)
        items = _list.decode(rest)
        lasting, moving = items[:-_MOVING], items[-_MOVING:]
        if known.text:  # what has come since is few items, and the last request had most of them
            fresh = [self.read(kind, item, read) for item in items]
        else:
            fresh = [_read(item, read) for item in lasting] + [self.read(kind, item, read) for item in moving]
        if sum(map(len, lasting)) > max(_SAMPLE_BYTES, len(known.text) * _RENEWED_AT):
            text = bytes(written[: len(written) - len(rest) + _end(rest, moving)])
            self._begin(known, _beginning(kind, text, known.said, lasting, fresh))
        return Told(said, fresh, known.forms)

    def _known_beginning(self, kind: str, written: memoryview) -> _Beginning:
        known = self._young.beginning(kind, written)
        if known is None:
            known = self._old.beginning(kind, written)
            if known is not None:
                self._begin(known, known)
        return known or _Beginning(kind, b"", [], None)

    def _begin(self, known: _Beginning, longer: _Beginning) -> None:
        """Keeps the longer one in the place of the other."""
        if known.text:
            self._young.remove(known)
        if self._makes_room(longer.size_bytes):
            self._young.add(longer)

    def _makes_room(self, size_bytes: int) -> bool:
        """Whether so much can be kept."""
        if size_bytes > self._half_bytes:
            return False
        if self._young.size_bytes + size_bytes > self._half_bytes:
            self._young, self._old = _Generation(), self._young
        return True


def _key(kind: str, written: memoryview, length: int) -> _Key:
    return kind, length, bytes(written[max(0, length - _SAMPLE_BYTES) : length])


def _beginning(
    kind: str, text: bytes, said: list[Any], items: list[msgspec.Raw], fresh: Sequence[Remembered]
) -> _Beginning:
    """One that is longer by these items."""
    longer = [*said]
    for item, value in zip(items, fresh, strict=False):
        longer.append(msgspec.Raw(bytes(item)) if value.forms is None else value)
    is_all = not any(isinstance(item, msgspec.Raw) for item in longer)
    return _Beginning(kind, text, longer, {} if is_all else None)


def _read(raw: msgspec.Raw, read: Callable[[msgspec.Raw], tuple[R, bool]]) -> R:
    """What is in it; where that is all, with a place for the forms in which it is written."""
    value, is_all = read(raw)
    if is_all:
        value.forms = {}
    return value


def _end(written: bytes, after: list[msgspec.Raw]) -> int:
    """Where the item before these has ended, which are the last ones of the list."""
    at = written.rindex(b"]")
    for item in reversed(after):
        at = _without_separators(written, at) - len(item)
    return _without_separators(written, at)


def _without_separators(written: bytes, end: int) -> int:
    while written[end - 1] in _SEPARATORS:
        end -= 1
    return end
