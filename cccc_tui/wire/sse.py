"""Server-sent events, incrementally: bytes in at any boundary, whole events out.

Follows the WHATWG HTML standard, section 9.2.6 "Interpreting an event stream", with two
deliberate departures: there is no `retry` (a gateway never reconnects by itself), and an
unfinished event at the end of the stream is handed out, because upstreams often end without
the closing blank line.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

END: Final = b"\n\n"
"""What completes an event, also one that its stream left unfinished."""
_CR: Final = ord("\r")
_WINDOW_BYTES: Final = 16_384
"""How far `between` looks: what its caller leaves is looked at again."""


class Event(NamedTuple):
    name: str
    """The `event:` field; empty when the upstream names no event (OpenAI Chat)."""
    data: bytes
    """The `data:` lines joined by newlines, undecoded: JSON parsers take bytes."""


class Decoder:
    """Cuts a byte stream into events.

    Lines may end in LF, CRLF or CR, and a read may end anywhere, between CR and LF included.
    """

    def __init__(self) -> None:
        self._bytes = b""
        """What came last, with LF alone as the end of a line."""
        self._at = 0
        """How much of it has been taken."""
        self._held = b""
        """A CR at the very end: it may be the first half of a CRLF."""

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """The events that `chunk` completes."""
        self.add(chunk)
        return iter(self.take, None)

    def end(self) -> Iterator[Event]:
        """What the stream left unfinished."""
        return self.feed(END)

    def add(self, chunk: bytes) -> None:
        """Takes in more bytes, whose events `take` gives."""
        if self._held or _CR in chunk:
            chunk = self._held + chunk
            self._held = b"\r" if chunk.endswith(b"\r") else b""
            chunk = chunk.removesuffix(b"\r").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        self._bytes = self._bytes[self._at :] + chunk if self._at < len(self._bytes) else chunk
        self._at = 0

    def take(self) -> Event | None:
        """The next event; None as long as it is not whole."""
        while (end := self._bytes.find(END, self._at)) >= 0:
            block = self._bytes[self._at : end]
            self._at = end + len(END)
            if event := _event(block):
                return event
        return None

    def between(self, head: bytes, tail: bytes) -> list[bytes]:
        """What stands between `head` and `tail` in the events that come next, as long as they are framed so.

        It says nothing of what stands there: that may hold other events. `skip` takes them.
        """
        if not self._bytes.startswith(head, self._at):
            return []
        start = self._at + len(head)
        found = self._bytes[start : start + _WINDOW_BYTES].split(tail + head)
        inside, is_whole, _ = found.pop().partition(tail)
        if is_whole:
            found.append(inside)
        return found

    def skip(self, size: int) -> None:
        """Leaves out so many bytes: whole events."""
        self._at += size


def _event(block: bytes) -> Event | None:
    name, data = "", []
    for line in block.split(b"\n"):
        if line.startswith(b"data: "):  # nearly all are
            data.append(line[6:])
            continue
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            data.append(value)
        elif field == b"event":
            name = value.decode("utf-8", "replace")
    if not data:
        return None
    return Event(name, data[0] if len(data) == 1 else b"\n".join(data))
