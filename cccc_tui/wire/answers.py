"""A whole answer as a stream, and a stream as a whole answer."""

from __future__ import annotations

from collections.abc import Iterator

from cccc_tui.wire.events import (
    Answer,
    BlockKind,
    BlockStart,
    BlockStop,
    Cited,
    Delta,
    Failed,
    Sealed,
    Searched,
    Start,
    Stop,
    StreamEvent,
    Used,
)
from cccc_tui.wire.model import Part, Refusal, Text, Thinking, ToolCall, WebSearch


def as_events(answer: Answer) -> Iterator[StreamEvent]:
    """The events of an answer that came whole."""
    if answer.error is not None:
        yield Failed(answer.error)
        return
    yield Start(answer.id, answer.model, answer.created_s, answer.usage)
    for key, part in enumerate(answer.parts):
        yield from _block(key, part)
    yield Used(answer.usage)
    yield Stop(answer.stop, answer.stop_sequence)


def _block(key: int, part: Part) -> Iterator[StreamEvent]:
    if isinstance(part, WebSearch):
        yield Searched(key, part)
        return
    kind: BlockKind = "text"
    text, call = "", None
    match part:
        case Text() | Refusal():
            kind, text = ("text" if isinstance(part, Text) else "refusal"), part.text
        case Thinking():
            kind, text = "thinking", part.text
        case ToolCall():
            kind, text = "tool", part.arguments
            call = ToolCall(part.id, part.name, "", part.kind, part.namespace)
    yield BlockStart(key, kind, call)
    if text:
        yield Delta(key, text)
    if isinstance(part, Thinking) and part.blob is not None:
        yield Sealed(key, part.blob)
    for citation in part.citations if isinstance(part, Text) else ():
        yield Cited(key, citation)
    yield BlockStop(key)


class Gatherer:
    """Puts the events of a stream together into an answer."""

    def __init__(self) -> None:
        self.answer = Answer()
        self._open: dict[int, Part] = {}
        self._texts: dict[int, list[str]] = {}

    def take(self, event: StreamEvent) -> None:
        """One event."""
        answer = self.answer
        match event:
            case Start():
                answer.id, answer.model, answer.created_s = event.id, event.model, event.created_s
                answer.usage = event.usage or answer.usage
            case BlockStart():
                self._open[event.key] = self._part(event)
                self._texts[event.key] = []
                answer.parts.append(self._open[event.key])
            case Delta():
                self._texts[event.key].append(event.text)
            case Used():
                answer.usage = event.usage
            case Stop():
                answer.stop, answer.stop_sequence = event.reason, event.sequence
            case Failed():
                answer.error = event.error
            case Searched():
                answer.parts.append(event.search)
            case _:
                self._detail(event)

    def _detail(self, event: Sealed | Cited | BlockStop) -> None:
        part = self._open[event.key]
        if isinstance(event, Sealed) and isinstance(part, Thinking):
            part.blob = event.blob
        elif isinstance(event, Cited) and isinstance(part, Text):
            part.citations.append(event.citation)
        elif isinstance(event, BlockStop):
            text = "".join(self._texts.pop(event.key))
            if isinstance(part, ToolCall):
                part.arguments = text
            elif isinstance(part, Text | Thinking | Refusal):
                part.text = text
            del self._open[event.key]

    def _part(self, event: BlockStart) -> Part:
        match event.kind:
            case "thinking":
                return Thinking()
            case "refusal":
                return Refusal("")
        return event.call if event.call is not None else Text("")
