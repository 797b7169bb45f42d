"""Requests and answers from one format into another: what the engine calls.

    converted = convert_request("responses", "chat", body, options)
    …send converted.body…
    stream = StreamConverter(converted.context)
    …for each chunk: stream.feed(chunk), at the end: stream.end()…

Everything here is pure and per exchange; nothing raises but ConversionRefused, and only for a request.
"""

from __future__ import annotations

from typing import Any

import msgspec

from cccc_tui.wire import responses, uncounted
from cccc_tui.wire.answers import Gatherer, as_events
from cccc_tui.wire.errors import UpstreamError, error_in
from cccc_tui.wire.events import (
    Answer,
    BlockStart,
    Client,
    Delta,
    Failed,
    Sealed,
    Searched,
    Start,
    Stop,
    StreamEvent,
    Used,
)
from cccc_tui.wire.foreign import drop_foreign_reasoning
from cccc_tui.wire.formats import WIRES, Wire
from cccc_tui.wire.forms import form_of
from cccc_tui.wire.model import (
    ConversionRefused,
    ConvertOptions,
    Format,
    Part,
    Refusal,
    Request,
    Text,
    Thinking,
    ToolCall,
    Usage,
)
from cccc_tui.wire.names import NameMap
from cccc_tui.wire.pairing import paired
from cccc_tui.wire.parts import UNREADABLE, Fields, decode, encode, fields_of, try_decode
from cccc_tui.wire.restore import Restorer
from cccc_tui.wire.reuse import Memo
from cccc_tui.wire.runs import Run, Runs
from cccc_tui.wire.sse import END, Decoder, Event
from cccc_tui.wire.uncounted import is_counted
from cccc_tui.wire.unsaid import note_unsaid

__all__ = [
    "Context",
    "ConversionRefused",
    "ConvertOptions",
    "ConvertedRequest",
    "ConvertedResponse",
    "StreamConverter",
    "convert_request",
    "convert_response",
    "drop_foreign_reasoning",
    "response_as_stream",
    "stream_as_response",
]

_anything = msgspec.json.Decoder(dict[str, Any])


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
    """Whether the client asked for a stream."""
    include_usage: bool = True
    compacts: bool = False
    request: bytes = b""
    """The client's own."""
    asked: bytes = b""
    """What the client sent, where `request` is the whole conversation that it continues."""
    fields: Fields | None = None
    """Of `request`, where its top level has been read."""

    def client(self) -> Client:
        """What a writer needs of it."""
        return Client(
            self.model,
            self.options.exchange_id,
            self.options.now_s,
            self.include_usage,
            self.compacts,
            self._echo() if self.source == "responses" else {},
        )

    def _echo(self) -> Fields:
        if self.asked or self.fields is None:
            return responses.repeated(try_decode(fields_of, self.asked or self.request) or {})
        return responses.repeated(self.fields)


class ConvertedRequest(msgspec.Struct):
    body: bytes
    notes: list[str]
    """What was left out or said differently, in words."""
    context: Context


class ConvertedResponse(msgspec.Struct):
    body: bytes
    """In the client's format; empty when `error` is set."""
    usage: Usage
    stop_reason: str
    has_content: bool
    notes: list[str]
    error: UpstreamError | None = None
    """What a body with a good status turned out to be instead of an answer."""
    final: bytes = b""
    """The whole answer where `body` is a stream that a Responses client gets."""


def convert_request(
    source: Format,
    target: Format,
    body: bytes,
    options: ConvertOptions,
    memo: Memo | None = None,
    fields: Fields | None = None,
) -> ConvertedRequest:
    """The client's request for an upstream of another format; ConversionRefused says why there is none.

    What the memo knows of it is not converted again, and `fields` spare the reading of its top level; the result is
    the same without them.
    """
    notes: list[str] = []
    request = _read_request(WIRES[source], body, notes, memo, fields)
    turns = paired(request.turns, notes, request.begun)
    if turns is not request.turns:
        request.turns, request.begun = turns, None
    names = form_of(request.tool_forms, "names", notes, lambda: NameMap(request.tools))
    written = WIRES[target].write_request(request, options, names, notes)
    note_unsaid(request, target, options.genuine, notes)
    context = Context(
        source,
        target,
        request.model,
        names,
        options,
        request.stream,
        request.include_usage,
        request.compacts,
        body,
        fields=fields,
    )
    return ConvertedRequest(written, _once(notes), context)


