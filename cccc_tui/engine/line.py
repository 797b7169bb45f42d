"""A way to upstreams, straight or through one proxy, on which requests are posted for little.

aiohttp's `ClientSession` makes a request, a response, a timer and a writer task for each call, and looks for cookies
and redirects; for a small request that is more work than all that cccc does besides. Here the request is written to
a connection of the session's own pool, and the answer read from its parser: what is hard (DNS, TLS, proxies,
keep-alive, chunks, compression) stays aiohttp's.
"""

from __future__ import annotations

import asyncio
from functools import lru_cache, partial
from typing import Any, Final

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.client_reqrep import ClientRequest
from aiohttp.connector import Connection
from aiohttp.http import HttpProcessingError, RawResponseMessage
from aiohttp.streams import StreamReader
from multidict import CIMultiDictProxy
from yarl import URL

from cccc_tui.engine.heads import Lines
from cccc_tui.engine.outgoing import joined_head

READ_BYTES: Final = 256 * 1024
"""How much is read ahead of a client that is slow; a stream is read as it comes, so this only bounds memory."""
MAX_LINE_BYTES: Final = 64 * 1024
_JOINED_BYTES: Final = 32 * 1024
"""A body up to this size is copied behind its head: one write costs less than two."""
_MOST_TARGETS: Final = 256
"""Query strings come from clients: nobody may fill the memory with them."""


class Connected(ResponseHandler):
    """aiohttp's end of a connection. After each piece that is read it would resume what was never paused, which for a
    stream of small events takes longer than reading them."""

    def resume_reading(self, resume_parser: bool = True) -> None:
        if self._reading_paused or self._buffer_paused:
            super().resume_reading(resume_parser)


def connector(**settings: Any) -> aiohttp.TCPConnector:
    """A pool of such connections."""
    made = aiohttp.TCPConnector(**settings)
    factory: Any = partial(Connected, loop=asyncio.get_running_loop())
    made._factory = factory
    return made


class Answered:
    """The head of an answer, and its body as it comes. `close` it in any case."""

    def __init__(self, connection: Connection, message: RawResponseMessage, content: StreamReader) -> None:
        self.status: int = message.code
        self.headers: CIMultiDictProxy[str] = message.headers
        self.content = content
        self._connection = connection
        content.on_eof(self._ended)

    async def read(self) -> bytes:
        """What has come, at least a byte; nothing once the answer is over. Raises aiohttp's `ClientError`s."""
        content: Any = self.content
        if len(content._buffer) < 2 or content._buffer_offset or content.exception() is not None:
            return await self.content.readany()
        # aiohttp takes it out piece by piece, which for small events takes longer than all else that is done with them.
        data = b"".join(content._buffer)
        content._buffer.clear()
        content._size = 0
        content._cursor += len(data)
        if content._http_chunk_splits is not None:
            content._http_chunk_splits.clear()
        content._protocol.resume_reading()
        return data

    def close(self) -> None:
        """Cuts the connection if the answer is not whole yet, which stops the upstream."""
        self._connection.close()

    def _ended(self) -> None:
        transport = self._connection.transport
        if transport is not None and transport.get_write_buffer_size():
            self._connection.close()  # answered before it has read the request: the rest would be in the next one's way
        else:
            self._connection.release()


class Line:
    """Posts over the connections of one session."""

    def __init__(self, session: aiohttp.ClientSession, proxy: URL | None = None) -> None:
        assert session.connector
        self._connector = session.connector
        self._proxy = proxy
        self._targets: dict[str, ClientRequest] = {}

    async def post(self, url: str, head: Lines, body: bytes, connect_s: float) -> Answered:
        """Sends a request and waits for the head of its answer. Raises aiohttp's `ClientError`s."""
        request = self._request_for(url)
        connection = await self._connected(request, connect_s)
        try:
            _write(connection, _head(request, head, len(body)), body)
            return Answered(connection, *await _answer(connection))
        except BaseException:
            connection.close()
            raise

    def _request_for(self, url: str) -> ClientRequest:
        """What the pool knows a connection by, and what only aiohttp can say of a URL."""
        request = self._targets.get(url)
        if request is None:
            if len(self._targets) >= _MOST_TARGETS:
                self._targets.clear()
            request = ClientRequest("POST", URL(url), loop=asyncio.get_running_loop(), proxy=self._proxy)
            self._targets[url] = request
        return request

    async def _connected(self, request: ClientRequest, connect_s: float) -> Connection:
        try:
            return await self._connector.connect(request, traces=[], timeout=_timeout(connect_s))
        except TimeoutError as error:
            raise aiohttp.ConnectionTimeoutError(f"Connection timeout to host {request.url}") from error
        except aiohttp.ClientError:
            raise
        except OSError as error:
            raise aiohttp.ClientOSError(*error.args) from error


@lru_cache(maxsize=8)
def _timeout(connect_s: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=None, sock_connect=connect_s)


def _head(request: ClientRequest, head: Lines, body_bytes: int) -> bytes:
    """The request line and the headers. Raises ValueError for one with a line break in it."""
    # A proxy that is not asked for a tunnel wants the whole URL (RFC 9112, section 3.2.2).
    target = str(request.url) if request.proxy and not request.is_ssl() else request.url.raw_path_qs
    own = request.headers
    lines = [f"POST {target} HTTP/1.1", f"Host: {own['Host']}", f"Content-Length: {body_bytes}"]
    for name in ("Authorization", "Proxy-Authorization"):  # of a URL with a name and a password in it
        if name in own and name.lower() not in head.by_name:
            lines.append(f"{name}: {own[name]}")
    lines += head.written
    return joined_head(lines)


def _write(connection: Connection, head: bytes, body: bytes) -> None:
    protocol, transport = connection.protocol, connection.transport
    if protocol is None or transport is None:
        raise aiohttp.ClientConnectionResetError("the connection was closed before the request was sent")
    protocol.set_response_params(
        read_until_eof=True,
        read_bufsize=READ_BYTES,
        max_line_size=MAX_LINE_BYTES,
        max_field_size=MAX_LINE_BYTES,
    )
    if len(body) <= _JOINED_BYTES:
        transport.write(head + body)
    else:
        transport.writelines((head, body))


async def _answer(connection: Connection) -> tuple[RawResponseMessage, StreamReader]:
    protocol: Any = connection.protocol
    while True:
        try:
            message, content = await protocol.read()
        except HttpProcessingError as error:
            raise aiohttp.ClientPayloadError(f"what it sent is not HTTP: {error.message}") from error
        if not 100 <= message.code < 200:
            return message, content
