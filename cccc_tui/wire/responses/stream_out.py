"""Responses streams out of neutral events: the complete event set, each item with its own index and id.

A block is an item. The items with an action instead of arguments (local shell and its kind) have no deltas:
they are shown whole when their call is complete.
"""

from __future__ import annotations

from typing import Any, Final

from cccc_tui.wire.citing import placed
from cccc_tui.wire.errors import is_in_vain, openai_error
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
from cccc_tui.wire.names import made_id
from cccc_tui.wire.parts import encode
from cccc_tui.wire.responses.items import (
    CALL_PREFIXES,
    annotation,
    call_item,
    has_arguments,
    message_item,
    reasoning_item,
    refusal_part,
    response_object,
    search_item,
    text_part,
)
from cccc_tui.wire.runs import Run

Object = dict[str, Any]
_DELTAS: Final = {
    "text": ("output_text", '"content_index":0,', ',"logprobs":[]'),
    "refusal": ("refusal", '"content_index":0,', ""),
    "thinking": ("reasoning_summary_text", '"summary_index":0,', ""),
    "tool": ("function_call_arguments", "", ""),
    "custom": ("custom_tool_call_input", "", ""),
}
"""What the deltas of an item are called, and what stands in them before and behind the text."""


class _Block:
    """An item that is being written."""

    def __init__(self, index: int, item_id: str, kind: BlockKind, call: ToolCall | None) -> None:
        self.index = index
        self.id = item_id
        self.kind = kind
        self.call = call
        self.pieces: list[str] = []
        self.frame = _delta_frame(index, item_id, kind, call)
        """Of its deltas, around their number and the inside of their text; empty where there are none."""
        self.blob: Blob | None = None
        self.citations: list[Citation] = []

    @property
    def text(self) -> str:
        return "".join(self.pieces)


def _delta_frame(index: int, item_id: str, kind: BlockKind, call: ToolCall | None) -> bytes:
    if call is not None and not has_arguments(call):
        return b""
    name, place, tail = _DELTAS["custom" if call is not None and call.kind == "custom" else kind]
    frame = (
        f"event: response.{name}.delta\n"
        f'data: {{"type":"response.{name}.delta","sequence_number":%d,'
        f'"item_id":"{item_id}","output_index":{index},{place}"delta":"%b"{tail}}}\n\n'
    )
    return frame.encode()


