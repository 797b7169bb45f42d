"""Messages streams into neutral events."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from cccc_tui.wire.counts import AnthropicUsage
from cccc_tui.wire.errors import UpstreamError, error_in
from cccc_tui.wire.events import (
    BlockStart,
    BlockStop,
    Cited,
    Delta,
    Failed,
    Sealed,
    Searched,
    Start,
    Stop,
    StopReason,
    StreamEvent,
    Used,
)
from cccc_tui.wire.model import Blob, Citation, ConvertOptions, ToolCall, Usage, WebSearch
from cccc_tui.wire.parts import raw_text, try_decode
from cccc_tui.wire.sse import Event

STOP_REASONS: Final[dict[str, StopReason]] = {
    "end_turn": "end",
    "max_tokens": "max_tokens",
    "stop_sequence": "stop_sequence",
    "tool_use": "tool_use",
    "pause_turn": "pause",
    "refusal": "refusal",
    "model_context_window_exceeded": "context_overflow",
}


_BLOCK_TYPES: Final = frozenset({"text", "thinking", "redacted_thinking", "tool_use"})


class WireCitation(msgspec.Struct):
    type: str = ""
    url: str = ""
    title: str | None = None
    cited_text: str = ""

    def read(self) -> Citation | None:
        """A web page; places in the client's own documents have no counterpart elsewhere."""
        return Citation(self.url, self.title or "", self.cited_text) if self.url else None


class SearchHit(msgspec.Struct):
    type: str = ""
    url: str = ""
    title: str | None = None


class WireBlock(msgspec.Struct):
    """A content block of an answer, at its start or whole."""

    type: str
    text: str | None = None
    thinking: str | None = None
    signature: str | None = None
    data: str | None = None
    id: str | None = None
    name: str | None = None
    input: msgspec.Raw = msgspec.Raw()
    tool_use_id: str | None = None
    content: list[SearchHit] | dict[str, msgspec.Raw] | None = None
    citations: list[WireCitation] | None = None


class _Delta(msgspec.Struct):
    type: str | None = None
    text: str | None = None
    thinking: str | None = None
    signature: str | None = None
    partial_json: str | None = None
    citation: WireCitation | None = None
    stop_reason: str | None = None
    stop_sequence: str | None = None


class _Message(msgspec.Struct):
    id: str | None = None
    model: str | None = None
    usage: AnthropicUsage | None = None


class _Event(msgspec.Struct):
    type: str = ""
    index: int = 0
    message: _Message | None = None
    content_block: WireBlock | None = None
    delta: _Delta | None = None
    usage: AnthropicUsage | None = None


class _Query(msgspec.Struct):
    query: str = ""


_decoder = msgspec.json.Decoder(_Event)
_query = msgspec.json.Decoder(_Query)
_anything = msgspec.json.Decoder(dict[str, Any])


