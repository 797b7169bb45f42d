"""Messages streams out of neutral events.

Blocks of this format follow one another. When blocks overlap (parallel calls of a Chat upstream), the first
goes on streaming and the later one's events wait, no longer than until the first is closed.
"""

from __future__ import annotations

from typing import Any, Final

from cccc_tui.wire.citing import quoted
from cccc_tui.wire.errors import anthropic_error, is_in_vain
from cccc_tui.wire.events import (
    BlockKind,
    BlockStart,
    BlockStop,
    Cited,
    Client,
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
from cccc_tui.wire.model import Blob, Citation, Usage, WebSearch
from cccc_tui.wire.names import anthropic_id, made_id, reshaped_id
from cccc_tui.wire.origins import wrap
from cccc_tui.wire.parts import encode
from cccc_tui.wire.runs import Run

Object = dict[str, Any]
STOP_REASONS: Final[dict[StopReason, str]] = {
    "end": "end_turn",
    "max_tokens": "max_tokens",
    "stop_sequence": "stop_sequence",
    "tool_use": "tool_use",
    "refusal": "refusal",
    "pause": "pause_turn",
    "context_overflow": "model_context_window_exceeded",
}
_DELTAS: Final[dict[BlockKind, tuple[str, str]]] = {
    "text": ("text_delta", "text"),
    "refusal": ("text_delta", "text"),
    "thinking": ("thinking_delta", "thinking"),
    "tool": ("input_json_delta", "partial_json"),
}
_DELTA_HEAD: Final = (
    b'event: content_block_delta\ndata: {"type":"content_block_delta","index":%d,"delta":{"type":"%b","%b":'
)
_DELTA_TAIL: Final = b"}}\n\n"
_BlockEvent = BlockStart | Delta | Sealed | Cited | BlockStop | Searched


class StreamWriter:
    """One Messages stream for a client."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._usage = Usage()
        self._index = 0
        self._open: int | None = None
        self._field = ""
        self._head = b""
        """Of each delta of the open block: only the text behind it differs, so only that is encoded."""
        self._pieces: list[str] = []
        """The text of the open block, for citations to quote."""
        self._waiting: dict[int, list[_BlockEvent]] = {}

    def write(self, event: StreamEvent) -> bytes:
        """The bytes of one neutral event."""
        if isinstance(event, Delta) and event.key == self._open:  # nearly all are
            return self._more(event.text)
        match event:
            case Start():
                return self._start(event)
            case Used():
                self._usage = event.usage
                return b""
            case Stop():
                return self._stop(event)
            case Failed():
                return _failed(event)
        if self._open is not None and event.key != self._open:
            self._waiting.setdefault(event.key, []).append(event)
            return b""
        written = self._now(event)
        return written if self._open is not None or not self._waiting else written + self._next()

    def write_run(self, run: Run) -> bytes:
        """The bytes of a run of deltas in the open block."""
        if self._field == "text":
            self._pieces.append(run.text)
        return run.framed(self._head, _DELTA_TAIL)

    def _now(self, event: _BlockEvent) -> bytes:
        match event:
            case Delta():
                return self._more(event.text)
            case BlockStart():
                return self._start_block(event)
            case Sealed():
                return self._sealed(event.blob)
            case Cited():
                citation = quoted(event.citation, "".join(self._pieces))
                return self._delta({"type": "citations_delta", "citation": citation_object(citation)})
            case Searched():
                return self._searched(event.search)
            case BlockStop():
                return self._stop_block()

    def _more(self, text: str) -> bytes:
        if self._field == "text":
            self._pieces.append(text)
        return b"%b%b%b" % (self._head, encode(text), _DELTA_TAIL) if text else b""

    def _next(self) -> bytes:
        """The events that waited, block by block, until one stays open."""
        written: list[bytes] = []
        while self._waiting and self._open is None:
            key = next(iter(self._waiting))
            written.extend(self._now(event) for event in self._waiting.pop(key))
        return b"".join(written)

    def _start(self, event: Start) -> bytes:
        if event.usage is not None:
            self._usage = event.usage
        message: Object = {
            "id": reshaped_id("msg_", event.id, self._client.seed),
            "type": "message",
            "role": "assistant",
            "model": self._client.model or event.model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": usage_object(self._usage),
        }
        return _event("message_start", {"type": "message_start", "message": message})

    def _start_block(self, event: BlockStart) -> bytes:
        self._open = event.key
        self._pieces = []
        kind, self._field = _DELTAS[event.kind]
        self._head = _DELTA_HEAD % (self._index, kind.encode(), self._field.encode())
        block: Object = {"type": "text", "text": ""}
        if event.kind == "thinking":
            block = {"type": "thinking", "thinking": "", "signature": ""}
        elif event.call is not None:
            use_id = anthropic_id(event.call.id)
            block = {"type": "tool_use", "id": use_id, "name": event.call.name, "input": {}}
        return self._begin(block)

    def _begin(self, block: Object) -> bytes:
        data = {"type": "content_block_start", "index": self._index, "content_block": block}
        return _event("content_block_start", data)

    def _delta(self, delta: Object) -> bytes:
        data = {"type": "content_block_delta", "index": self._index, "delta": delta}
        return b"event: content_block_delta\ndata: %b\n\n" % encode(data)

    def _sealed(self, blob: Blob) -> bytes:
        return self._delta({"type": "signature_delta", "signature": wrap(blob)})

    def _stop_block(self) -> bytes:
        data = {"type": "content_block_stop", "index": self._index}
        self._open = None
        self._index += 1
        return _event("content_block_stop", data)

    def _searched(self, search: WebSearch) -> bytes:
        use, result = search_blocks(search, self._client.seed)
        asked = encode(use["input"]).decode()
        written = self._begin({**use, "input": {}})
        written += self._delta({"type": "input_json_delta", "partial_json": asked}) + self._stop_block()
        return written + self._begin(result) + self._stop_block()

    def _stop(self, event: Stop) -> bytes:
        written = self._stop_block() if self._open is not None else b""
        written += self._next()
        if self._open is not None:
            written += self._stop_block()
        delta = {"stop_reason": STOP_REASONS[event.reason], "stop_sequence": event.sequence}
        data = {"type": "message_delta", "delta": delta, "usage": usage_object(self._usage)}
        return written + _event("message_delta", data) + _event("message_stop", {"type": "message_stop"})


def _event(name: str, data: Object) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (name.encode(), encode(data))


def _failed(event: Failed) -> bytes:
    said = anthropic_error(event.error)
    if not is_in_vain(event.error):
        said["error"]["type"] = "overloaded_error"  # what Claude Code asks again after
    return _event("error", said)


def search_blocks(search: WebSearch, seed: str) -> tuple[Object, Object]:
    """A search as the two blocks in which Anthropic shows it; its results can be seen but not sent back."""
    use_id = search.id if search.id.startswith("srvtoolu_") else made_id("srvtoolu_", seed, search.id)
    found = [
        {"type": "web_search_result", "url": s.url, "title": s.title or s.url, "encrypted_content": ""}
        for s in search.sources
    ]
    use = {"type": "server_tool_use", "id": use_id, "name": "web_search", "input": {"query": search.query}}
    return use, {"type": "web_search_tool_result", "tool_use_id": use_id, "content": found}


def citation_object(citation: Citation) -> Object:
    """A citation as Anthropic says it."""
    return {
        "type": "web_search_result_location",
        "url": citation.url,
        "title": citation.title,
        "cited_text": citation.cited_text,
        "encrypted_index": "",
    }


def usage_object(usage: Usage) -> Object:
    """Usage as Anthropic counts it: cached tokens beside the input's."""
    counted: Object = {
        "input_tokens": usage.input_tokens,
        "cache_creation_input_tokens": usage.cache_write_tokens,
        "cache_read_input_tokens": usage.cache_read_tokens,
        "output_tokens": usage.output_tokens,
    }
    if usage.reasoning_tokens:
        counted["output_tokens_details"] = {"thinking_tokens": usage.reasoning_tokens}
    return counted
