"""How an upstream's answer becomes the client's: watched and passed on when the formats are the same."""

from __future__ import annotations

from typing import Protocol

import msgspec

from cccc_tui.engine.attempt import AnswerReader
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


class SameFormat(msgspec.Struct, frozen=True):
    """Every byte passes, but for the model's name where the client asked by another one."""

    format: Format
    model_back: str | None

    def reader(self) -> AnswerReader:
        return Watched(self.format, self.model_back)

    def whole(self, body: bytes) -> AnswerScan:
        return scan_answer(self.format, body, self.model_back)


class Watched(StreamScan):
    """A scan that also tells whether the answer goes on, which keep-alives of the upstream do not."""

    _CONTENT: dict[Format, bytes] = {
        "anthropic": b"content_block_",
        "chat": b'"choices"',
        "responses": b"response.",
    }

    def __init__(self, form: Format, model: str | None) -> None:
        super().__init__(form, model)
        self.progress = 0
        self._mark = self._CONTENT[form]

    def feed(self, chunk: bytes) -> bytes:
        if self._mark in chunk:
            self.progress += 1
        return super().feed(chunk)

    def broken(self, error: UpstreamError) -> bytes:
        return break_event(self.format, error, self)
