"""Server-sent events, incrementally: bytes in at any boundary, whole events out.

Follows the WHATWG HTML standard, section 9.2.6 "Interpreting an event stream", with two
deliberate departures: there is no `retry` (a gateway never reconnects by itself), and an
unfinished event at the end of the stream is handed out, because upstreams often end without
the closing blank line.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple


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
        self._tail = b""
        self._name = ""
        self._data: list[bytes] = []

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """The events that `chunk` completes."""
        buffer = self._tail + chunk
        lines = buffer.splitlines(keepends=True)
        self._tail = lines.pop() if lines and _may_go_on(lines[-1]) else b""
        for line in lines:
            if event := self._take(line.rstrip(b"\r\n")):
                yield event

    def end(self) -> Iterator[Event]:
        """What the stream left unfinished."""
        for line in (self._tail, b""):
            if event := self._take(line.rstrip(b"\r\n")):
                yield event
        self._tail = b""

    def _take(self, line: bytes) -> Event | None:
        if not line:
            return self._dispatch()
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            self._data.append(value)
        elif field == b"event":
            self._name = value.decode("utf-8", "replace")
        return None

    def _dispatch(self) -> Event | None:
        name, data = self._name, self._data
        self._name, self._data = "", []
        return Event(name, b"\n".join(data)) if data else None


def _may_go_on(line: bytes) -> bool:
    """A last line is whole only when its ending is: a CR may be the first half of a CRLF."""
    return not line.endswith(b"\n")
