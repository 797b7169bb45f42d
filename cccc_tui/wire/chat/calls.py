"""Tool calls of a Chat stream, put together from deltas that providers number as they please.

A delta belongs to the call with its id; without one, to the last call with its index; a new id, or a new name
behind arguments that are already complete, begins a new call. A call begins as soon as its name is known
(an id that never comes is made up), and ends when its arguments are complete JSON and another one begins.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from cccc_tui.wire.events import BlockStart, BlockStop, Delta, StreamEvent
from cccc_tui.wire.model import ConvertOptions, ToolCall, ToolKind
from cccc_tui.wire.parts import encode, json_object
from cccc_tui.wire.repair import looks_like_python, may_mend, mended, mended_note

_NO_KEY = -1
_LAST_COMMA: Final = re.compile(r",\s*$")
_EXTRA_COMMA: Final = re.compile(r",(?=\s*[}\]])")
_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)


class FunctionDelta(msgspec.Struct):
    name: str | None = None
    arguments: str | dict[str, msgspec.Raw] | None = None
    input: str | None = None


class CallDelta(msgspec.Struct):
    index: int | None = None
    id: str | None = None
    function: FunctionDelta | None = None
    custom: FunctionDelta | None = None

    @property
    def said(self) -> FunctionDelta:
        """Name and arguments, of a function or of a custom tool."""
        return self.function or self.custom or FunctionDelta()

    @property
    def arguments(self) -> str:
        """The arguments' text; some servers send the object itself."""
        found = self.said.arguments if self.said.arguments is not None else self.said.input
        if isinstance(found, dict):
            return encode(found).decode()
        return found or ""


class _Call:
    """One call that is being put together."""

    def __init__(self, index: int | None, kind: ToolKind) -> None:
        self.index = index
        self.kind = kind
        self.id = ""
        self.name = ""
        self.pieces: list[str] = []
        self.unsent = ""
        self.key = _NO_KEY
        self.is_held = False
        self.is_over = False

    @property
    def arguments(self) -> str:
        if len(self.pieces) > 1:
            self.pieces = ["".join(self.pieces)]
        return self.pieces[0] if self.pieces else ""

    @property
    def is_complete(self) -> bool:
        text = self.arguments.strip()
        return text.endswith("}") and json_object(text) is not None


class Calls:
    """All calls of one answer."""

    def __init__(self, options: ConvertOptions, notes: list[str]) -> None:
        self._options = options
        self._notes = notes
        self._calls: list[_Call] = []

    @property
    def any_begun(self) -> bool:
        """Whether the client has seen a call."""
        return any(call.key != _NO_KEY for call in self._calls)

    @property
    def are_complete(self) -> bool:
        """Whether each call could be made as it stands."""
        return all(call.is_complete or not call.arguments.strip() for call in self._calls)

    def take(self, delta: CallDelta, next_key: int) -> list[StreamEvent]:
        """The events of one delta; a call that begins gets `next_key`."""
        call, is_new = self._owner(delta)
        events: list[StreamEvent] = []
        if is_new:
            events = self.stop_complete()
            self._calls.append(call)
        call.id = call.id or delta.id or ""
        call.name = call.name or delta.said.name or ""
        if (arguments := delta.arguments) and not call.is_over:
            call.pieces.append(arguments)
            call.unsent += arguments
        events += self._progress(call, next_key)
        if call is not self._calls[-1] and call.is_complete:
            events += self._stop(call)
        return events

    def stop_complete(self) -> list[StreamEvent]:
        """Ends the calls that lack nothing, because something else begins."""
        complete = [call for call in self._calls if not call.is_over and call.is_complete]
        return [event for call in complete for event in self._stop(call)]

    def finish(self, next_key: int) -> list[StreamEvent]:
        """Ends every call; one that never got a name is called by none, so that nothing is lost silently."""
        events: list[StreamEvent] = []
        for call in self._calls:
            if call.key == _NO_KEY and (call.name or call.arguments):
                call.key = next_key
                next_key += 1
                events.append(self._start(call))
            events.extend(self._stop(call))
        return events

    def _owner(self, delta: CallDelta) -> tuple[_Call, bool]:
        found = self._find(delta)
        if found is not None:
            return found, False
        return _Call(delta.index, "custom" if delta.custom is not None else "function"), True

    def _find(self, delta: CallDelta) -> _Call | None:
        if delta.id:
            known = next((call for call in self._calls if call.id == delta.id), None)
            if known is not None:
                return known
        same = [call for call in self._calls if delta.index is None or call.index == delta.index]
        last = same[-1] if same else None
        if last is None or (delta.id and last.id):
            return None
        name = delta.said.name
        if name and last.name and (name != last.name or last.is_complete):
            return None
        return last

    def _progress(self, call: _Call, next_key: int) -> list[StreamEvent]:
        events: list[StreamEvent] = []
        if call.key == _NO_KEY:
            if not call.name or not (call.id or call.arguments):
                return []
            call.key = next_key
            events.append(self._start(call))
        if not call.is_held and len(call.pieces) == 1:
            call.is_held = looks_like_python(call.arguments) and self._may_mend(call)
        if not call.is_held:
            events.extend(self._unsent(call))
        return events

    def _start(self, call: _Call) -> BlockStart:
        return BlockStart(call.key, "tool", ToolCall(call.id, call.name, "", call.kind))

    def _unsent(self, call: _Call, is_last: bool = False) -> list[StreamEvent]:
        """What is to be streamed now; a comma waits for what follows it, which may show it to be one too many."""
        text, call.unsent = call.unsent, ""
        if "," in text and self._may_mend(call):
            if not is_last and (comma := _LAST_COMMA.search(text)):
                text, call.unsent = text[: comma.start()], comma[0]
            if _EXTRA_COMMA.search(text):
                text = self._without_extra_commas(call, text)
        return [Delta(call.key, text)] if text else []

    def _may_mend(self, call: _Call) -> bool:
        return call.kind == "function" and may_mend(call.name, self._options)

    def _without_extra_commas(self, call: _Call, text: str) -> str:
        """The text without the commas in front of a closing bracket, but for those in strings."""
        before = call.arguments[: len(call.arguments) - len(call.unsent) - len(text)]
        place, kept = 0, ""
        for comma in _EXTRA_COMMA.finditer(text):
            kept += text[place : comma.start()]
            outside = _STRING.sub("", before + text[: comma.start()])
            kept += "," if '"' in outside else ""
            place = comma.start() + 1
        kept += text[place:]
        if len(kept) < len(text):
            self._notes.append(mended_note(call.name))
        return kept

    def _stop(self, call: _Call) -> list[StreamEvent]:
        if call.is_over or call.key == _NO_KEY:
            return []
        call.is_over = True
        if call.is_held:
            text = mended(call.name, call.arguments, self._options, self._notes)
            return [Delta(call.key, text), BlockStop(call.key)]
        return [*self._unsent(call, is_last=True), BlockStop(call.key)]
