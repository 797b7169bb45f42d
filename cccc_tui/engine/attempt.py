"""One upstream call: connect, send, read until the first content. Nothing here touches the client.

`open_answer` either returns an `Answer` whose first content is there, or raises `AttemptFailed` with the facts from
which policy decides. What aiohttp raises is translated to a kind of failure in one place.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Protocol

import aiohttp
import msgspec
from multidict import CIMultiDictProxy

from cccc_tui.config.schema import Timeouts
from cccc_tui.engine.headers import lowered
from cccc_tui.engine.heads import Lines
from cccc_tui.engine.line import Answered, Line
from cccc_tui.engine.timers import Deadline
from cccc_tui.routing.policy import Failure, FailureKind
from cccc_tui.traffic.exchange import Attempt
from cccc_tui.wire.errors import UpstreamError, read_error
from cccc_tui.wire.model import Format, Usage

log = logging.getLogger(__name__)

MAX_ERROR_BYTES = 256 * 1024
MAX_ANSWER_BYTES = 64 * 1024 * 1024


class Write(Protocol):
    """Hands a piece to the client; the last one may wait for the end of the answer."""

    async def __call__(self, chunk: bytes, is_last: bool, /) -> None: ...


class AnswerReader(Protocol):
    """Reads a stream as it goes by and says what the client gets of it: a watcher, or a converter of formats."""

    content_seen: bool
    """Whether something came that a client would show or do."""
    finished: bool
    """Whether the client has, or with `ending` gets, the format's terminal event."""
    stop_reason: str
    usage: Usage
    error: UpstreamError | None
    """An error that came as an event; the client's form of it is among what `feed` returned."""
    progress: int
    """Rises with content, and not with an upstream's keep-alives."""

    @property
    def notes(self) -> list[str]:
        """What was left out, mended or recognised on the way."""
        ...

    @property
    def final(self) -> bytes:
        """The whole answer, once it was streamed to a Responses client by a conversion; else empty."""
        ...

    def feed(self, chunk: bytes) -> bytes: ...

    def ending(self) -> bytes:
        """What is still to be sent once the upstream has closed the stream; afterwards `finished` is final."""
        ...

    def broken(self, error: UpstreamError) -> bytes:
        """What ends the stream for the client when it broke; nothing if the client has its end already."""
        ...


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Deadlines of one attempt, in seconds."""

    connect: float
    headers: float
    first_content: float
    stream_idle: float
    answer: float

    @classmethod
    def of(cls, timeouts: Timeouts) -> Limits:
        return cls(
            connect=timeouts.tls_handshake,
            headers=timeouts.response_header,
            first_content=timeouts.first_content,
            stream_idle=timeouts.stream_idle,
            answer=timeouts.answer,
        )


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A prepared upstream request."""

    url: str
    head: Lines
    body: bytes
    streamed: bool
    limits: Limits
    clock: Callable[[], float]
    """Seconds since the exchange began."""


class FailedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The upstream's own refusal, to be passed on when nothing better comes."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes


class AttemptFailed(Exception):
    def __init__(
        self,
        failure: Failure,
        message: str,
        error: UpstreamError | None = None,
        answer: FailedAnswer | None = None,
    ) -> None:
        super().__init__(message)
        self.failure = failure
        self.message = message
        self.error = error
        """What the upstream itself said, where it said something."""
        self.answer = answer
        self.record: Attempt | None = None
        """Where the attempt stands in its exchange."""
        self.sent_body: bytes | None = None
        """What was sent; None if nothing was."""
        self.format: Format | None = None
        """In which it was asked."""


