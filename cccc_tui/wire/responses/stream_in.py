"""Responses streams into neutral events.

Items may overlap; what an upstream leaves out of the event set (deltas, added or done events, all but the
last event) is made up for from the fullest form that it does send.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

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
    Searched,
    Start,
    Stop,
    StopReason,
    StreamEvent,
    Used,
)
from cccc_tui.wire.model import Blob, Citation, ConvertOptions, ToolCall, Usage, WebSearch
from cccc_tui.wire.parts import json_arguments, try_decode
from cccc_tui.wire.sse import Event


class WireAnnotation(msgspec.Struct):
    type: str = ""
    url: str = ""
    title: str | None = None
    start_index: int = 0
    end_index: int = 0

    def read(self) -> Citation | None:
        """A web page; files of the provider have no counterpart elsewhere."""
        return (
            Citation(self.url, self.title or "", "", self.start_index, self.end_index) if self.url else None
        )


class WirePart(msgspec.Struct):
    type: str = ""
    text: str | None = None
    refusal: str | None = None
    annotations: list[WireAnnotation] | None = None


class _Source(msgspec.Struct):
    url: str = ""
    title: str | None = None


class _Action(msgspec.Struct):
    type: str = ""
    query: str | None = None
    queries: list[str] | None = None
    url: str | None = None
    sources: list[_Source] | None = None


class WireItem(msgspec.Struct):
    """An output item, begun or whole."""

    type: str = ""
    id: str | None = None
    call_id: str | None = None
    name: str | None = None
    arguments: msgspec.Raw = msgspec.Raw()
    input: str | None = None
    content: list[WirePart] | None = None
    summary: list[WirePart] | None = None
    encrypted_content: str | None = None
    action: _Action | None = None


class _Incomplete(msgspec.Struct):
    reason: str | None = None


class WireResponse(msgspec.Struct):
    id: str | None = None
    model: str | None = None
    created_at: int | float | None = None
    status: str | None = None
    output: list[WireItem] | None = None
    usage: OpenAIUsage | None = None
    incomplete_details: _Incomplete | None = None


class _Event(msgspec.Struct):
    type: str = ""
    output_index: int = 0
    content_index: int = 0
    summary_index: int = 0
    delta: str | None = None
    item: WireItem | None = None
    response: WireResponse | None = None
    annotation: WireAnnotation | None = None


DELTAS: Final[dict[str, BlockKind]] = {
    "output_text.delta": "text",
    "function_call_arguments.delta": "tool",
    "custom_tool_call_input.delta": "tool",
    "reasoning_summary_text.delta": "thinking",
    "reasoning_text.delta": "thinking",
    "refusal.delta": "refusal",
}
ITEM_EVENTS: Final = ("output_item.added", "output_item.done", "output_text.annotation.added")
ENDS: Final = ("completed", "incomplete", "done")
FAILURES: Final = ("failed", "error")
_decoder = msgspec.json.Decoder(_Event)
_anything = msgspec.json.Decoder(dict[str, Any])


class _Item:
    """An output item that is being read."""

    def __init__(self) -> None:
        self.key = -1
        self.part = -1
        self.kind: BlockKind = "text"
        self.has_delta = False
        self.is_over = False


class StreamReader:
    """One Responses stream."""

    def __init__(self, options: ConvertOptions, notes: list[str]) -> None:
        self._origin = options.origin
        self._notes = notes
        self._items: dict[int, _Item] = {}
        self._keys = 0
        self._is_started = self._has_calls = self._is_refused = False
        self.is_over = False

    def read(self, event: Event) -> list[StreamEvent]:
        """The neutral events of one upstream event."""
        if self.is_over:
            return []
        said = try_decode(_decoder, event.data)
        if said is None:
            if not event.data.startswith(b"[DONE]"):
                self._notes.append("an event that is no Responses event was skipped")
            return []
        kind = (said.type or event.name).removeprefix("response.")
        events: list[StreamEvent] = []
        if said.response is not None:
            self._start(said.response, events)
        self._take(kind, said, event, events)
        return events

    def is_steady(self, key: int) -> bool:
        """Whether an event that did nothing but say more of the block would do so again, whatever it said."""
        return True

    def end(self) -> list[StreamEvent]:
        """The end of the bytes before a terminal event: the answer was cut."""
        if self.is_over:
            return []
        self.is_over = True
        message = "The upstream ended the stream before the answer was complete"
        return [Failed(UpstreamError.of("broken_stream", message))]

    def _take(self, kind: str, said: _Event, event: Event, events: list[StreamEvent]) -> None:
        delta = DELTAS.get(kind)
        if delta is not None:
            part = said.summary_index if kind.startswith("reasoning_summary") else said.content_index
            self._delta(said, delta, part, events)
        elif kind == "output_item.done":
            self._done(said.output_index, said.item or WireItem(), events)
        elif kind == "output_item.added":
            self._added(said, events)
        elif kind == "output_text.annotation.added":
            self._cite(said, events)
        elif kind in ENDS:
            self._finish(said.response or WireResponse(), events)
        elif kind in FAILURES:
            self._fail(event, events)

    def _start(self, response: WireResponse, events: list[StreamEvent]) -> None:
        if not self._is_started:
            self._is_started = True
            events.append(Start(response.id or "", response.model or "", int(response.created_at or 0)))

    def _item(self, index: int) -> _Item:
        return self._items.setdefault(index, _Item())

    def _added(self, said: _Event, events: list[StreamEvent]) -> None:
        item = said.item or WireItem()
        if item.type in ("function_call", "custom_tool_call"):
            self._begin_call(self._item(said.output_index), item, events)
        elif item.type == "reasoning":
            self._begin(self._item(said.output_index), "thinking", 0, events)

    def _begin_call(self, state: _Item, item: WireItem, events: list[StreamEvent]) -> None:
        self._has_calls = True
        state.kind, state.part = "tool", 0
        state.key, self._keys = self._keys, self._keys + 1
        kind: Literal["custom", "function"] = "custom" if item.type == "custom_tool_call" else "function"
        call = ToolCall(item.call_id or item.id or "", item.name or "", "", kind)
        events.append(BlockStart(state.key, "tool", call))

    def _begin(self, state: _Item, kind: BlockKind, part: int, events: list[StreamEvent]) -> None:
        """Opens the block of a part; parts of a thought are paragraphs of one block."""
        if state.key >= 0 and kind == "thinking" and state.kind == "thinking":
            if state.has_delta and part != state.part:
                events.append(Delta(state.key, "\n\n"))
            state.part = part
            return
        self._close(state, events)
        state.kind, state.part = kind, part
        state.key, self._keys = self._keys, self._keys + 1
        events.append(BlockStart(state.key, kind))

    def _close(self, state: _Item, events: list[StreamEvent]) -> None:
        if state.key >= 0:
            events.append(BlockStop(state.key))
            state.key = -1

    def _delta(self, said: _Event, kind: BlockKind, part: int, events: list[StreamEvent]) -> None:
        state = self._item(said.output_index)
        if not said.delta or state.is_over:
            return
        if kind == "tool":
            part = 0
            if state.key < 0:
                return
        if state.key < 0 or state.kind != kind or state.part != part:
            self._begin(state, kind, part, events)
        self._is_refused = self._is_refused or kind == "refusal"
        state.has_delta = True
        events.append(Delta(state.key, said.delta))

    def _cite(self, said: _Event, events: list[StreamEvent]) -> None:
        state = self._items.get(said.output_index)
        citation = said.annotation.read() if said.annotation is not None else None
        if state is not None and state.key >= 0 and citation is not None:
            events.append(Cited(state.key, citation))

    def _done(self, index: int, item: WireItem, events: list[StreamEvent]) -> None:
        """The end of an item, with all of it that no delta has brought."""
        state = self._item(index)
        if state.is_over:
            return
        state.is_over = True
        match item.type:
            case "message":
                self._done_message(state, item, events)
            case "function_call" | "custom_tool_call":
                self._done_call(state, item, events)
            case "reasoning":
                self._done_reasoning(state, item, events)
            case "web_search_call":
                events.append(Searched(self._keys, web_search(item)))
                self._keys += 1
            case _:
                self._notes.append(f"output item of type {item.type} dropped: no counterpart")
        self._close(state, events)

    def _done_message(self, state: _Item, item: WireItem, events: list[StreamEvent]) -> None:
        for number, part in enumerate(item.content or () if not state.has_delta else ()):
            text = part.text or part.refusal
            if not text:
                continue
            self._is_refused = self._is_refused or bool(part.refusal)
            self._begin(state, "refusal" if part.refusal else "text", number, events)
            events.append(Delta(state.key, text))
            found = [annotation.read() for annotation in part.annotations or ()]
            events.extend(Cited(state.key, citation) for citation in found if citation is not None)

    def _done_call(self, state: _Item, item: WireItem, events: list[StreamEvent]) -> None:
        if state.key < 0:
            self._begin_call(state, item, events)
        if not state.has_delta:
            text = item.input if item.input is not None else json_arguments(item.arguments)
            if text:
                events.append(Delta(state.key, text))

    def _done_reasoning(self, state: _Item, item: WireItem, events: list[StreamEvent]) -> None:
        if state.key < 0:
            self._begin(state, "thinking", 0, events)
        if not state.has_delta and (text := thought(item)):
            events.append(Delta(state.key, text))
        events.append(Sealed(state.key, sealed(item, self._origin)))

    def _finish(self, response: WireResponse, events: list[StreamEvent]) -> None:
        self.is_over = True
        for index, item in enumerate(response.output or ()):
            if not self._item(index).is_over:
                self._done(index, item, events)
        for state in self._items.values():
            if state.key >= 0 and state.kind == "thinking":
                events.append(Sealed(state.key, Blob("text", "", self._origin)))
            self._close(state, events)
        if response.usage is not None:
            usage = Usage()
            response.usage.book(usage)
            events.append(Used(usage))
        events.append(Stop(stop_reason(response, self._has_calls, self._is_refused)))

    def _fail(self, event: Event, events: list[StreamEvent]) -> None:
        self.is_over = True
        error = error_in(try_decode(_anything, event.data), is_named=True)
        events.append(
            Failed(error or UpstreamError.of("server_error", "The upstream reported an unnamed error"))
        )


def stop_reason(response: WireResponse, has_calls: bool, is_refused: bool) -> StopReason:
    """Why the answer ended."""
    reason = response.incomplete_details.reason if response.incomplete_details is not None else None
    if reason == "content_filter":
        return "refusal"
    if reason is not None or response.status == "incomplete":
        return "max_tokens"
    return "tool_use" if has_calls else "refusal" if is_refused else "end"


def thought(item: WireItem) -> str:
    """The readable part of a reasoning item."""
    parts = item.summary or item.content or []
    return "\n\n".join(part.text for part in parts if part.text)


def sealed(item: WireItem, origin: str | None) -> Blob:
    """The sealed part of a reasoning item."""
    if item.encrypted_content:
        return Blob("encrypted", item.encrypted_content, origin, item.id or "")
    return Blob("text", "", origin, item.id or "")


def web_search(item: WireItem) -> WebSearch:
    """What the provider searched for, and where it looked."""
    action = item.action or _Action()
    query = action.query or "; ".join(action.queries or ()) or action.url or ""
    sources = [Citation(source.url, source.title or "") for source in action.sources or () if source.url]
    return WebSearch(item.id or "", query, sources)
