"""What each wire format can do, as a conversion asks for it: the table from which it takes both of its sides."""

from __future__ import annotations

from typing import Final, NamedTuple, Protocol

from cccc_tui.wire import anthropic, chat, responses
from cccc_tui.wire.events import Answer, Client, StreamEvent
from cccc_tui.wire.model import ConvertOptions, Format, Request
from cccc_tui.wire.names import NameMap
from cccc_tui.wire.parts import Fields
from cccc_tui.wire.reuse import Memo
from cccc_tui.wire.runs import Run
from cccc_tui.wire.sse import Event


class Reader(Protocol):
    """An upstream's stream."""

    def read(self, event: Event) -> list[StreamEvent]: ...
    def end(self) -> list[StreamEvent]: ...
    def is_steady(self, key: int) -> bool: ...


class Writer(Protocol):
    """A client's stream."""

    def write(self, event: StreamEvent) -> bytes: ...
    def write_run(self, run: Run) -> bytes: ...


class _ReadRequest(Protocol):
    def __call__(self, body: bytes, notes: list[str]) -> Request: ...


class _ReadPieces(Protocol):
    def __call__(self, fields: Fields, notes: list[str], memo: Memo) -> Request: ...


class _WriteRequest(Protocol):
    def __call__(
        self, request: Request, options: ConvertOptions, names: NameMap, notes: list[str]
    ) -> bytes: ...


class _ReadResponse(Protocol):
    def __call__(self, body: bytes, options: ConvertOptions, notes: list[str]) -> Answer: ...


class _WriteResponse(Protocol):
    def __call__(self, answer: Answer, client: Client) -> bytes: ...


class _ReaderType(Protocol):
    def __call__(self, options: ConvertOptions, notes: list[str]) -> Reader: ...


class _WriterType(Protocol):
    def __call__(self, client: Client) -> Writer: ...


class Wire(NamedTuple):
    """One format's functions."""

    read_request: _ReadRequest
    read_pieces: _ReadPieces
    write_request: _WriteRequest
    read_response: _ReadResponse
    write_response: _WriteResponse
    stream_reader: _ReaderType
    stream_writer: _WriterType


WIRES: Final[dict[Format, Wire]] = {
    "anthropic": Wire(
        anthropic.read_request,
        anthropic.read_pieces,
        anthropic.write_request,
        anthropic.read_response,
        anthropic.write_response,
        anthropic.StreamReader,
        anthropic.StreamWriter,
    ),
    "chat": Wire(
        chat.read_request,
        chat.read_pieces,
        chat.write_request,
        chat.read_response,
        chat.write_response,
        chat.StreamReader,
        chat.StreamWriter,
    ),
    "responses": Wire(
        responses.read_request,
        responses.read_pieces,
        responses.write_request,
        responses.read_response,
        responses.write_response,
        responses.StreamReader,
        responses.stream_writer,
    ),
}
