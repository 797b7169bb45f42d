"""Chat Completions streams out of neutral events.

Thoughts go out as `reasoning_content`; a sealed one follows whole in `reasoning_details` (OpenRouter's form),
which is where clients keep what must come back untouched. Calls are numbered in the order of their beginning.
"""

from __future__ import annotations

from typing import Any, Final

from cccc_tui.wire.citing import placed
from cccc_tui.wire.errors import openai_error
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
from cccc_tui.wire.model import Blob, Citation, ToolCall, Usage
from cccc_tui.wire.names import openai_id, reshaped_id
from cccc_tui.wire.origins import wrap
from cccc_tui.wire.parts import encode
from cccc_tui.wire.runs import Run

Object = dict[str, Any]
PARAGRAPH: Final = "\n\n"
"""Between texts that a call or a thought stands between: Chat has one text for all."""
_MORE_TAIL: Final = b'},"logprobs":null,"finish_reason":null}]}\n\n'
_FRAMES: Final[dict[BlockKind, tuple[bytes, bytes]]] = {
    "text": (b'"content":', _MORE_TAIL),
    "refusal": (b'"refusal":', _MORE_TAIL),
    "thinking": (b'"reasoning_content":', _MORE_TAIL),
}
"""What stands around the text of a delta; a call's names the call."""
DONE: Final = b"data: [DONE]\n\n"
FINISH_REASONS: Final[dict[StopReason, str]] = {
    "end": "stop",
    "max_tokens": "length",
    "stop_sequence": "stop",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
    "pause": "stop",
    "context_overflow": "length",
}


class StreamWriter:
    """One Chat stream for a client."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._base: Object = {}
        self._usage = Usage()
        self._kinds: dict[int, BlockKind] = {}
        self._head = b""
        """Of every delta."""
        self._frames: dict[int, tuple[bytes, bytes]] = {}
        """What stands around the text in each delta of a block: only that differs, so only that is encoded."""
        self._calls = 0
        self._thoughts: dict[int, list[str]] = {}
        self._details = 0
        self._said = self._block_at = 0
        """Characters of text so far, and those before the block that is open."""
        self._cited: list[Citation] = []
        self._has_refusal = False

    def write(self, event: StreamEvent) -> bytes:
        """The bytes of one neutral event."""
        match event:
            case Delta():
                return self._delta(event)
            case BlockStart():
                return self._block(event)
            case BlockStop():
                return self._cite(event.key)
            case Start():
                return self._start(event)
            case Sealed():
                return self._sealed(event)
            case Cited():
                self._cited.append(event.citation)
                return b""
            case Used():
                self._usage = event.usage
                return b""
            case Stop():
                return self._stop(event.reason)
            case Failed():
                return _data({"error": openai_error(event.error)}) + DONE
            case Searched():
                return b""

    def write_run(self, run: Run) -> bytes:
        """The bytes of a run of deltas of a block."""
        self._count(run.key, run.text)
        return run.framed(*self._frames[run.key])

    def _start(self, event: Start) -> bytes:
        if event.usage is not None:
            self._usage = event.usage
        self._base = {
            "id": reshaped_id("chatcmpl-", event.id, self._client.seed),
            "object": "chat.completion.chunk",
            "created": event.created_s or self._client.now_s,
            "model": self._client.model or event.model,
        }
        self._head = b'data: %b,"choices":[{"index":0,"delta":{' % encode(self._base)[:-1]
        return self._chunk({"role": "assistant", "content": ""})

    def _block(self, event: BlockStart) -> bytes:
        apart = self._said > 0 and next(reversed(self._kinds.values())) != "text"
        self._kinds[event.key] = event.kind
        is_paragraph = event.kind == "text" and apart
        self._said += len(PARAGRAPH) if is_paragraph else 0
        self._block_at = self._said
        if event.call is not None:
            return self._call(event.key, event.call)
        head, tail = _FRAMES[event.kind]
        self._frames[event.key] = (self._head + head, tail)
        if event.kind == "thinking":
            self._thoughts[event.key] = []
        return self._chunk({"content": PARAGRAPH}) if is_paragraph else b""

    def _call(self, key: int, call: ToolCall) -> bytes:
        said = call_object(call)
        index, self._calls = self._calls, self._calls + 1
        field = b'"custom":{"input":' if call.kind == "custom" else b'"function":{"arguments":'
        head = b'%b"tool_calls":[{"index":%d,%b' % (self._head, index, field)
        self._frames[key] = (head, b"}}]" + _MORE_TAIL)
        return self._chunk({"tool_calls": [{"index": index, **said}]})

    def _delta(self, event: Delta) -> bytes:
        self._count(event.key, event.text)
        head, tail = self._frames[event.key]
        return b"%b%b%b" % (head, encode(event.text), tail)

    def _count(self, key: int, text: str) -> None:
        match self._kinds[key]:
            case "text":
                self._said += len(text)
            case "refusal":
                self._has_refusal = True
            case "thinking":
                self._thoughts[key].append(text)

    def _cite(self, key: int) -> bytes:
        """The citations of a text that is over: only now its end is known."""
        if not self._cited or self._kinds.get(key) != "text":
            return b""
        length = self._said - self._block_at
        found = [annotation(placed(citation, self._block_at, length)) for citation in self._cited]
        self._cited.clear()
        return self._chunk({"annotations": found})

    def _sealed(self, event: Sealed) -> bytes:
        text = "".join(self._thoughts.pop(event.key, ()))
        detail = reasoning_detail(text, event.blob, self._details)
        if detail is None:
            return b""
        self._details += 1
        return self._chunk({"reasoning_details": [detail]})

    def _stop(self, reason: StopReason) -> bytes:
        finish = "stop" if self._has_refusal and reason == "refusal" else FINISH_REASONS[reason]
        end = self._chunk({}, finish)
        if self._client.include_usage:
            end += _data({**self._base, "choices": [], "usage": usage_object(self._usage)})
        return end + DONE

    def _chunk(self, delta: Object, finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return _data({**self._base, "choices": [choice]})


def _data(value: Object) -> bytes:
    return b"data: %b\n\n" % encode(value)


def call_object(call: ToolCall) -> Object:
    """A call as an entry of `tool_calls`."""
    if call.kind == "custom":
        return {"id": openai_id(call.id), "type": "custom", "custom": _named(call, "input")}
    return {"id": openai_id(call.id), "type": "function", "function": _named(call, "arguments")}


def _named(call: ToolCall, field: str) -> Object:
    return {"name": call.name, field: call.arguments}


def reasoning_detail(text: str, blob: Blob, index: int) -> Object | None:
    """A sealed thought for the client to keep; None when its text is all there is to it."""
    if blob.kind == "text" and not blob.data:
        return None
    if blob.kind == "signature":
        return {"type": "reasoning.text", "text": text, "signature": wrap(blob), "index": index}
    return {"type": "reasoning.encrypted", "summary": text, "data": wrap(blob), "index": index}


def annotation(citation: Citation) -> Object:
    """A citation as Chat says it."""
    place = {"start_index": citation.start, "end_index": citation.end}
    return {"type": "url_citation", "url_citation": {"url": citation.url, "title": citation.title, **place}}


def usage_object(usage: Usage) -> Object:
    """Usage as Chat counts it: cached tokens inside the prompt's."""
    prompt = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens
    return {
        "prompt_tokens": prompt,
        "completion_tokens": usage.output_tokens,
        "total_tokens": prompt + usage.output_tokens,
        "prompt_tokens_details": {
            "cached_tokens": usage.cache_read_tokens,
            "cache_write_tokens": usage.cache_write_tokens,
        },
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
    }