class StreamReader:
    """One Messages stream; the block's index is its key."""

    def __init__(self, options: ConvertOptions, notes: list[str]) -> None:
        self._origin = options.origin
        self._notes = notes
        self._usage = Usage()
        self._open: dict[int, WireBlock] = {}
        self._had_delta: set[int] = set()
        self._searches: dict[str, list[str]] = {}
        self._reason: Stop | None = None
        self._has_calls = False
        self.is_over = False

    def read(self, event: Event) -> list[StreamEvent]:
        """The neutral events of one upstream event."""
        if self.is_over:
            return []
        said = try_decode(_decoder, event.data)
        if said is None:
            self._notes.append("an event that is no Messages event was skipped")
            return []
        match said.type or event.name:
            case "content_block_delta":
                return self._delta(said)
            case "content_block_start":
                return self._start_block(said)
            case "content_block_stop":
                return self._stop_block(said.index)
            case "message_start":
                return self._start(said)
            case "message_delta":
                return self._message_delta(said)
            case "message_stop":
                return self._stop()
            case "error":
                return self._error(event)
        return []

    def is_steady(self, key: int) -> bool:
        """Whether an event that did nothing but say more of the block would do so again, whatever it said."""
        return True

    def end(self) -> list[StreamEvent]:
        """What the end of the bytes means: all is well if the answer had said why it stops."""
        if self.is_over:
            return []
        if self._reason is not None:
            return self._stop()
        self.is_over = True
        message = "The upstream ended the stream before the answer was complete"
        return [Failed(UpstreamError.of("broken_stream", message))]

    def _start(self, said: _Event) -> list[StreamEvent]:
        message = said.message or _Message()
        if message.usage is not None:
            message.usage.book(self._usage)
        return [Start(message.id or "", message.model or "", usage=self._usage)]

    def _start_block(self, said: _Event) -> list[StreamEvent]:
        block, key = said.content_block, said.index
        if block is None:
            return []
        before = self._stop_block(key)
        self._had_delta.discard(key)
        if block.type == "web_search_tool_result":
            return [*before, Searched(key, self._search(block))]
        if block.type == "server_tool_use" and block.name == "web_search":
            self._searches[block.id or ""] = []
        elif block.type not in _BLOCK_TYPES:
            self._notes.append(f"content block of type {block.type} dropped: no counterpart")
            return before
        self._open[key] = block
        return before + self._begin(key, block)

    def _begin(self, key: int, block: WireBlock) -> list[StreamEvent]:
        match block.type:
            case "text":
                text: list[StreamEvent] = [Delta(key, block.text)] if block.text else []
                return [BlockStart(key, "text"), *text]
            case "thinking":
                thought: list[StreamEvent] = [Delta(key, block.thinking)] if block.thinking else []
                return [BlockStart(key, "thinking"), *thought]
            case "redacted_thinking":
                blob = Blob("redacted", block.data or "", self._origin)
                return [BlockStart(key, "thinking"), Sealed(key, blob)]
            case "tool_use":
                self._has_calls = True
                return [BlockStart(key, "tool", ToolCall(block.id or "", block.name or "", ""))]
        return []

    def _delta(self, said: _Event) -> list[StreamEvent]:
        delta, key = said.delta, said.index
        block = self._open.get(key)
        if delta is None or block is None:
            return []
        if delta.text is not None:
            return [Delta(key, delta.text)] if delta.text else []
        if delta.partial_json is not None:
            return self._json_delta(key, block, delta.partial_json)
        if delta.thinking is not None:
            return [Delta(key, delta.thinking)] if delta.thinking else []
        if delta.signature is not None:
            block.signature = delta.signature
            return []
        citation = delta.citation.read() if delta.citation is not None else None
        return [Cited(key, citation)] if citation is not None else []

    def _json_delta(self, key: int, block: WireBlock, text: str) -> list[StreamEvent]:
        if block.type == "server_tool_use":
            self._searches[block.id or ""].append(text)
            return []
        if not text:
            return []
        self._had_delta.add(key)
        return [Delta(key, text)]

    def _stop_block(self, key: int) -> list[StreamEvent]:
        block = self._open.pop(key, None)
        if block is None or block.type == "server_tool_use":
            return []
        events: list[StreamEvent] = []
        if block.type == "thinking":
            events.append(Sealed(key, thinking_blob(block, self._origin)))
        if block.type == "tool_use" and key not in self._had_delta:
            whole = raw_text(block.input) or "{}"
            events.append(Delta(key, whole))
        events.append(BlockStop(key))
        return events

    def _search(self, block: WireBlock) -> WebSearch:
        call_id = block.tool_use_id or ""
        asked = try_decode(_query, "".join(self._searches.pop(call_id, ())) or "{}")
        return WebSearch(call_id, asked.query if asked is not None else "", hits(block))

    def _message_delta(self, said: _Event) -> list[StreamEvent]:
        if said.usage is not None:
            said.usage.book(self._usage)
        delta = said.delta or _Delta()
        if delta.stop_reason:
            reason = STOP_REASONS.get(delta.stop_reason, "end")
            self._reason = Stop(reason, delta.stop_sequence)
        return [Used(self._usage)]

    def _stop(self) -> list[StreamEvent]:
        self.is_over = True
        events = [event for key in list(self._open) for event in self._stop_block(key)]
        reason: StopReason = "tool_use" if self._has_calls else "end"
        return [*events, self._reason or Stop(reason)]

    def _error(self, event: Event) -> list[StreamEvent]:
        error = error_in(try_decode(_anything, event.data), is_named=True)
        self.is_over = True
        return [Failed(error or UpstreamError.of("server_error", "The upstream reported an unnamed error"))]


def thinking_blob(block: WireBlock, origin: str | None) -> Blob:
    """The seal of a finished thought."""
    return Blob("signature", block.signature, origin) if block.signature else Blob("text", "", origin)


def hits(block: WireBlock) -> list[Citation]:
    """The pages that a search found."""
    found = block.content if isinstance(block.content, list) else []
    return [Citation(hit.url, hit.title or "") for hit in found if hit.url]
