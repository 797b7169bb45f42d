"""A wire with a window: forwards connections byte by byte, and notes the request and status lines that pass.

The statuses are told apart from the requests by their shape: `GET /v1/responses` and `426`.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

_REQUEST = re.compile(rb"^([A-Z]+ /\S* )HTTP/1\.1\r$", re.MULTILINE)
_STATUS = re.compile(rb"^HTTP/1\.1 (\d{3})", re.MULTILINE)


class Relay:
    """Listens at `url` and forwards to `target`."""

    def __init__(self, target: str) -> None:
        self._target = urlsplit(target)
        self.url = ""
        self.seen: list[str] = []
        """`GET /v1/responses` and `426`, in the order in which they passed."""

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection(self._target.hostname, self._target.port)
        await asyncio.gather(self._copy(reader, up_writer, _REQUEST), self._copy(up_reader, writer, _STATUS))

    async def _copy(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, window: re.Pattern[bytes]
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(1 << 16):
                self.seen += [found.decode().strip() for found in window.findall(data)]
                writer.write(data)
                await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def relayed(target: str) -> AsyncIterator[Relay]:
    relay = Relay(target)
    server = await asyncio.start_server(relay._forward, "127.0.0.1", 0)
    async with server:
        relay.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield relay