def _read_request(
    wire: Wire, body: bytes, notes: list[str], memo: Memo | None, fields: Fields | None
) -> Request:
    if memo is None:
        return wire.read_request(body, notes)
    said: list[str] = []
    try:
        request = wire.read_pieces(decode(fields_of, body) if fields is None else fields, said, memo)
    except (ConversionRefused, *UNREADABLE):
        # Only what is read as a whole can say where in the request it is wrong.
        return wire.read_request(body, notes)
    notes += said
    return request


def convert_response(context: Context, body: bytes) -> ConvertedResponse:
    """A whole answer of the upstream in the client's format."""
    notes: list[str] = []
    answer = _read_answer(context, body, notes)
    return _written(context, answer, notes)


def response_as_stream(context: Context, body: bytes) -> ConvertedResponse:
    """A whole answer of the upstream as the stream that the client asked for."""
    notes: list[str] = []
    answer = _read_answer(context, body, notes)
    writer = WIRES[context.source].stream_writer(context.client())
    stream = b"".join(map(writer.write, as_events(_told(context, answer, notes))))
    converted = _converted(stream, answer, notes)
    converted.final = _final(writer)
    return converted


def stream_as_response(context: Context, stream: bytes) -> ConvertedResponse:
    """A stream of the upstream as the whole answer that the client asked for."""
    notes: list[str] = []
    reader = WIRES[context.target].stream_reader(context.options, notes)
    gatherer, decoder = Gatherer(), Decoder()
    for sse_event in (*decoder.feed(stream), *decoder.end()):
        for event in reader.read(sse_event):
            gatherer.take(event)
    for event in reader.end():
        gatherer.take(event)
    return _written(context, _restored(context, gatherer.answer), notes)


class StreamConverter:
    """An upstream's stream into the client's, event by event, for one exchange."""

    def __init__(self, context: Context) -> None:
        self.content_seen = False
        """Whether anything that a person or an agent would miss has come."""
        self.finished = False
        """Whether the client's terminal event has been written."""
        self.usage = Usage()
        self.stop_reason = ""
        self.error: UpstreamError | None = None
        self._notes: list[str] = []
        self._decoder = Decoder()
        self._runs = Runs(self._decoder)
        self._reader = WIRES[context.target].stream_reader(context.options, self._notes)
        self._writer = WIRES[context.source].stream_writer(context.client())
        self._restorer = Restorer(context.names, context.options.exchange_id)
        self._context = context
        self._said_chars = 0
        self._is_started = False

    @property
    def notes(self) -> list[str]:
        """What was left out, mended or recognised, in words."""
        return _once(self._notes)

    @property
    def final(self) -> bytes:
        """The whole answer that a Responses client has seen in pieces; empty before its good end."""
        return _final(self._writer)

    def feed(self, chunk: bytes) -> bytes:
        """The client's bytes for these of the upstream, cut anywhere."""
        written: list[bytes] = []
        self._convert(chunk, written)
        return b"".join(written)

    def _convert(self, chunk: bytes, written: list[bytes]) -> None:
        self._decoder.add(chunk)
        while found := self._runs.take() or self._decoder.take():
            if isinstance(found, Run):
                self._take_run(found, written)
            else:
                self._read(found, written)

    def end(self) -> bytes:
        """The upstream has ended: what is owed, the terminal event included."""
        written: list[bytes] = []
        self._convert(END, written)
        self._take(self._reader.end(), written)
        return b"".join(written)

    def fail(self, error: UpstreamError) -> bytes:
        """The terminal error event, for a stream that the engine saw break."""
        written: list[bytes] = []
        self._runs.forget()
        self._take([Failed(error)], written)
        return b"".join(written)

    def _read(self, event: Event, written: list[bytes]) -> None:
        events = self._reader.read(event)
        self._take(events, written)
        self._runs.forget()
        if len(events) == 1 and isinstance(delta := events[0], Delta) and self._goes_on(delta, written):
            self._runs.learn(event, delta)

    def _goes_on(self, delta: Delta, written: list[bytes]) -> bool:
        """Whether more of its block would go the same way; what is decoded or waits for another block would not."""
        if self.finished or self._restorer.decoding or not self._reader.is_steady(delta.key):
            return False
        return written[-1] != b""

    def _take_run(self, run: Run, written: list[bytes]) -> None:
        self.content_seen = True
        self._said_chars += len(run.text)
        written.append(self._writer.write_run(run))

    def _take(self, events: list[StreamEvent], written: list[bytes]) -> None:
        for event in events:
            if self.finished:
                return
            if isinstance(event, Delta) and not self._restorer.decoding:
                # Nearly all events are such: they go the short way.
                self._say(event)
                written.append(self._writer.write(event))
                continue
            if isinstance(event, Start) and self._is_started:
                continue  # some upstreams begin twice
            for restored in self._restorer.event(event):
                self._note(restored, written)
                written.append(self._writer.write(restored))

    def _say(self, delta: Delta) -> None:
        self.content_seen = True
        self._said_chars += len(delta.text)

    def _note(self, event: StreamEvent, written: list[bytes]) -> None:
        """Keeps count of what passes; an upstream that left out its first event gets one."""
        if isinstance(event, Delta):
            self._say(event)
            return
        is_early = not self._is_started and not isinstance(event, Start)
        # Only a Responses stream begins before it fails: its packages take no other first event.
        if is_early and (self._context.source == "responses" or not isinstance(event, Failed)):
            written.append(self._writer.write(Start()))
        self._is_started = True
        match event:
            case BlockStart(call=call):
                self.content_seen = self.content_seen or call is not None
            case Sealed() | Searched():
                self.content_seen = True
            case Used(usage=usage):
                self.usage = usage
            case Start(usage=Usage() as usage):
                self.usage = usage
            case Stop(reason=reason):
                self.stop_reason, self.finished = reason, True
                if not is_counted(self.usage, self._said_chars):
                    self._make_up_counts(written)
            case Failed(error=error):
                self.error, self.finished = error, True

    def _make_up_counts(self, written: list[bytes]) -> None:
        """Tells the client an estimate; what is booked stays what the upstream said."""
        self._notes.append(uncounted.NOTE)
        told = uncounted.estimated(self.usage, self._context.source, self._context.request, self._said_chars)
        written.append(self._writer.write(Used(told)))


