"""One client on a raw socket: it asks, reads the answer whole, and notes when what came.

It does as little as it can beside that, so that one core has room for hundreds of them and the upstream.
"""

from __future__ import annotations

import asyncio
import time
from array import array
from typing import NamedTuple, cast
from urllib.parse import urlsplit

from benchmarks.answers import Expected
from benchmarks.bodies import PATHS, Size, request_body
from cccc_tui.wire.model import Format

_HEAD_END = b"\r\n\r\n"
_LAST_CHUNK = b"\r\n0\r\n\r\n"
_CREDENTIALS: dict[Format, str] = {
    "anthropic": "x-api-key: sk-bench\r\nanthropic-version: 2023-06-01",
    "chat": "Authorization: Bearer sk-bench",
    "responses": "Authorization: Bearer sk-bench",
}

now = time.perf_counter


class Work(NamedTuple):
    """What is asked, and what must be answered."""

    request: bytes
    expected: Expected


def work(form: Format, size: Size, events: int) -> Work:
    body = request_body(form, size, streamed=events > 0)
    head = (
        f"POST {PATHS[form]} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"{_CREDENTIALS[form]}\r\nUser-Agent: bench\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return Work(head.encode() + body, Expected(form, events))


class Tally:
    """What all clients together have seen, in seconds."""

    def __init__(self) -> None:
        self.latency, self.first_byte, self.gaps = array("d"), array("d"), array("d")
        self.faults: dict[str, int] = {}

    def blame(self, fault: str) -> None:
        self.faults[fault] = self.faults.get(fault, 0) + 1


class Answer:
    """The answer as it comes: the head is read once, chunks are put together at the end."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.size = 0
        self._ends_at: int | None = None
        """Bytes of head and body; None while that is not known, -1 if the answer is chunked."""
        self._tail = b""

    def feed(self, data: bytes) -> bool:
        """Takes what has come; whether the answer is whole."""
        self._pieces.append(data)
        self.size += len(data)
        if self._ends_at is None:
            self._pieces = [b"".join(self._pieces)]
            self._ends_at = _end_of(self._pieces[0])
        if self._ends_at is None:
            return False
        if self._ends_at >= 0:
            return self.size >= self._ends_at
        self._tail = (self._tail + data)[-len(_LAST_CHUNK) :] if len(data) < len(_LAST_CHUNK) else data
        return self._tail.endswith(_LAST_CHUNK)

    def read(self) -> tuple[int, bytes]:
        """Status and body. ValueError if it is no HTTP."""
        head, _, body = b"".join(self._pieces).partition(_HEAD_END)
        return int(head[9:12]), _unchunked(body) if self._ends_at == -1 else body


def _end_of(data: bytes) -> int | None:
    head, separator, _ = data.partition(_HEAD_END)
    if not separator:
        return None
    _, found, after = head.lower().partition(b"\r\ncontent-length:")
    return len(head) + len(_HEAD_END) + int(after.partition(b"\r\n")[0]) if found else -1


def _unchunked(data: bytes) -> bytes:
    pieces: list[bytes] = []
    at = 0
    while True:
        line_end = data.index(b"\r\n", at)
        size = int(data[at:line_end].partition(b";")[0], 16)
        if not size:
            return b"".join(pieces)
        at = line_end + 2
        pieces.append(data[at : at + size])
        if data[at + size : at + size + 2] != b"\r\n":
            raise ValueError("a chunk does not end where it says")
        at += size + 2


class Client(asyncio.Protocol):
    """One connection. It asks whenever `ask` is called, and calls `answered` when it has the answer or lost it."""

    def __init__(self, work: Work, tally: Tally) -> None:
        self._work, self._tally = work, tally
        self._answer: Answer | None = None
        self._begun = self._last = 0.0
        self.is_open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self.is_open = True

    def ask(self, begun: float = 0.0) -> None:
        """Sends the request; its time counts from `begun` on, for one that was due earlier."""
        self._begun = self._last = begun or now()
        self._answer = Answer()
        self._transport.write(self._work.request)

    def data_received(self, data: bytes) -> None:
        answer, moment = self._answer, now()
        if answer is None:
            self._tally.blame("bytes that nobody asked for")
            return self._transport.abort()
        if answer.size:
            self._tally.gaps.append(moment - self._last)
        else:
            self._tally.first_byte.append(moment - self._begun)
        self._last = moment
        try:
            if answer.feed(data):
                self._finish(answer, moment)
        except ValueError as error:
            self._tally.blame(f"no HTTP: {error}")
            self._transport.abort()
        return None

    def _finish(self, answer: Answer, moment: float) -> None:
        fault = self._work.expected.fault(*answer.read())
        if fault:
            self._tally.blame(fault)
        else:
            self._tally.latency.append(moment - self._begun)
        self._answer = None
        self.answered(is_right=not fault)

    def connection_lost(self, error: Exception | None) -> None:
        self.is_open = False
        if self._answer is not None:
            self._tally.blame("the connection was closed before the answer was whole")
            self._answer = None
        self.lost()

    def answered(self, is_right: bool) -> None:
        """All of an answer is there, the right one or not."""

    def lost(self) -> None:
        """The connection is gone."""

    def close(self) -> None:
        """Ends it, whatever is still to come."""
        self._answer = None
        if self.is_open:
            self._transport.abort()


def place(url: str) -> tuple[str, int]:
    """Host and port of a URL."""
    parts = urlsplit(url)
    assert parts.hostname and parts.port
    return parts.hostname, parts.port
