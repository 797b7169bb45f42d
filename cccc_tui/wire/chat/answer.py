"""Whole Chat Completions answers, into the neutral model and out of it."""

from __future__ import annotations

from typing import Any

import msgspec

from cccc_tui.wire.chat.calls import CallDelta
from cccc_tui.wire.chat.leaked import LeakedCalls
from cccc_tui.wire.chat.stream_in import STOP_REASONS, Said, sealed_details, stop_reason
from cccc_tui.wire.chat.stream_out import (
    FINISH_REASONS,
    PARAGRAPH,
    annotation,
    call_object,
    reasoning_detail,
    usage_object,
)
from cccc_tui.wire.chat.tags import ThinkTags
from cccc_tui.wire.citing import placed
from cccc_tui.wire.counts import OpenAIUsage
from cccc_tui.wire.events import Answer, Client
from cccc_tui.wire.model import Blob, ConvertOptions, Part, Refusal, Text, Thinking, ToolCall, WebSearch
from cccc_tui.wire.names import reshaped_id
from cccc_tui.wire.parts import decode_leniently, encode, put, raw_text
from cccc_tui.wire.repair import mended, unmended

Object = dict[str, Any]


class _Choice(msgspec.Struct):
    index: int = 0
    message: Said | None = None
    delta: Said | None = None
    finish_reason: str | None = None


class _Completion(msgspec.Struct):
    choices: list[_Choice]
    id: str | None = None
    model: str | None = None
    created: int | float | None = None
    usage: OpenAIUsage | None = None


_decoder = msgspec.json.Decoder(_Completion)


def read_response(body: bytes, options: ConvertOptions, notes: list[str]) -> Answer:
    """The answer in neutral words."""
    wire = decode_leniently(_decoder, body)
    answer = Answer(wire.id or "", wire.model or "", int(wire.created or 0), [])
    if wire.usage is not None:
        wire.usage.book(answer.usage)
    choice = wire.choices[0] if wire.choices else _Choice()
    said = choice.message or choice.delta or Said()
    if STOP_REASONS.get(choice.finish_reason or "") == "max_tokens":
        options = unmended(options)
    answer.parts = _parts(said, options, notes)
    has_calls = any(isinstance(part, ToolCall) for part in answer.parts)
    answer.stop = stop_reason(choice.finish_reason or "", has_calls, bool(said.refusal))
    return answer


def _parts(said: Said, options: ConvertOptions, notes: list[str]) -> list[Part]:
    thought = said.thought
    tags = ThinkTags()
    split = [*tags.feed(said.text), *tags.end()]
    thought += "".join(piece for kind, piece in split if kind == "thinking")
    text = "".join(piece for kind, piece in split if kind == "text")
    details = list(map(raw_text, said.reasoning_details or ()))
    parts: list[Part] = []
    if thought or details:
        parts.append(Thinking(thought, Blob("text", sealed_details(details), options.origin)))
    calls = list(said.tool_calls or ())
    if said.function_call is not None:
        calls.append(CallDelta(0, "", said.function_call))
    if options.leaked_calls and text:
        text = _unleaked(text, calls, options, notes)
    if text:
        parts.append(Text(text, citations=said.citations))
    if said.refusal:
        parts.append(Refusal(said.refusal))
    return parts + [_call(call, options, notes) for call in calls]


def _unleaked(text: str, calls: list[CallDelta], options: ConvertOptions, notes: list[str]) -> str:
    """The text without the calls in it, which join the others."""
    leaked = LeakedCalls(options.leaked_calls)
    rest = []
    for piece in (*leaked.feed(text), *leaked.end()):
        if isinstance(piece, CallDelta):
            notes.append(f"call of {piece.said.name} recognised in plain text")
            calls.append(piece)
        else:
            rest.append(piece)
    return "".join(rest)


def _call(call: CallDelta, options: ConvertOptions, notes: list[str]) -> ToolCall:
    name = call.said.name or ""
    if call.custom is not None:
        return ToolCall(call.id or "", name, call.arguments, "custom")
    return ToolCall(call.id or "", name, mended(name, call.arguments, options, notes))


def _joined(parts: list[Part]) -> tuple[str, list[Object]]:
    """All that is said in the one text that Chat has, and its citations by their place in it.

    Texts that a call or a thought stands between are paragraphs; others are pieces of one.
    """
    said, annotations = "", list[Object]()
    last: Part | None = None
    for part in parts:
        if isinstance(part, Text):
            said += PARAGRAPH if said and not isinstance(last, Text) else ""
            annotations += [annotation(placed(c, len(said), len(part.text))) for c in part.citations]
            said += part.text
        if not isinstance(part, WebSearch):
            last = part
    return said, annotations


def write_response(answer: Answer, client: Client) -> bytes:
    """The answer as Chat Completions bytes."""
    said, annotations = _joined(answer.parts)
    refusals = [part.text for part in answer.parts if isinstance(part, Refusal)]
    thoughts = [part for part in answer.parts if isinstance(part, Thinking)]
    message: Object = {
        "role": "assistant",
        "content": said or None,
        "refusal": "".join(refusals) or None,
    }
    put(message, reasoning_content="\n\n".join(part.text for part in thoughts if part.text))
    details = [reasoning_detail(t.text, t.blob, n) for n, t in enumerate(thoughts) if t.blob is not None]
    put(message, reasoning_details=[detail for detail in details if detail is not None])
    put(message, tool_calls=[call_object(part) for part in answer.parts if isinstance(part, ToolCall)])
    message["annotations"] = annotations
    finish = "stop" if refusals and answer.stop == "refusal" else FINISH_REASONS[answer.stop]
    return encode(
        {
            "id": reshaped_id("chatcmpl-", answer.id, client.seed),
            "object": "chat.completion",
            "created": answer.created_s or client.now_s,
            "model": client.model or answer.model,
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish}],
            "usage": usage_object(answer.usage),
        }
    )