def _read_answer(context: Context, body: bytes, notes: list[str]) -> Answer:
    if b'"error"' in body:
        error = error_in(try_decode(_anything, body))
        if error is not None:
            return Answer(error=error)
    try:
        answer = WIRES[context.target].read_response(body, context.options, notes)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as problem:
        message = f"The upstream's answer is not one of format {context.target}: {problem}"
        return Answer(error=UpstreamError.of("bad_answer", message))
    return _restored(context, answer)


def _restored(context: Context, answer: Answer) -> Answer:
    restorer = Restorer(context.names, context.options.exchange_id)
    answer.parts = [restorer.call(p) if isinstance(p, ToolCall) else p for p in answer.parts]
    return answer


def _written(context: Context, answer: Answer, notes: list[str]) -> ConvertedResponse:
    if answer.error is not None:
        return _converted(b"", answer, notes)
    body = WIRES[context.source].write_response(_told(context, answer, notes), context.client())
    return _converted(body, answer, notes)


def _told(context: Context, answer: Answer, notes: list[str]) -> Answer:
    """The answer with counts, as the client is told them."""
    said_chars = sum(map(_length, answer.parts))
    if answer.error is not None or is_counted(answer.usage, said_chars):
        return answer
    notes.append(uncounted.NOTE)
    usage = uncounted.estimated(answer.usage, context.source, context.request, said_chars)
    return msgspec.structs.replace(answer, usage=usage)


def _length(part: Part) -> int:
    match part:
        case Text() | Thinking() | Refusal():
            return len(part.text)
        case ToolCall():
            return len(part.arguments)
    return 0


def _converted(body: bytes, answer: Answer, notes: list[str]) -> ConvertedResponse:
    has_content = any(not isinstance(p, Text | Thinking | Refusal) or p.text for p in answer.parts)
    return ConvertedResponse(body, answer.usage, answer.stop, has_content, _once(notes), answer.error)


def _final(writer: object) -> bytes:
    found = writer.final if isinstance(writer, responses.StreamWriter) else None
    return b"" if found is None else encode(found)


def _once(notes: list[str]) -> list[str]:
    return list(dict.fromkeys(notes))
