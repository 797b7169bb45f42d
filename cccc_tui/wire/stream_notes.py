"""What the events of a stream say, noted: usage, the end, an error, the first content.

One function a format; none of them changes a byte. Most events are deltas that say nothing but their text,
and are told apart by bytes that the few telling ones must contain and that no JSON string can hold
unescaped.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

from cccc_tui.wire.counts import AnthropicUsage, OpenAIUsage
from cccc_tui.wire.errors import UpstreamError, error_in
from cccc_tui.wire.model import Format, Usage
from cccc_tui.wire.patch import without_lone_surrogates
from cccc_tui.wire.sse import Event

_FINISHED_CHOICE = re.compile(rb'"finish_reason"\s*:\s*"')
_COUNTS = re.compile(rb'"usage"\s*:\s*\{')
_SEQUENCE = re.compile(rb'"sequence_number"\s*:\s*(\d+)')


class StreamNotes:
    """What is known of one stream so far; `model` is the name under which the client knows the model."""

    def __init__(self, format: Format, model: str | None = None) -> None:  # noqa: A002
        self.format = format
        self.model = model
        self.content_seen = False
        """Whether something came that a client would show or do: a text, a thought, a tool call."""
        self.finished = False
        """Whether the format's terminal event has come."""
        self.stop_reason = ""
        self.usage = Usage()
        self.error: UpstreamError | None = None
        """An error that came as an event."""
        self.response_id = ""
        self.upstream_model = ""
        self.first_response = b""
        """The event in which a Responses stream first showed its response object."""
        self.last_numbered = b""
        """The last events of a Responses stream that carry a sequence number."""

    @property
    def last_sequence_number(self) -> int:
        """Of a Responses stream; -1 before the first."""
        numbers = _SEQUENCE.findall(self.last_numbered)
        return int(numbers[-1]) if numbers else -1

    def may_tell(self, raw: bytes) -> bool:
        """Whether events, as they came, may say something besides their text."""
        return not self.content_seen or _TELLS[self.format](raw)

    def next_telling(self, raw: bytes, start: int) -> int:
        """Where after `start` the next event stands that may say something; -1 for none. Once content was seen."""
        marks = [at for mark in _MARKS[self.format] if (at := raw.find(mark, start)) >= 0]
        return min(marks, default=-1)

    def take(self, event: Event) -> tuple[str, ...]:
        """Notes what an event says; the path to the model's name if it carries one."""
        self.error = self.error or _error(event)
        return _TAKES[self.format](self, event)


class _Message(msgspec.Struct):
    id: str | None = None
    model: str | None = None
    usage: AnthropicUsage | None = None


class _AnthropicEvent(msgspec.Struct):
    type: str = ""
    message: _Message | None = None
    content_block: dict[str, Any] | None = None
    delta: dict[str, Any] | None = None
    usage: AnthropicUsage | None = None


class _Choice(msgspec.Struct):
    delta: dict[str, Any] | None = None
    message: dict[str, Any] | None = None
    finish_reason: str | None = None
    usage: OpenAIUsage | None = None
    """Where Moonshot puts it."""


class _Chunk(msgspec.Struct):
    id: str | None = None
    model: str | None = None
    choices: list[_Choice] | None = None
    usage: OpenAIUsage | None = None


class _Incomplete(msgspec.Struct):
    reason: str | None = None


class _Response(msgspec.Struct):
    id: str | None = None
    model: str | None = None
    usage: OpenAIUsage | None = None
    incomplete_details: _Incomplete | None = None
    output: list[msgspec.Raw] | None = None


class _ResponsesEvent(msgspec.Struct):
    type: str = ""
    response: _Response | None = None
    item: dict[str, Any] | None = None
    delta: Any = None


_decode_anthropic = msgspec.json.Decoder(_AnthropicEvent, strict=False).decode
_decode_chunk = msgspec.json.Decoder(_Chunk, strict=False).decode
_decode_responses = msgspec.json.Decoder(_ResponsesEvent, strict=False).decode


def _take_anthropic(notes: StreamNotes, event: Event) -> tuple[str, ...]:
    said = read_json(_decode_anthropic, event.data) or _AnthropicEvent()
    kind = said.type or event.name
    if said.usage:
        said.usage.book(notes.usage)
    if kind == "message_start" and said.message:
        notes.response_id = said.message.id or ""
        notes.upstream_model = said.message.model or ""
        if said.message.usage:
            said.message.usage.book(notes.usage)
        return ("message", "model")
    if kind == "message_delta" and said.delta:
        notes.stop_reason = str(said.delta.get("stop_reason") or notes.stop_reason)
    elif kind == "message_stop":
        notes.finished = True
    elif kind in ("content_block_start", "content_block_delta"):
        notes.content_seen = notes.content_seen or _block_has_content(said.content_block or said.delta or {})
    return ()


