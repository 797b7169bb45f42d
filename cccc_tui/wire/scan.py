"""Watches an answer in the client's own format as it goes by, and touches nothing but the model's name.

Bytes are handed on per whole event: no client can act on half an event, and so a stream that breaks can
always be ended by a well-formed error event, and a keep-alive never lands inside an event. A chunk that
ends where an event ends, which is nearly every one, is handed on as the very object that came in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import copy

import msgspec

from cccc_tui.wire.answer_scan import AnswerScan, scan_answer
from cccc_tui.wire.model import Format
from cccc_tui.wire.patch import replace_string
from cccc_tui.wire.sse import Decoder, Event
from cccc_tui.wire.stream_ends import DONE, MESSAGE_STOP, break_event, keep_alive
from cccc_tui.wire.stream_notes import StreamNotes, is_usage_alone, read_json

__all__ = ["AnswerScan", "StreamScan", "break_event", "keep_alive", "scan_answer"]

_USUAL = re.compile(rb"(?:event: ([^\n]*)\n)?data: ([^\n]*)\n\n")
"""An event as nearly all are written."""
_EVENT_END = re.compile(rb"(?:\r\n|\n|\r(?!\n)){2}")
_MODEL = re.compile(rb'"model"\s*:\s*("(?:[^"\\]|\\.)*+")')


class StreamScan(StreamNotes):
    """Reads one stream; with `model`, that name is put back wherever the format says it.

    `hides_usage` takes out the chunk of Chat Completions that holds nothing but usage.
    """

    def __init__(self, format: Format, model: str | None = None, hides_usage: bool = False) -> None:  # noqa: A002
        super().__init__(format, model)
        self._hides_usage = hides_usage
        self._held = b""
        self._new_name = msgspec.json.encode(model) if model is not None and format == "chat" else b""
        """Each chunk of Chat Completions carries the model's name."""

    def feed(self, chunk: bytes) -> bytes:
        """What goes on to the client: every event that is whole by now."""
        buffer = self._held + chunk if self._held else chunk
        end = _last_event_end(buffer, len(self._held) - 3)
        if end == len(buffer):
            self._held = b""
            return self._read(buffer)
        self._held = buffer[end:]
        return self._read(buffer[:end]) if end else b""

    @property
    def whole(self) -> bool:
        """Whether the answer is complete if the stream ends here; `ending` adds what is missing then."""
        after = copy(self)
        after.ending()
        return after.finished and after.error is None

    def ending(self) -> bytes:
        """What is still to be sent when the upstream has closed the stream in good order.

        That is a last event without its blank line, and the formal end of an answer that was whole before.
        """
        last, self._held = self._held, b""
        rest = b"" if last.strip() else last  # the second half of a CRLF, or one blank line too many
        if _is_complete(last):
            rest = self._read(last + (b"\n" if last.endswith(b"\n") else b"\n\n"))
        if self.finished or self.error or not self.stop_reason or self.format == "responses":
            return rest
        self.finished = True
        return rest + (MESSAGE_STOP if self.format == "anthropic" else DONE)

    def _read(self, whole: bytes) -> bytes:
        if self.format == "responses" and b'"sequence_number"' in whole:
            self.last_numbered = whole
        if not self._new_name and not self.may_tell(whole):
            return whole
        if self._new_name or b"\r" in whole:
            events = list(_split(whole))
            passed = [self._pass(event) for event in events]
            return whole if passed == events else b"".join(passed)
        return self._look_through(whole)

    def _look_through(self, whole: bytes) -> bytes:
        """The events, after a look into those that may say something: in a long text they are few."""
        parts: list[bytes] = []
        done = at = 0
        while at < len(whole):
            mark = self.next_telling(whole, at) if self.content_seen else at
            if mark < 0:
                break
            before, behind = whole.rfind(b"\n\n", at, mark), whole.find(b"\n\n", mark)
            at = before + 2 if before >= 0 else at
            end = behind + 2 if behind >= 0 else len(whole)
            event = whole[at:end]
            passed = self._pass(event)
            if passed is not event:
                parts += [whole[done:at], passed]
                done = end
            at = end
        return b"".join([*parts, whole[done:]]) if parts else whole

    def _pass(self, raw: bytes) -> bytes:
        """One event as it goes on, after a look into it if it may say something."""
        if self.may_tell(raw) and (event := _decoded(raw)):
            path = self.take(event)
            if self._hides_usage and is_usage_alone(event):
                return b""
            if self.model is not None and path:
                return _with_data(raw, event, replace_string(event.data, path, self.model))
        return _renamed(raw, self._new_name) if self._new_name else raw


def _last_event_end(buffer: bytes, start: int) -> int:
    """Where the last whole event ends; `start` is where the search may begin."""
    if buffer.endswith(b"\n\n"):
        return len(buffer)
    start = max(0, start)
    if buffer.find(b"\r", start) < 0:
        found = buffer.rfind(b"\n\n", start)
        return found + 2 if found >= 0 else 0
    end = 0
    for ending in _EVENT_END.finditer(buffer, start):
        end = ending.end()
    return end


def _split(whole: bytes) -> Iterator[bytes]:
    """The events of a text that ends where an event ends, each with its blank line."""
    if b"\r" not in whole:
        for lines in whole.split(b"\n\n")[:-1]:
            yield lines + b"\n\n"
        return
    start = 0
    for found in _EVENT_END.finditer(whole):
        yield whole[start : found.end()]
        start = found.end()
    if start < len(whole):
        yield whole[start:]


def _decoded(raw: bytes) -> Event | None:
    if b"\r" not in raw and (found := _USUAL.fullmatch(raw)):
        return Event((found[1] or b"").decode("utf-8", "replace"), found[2])
    decoder = Decoder()
    return next((event for events in (decoder.feed(raw), decoder.end()) for event in events), None)


def _is_complete(last: bytes) -> bool:
    """Whether an event at the end of a stream lacks nothing but its blank line."""
    event = _decoded(last)
    if event is None:
        return False
    return event.data.strip() == b"[DONE]" or read_json(msgspec.json.decode, event.data) is not None


def _with_data(raw: bytes, event: Event, data: bytes) -> bytes:
    """The event with other data and every other byte as it was."""
    if data is event.data:
        return raw
    if event.data in raw:
        return raw.replace(event.data, data, 1)
    # Data over several lines, which nobody sends: the JSON is the same, only its line breaks move.
    head = f"event: {event.name}\n".encode() if event.name else b""
    return head + b"".join(b"data: " + line + b"\n" for line in data.split(b"\n")) + b"\n"


def _renamed(raw: bytes, name: bytes) -> bytes:
    """A chunk of Chat Completions with `name`, as JSON, for its model."""
    choices = raw.find(b'"choices"')
    found = _MODEL.search(raw, 0, choices) if choices >= 0 else None
    if found and raw.count(b"{", 0, found.start()) == 1:
        return raw[: found.start(1)] + name + raw[found.end(1) :]
    event = _decoded(raw) if b'"model"' in raw else None
    if event is None:
        return raw
    return _with_data(raw, event, replace_string(event.data, ("model",), msgspec.json.decode(name, type=str)))
