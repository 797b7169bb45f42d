"""Requests and answers from one format into another: the table (from, to) that the engine uses."""

from __future__ import annotations

from typing import Final, NamedTuple, Protocol

import msgspec

from cccc_tui.wire import anthropic, chat, responses
from cccc_tui.wire.model import ConversionRefused, ConvertOptions, Format, Request
from cccc_tui.wire.names import NameMap
from cccc_tui.wire.pairing import paired

__all__ = ["ConversionRefused", "ConvertOptions", "ConvertedRequest", "convert_request"]


class _ReadRequest(Protocol):
    def __call__(self, body: bytes, notes: list[str]) -> Request: ...


class _WriteRequest(Protocol):
    def __call__(
        self, request: Request, options: ConvertOptions, names: NameMap, notes: list[str]
    ) -> bytes: ...


class _Wire(NamedTuple):
    """One format's functions."""

    read_request: _ReadRequest
    write_request: _WriteRequest


_WIRES: Final[dict[Format, _Wire]] = {
    "anthropic": _Wire(anthropic.read_request, anthropic.write_request),
    "chat": _Wire(chat.read_request, chat.write_request),
    "responses": _Wire(responses.read_request, responses.write_request),
}


class Context(msgspec.Struct, frozen=True):
    """What the answer's conversion must know of the request's."""

    source: Format
    """The client's format."""
    target: Format
    """The upstream's format."""
    model: str
    """The model as the client called it."""
    names: NameMap
    options: ConvertOptions
    stream: bool = False
    include_usage: bool = True
    echo: dict[str, msgspec.Raw] = {}


class ConvertedRequest(msgspec.Struct):
    body: bytes
    notes: list[str]
    """What was left out or said differently, in words."""
    context: Context


def convert_request(source: Format, target: Format, body: bytes, options: ConvertOptions) -> ConvertedRequest:
    """The client's request for an upstream of another format; ConversionRefused says why there is none."""
    notes: list[str] = []
    request = _WIRES[source].read_request(body, notes)
    if target != "responses":
        request.turns = paired(request.turns, notes)
    names = NameMap(request.tools)
    written = _WIRES[target].write_request(request, options, names, notes)
    context = Context(
        source, target, request.model, names, options, request.stream, request.include_usage, request.echo
    )
    return ConvertedRequest(written, _once(notes), context)


def _once(notes: list[str]) -> list[str]:
    return list(dict.fromkeys(notes))
