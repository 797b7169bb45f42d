"""Calls in an answer as the client knows its tools: names, namespaces, ids, free text.

The upstream calls tools by their wire names and gives the free text of a custom tool as a JSON string in
`input`. This stage stands between a reader and a writer and turns both back while they stream.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from cccc_tui.wire.bridges import custom_input
from cccc_tui.wire.events import BlockStart, BlockStop, Delta, StreamEvent
from cccc_tui.wire.model import ToolCall
from cccc_tui.wire.names import NameMap, made_id
from cccc_tui.wire.parts import decode_leniently

_HEAD: Final = re.compile(r'\s*\{\s*"input"\s*:\s*"')
_MAY_BE_HEAD: Final = re.compile(r'\s*(?:\{\s*(?:"(?:i(?:n(?:p(?:u(?:t(?:"\s*(?::\s*)?)?)?)?)?)?)?)?)?')
_BODY: Final = re.compile(r'(?:[^"\\]|\\(?:[^u]|u[0-9a-fA-F]{4}))*', re.DOTALL)
_HIGH_SURROGATE: Final = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}$")
_CONTROL: Final = re.compile(r"[\x00-\x1f]")
_string = msgspec.json.Decoder(str)


class Restorer:
    """Gives every call its client's name, kind and an id."""

    def __init__(self, names: NameMap, seed: str) -> None:
        self._names = names
        self._seed = seed
        self._count = 0
        self.decoding: dict[int, InputText] = {}
        """Free texts that are being taken out of their wrapping; as long as there are none, every delta passes."""

    def call(self, call: ToolCall) -> ToolCall:
        """A whole call."""
        bridged = self._named(call)
        if bridged:
            call.arguments = custom_input(call.arguments)
        return call

    def event(self, event: StreamEvent) -> list[StreamEvent]:
        """One event of a stream; most pass as they are."""
        if isinstance(event, BlockStart) and event.call is not None:
            if self._named(event.call):
                self.decoding[event.key] = InputText()
        elif self.decoding and isinstance(event, (Delta, BlockStop)) and event.key in self.decoding:
            return self._text(event)
        return [event]

    def _named(self, call: ToolCall) -> bool:
        """Renames the call; says whether its free text is wrapped."""
        self._count += 1
        if not call.id:
            call.id = made_id("call_", self._seed, self._count)
        ref = self._names.from_wire(call.name)
        bridged = ref.kind == "custom" and call.kind == "function"
        call.name, call.namespace = ref.name, ref.namespace
        if call.kind == "function":
            call.kind = ref.kind
        return bridged

    def _text(self, event: Delta | BlockStop) -> list[StreamEvent]:
        if isinstance(event, Delta):
            text = self.decoding[event.key].feed(event.text)
            return [Delta(event.key, text)] if text else []
        text = self.decoding.pop(event.key).end()
        return [Delta(event.key, text), event] if text else [event]


class InputText:
    """Decodes `{"input":"…"}` while it streams; anything else is given out whole at its end."""

    def __init__(self) -> None:
        self._buffer = ""
        self._state = "head"

    def feed(self, text: str) -> str:
        """The plain text that these characters add."""
        if self._state == "over":
            return ""
        self._buffer += text
        if self._state == "head":
            head = _HEAD.match(self._buffer)
            if head is None:
                return self._not_yet()
            self._state, self._buffer = "body", self._buffer[head.end() :]
        return self._take() if self._state == "body" else ""

    def end(self) -> str:
        """What is still owed."""
        if self._state in ("head", "whole"):
            return custom_input(self._buffer)
        rest, self._buffer = self._buffer, ""
        return _decoded(rest) if self._state == "body" else ""

    def _not_yet(self) -> str:
        if not _MAY_BE_HEAD.fullmatch(self._buffer):
            self._state = "whole"
        return ""

    def _take(self) -> str:
        found = _BODY.match(self._buffer)
        end = found.end() if found else 0
        if self._buffer[end : end + 1] == '"':
            body, self._buffer, self._state = self._buffer[:end], "", "over"
            return _decoded(body)
        if split := _HIGH_SURROGATE.search(self._buffer, max(0, end - 6), end):
            end = split.start()
        body, self._buffer = self._buffer[:end], self._buffer[end:]
        return _decoded(body)


def _decoded(body: str) -> str:
    """The string that the JSON text stands for; raw line breaks, which models write, are let through."""
    if "\\" not in body:
        return body
    strict = _CONTROL.sub(lambda match: f"\\u{ord(match[0]):04x}", body)
    try:
        return decode_leniently(_string, f'"{strict}"')
    except msgspec.MsgspecError:
        return body
