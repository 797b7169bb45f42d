"""Whole Responses answers, into the neutral model and out of it."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from cccc_tui.wire.events import Answer, Client, Start
from cccc_tui.wire.model import ConvertOptions, Part, Refusal, Text, Thinking, ToolCall, WebSearch
from cccc_tui.wire.names import made_id
from cccc_tui.wire.parts import decode_leniently, encode, json_arguments
from cccc_tui.wire.repair import mended, unmended
from cccc_tui.wire.responses.compaction_out import compacted
from cccc_tui.wire.responses.items import (
    CALL_PREFIXES,
    call_item,
    message_item,
    reasoning_item,
    refusal_part,
    response_object,
    search_item,
    text_part,
)
from cccc_tui.wire.responses.stream_in import WireItem, WireResponse, sealed, stop_reason, thought, web_search
from cccc_tui.wire.responses.stream_out import usage_object

Object = dict[str, Any]
_decoder = msgspec.json.Decoder(WireResponse)


def read_response(body: bytes, options: ConvertOptions, notes: list[str]) -> Answer:
    """The answer in neutral words."""
    wire = decode_leniently(_decoder, body)
    if wire.output is None:
        raise msgspec.ValidationError("Object missing required field `output`")
    if wire.incomplete_details is not None:
        options = unmended(options)
    parts = [part for item in wire.output for part in _parts(item, options, notes)]
    answer = Answer(wire.id or "", wire.model or "", int(wire.created_at or 0), parts)
    if wire.usage is not None:
        wire.usage.book(answer.usage)
    has_calls = any(isinstance(part, ToolCall) for part in parts)
    is_refused = any(isinstance(part, Refusal) for part in parts)
    answer.stop = stop_reason(wire, has_calls, is_refused)
    return answer


def _parts(item: WireItem, options: ConvertOptions, notes: list[str]) -> list[Part]:
    match item.type:
        case "message":
            return _message(item)
        case "function_call" | "custom_tool_call":
            return [_call(item, options, notes)]
        case "reasoning":
            return [Thinking(thought(item), sealed(item, options.origin))]
        case "web_search_call":
            return [web_search(item)]
    notes.append(f"output item of type {item.type} dropped: no counterpart")
    return []


def _message(item: WireItem) -> list[Part]:
    parts: list[Part] = []
    for part in item.content or ():
        if part.refusal:
            parts.append(Refusal(part.refusal))
        elif part.text:
            found = [annotation.read() for annotation in part.annotations or ()]
            parts.append(Text(part.text, citations=[c for c in found if c is not None]))
    return parts


def _call(item: WireItem, options: ConvertOptions, notes: list[str]) -> ToolCall:
    call_id, name = item.call_id or item.id or "", item.name or ""
    if item.type == "custom_tool_call":
        return ToolCall(call_id, name, item.input or "", "custom")
    return ToolCall(call_id, name, mended(name, json_arguments(item.arguments), options, notes))


def write_response(answer: Answer, client: Client) -> bytes:
    """The answer as Responses bytes."""
    if client.compacts:
        return encode(compacted(answer, client))
    is_cut = answer.stop in ("max_tokens", "context_overflow")
    has_refusal = any(isinstance(part, Refusal) for part in answer.parts)
    is_filtered = answer.stop == "refusal" and not has_refusal
    status: Literal["incomplete", "completed"] = "incomplete" if is_cut or is_filtered else "completed"
    output = [_item(part, n, client, answer.id) for n, part in enumerate(answer.parts)]
    start = Start(answer.id, answer.model, answer.created_s)
    response = response_object(client, start, status, [item for item in output if item])
    response["usage"] = usage_object(answer.usage)
    if status == "incomplete":
        response["incomplete_details"] = {"reason": "max_output_tokens" if is_cut else "content_filter"}
    return encode(response)


def _item(part: Part, index: int, client: Client, answer_id: str) -> Object:
    def new_id(prefix: str) -> str:
        return made_id(prefix, client.seed, answer_id, index)

    match part:
        case Text(text=text, citations=citations):
            return message_item(new_id("msg_"), [text_part(text, citations)], "completed")
        case Refusal(text=text):
            return message_item(new_id("msg_"), [refusal_part(text)], "completed")
        case Thinking(text=text, blob=blob):
            return reasoning_item(new_id("rs_"), text, blob)
        case ToolCall():
            return call_item(part, new_id(CALL_PREFIXES[part.kind]), part.arguments, "completed")
        case WebSearch():
            return search_item(part, new_id("ws_"))
    return {}