class StreamWriter:
    """One Responses stream for a client."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._number = -1
        self._blocks: dict[int, _Block] = {}
        self._output: dict[int, Object] = {}
        self._usage: Usage | None = None
        self.final: Object | None = None
        """The whole response, once it has come to a good end."""
        self._has_refusal = False
        self._is_started = False
        self._start = Start()

    def write(self, event: StreamEvent) -> bytes:
        """The bytes of one neutral event."""
        match event:
            case Delta():
                return self._delta(event)
            case BlockStart():
                return self._begin(event)
            case BlockStop():
                return self._end(self._blocks.pop(event.key))
            case Sealed():
                self._blocks[event.key].blob = event.blob
            case Cited():
                self._blocks[event.key].citations.append(event.citation)
            case Used():
                self._usage = event.usage
            case Searched():
                return self._search(event)
            case Start():
                return self._open(event)
            case Stop():
                return self._close(event.reason)
            case Failed():
                return self._fail(event)
        return b""

    def write_run(self, run: Run) -> bytes:
        """The bytes of a run of deltas of an item that has had one."""
        block = self._blocks[run.key]
        block.pieces.append(run.text)
        first = self._number + 1
        self._number += len(run.pieces)
        return b"".join([block.frame % each for each in enumerate(run.pieces, first)])

    def _event(self, kind: str, /, **fields: Any) -> bytes:
        self._number += 1
        data = {"type": f"response.{kind}", "sequence_number": self._number, **fields}
        return b"event: response.%b\ndata: %b\n\n" % (kind.encode(), encode(data))

    def _response(self, status: str, **fields: Any) -> Object:
        output = [self._output[index] for index in sorted(self._output)]
        return response_object(self._client, self._start, status, output) | fields

    def _open(self, event: Start) -> bytes:
        self._is_started, self._start = True, event
        self._usage = event.usage
        # Every client takes the request's fields from the last event, and these two are often all but empty otherwise.
        response = self._response("in_progress") | {"instructions": None, "tools": []}
        return self._event("created", response=response) + self._event("in_progress", response=response)

    def _begin(self, event: BlockStart) -> bytes:
        index = len(self._blocks) + len(self._output)
        block = _Block(index, self._item_id(event, index), event.kind, event.call)
        self._blocks[event.key] = block
        if event.call is not None:
            if not has_arguments(event.call):
                return b""
            item = call_item(event.call, block.id, "", "in_progress")
            return self._event("output_item.added", output_index=index, item=item)
        if event.kind == "thinking":
            item = reasoning_item(block.id, "", None)
            return self._event("output_item.added", output_index=index, item=item)
        item = message_item(block.id, [], "in_progress")
        part = refusal_part("") if event.kind == "refusal" else text_part("", [])
        added = self._event("output_item.added", output_index=index, item=item)
        return added + self._part_event("content_part.added", block, part=part)

    def _item_id(self, event: BlockStart, index: int) -> str:
        prefix = "rs_" if event.kind == "thinking" else "msg_"
        if event.call is not None:
            prefix = CALL_PREFIXES[event.call.kind]
        return made_id(prefix, self._client.seed, self._start.id, index)

    def _part_event(self, name: str, block: _Block, **fields: Any) -> bytes:
        return self._event(name, item_id=block.id, output_index=block.index, content_index=0, **fields)

    def _summary_event(self, name: str, block: _Block, **fields: Any) -> bytes:
        return self._event(name, item_id=block.id, output_index=block.index, summary_index=0, **fields)

    def _delta(self, event: Delta) -> bytes:
        block = self._blocks[event.key]
        is_first = not block.pieces
        block.pieces.append(event.text)
        if not block.frame:
            return b""
        opened = self._open_summary(block) if is_first and block.kind == "thinking" else b""
        self._number += 1
        # Of a delta only its number and its text differ, so only those are written anew.
        return opened + block.frame % (self._number, encode(event.text)[1:-1])

    def _open_summary(self, block: _Block) -> bytes:
        part = {"type": "summary_text", "text": ""}
        return self._summary_event("reasoning_summary_part.added", block, part=part)

    def _cite(self, block: _Block) -> bytes:
        """The citations of a text that is over: only now its end is known."""
        name, text = "output_text.annotation.added", block.text
        marks = [annotation(placed(citation, 0, len(text))) for citation in block.citations]
        return b"".join(
            self._part_event(name, block, annotation_index=place, annotation=mark)
            for place, mark in enumerate(marks)
        )

    def _end(self, block: _Block, status: str = "completed") -> bytes:
        match block.kind:
            case "thinking":
                item, done = self._end_thought(block)
            case "tool":
                item, done = self._end_call(block, status)
            case "refusal":
                self._has_refusal = True
                part = refusal_part(block.text)
                done = self._part_event("refusal.done", block, refusal=block.text)
                done += self._part_event("content_part.done", block, part=part)
                item = message_item(block.id, [part], status)
            case _:
                part = text_part(block.text, block.citations)
                done = self._cite(block) if block.citations else b""
                done += self._part_event("output_text.done", block, text=block.text, logprobs=[])
                done += self._part_event("content_part.done", block, part=part)
                item = message_item(block.id, [part], status)
        self._output[block.index] = item
        return done + self._event("output_item.done", output_index=block.index, item=item)

    def _end_thought(self, block: _Block) -> tuple[Object, bytes]:
        item = reasoning_item(block.id, block.text, block.blob)
        if not block.pieces:
            return item, b""
        done = self._summary_event("reasoning_summary_text.done", block, text=block.text)
        part = {"type": "summary_text", "text": block.text}
        return item, done + self._summary_event("reasoning_summary_part.done", block, part=part)

    def _end_call(self, block: _Block, status: str) -> tuple[Object, bytes]:
        call = block.call or ToolCall("", "", "")
        item = call_item(call, block.id, block.text, status)
        place: Object = {"item_id": block.id, "output_index": block.index}
        if not has_arguments(call):
            return item, self._event("output_item.added", output_index=block.index, item=item)
        if call.kind == "custom":
            return item, self._event("custom_tool_call_input.done", **place, input=block.text)
        arguments = item["arguments"]
        return item, self._event("function_call_arguments.done", **place, arguments=arguments, name=call.name)

    def _search(self, event: Searched) -> bytes:
        index = len(self._blocks) + len(self._output)
        item = search_item(event.search, made_id("ws_", self._client.seed, self._start.id, index))
        self._output[index] = item
        place: Object = {"item_id": item["id"], "output_index": index}
        written = self._event("output_item.added", output_index=index, item=item | {"status": "in_progress"})
        for step in ("in_progress", "searching", "completed"):
            written += self._event(f"web_search_call.{step}", **place)
        return written + self._event("output_item.done", output_index=index, item=item)

    def _close(self, reason: StopReason) -> bytes:
        is_cut = reason in ("max_tokens", "context_overflow")
        status = "incomplete" if is_cut else "completed"
        written = b"".join(self._end(block, status) for block in self._blocks.values())
        self._blocks.clear()
        usage = usage_object(self._usage or Usage())
        if is_cut or (reason == "refusal" and not self._has_refusal):
            details = {"reason": "max_output_tokens" if is_cut else "content_filter"}
            response = self._response("incomplete", usage=usage, incomplete_details=details)
            return written + self._event("incomplete", response=response)
        self.final = self._response("completed", usage=usage)
        return written + self._event("completed", response=self.final)

    def _fail(self, event: Failed) -> bytes:
        said = openai_error(event.error)
        # Codes that Codex takes as final stand only for what is final; any other makes it ask again.
        is_telling = is_in_vain(event.error) or event.error.error_class == "rate_limit"
        code = said["code"] if is_telling and said["code"] else "server_error"
        error = {"code": code, "message": event.error.message}
        usage = usage_object(self._usage) if self._usage is not None else None
        return self._event("failed", response=self._response("failed", error=error, usage=usage))


def usage_object(usage: Usage) -> Object:
    """Usage as Responses counts it: cached tokens inside the input's."""
    counted = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens
    return {
        "input_tokens": counted,
        "input_tokens_details": {
            "cached_tokens": usage.cache_read_tokens,
            "cache_write_tokens": usage.cache_write_tokens,
        },
        "output_tokens": usage.output_tokens,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "total_tokens": counted + usage.output_tokens,
    }