class Answer:
    """An upstream answer that has begun well. `close` it in any case: that ends the call if it still runs."""

    def __init__(self, response: Answered, limits: Limits) -> None:
        self.status = response.status
        self.headers = response.headers
        self.is_stream = False
        """Whether the body is a stream of events, by its first bytes: upstreams name the wrong content type."""
        self.pending = b""
        """What was read so far: for a stream as the client gets it, else as it came."""
        self._response = response
        self._limits = limits

    async def read_to_content(self, reader: AnswerReader) -> None:
        """Reads until the first content of a stream, or the whole of an answer that is not one."""
        first = await self._response.read()
        self.is_stream = _looks_like_events(first)
        if not self.is_stream:
            self.pending = first + await self._rest()
            return
        parts = [reader.feed(first)]
        while not reader.content_seen and not reader.error:
            chunk = await self._response.read()
            parts.append(reader.feed(chunk) if chunk else reader.ending())
            if not chunk:
                break
        _require_content(reader)
        self.pending = b"".join(parts)

    async def read_whole(self) -> bytes:
        """The whole body of an answer that is not streamed."""
        rest = await self._rest()
        self.pending = self.pending + rest if self.pending else rest
        self.is_stream = _looks_like_events(self.pending)
        return self.pending

    @property
    def is_over(self) -> bool:
        """Whether all that the upstream sent has been read."""
        return self._response.content.at_eof()

    async def pass_on(self, reader: AnswerReader, write: Write) -> None:
        """Reads the rest of the stream, writing each piece at once. Raises `AttemptFailed` if it breaks or stalls."""
        idle_s = self._limits.stream_idle
        try:
            async with Deadline(idle_s) as deadline:
                await self._pump(reader, write, deadline, idle_s)
        except TimeoutError:
            message = f"no content for {idle_s:g} s in the middle of the answer"
            raise AttemptFailed(Failure(kind="stalled", sent=True, content_sent=True), message) from None
        except aiohttp.ClientError as error:
            message = f"the connection broke in the middle of the answer ({_words(error)})"
            raise AttemptFailed(
                Failure(kind="broken_stream", sent=True, content_sent=True), message
            ) from error
        if not reader.error:
            await write(reader.ending(), True)
        if reader.error:
            raise _stream_error(reader.error, content_sent=True)
        if not reader.finished:
            message = "the stream ended in the middle of the answer"
            raise AttemptFailed(Failure(kind="broken_stream", sent=True, content_sent=True), message)

    def close(self) -> None:
        """Gives the connection back if the answer was read whole, else cuts it, which stops the upstream."""
        self._response.close()

    async def _pump(
        self,
        reader: AnswerReader,
        write: Write,
        deadline: Deadline,
        idle_s: float,
    ) -> None:
        progress = reader.progress
        while chunk := await self._response.read():
            deadline.paused = True  # a client that reads slowly is not the upstream's fault
            await write(reader.feed(chunk), self.is_over)
            deadline.paused = False
            if reader.error:
                return
            if reader.progress != progress:
                progress = reader.progress
                deadline.extend(idle_s)

    async def _rest(self) -> bytes:
        parts = []
        size = len(self.pending)
        content = self._response.content
        while not content.at_eof():
            part = await self._response.read()
            parts.append(part)
            size += len(part)
            if size > MAX_ANSWER_BYTES:
                message = f"the answer is larger than {MAX_ANSWER_BYTES >> 20} MiB"
                raise AttemptFailed(Failure(kind="bad_content", sent=True), message)
        return parts[0] if len(parts) == 1 else b"".join(parts)


async def open_answer(line: Line, call: Call, reader: AnswerReader, record: Attempt) -> Answer:
    """Sends `call`; returns once the first content of a stream is there, or a whole answer that is not streamed.

    Raises `AttemptFailed` for everything that policy has to judge.
    """
    response, limits = None, call.limits
    try:
        async with Deadline(limits.headers if call.streamed else limits.answer) as deadline:
            response = await line.post(call.url, call.head, call.body, limits.connect)
            record.headers_s, record.status = call.clock(), response.status
            if 200 <= response.status < 300:
                answer = Answer(response, limits)
                deadline.restart(limits.first_content if call.streamed else limits.answer)
                await (answer.read_to_content(reader) if call.streamed else answer.read_whole())
                record.first_content_s = call.clock()
                return answer
        raise await _refused(response, call)
    except TimeoutError:
        _cut(response)
        raise _timed_out(call, record) from None
    except aiohttp.ClientError as error:
        _cut(response)
        raise AttemptFailed(
            Failure(kind=_kind(error), sent=record.headers_s is not None), _words(error)
        ) from error
    except BaseException:
        _cut(response)
        raise


