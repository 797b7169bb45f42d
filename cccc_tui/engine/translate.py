"""How an upstream's answer becomes the client's: watched and passed on when the formats are the same, else converted.

Also the two odd cases of both: an upstream that answers in one piece although a stream was asked for, and the reverse.
"""

from __future__ import annotations

from typing import Final, NamedTuple, Protocol

import msgspec

from cccc_tui.engine.attempt import AnswerReader
from cccc_tui.engine.seals import SealBook
from cccc_tui.wire.compaction import as_document
from cccc_tui.wire.convert import (
    Context,
    ConvertedResponse,
    ConvertOptions,
    StreamConverter,
    convert_request,
    convert_response,
    response_as_stream,
    stream_as_response,
)
from cccc_tui.wire.errors import UpstreamError
from cccc_tui.wire.model import Format
from cccc_tui.wire.scan import AnswerScan, StreamScan, break_event, scan_answer


class Translation(Protocol):
    """Made with the request, used for its answer."""

    def reader(self) -> AnswerReader:
        """For one streamed answer."""
        ...

    def whole(self, body: bytes) -> AnswerScan:
        """For one answer that is not streamed."""
        ...

    def as_stream(self, body: bytes) -> AnswerScan:
        """A whole answer as the stream that the client asked for."""
        ...

    def as_whole(self, stream: bytes) -> AnswerScan:
        """A stream as the whole answer that the client asked for."""
        ...


class Maker(NamedTuple):
    """Who answers, and where it is remembered which thoughts they sealed."""

    book: SealBook
    host: str

    def made(self, data: bytes) -> None:
        """Remembers the seals in an answer, or in a piece of it."""
        self.book.made(self.host, data)


class SameFormat(msgspec.Struct, frozen=True):
    """Every byte passes, but for the model's name where the client asked by another one."""

    format: Format
    model_back: str | None
    request: bytes = b""
    """The client's request, from which an answer in the wrong shape is understood."""
    hides_usage: bool = False
    """Whether usage was asked for by us alone, so that the chunk with it is not the client's."""
    maker: Maker | None = None

    def reader(self) -> AnswerReader:
        return Watched(self.format, self.model_back, self.hides_usage, self.maker)

    def whole(self, body: bytes) -> AnswerScan:
        self._note_seals(body)
        return scan_answer(self.format, body, self.model_back)

    def as_stream(self, body: bytes) -> AnswerScan:
        self._note_seals(body)
        return _scanned(response_as_stream(self._context(), body))

    def as_whole(self, stream: bytes) -> AnswerScan:
        self._note_seals(stream)
        return _scanned(stream_as_response(self._context(), stream))

    def _note_seals(self, answer: bytes) -> None:
        if self.maker is not None:
            self.maker.made(answer)

    def _context(self) -> Context:
        # `origin=None`: both sides speak the provider's own format, so its reasoning blobs stay bare.
        return convert_request(self.format, self.format, self.request, ConvertOptions(origin=None)).context


class Converted(msgspec.Struct, frozen=True):
    """The upstream speaks another format than the client."""

    context: Context

    def reader(self) -> AnswerReader:
        return Converting(self.context)

    def whole(self, body: bytes) -> AnswerScan:
        return _scanned(convert_response(self.context, body))

    def as_stream(self, body: bytes) -> AnswerScan:
        return _scanned(response_as_stream(self.context, body))

    def as_whole(self, stream: bytes) -> AnswerScan:
        return _scanned(stream_as_response(self.context, stream))


class Compacted(Converted, frozen=True):
    """The same for `/responses/compact`, whose answer has a frame of its own."""

    request: bytes

    def whole(self, body: bytes) -> AnswerScan:
        scan = super().whole(body)
        if scan.body:
            scan.body = as_document(self.request, scan.body)
        return scan

    def as_whole(self, stream: bytes) -> AnswerScan:
        scan = super().as_whole(stream)
        if scan.body:
            scan.body = as_document(self.request, scan.body)
        return scan


_CONTENT: dict[Format, bytes] = {
    "anthropic": b"content_block_",
    "chat": b'"choices"',
    "responses": b"response.",
}
"""What events with content have in them, and keep-alives have not."""


_LEAST_SEALED_BYTES = 150
"""The frame of an event and a seal: most deltas are shorter, and need not be looked through."""


class Watched(StreamScan):
    """A scan that also tells whether the answer goes on, which keep-alives of the upstream do not."""

    def __init__(
        self, form: Format, model: str | None, hides_usage: bool = False, maker: Maker | None = None
    ) -> None:
        super().__init__(form, model, hides_usage)
        self.progress = 0
        self._mark = _CONTENT[form]
        self._maker = maker if form != "chat" else None

    @property
    def notes(self) -> list[str]:
        return []

    @property
    def final(self) -> bytes:
        return b""

    def feed(self, chunk: bytes) -> bytes:
        if self._mark in chunk:
            self.progress += 1
        passed = super().feed(chunk)
        if len(passed) >= _LEAST_SEALED_BYTES and self._maker is not None:
            self._maker.made(passed)
        return passed

    def broken(self, error: UpstreamError) -> bytes:
        # The upstream's own error event has gone on; only Codex waits for another one, `response.failed`.
        is_told = self.error is not None and self.format != "responses"
        return b"" if is_told else break_event(self.format, error, self)


UNUSED: Final[AnswerReader] = Watched("anthropic", None)
"""Of an answer that is not streamed: nothing is fed to it."""


class Converting(StreamConverter):
    """A converter as the delivery sees it."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.progress = 0

    def feed(self, chunk: bytes) -> bytes:
        written = super().feed(chunk)
        if written:
            self.progress += 1
        return written

    def ending(self) -> bytes:
        return self.end()

    def broken(self, error: UpstreamError) -> bytes:
        return self.fail(error)


def _scanned(response: ConvertedResponse) -> AnswerScan:
    return AnswerScan(
        body=response.body,
        usage=response.usage,
        stop_reason=response.stop_reason,
        error=response.error,
        has_content=response.has_content,
        notes=response.notes,
        final=response.final,
    )
