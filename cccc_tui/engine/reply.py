"""The client's side of an exchange: nothing is sent until it is decided what, and then it never just stops."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from aiohttp import web

from cccc_tui.engine.outgoing import Outgoing
from cccc_tui.tasks import spawn
from cccc_tui.traffic.exchange import Body, Exchange
from cccc_tui.wire.model import Format
from cccc_tui.wire.scan import keep_alive

_STREAM_HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-cache",
    # nginx and friends in front of us would hold small events back
    "X-Accel-Buffering": "no",
}


class ClientGone(Exception):
    """The client closed its connection; nobody is there to be answered."""


class Reply:
    """One answer to the client: either one `send`, or `begin`, `write`s and `finish`."""

    def __init__(self, request: web.BaseRequest, exchange: Exchange, touch: Callable[[int], None]) -> None:
        self._request = request
        self._exchange = exchange
        self._touch = touch
        self._outgoing: Outgoing | None = None
        self._tail = b"\n\n"
        self._held = b""
        """What is written and not yet sent."""
        self._loop = asyncio.get_running_loop()
        self._last_write = self._loop.time()

    @property
    def committed(self) -> bool:
        """Whether status and headers have gone out."""
        return self._outgoing is not None

    async def send(self, status: int, headers: Mapping[str, str], body: bytes) -> web.StreamResponse:
        """The whole answer at once."""
        self._exchange.status = status
        self._keep(body)
        self._outgoing = outgoing = Outgoing(self._request, status)
        try:
            await outgoing.whole(headers.items(), body)
        except ConnectionError as error:
            raise ClientGone from error
        return outgoing

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """Status and headers of a stream, which go out with the first `write`; a second call changes nothing."""
        if self._outgoing is not None:
            return
        self._outgoing = Outgoing(self._request, status)
        self._outgoing.begin({**headers, **_STREAM_HEADERS}.items())
        self._exchange.status = status

    async def write(self, chunk: bytes, is_last: bool = False) -> None:
        """Sends a piece; the last one waits for `finish`, to go out with the end of the body."""
        if not chunk:
            return
        assert self._outgoing is not None, "write before begin"
        self._keep(chunk)
        self._tail = chunk[-4:] if len(chunk) >= 4 else (self._tail + chunk)[-4:]
        self._last_write = self._loop.time()
        chunk, self._held = self._held + chunk, b""
        if is_last:
            self._held = chunk
            return
        try:
            await self._outgoing.send(chunk)
        except ConnectionError as error:
            raise ClientGone from error

    async def finish(self) -> web.StreamResponse:
        assert self._outgoing is not None, "finish before begin"
        try:
            await self._outgoing.end(self._held)
        except ConnectionError as error:
            raise ClientGone from error
        return self._outgoing

    @property
    def at_event_boundary(self) -> bool:
        """Whether an event of our own can be written here without cutting one of the upstream's."""
        return self._tail.endswith((b"\n\n", b"\r\n\r\n", b"\r\r"))

    @property
    def silent_s(self) -> float:
        return self._loop.time() - self._last_write

    def _keep(self, chunk: bytes) -> None:
        exchange = self._exchange
        exchange.response_bytes += len(chunk)
        if exchange.response_body is not None:
            exchange.response_body.append(chunk)
        self._touch(exchange.id)


class KeepAlive:
    """Sends the format's keep-alive whenever the client has heard nothing for a while, from before the first byte on.

    The clock is the client's silence, not the upstream's: what counts as a dead upstream is decided elsewhere.
    """

    def __init__(self, reply: Reply, form: Format, client: str, period_s: float) -> None:
        self._reply = reply
        self._bytes = keep_alive(form, client)
        self._period_s = period_s
        self._loop = asyncio.get_running_loop()
        self._handle = self._loop.call_later(period_s, self._tick)

    def stop(self) -> None:
        self._handle.cancel()

    def _tick(self) -> None:
        rest = self._period_s - self._reply.silent_s
        if rest <= 0.05:
            spawn(self._send(), "keep-alive")
            rest = self._period_s
        self._handle = self._loop.call_later(rest, self._tick)

    async def _send(self) -> None:
        try:
            self._reply.begin(200, {})
            if self._reply.at_event_boundary:
                await self._reply.write(self._bytes)
        except ClientGone:
            # Its handler is cancelled by the server and ends the exchange.
            self.stop()


def kept_body(policy: str) -> Body | None:
    """Where a body is kept for the detail screen, by the policy of `logging.log_*_body`."""
    limits = {"truncated": 128 * 1024, "full": 2 * 1024 * 1024}
    return Body(limits[policy]) if policy in limits else None