def _take_chat(notes: StreamNotes, event: Event) -> tuple[str, ...]:
    if event.data.strip() == b"[DONE]":
        notes.finished = True
        return ()
    said = read_json(_decode_chunk, event.data) or _Chunk()
    notes.response_id = notes.response_id or said.id or ""
    notes.upstream_model = notes.upstream_model or said.model or ""
    for choice in said.choices or ():
        delta = choice.delta or choice.message or {}
        notes.content_seen = notes.content_seen or any(delta[key] for key in delta if key != "role")
        notes.stop_reason = choice.finish_reason or notes.stop_reason
        if choice.usage:
            choice.usage.book(notes.usage)
    if said.usage:
        said.usage.book(notes.usage)
    return ()


def is_usage_alone(event: Event) -> bool:
    """Whether a chunk of Chat Completions holds usage and no choice."""
    said = read_json(_decode_chunk, event.data)
    return said is not None and said.usage is not None and not said.choices


def _take_responses(notes: StreamNotes, event: Event) -> tuple[str, ...]:
    said = read_json(_decode_responses, event.data) or _ResponsesEvent()
    kind = said.type or event.name
    if said.response:
        _take_response(notes, kind, said.response)
        notes.first_response = notes.first_response or event.data
        return ("response", "model")
    if kind == "response.output_item.added" and said.item:
        notes.content_seen = notes.content_seen or said.item.get("type") not in ("message", "reasoning")
    elif kind == "response.output_item.done" or (kind.endswith(".delta") and said.delta):
        notes.content_seen = True
    return ()


def _take_response(notes: StreamNotes, kind: str, response: _Response) -> None:
    notes.response_id = response.id or notes.response_id
    notes.upstream_model = response.model or notes.upstream_model
    if response.usage:
        response.usage.book(notes.usage)
    if kind in ("response.completed", "response.incomplete", "response.failed"):
        details = response.incomplete_details
        notes.stop_reason = (details and details.reason) or kind.removeprefix("response.")
        notes.content_seen = notes.content_seen or bool(response.output)
        notes.finished = True


def _anthropic_tells(raw: bytes) -> bool:
    return b"message_" in raw or b"error" in raw


def _chat_tells(raw: bytes) -> bool:
    return (
        b"[DONE]" in raw
        or b'"error"' in raw
        or b"event: error" in raw
        or _FINISHED_CHOICE.search(raw) is not None
        or _COUNTS.search(raw) is not None
    )


def _responses_tells(raw: bytes) -> bool:
    return b'"response"' in raw or b'"error"' in raw or b"event: error" in raw


def _block_has_content(block: dict[str, Any]) -> bool:
    """Of a content block's start or delta. A tool's name is content; the empty start of a text is not."""
    kind = block.get("type")
    if kind not in ("text", "thinking") and not str(kind).endswith("_delta"):
        return True
    return any(value for key, value in block.items() if key != "type")


def _error(event: Event) -> UpstreamError | None:
    if event.name != "error" and b'"error"' not in event.data and b'"response.failed"' not in event.data:
        return None
    value = read_json(msgspec.json.decode, event.data)
    if value is None:
        value = event.data.decode("utf-8", "replace")
    return error_in(value, is_named=event.name == "error")


def read_json(decode: Callable[[bytes], Any], data: bytes) -> Any:
    """The decoded data; None when it is not what the format says."""
    try:
        return decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    try:
        return decode(without_lone_surrogates(data))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # An event of another shape is handed on like any other; it only tells us nothing.
        return None


_TAKES: dict[Format, Callable[[StreamNotes, Event], tuple[str, ...]]] = {
    "anthropic": _take_anthropic,
    "chat": _take_chat,
    "responses": _take_responses,
}
_MARKS: dict[Format, tuple[bytes, ...]] = {
    "anthropic": (b"message_", b"error"),
    "chat": (b"[DONE]", b'"error"', b"event: error", b'"finish_reason"', b'"usage"'),
    "responses": (b'"response"', b'"error"', b"event: error"),
}
"""What stands in every event that tells something, and in few others."""
_TELLS: dict[Format, Callable[[bytes], bool]] = {
    "anthropic": _anthropic_tells,
    "chat": _chat_tells,
    "responses": _responses_tells,
}