async def _refused(response: Answered, call: Call) -> AttemptFailed:
    body = b""
    try:
        async with asyncio.timeout(call.limits.headers):
            body = await response.content.read(MAX_ERROR_BYTES)
            while len(body) < MAX_ERROR_BYTES and (
                more := await response.content.read(MAX_ERROR_BYTES - len(body))
            ):
                body += more
    except (aiohttp.ClientError, TimeoutError) as cut:
        # Status and headers say enough; a half body is kept as far as it came.
        log.debug("an error of status %d is not whole: %s", response.status, cut or "no more in time")
    error = read_error(response.status, lowered(response.headers.items()), body, time.time())
    response.close()
    answer = FailedAnswer(status=response.status, headers=response.headers, body=body)
    return AttemptFailed(Failure(kind="status", error=error, sent=True), error.message, error, answer)


def _require_content(reader: AnswerReader) -> None:
    if reader.error:
        raise _stream_error(reader.error)
    if not reader.content_seen and not reader.finished:
        raise AttemptFailed(Failure(kind="empty", sent=True), "the stream ended before any content")


def _stream_error(error: UpstreamError, content_sent: bool = False) -> AttemptFailed:
    failure = Failure(kind="stream_error", error=error, sent=True, content_sent=content_sent)
    return AttemptFailed(failure, error.message, error)


def _timed_out(call: Call, record: Attempt) -> AttemptFailed:
    limits = call.limits
    if record.headers_s is None:
        waited = limits.headers if call.streamed else limits.answer
        return AttemptFailed(
            Failure(kind="header_timeout", sent=True), f"no response headers within {waited:g} s"
        )
    waited = limits.first_content if call.streamed else limits.answer
    return AttemptFailed(Failure(kind="content_timeout", sent=True), f"no content within {waited:g} s")


def _looks_like_events(first: bytes) -> bool:
    return first.lstrip(b"\xef\xbb\xbf\r\n ").startswith((b"event:", b"data:", b"id:", b"retry:", b":"))


def _cut(response: Answered | None) -> None:
    if response is not None:
        response.close()


def _kind(error: aiohttp.ClientError) -> FailureKind:
    table: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], FailureKind], ...] = (
        (aiohttp.ClientConnectorDNSError, "dns"),
        ((aiohttp.ClientSSLError, aiohttp.ServerFingerprintMismatch), "tls"),
        (aiohttp.ConnectionTimeoutError, "connect_timeout"),
        (aiohttp.ServerTimeoutError, "header_timeout"),
        (aiohttp.ClientConnectorError, "refused"),
        ((aiohttp.ClientPayloadError, aiohttp.ClientResponseError), "bad_content"),
        (aiohttp.ClientConnectionError, "reset"),
    )
    return next((kind for errors, kind in table if isinstance(error, errors)), "reset")


def _words(error: BaseException) -> str:
    """What aiohttp says, without the names of its classes' innards."""
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return f"the host name {error.host} does not resolve"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return f"the TLS certificate of {error.host} is not trusted ({error.certificate_error})"
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return "connecting took too long"
    if isinstance(error, aiohttp.ClientConnectorError):
        reason = error.os_error.strerror or str(error.os_error)
        return f"cannot connect to {error.host}:{error.port} ({reason})"
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "the upstream closed the connection without an answer"
    return str(error) or type(error).__name__
