"""Steps of a script: what the fake upstream answers to one request, and how the bytes travel.

A step is a plain value; `moves` turns it and the request into the exact things to do on the socket. A silence
is held by an `asyncio.Event` that the test sets, so nothing here sleeps in order to wait.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, Self

import brotli

from tests.fakes.speech import (
    Answer,
    Format,
    Frame,
    Json,
    Part,
    Stop,
    Text,
    Thinking,
    ToolCall,
    document,
    error_document,
    error_frame,
    frames,
)

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Encoding = Literal["", "gzip", "deflate", "br", "zstd"]
Ending = Literal["whole", "clean", "cut", "reset"]
"""`whole`: to the end; `clean`: a well-formed HTTP end, though the content is not whole; `cut`: the connection
is closed (FIN) in the middle of the HTTP message; `reset`: it is reset (RST)."""

Point = Literal["start", "head", "terminal"] | int
"""`start`: before the status line; `head`: after the headers; `terminal`: before the events that say that a
stream is whole; a number: after so many pieces of content of a stream, or bytes of any other body."""

__all__ = ["Text", "Thinking", "ToolCall"]


# ----------------------------------------------------------------------------------------------- moves


@dataclass(frozen=True)
class Head:
    status: int
    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Write:
    data: bytes


@dataclass(frozen=True)
class Pause:
    seconds: float


@dataclass(frozen=True)
class Wait:
    hold: asyncio.Event


@dataclass(frozen=True)
class Finish:
    ending: Ending


Move = Head | Write | Pause | Wait | Finish


# ----------------------------------------------------------------------------------------------- steps


@dataclass(frozen=True)
class Step:
    """One answer of the script. Make one with the functions below, then bend it with the methods."""

    status: int = 200
    parts: tuple[Part, ...] | None = None
    """Said in the format of the request, streamed when the request asks for it."""
    body: bytes | None = None
    """Sent as it is, instead of `parts`."""
    error: tuple[str, str, str | None] | None = None
    """Message, type, code of an error body in the format of the request."""
    stop: Stop = ""
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = ""
    encoding: Encoding = ""
    piece_bytes: int = 0
    interval_s: float = 0.0
    hold: asyncio.Event | None = None
    held_at: Point = "start"
    ending: Ending = "whole"
    ended_at: Point | None = None
    broken_by: str = ""
    """Message of an error event in the middle of the stream, at `ended_at`."""

    def with_headers(self, *headers: tuple[str, str]) -> Self:
        return replace(self, headers=self.headers + headers)

    def of_type(self, content_type: str) -> Self:
        """The same bytes under another `Content-Type`."""
        return replace(self, content_type=content_type)

    def encoded(self, encoding: Encoding) -> Self:
        return replace(self, encoding=encoding)

    def in_pieces(self, size_bytes: int) -> Self:
        """Writes of this size, wherever that cuts: 1 puts a boundary everywhere."""
        return replace(self, piece_bytes=size_bytes)

    def paced(self, interval_s: float) -> Self:
        """A pause before every write."""
        return replace(self, interval_s=interval_s)

    def held(self, hold: asyncio.Event, at: Point = "start") -> Self:
        """Silence at `at` until the test sets `hold`; the rest follows."""
        return replace(self, hold=hold, held_at=at)

    def reset(self, at: Point = "start") -> Self:
        """The connection is reset at `at`."""
        return replace(self, ending="reset", ended_at=at)

    def cut(self, at: Point) -> Self:
        """The connection is closed at `at`, in the middle of the HTTP message."""
        return replace(self, ending="cut", ended_at=at)

    def ended(self, at: Point) -> Self:
        """The HTTP message ends properly at `at`, before the format's own end."""
        return replace(self, ending="clean", ended_at=at)

    def broken(self, message: str, at: int) -> Self:
        """The format's own error event at `at`, after which the stream ends."""
        return replace(self, ending="clean", ended_at=at, broken_by=message)

    def without_end(self) -> Self:
        """A stream with all its content, but without its terminal events."""
        return self.ended("terminal")


def says(text: str, stop: Stop = "") -> Step:
    return Step(parts=(Text(text),), stop=stop)


def calls(*tools: ToolCall, saying: str = "") -> Step:
    """One tool call, or several in parallel, after some words."""
    return Step(parts=((Text(saying),) if saying else ()) + tools)


def thinks(thought: str, *then: Part) -> Step:
    return Step(parts=(Thinking(thought), *then))


def counts(events: int, interval_s: float = 0.0) -> Step:
    """A stream of so many pieces of content."""
    return says(" ".join(str(number) for number in range(1, events + 1))).paced(interval_s)


def raw(body: bytes, content_type: str = "text/event-stream", status: int = 200) -> Step:
    return Step(status=status, body=body, content_type=content_type)


def gives(data: Json, status: int = 200) -> Step:
    """A JSON document."""
    return raw(json.dumps(data).encode(), "application/json", status)


