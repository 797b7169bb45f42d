"""The answers: what the upstream says in each format, and how a client knows that it got all of it.

The text of an answer is numbered words, one an event of a stream, so that whatever is lost, doubled or out of order
on the way is found, whichever format it arrives in.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from cccc_tui.wire.model import Format

WHOLE_WORDS = 60
"""Words of an answer that is not streamed."""

_NUMBER = re.compile(rb"tick-(\d+)")
_LAST: dict[Format, bytes] = {
    "anthropic": b"message_stop",
    "chat": b"[DONE]",
    "responses": b'"response.completed"',
}
"""What stands in the last event of a whole stream; that of Responses is as long as its answer."""
_RESPONSES_DELTA = b'"response.output_text.delta"'
"""Responses repeats its whole text in the events that end it, so its deltas are counted."""


def word(number: int) -> str:
    """About as long as what one event of a real stream brings."""
    return f"tick-{number:04} of the canned text "


def whole(form: Format) -> bytes:
    """A JSON answer."""
    return json.dumps(_answer(form, _text(WHOLE_WORDS)), separators=(",", ":")).encode()


def stream(form: Format, events: int) -> list[bytes]:
    """Server-sent events of which so many bring text."""
    return {"anthropic": _anthropic, "chat": _chat, "responses": _responses}[form](events)


class Expected(NamedTuple):
    """What an answer must be to count as one."""

    form: Format
    events: int
    """Events with text; 0 for an answer that is not streamed."""

    def fault(self, status: int, body: bytes) -> str:
        """Why this is not the answer; empty if it is."""
        if status != 200:
            return f"status {status}: {body[:200].decode('utf-8', 'replace')}"
        if not self.events:
            is_whole = body.rstrip().endswith(b"}") and _numbers(body) == _counting(WHOLE_WORDS)
            return "" if is_whole else "a word is missing"
        if _LAST[self.form] not in (body if self.form == "responses" else body[-200:]):
            return "the stream has no end"
        return "" if self._has_all_words(body) else "an event is missing"

    def _has_all_words(self, body: bytes) -> bool:
        numbers, all_words = _numbers(body), _counting(self.events)
        if self.form == "responses":
            return body.count(_RESPONSES_DELTA) == self.events and numbers[: self.events] == all_words
        return numbers == all_words


_COUNTED: dict[int, list[bytes]] = {}


def _counting(count: int) -> list[bytes]:
    if count not in _COUNTED:
        _COUNTED[count] = [b"%04d" % number for number in range(count)]
    return _COUNTED[count]


def _numbers(body: bytes) -> list[bytes]:
    return _NUMBER.findall(body)


def _text(words: int) -> str:
    return "".join(map(word, range(words)))


def _answer(form: Format, text: str) -> dict[str, Any]:
    if form == "anthropic":
        usage = {"input_tokens": 12, "output_tokens": 60}
        return _message([{"type": "text", "text": text}], "end_turn", usage)
    if form == "chat":
        usage = {"prompt_tokens": 12, "completion_tokens": 60, "total_tokens": 72}
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        head = {"id": "chat_1", "object": "chat.completion", "created": 1, "model": "m"}
        return {**head, "choices": [choice], "usage": usage}
    return _response("completed", [_item("completed", text)])


def _message(content: list[Any], stop_reason: str | None, usage: dict[str, int]) -> dict[str, Any]:
    head = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": content}
    return {**head, "stop_reason": stop_reason, "stop_sequence": None, "usage": usage}


def _anthropic(events: int) -> list[bytes]:
    begun = _message([], None, {"input_tokens": 12, "output_tokens": 1})
    deltas = [{"index": 0, "delta": {"type": "text_delta", "text": word(number)}} for number in range(events)]
    ended = {"delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": {"output_tokens": 60}}
    return [
        _named("message_start", {"message": begun}),
        _named("content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}}),
        *[_named("content_block_delta", delta) for delta in deltas],
        _named("content_block_stop", {"index": 0}),
        _named("message_delta", ended),
        _named("message_stop", {}),
    ]


def _chat(events: int) -> list[bytes]:
    head = {"id": "chat_1", "object": "chat.completion.chunk", "created": 1, "model": "m"}

    def chunk(delta: dict[str, Any], finish_reason: str | None = None) -> bytes:
        return _data(head | {"choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}]})

    usage = {"prompt_tokens": 12, "completion_tokens": 60, "total_tokens": 72}
    return [
        chunk({"role": "assistant", "content": ""}),
        *[chunk({"content": word(number)}) for number in range(events)],
        chunk({}, "stop"),
        _data(head | {"choices": [], "usage": usage}),
        b"data: [DONE]\n\n",
    ]


def _responses(events: int) -> list[bytes]:
    place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    text = _text(events)
    said: list[tuple[str, dict[str, Any]]] = [
        ("response.created", {"response": _response("in_progress", [])}),
        ("response.in_progress", {"response": _response("in_progress", [])}),
        ("response.output_item.added", {"output_index": 0, "item": _item("in_progress", "")}),
        ("response.content_part.added", place | {"part": _part("")}),
        *[("response.output_text.delta", place | {"delta": word(number)}) for number in range(events)],
        ("response.output_text.done", place | {"text": text}),
        ("response.content_part.done", place | {"part": _part(text)}),
        ("response.output_item.done", {"output_index": 0, "item": _item("completed", text)}),
        ("response.completed", {"response": _response("completed", [_item("completed", text)])}),
    ]
    return [_named(name, data | {"sequence_number": number}) for number, (name, data) in enumerate(said)]


def _response(status: str, output: list[Any]) -> dict[str, Any]:
    usage = {"input_tokens": 12, "output_tokens": 60, "total_tokens": 72}
    head = {"id": "resp_1", "object": "response", "created_at": 1, "status": status, "model": "m"}
    return {**head, "output": output, "usage": usage if status == "completed" else None}


def _item(status: str, text: str) -> dict[str, Any]:
    content = [_part(text)] if text else []
    return {"id": "msg_1", "type": "message", "role": "assistant", "status": status, "content": content}


def _part(text: str) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": []}


def _named(name: str, data: dict[str, Any]) -> bytes:
    return b"event: " + name.encode() + b"\n" + _data({"type": name} | data)


def _data(data: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(data, separators=(",", ":")).encode() + b"\n\n"
