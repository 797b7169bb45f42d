"""Chat Completions streams into neutral events, from every provider's dialect of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

import msgspec

from cccc_tui.wire.chat.calls import CallDelta, Calls, FunctionDelta
from cccc_tui.wire.chat.leaked import LeakedCalls
from cccc_tui.wire.chat.tags import ThinkTags
from cccc_tui.wire.counts import OpenAIUsage
from cccc_tui.wire.errors import UpstreamError, error_in
from cccc_tui.wire.events import (
    BlockKind,
    BlockStart,
    BlockStop,
    Cited,
    Delta,
    Failed,
    Sealed,
    Start,
    Stop,
    StopReason,
    StreamEvent,
    Used,
)
from cccc_tui.wire.model import Blob, Citation, ConvertOptions, Usage
from cccc_tui.wire.parts import raw_text, try_decode
from cccc_tui.wire.sse import Event

STOP_REASONS: Final[dict[str, StopReason]] = {
    "stop": "end",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "content_filter": "refusal",
    "refusal": "refusal",
    # dialects: vLLM, Gemini, Cohere and others
    "eos": "end",
    "end_turn": "end",
    "STOP": "end",
    "max_tokens": "max_tokens",
    "MAX_TOKENS": "max_tokens",
    "model_length": "max_tokens",
    "SAFETY": "refusal",
    "sensitive": "refusal",
}


class ContentPart(msgspec.Struct):
    type: str = ""
    text: str | None = None
    thinking: str | list[ContentPart] | None = None


class UrlCitation(msgspec.Struct):
    url: str = ""
    title: str = ""
    start_index: int = 0
    end_index: int = 0


class Annotation(msgspec.Struct):
    type: str = ""
    url_citation: UrlCitation | None = None


class Said(msgspec.Struct):
    """A delta of a stream, or the message of a whole answer."""

    content: str | list[ContentPart] | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    reasoning_details: list[msgspec.Raw] | None = None
    refusal: str | None = None
    tool_calls: list[CallDelta] | None = None
    function_call: FunctionDelta | None = None
    annotations: list[Annotation] | None = None

    @property
    def thought(self) -> str:
        thought = self.reasoning_content or self.reasoning
        return thought or (_thoughts(self.content) if isinstance(self.content, list) else "")

    @property
    def text(self) -> str:
        if isinstance(self.content, list):
            return "".join(part.text for part in self.content if part.text)
        return self.content or ""

    @property
    def citations(self) -> list[Citation]:
        found = [annotation.url_citation for annotation in self.annotations or ()]
        return [Citation(c.url, c.title, "", c.start_index, c.end_index) for c in found if c is not None]


class _Choice(msgspec.Struct):
    index: int = 0
    delta: Said | None = None
    message: Said | None = None
    finish_reason: str | None = None
    usage: OpenAIUsage | None = None


class _Chunk(msgspec.Struct):
    id: str | None = None
    model: str | None = None
    created: int | float | None = None
    choices: list[_Choice] | None = None
    usage: OpenAIUsage | None = None


_decoder = msgspec.json.Decoder(_Chunk)
_anything = msgspec.json.Decoder(dict[str, Any])


class StreamReader:
    """One Chat stream."""

    def __init__(self, options: ConvertOptions, notes: list[str]) -> None:
        self._origin = options.origin
        self._notes = notes
        self._calls = Calls(options, notes)
        self._tags = ThinkTags()
        self._leaked = LeakedCalls(options.leaked_calls) if options.leaked_calls else None
        self._usage = Usage()
        self._finish = ""
        self._keys = 0
        self._open: tuple[int, BlockKind] | None = None
        self._details: list[str] = []
        self._is_started = self._is_refused = False
        self._is_verbatim = True
        """Whether the last chunk had its text in one piece, and nothing that is kept for later."""
        self.is_over = False

    def read(self, event: Event) -> list[StreamEvent]:
        """The neutral events of one upstream event."""
        if self.is_over:
            return []
        if event.data.startswith(b"[DONE]"):
            return self._stop()
        if event.name == "error" or b'"error"' in event.data:
            failed = self._error(event)
            if failed:
                return failed
        chunk = try_decode(_decoder, event.data)
        if chunk is None:
            self._notes.append("an event that is no Chat chunk was skipped")
            return []
        return self._chunk(chunk)

    def is_steady(self, key: int) -> bool:
        """Whether an event that did nothing but say more of the block would do so again, whatever it said."""
        is_plain = self._is_verbatim and self._leaked is None and not self._tags.is_thinking
        return is_plain and self._open is not None and self._open[0] == key

    def end(self) -> list[StreamEvent]:
        """What the end of the bytes means: all is well if the answer had come to its end."""
        if self.is_over:
            return []
        if self._finish:
            return self._stop()
        self.is_over = True
        message = "The upstream ended the stream before the answer was complete"
        return [Failed(UpstreamError.of("broken_stream", message))]

    def _chunk(self, chunk: _Chunk) -> list[StreamEvent]:
        events: list[StreamEvent] = []
        self._is_verbatim = True
        if not self._is_started:
            self._is_started = True
            events.append(Start(chunk.id or "", chunk.model or "", int(chunk.created or 0)))
        for choice in chunk.choices or ():
            if choice.index == 0:
                said = choice.delta or choice.message
                if said is not None and not self._finish:
                    self._said(said, events)
                if choice.finish_reason and not self._finish:
                    self._finish = choice.finish_reason
                    self._finish_blocks(events)
                chunk.usage = chunk.usage or choice.usage
        if chunk.usage is not None:
            chunk.usage.book(self._usage)
            events.append(Used(self._usage))
            if self._finish and not chunk.choices:
                events.extend(self._stop())
        return events

    def _said(self, said: Said, events: list[StreamEvent]) -> None:
        if said.reasoning_details or isinstance(said.content, list):
            self._is_verbatim = False
        if thought := said.thought:
            events.append(Delta(self._block("thinking", events), thought))
        if said.reasoning_details:
            self._block("thinking", events)
            self._details.extend(map(raw_text, said.reasoning_details))
        if text := said.text:
            self._text(text, events)
        if said.refusal:
            self._is_refused = True
            events.append(Delta(self._block("refusal", events), said.refusal))
        for citation in said.citations if said.annotations else ():
            if self._open is not None and self._open[1] == "text":
                events.append(Cited(self._open[0], citation))
        calls: Sequence[CallDelta] = said.tool_calls or ()
        if said.function_call is not None:
            calls = (CallDelta(0, "", said.function_call),)
        if calls:
            self._flush(events)
        for call in calls:
            self._call(call, events)

    def _text(self, text: str, events: list[StreamEvent]) -> None:
        if self._tags.is_plain:
            self._plain(text, events)
            return
        for kind, piece in self._tags.feed(text):
            self._piece(kind, piece, events)

    def _piece(self, kind: Literal["text", "thinking"], piece: str, events: list[StreamEvent]) -> None:
        if kind == "text":
            self._plain(piece, events)
        else:
            events.append(Delta(self._block("thinking", events), piece))

    def _plain(self, text: str, events: list[StreamEvent]) -> None:
        if self._leaked is None:
            events.append(Delta(self._block("text", events), text))
            return
        for piece in self._leaked.feed(text):
            self._leak(piece, events)

    def _leak(self, piece: str | CallDelta, events: list[StreamEvent]) -> None:
        if isinstance(piece, CallDelta):
            self._notes.append(f"call of {piece.said.name} recognised in plain text")
            self._call(piece, events)
        elif piece:
            events.append(Delta(self._block("text", events), piece))

    def _call(self, delta: CallDelta, events: list[StreamEvent]) -> None:
        made = self._calls.take(delta, self._keys)
        if any([isinstance(event, BlockStart) for event in made]):  # noqa: C419  asked of every piece of a call
            self._keys += 1
            self._close(events)
        events.extend(made)

    def _block(self, kind: BlockKind, events: list[StreamEvent]) -> int:
        """The key of the open block of that kind; another one is closed first."""
        if self._open is not None and self._open[1] == kind:
            return self._open[0]
        self._close(events)
        events.extend(self._calls.stop_complete())
        key, self._keys = self._keys, self._keys + 1
        self._open = (key, kind)
        events.append(BlockStart(key, kind))
        return key

    def _close(self, events: list[StreamEvent]) -> None:
        if self._open is None:
            return
        key, kind = self._open
        self._open = None
        if kind == "thinking":
            events.append(Sealed(key, Blob("text", sealed_details(self._details), self._origin)))
            self._details = []
        events.append(BlockStop(key))

    def _flush(self, events: list[StreamEvent]) -> None:
        """Gives out text that was held because it might have become a tag."""
        for kind, piece in self._tags.end():
            self._piece(kind, piece, events)
        for found in self._leaked.end() if self._leaked is not None else ():
            self._leak(found, events)

    def _finish_blocks(self, events: list[StreamEvent]) -> None:
        self._flush(events)
        self._close(events)
        ended = self._calls.finish(self._keys)
        self._keys += len(ended)
        events.extend(ended)

    def _stop(self) -> list[StreamEvent]:
        """The end of the answer; one that never began is a failure."""
        self.is_over = True
        if not self._is_started:
            return [Failed(UpstreamError.of("bad_answer", "The upstream sent an empty stream"))]
        events: list[StreamEvent] = []
        if not self._finish:
            self._finish_blocks(events)
        events.append(Stop(stop_reason(self._finish, self._calls.any_begun, self._is_refused)))
        return events

    def _error(self, event: Event) -> list[StreamEvent]:
        value = try_decode(_anything, event.data)
        error = error_in(value, is_named=event.name == "error")
        if error is None:
            return []
        self.is_over = True
        return [Failed(error)]


def stop_reason(finish: str, has_calls: bool, is_refused: bool) -> StopReason:
    """Why the answer ended; whether there are calls decides, since providers say `stop` beside them."""
    reason = STOP_REASONS.get(finish, "end")
    if reason in ("end", "tool_use"):
        return "tool_use" if has_calls else "refusal" if is_refused else "end"
    return reason


def sealed_details(details: list[str]) -> str:
    """OpenRouter's reasoning details worth giving back: those that are signed or encrypted."""
    if not any('"signature"' in detail or '"data"' in detail for detail in details):
        return ""
    return f"[{','.join(details)}]"


def _thoughts(content: list[ContentPart]) -> str:
    """Mistral's thoughts are parts of the content."""
    inner = [part.thinking for part in content if part.thinking]
    return "".join(text if isinstance(text, str) else "".join(p.text or "" for p in text) for text in inner)
