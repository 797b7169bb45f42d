"""What a streamed answer says: the events of its body, and the text, thoughts and tool calls in them.

Reads the three wire formats leniently, for the eye only: an event that it does not know adds nothing, and a
body that was not kept whole is read in its two parts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import msgspec

from cccc_tui.traffic.exchange import Body
from cccc_tui.wire.sse import Decoder, Event

Kind = Literal["text", "thinking", "tool", "gap"]


class Piece(NamedTuple):
    """A stretch of the answer of one kind."""

    kind: Kind
    text: str
    """For a tool its arguments, for a gap the number of bytes that were not kept."""
    name: str = ""
    """Of the tool."""


class Transcript:
    """The events of a body that may still grow; `read` takes in what is new."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.pieces: list[Piece] = []
        self._decoder = Decoder()
        self._read_bytes = 0
        self._ended = False

    def read(self, body: Body, is_over: bool) -> bool:
        """Reads on; says whether anything was new."""
        before = len(self.events), len(self.pieces), self._ended
        new = body.size_bytes - self._read_bytes
        if new:
            self._feed(body, new)
            self._read_bytes = body.size_bytes
        if is_over and not self._ended:
            self._ended = True
            self._take(self._decoder.end())
        return before != (len(self.events), len(self.pieces), self._ended) or bool(new)

    def _feed(self, body: Body, new: int) -> None:
        if not body.missing_bytes:
            self._take(self._decoder.feed((body.head + body.tail)[-new:]))
            return
        head, tail = body.head, body.tail
        if self._read_bytes < len(head):
            self._take(self._decoder.feed(head[self._read_bytes :]))
        lost = new - len(tail) if self._read_bytes >= len(head) else body.missing_bytes
        if lost > 0:
            self._decoder = Decoder()
            self.pieces.append(Piece("gap", str(lost)))
        self._take(self._decoder.feed(tail[-new:]))

    def _take(self, events: Iterator[Event]) -> None:
        for event in events:
            self.events.append(event)
            for piece in pieces_of(event):
                self._join(piece)

    def _join(self, piece: Piece) -> None:
        """Adds to the last piece where it goes on with it."""
        last = self.pieces[-1] if self.pieces else None
        if last and last.kind == piece.kind and (piece.kind != "tool" or not piece.name):
            self.pieces[-1] = last._replace(text=last.text + piece.text)
        elif piece.text or piece.name:
            self.pieces.append(piece)


def pieces_of(event: Event) -> Iterator[Piece]:
    """What one event of any format adds to the answer."""
    if not event.data.startswith(b"{"):
        return
    try:
        data = msgspec.json.decode(event.data)
    except msgspec.DecodeError:
        return  # cut off by the limit of what is kept, or the provider's own mistake: shown raw
    if "choices" in data:
        yield from _of_chat(data)
    elif str(data.get("type", "")).startswith("response."):
        yield from _of_responses(data)
    else:
        yield from _of_anthropic(data)


def _of_anthropic(data: dict[str, Any]) -> Iterator[Piece]:
    block, delta = _dict(data, "content_block"), _dict(data, "delta")
    if block.get("type") in ("tool_use", "server_tool_use"):
        yield Piece("tool", "", _str(block, "name"))
    if text := _str(delta, "text"):
        yield Piece("text", text)
    if text := _str(delta, "thinking"):
        yield Piece("thinking", text)
    if text := _str(delta, "partial_json"):
        yield Piece("tool", text)


def _of_chat(data: dict[str, Any]) -> Iterator[Piece]:
    for choice in data["choices"] if isinstance(data["choices"], list) else ():
        delta = _dict(choice, "delta") if isinstance(choice, dict) else {}
        if text := _str(delta, "reasoning_content") or _str(delta, "reasoning"):
            yield Piece("thinking", text)
        if text := _str(delta, "content"):
            yield Piece("text", text)
        for call in delta.get("tool_calls") or ():
            function = _dict(call, "function") if isinstance(call, dict) else {}
            yield Piece("tool", _str(function, "arguments"), _str(function, "name"))


def _of_responses(data: dict[str, Any]) -> Iterator[Piece]:
    kind, delta, item = data["type"], _str(data, "delta"), _dict(data, "item")
    if kind == "response.output_item.added" and _str(item, "name"):
        yield Piece("tool", "", _str(item, "name"))
    elif kind == "response.output_text.delta":
        yield Piece("text", delta)
    elif kind in ("response.reasoning_summary_text.delta", "response.reasoning_text.delta"):
        yield Piece("thinking", delta)
    elif kind in ("response.function_call_arguments.delta", "response.custom_tool_call_input.delta"):
        yield Piece("tool", delta)


def _dict(data: dict[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def _str(data: dict[str, Any], key: str) -> str:
    value = data.get(key)
    return value if isinstance(value, str) else ""
