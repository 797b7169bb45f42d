"""An answer on its way to a client, written straight to the client's connection.

aiohttp's own responses could also compress, set cookies, count and call hooks, which for a stream of small events
takes longer than writing them. Here a head is joined once, goes out with the first bytes of the body, and each
further piece is one write. What is hard (parsing requests, keep-alive, pipelining, cancelling) stays aiohttp's: for
its server this is a response that was written already.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus

from aiohttp import ClientConnectionResetError, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import HttpVersion11

_REASONS = {status.value: status.phrase for status in HTTPStatus}


class Outgoing(web.StreamResponse):
    """Either `whole`, or `begin`, `send`s and `end`. All raise ConnectionError when the client has gone."""

    def __init__(self, request: web.BaseRequest, status: int) -> None:
        super().__init__(status=status)
        self._protocol = request.protocol
        self._writer = request.writer
        self._is_modern = request.version >= HttpVersion11
        """Whether the client understands chunks; to any other the end of the connection is the end of the body."""
        self._keep_alive = request.keep_alive
        self._head = b""
        """What is still to be sent before the body."""

    async def whole(self, headers: Iterable[tuple[str, str]], body: bytes) -> None:
        """Sends an answer whose body is there already."""
        await self._send(self._joined(headers, f"Content-Length: {len(body)}") + body)

    def begin(self, headers: Iterable[tuple[str, str]]) -> None:
        """Makes the head of a streamed answer, which goes out with its first `send`."""
        if self._is_modern:
            self._head = self._joined(headers, "Transfer-Encoding: chunked")
        else:
            self._keep_alive = False
            self._head = self._joined(headers)

    async def send(self, chunk: bytes) -> None:
        """Sends a piece, and waits while the client reads too slowly."""
        await self._send(self._taken_head() + self._framed(chunk))

    async def end(self, last: bytes = b"") -> None:
        """Sends the last piece, if there is one, and the end of the body with it."""
        data = self._taken_head() + (self._framed(last) if last else b"")
        if self._is_modern:
            data += b"0\r\n\r\n"
        if data:
            await self._send(data)

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """For aiohttp's server, which would send now what is sent already."""
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        """For aiohttp's server."""

    def _framed(self, chunk: bytes) -> bytes:
        return b"%x\r\n%b\r\n" % (len(chunk), chunk) if self._is_modern else chunk

    def _taken_head(self) -> bytes:
        head, self._head = self._head, b""
        return head

    async def _send(self, data: bytes) -> None:
        protocol = self._protocol
        transport = protocol.transport
        if transport is None or transport.is_closing():
            raise ClientConnectionResetError("the client has closed its connection")
        transport.write(data)
        self._writer.output_size += len(data)  # by this the server knows that an answer has begun
        if protocol.writing_paused:
            await self._writer.drain()

    def _joined(self, headers: Iterable[tuple[str, str]], *framing: str) -> bytes:
        """The head. Raises ValueError for a header with a line break in it."""
        status = self.status
        lines = [
            f"HTTP/1.{1 if self._is_modern else 0} {status} {_REASONS.get(status, '')}",
            *[f"{name}: {value}" for name, value in headers],
            f"Date: {_date(int(time.time()))}",
            "Server: cccc",
            *framing,
        ]
        if self._keep_alive != self._is_modern:
            lines.append("Connection: keep-alive" if self._keep_alive else "Connection: close")
        return joined_head(lines)


def joined_head(lines: list[str]) -> bytes:
    """The lines of a message's head as they are sent. Raises ValueError for one with a line break in it."""
    head = "\r\n".join(lines)
    if head.count("\n") + 1 != len(lines) or head.count("\r") + 1 != len(lines) or "\0" in head:
        raise ValueError("a header has a line break in it")
    # Bytes that are no UTF-8 come as surrogates out of the parser, and go on as the bytes that they were.
    return f"{head}\r\n\r\n".encode(errors="surrogateescape")


@lru_cache(maxsize=2)
def _date(second: int) -> str:
    """RFC 9110, section 6.6.1."""
    return formatdate(second, usegmt=True)