def fails(
    status: int, message: str = "This is the fake's error.", kind: str = "", code: str | None = None
) -> Step:
    """An HTTP error with a body in the format of the request; 200 gives an error under a good status."""
    return Step(status=status, error=(message, kind, code))


def page(status: int = 502) -> Step:
    """An HTML page, as proxies and load balancers send it."""
    return raw(
        b"<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>",
        "text/html",
        status,
    )


def nothing(status: int = 200, content_type: str = "application/json") -> Step:
    """An empty body."""
    return raw(b"", content_type, status)


def resets() -> Step:
    """A reset instead of an answer."""
    return nothing().reset("start")


# -------------------------------------------------------------------------------------- steps to moves


def moves(step: Step, form: Format, asked: Json, number: int) -> Iterator[Move]:
    """What to do on the socket, in order. A `Finish` is always the last."""
    if step.hold and step.held_at == "start":
        yield Wait(step.hold)
    if step.ended_at == "start":
        yield Finish(step.ending)
        return
    streamed = step.parts is not None and bool(asked.get("stream"))
    body = b"" if streamed else _body(step, form, asked, number)
    yield _head(step, streamed, len(_compress(body, step.encoding)))
    if step.hold and step.held_at == "head":
        yield Wait(step.hold)
    if step.ended_at != "head":
        yield from (
            _stream(step, form, asked, number) if streamed else _bytes(step, _compress(body, step.encoding))
        )
    yield Finish(step.ending)


def _head(step: Step, streamed: bool, size_bytes: int) -> Head:
    kind = step.content_type or ("text/event-stream; charset=utf-8" if streamed else "application/json")
    headers = [("Content-Type", kind), *step.headers]
    if step.encoding:
        headers.append(("Content-Encoding", step.encoding))
    event_bytes = streamed or "event-stream" in kind
    if not event_bytes and step.ending != "clean":
        headers.append(("Content-Length", str(size_bytes)))
    return Head(step.status, tuple(headers))


def _body(step: Step, form: Format, asked: Json, number: int) -> bytes:
    if step.body is not None:
        return step.body
    if step.error is not None:
        message, kind, code = step.error
        return json.dumps(error_document(form, step.status, message, kind, code)).encode()
    return json.dumps(document(form, _answer(step, asked, number))).encode()


def _answer(step: Step, asked: Json, number: int) -> Answer:
    wants_usage = bool((asked.get("stream_options") or {}).get("include_usage"))
    model = str(asked.get("model") or "fake-model")
    return Answer(step.parts or (), model, number, step.stop, include_usage=wants_usage)


def _stream(step: Step, form: Format, asked: Json, number: int) -> Iterator[Move]:
    whole = frames(form, _answer(step, asked, number))
    if step.encoding:
        yield from _bytes(step, _compress(b"".join(frame.encode() for frame in whole), step.encoding))
        return
    yield from _frames(step, form, whole, number)


def _frames(step: Step, form: Format, whole: list[Frame], number: int) -> Iterator[Move]:
    told = 0
    for frame in whole:
        if step.hold and _reached(step.held_at, frame, told):
            yield Wait(step.hold)
            step = replace(step, hold=None)
        if _reached(step.ended_at, frame, told):
            if step.broken_by:
                yield Write(error_frame(form, step.broken_by, number).encode())
            return
        for piece in _cut(frame.encode(), step.piece_bytes):
            yield from _write(step, piece)
        told += frame.content


def _reached(point: Point | None, frame: Frame, told: int) -> bool:
    """Whether `frame` is the first thing beyond the point, after `told` pieces of content."""
    if point == "terminal":
        return frame.terminal
    return point == told and (frame.content or frame.terminal)


def _bytes(step: Step, body: bytes) -> Iterator[Move]:
    """A body by bytes: the points of hold and end are byte counts."""
    end = step.ended_at if isinstance(step.ended_at, int) else len(body)
    body = body[:end]
    split = step.held_at if step.hold and isinstance(step.held_at, int) else len(body)
    for piece in _cut(body[:split], step.piece_bytes):
        yield from _write(step, piece)
    if step.hold and isinstance(step.held_at, int):
        yield Wait(step.hold)
    for piece in _cut(body[split:], step.piece_bytes):
        yield from _write(step, piece)


def _write(step: Step, piece: bytes) -> Iterator[Move]:
    if step.interval_s:
        yield Pause(step.interval_s)
    yield Write(piece)


def _cut(data: bytes, size_bytes: int) -> Iterator[bytes]:
    size_bytes = size_bytes or max(len(data), 1)
    return (data[start : start + size_bytes] for start in range(0, len(data), size_bytes))


def _compress(body: bytes, encoding: Encoding) -> bytes:
    match encoding:
        case "":
            return body
        case "gzip":
            return gzip.compress(body, mtime=0)
        case "deflate":
            return zlib.compress(body)
        case "br":
            return bytes(brotli.compress(body))
        case "zstd":
            return bytes(zstd.compress(body))
