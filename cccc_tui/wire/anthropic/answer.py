"""Whole Messages answers, into the neutral model and out of it."""

from __future__ import annotations

from typing import Any

import msgspec

from cccc_tui.wire.anthropic.stream_in import STOP_REASONS as STOP_WORDS
from cccc_tui.wire.anthropic.stream_in import WireBlock, hits, thinking_blob
from cccc_tui.wire.anthropic.stream_out import STOP_REASONS, citation_object, search_blocks, usage_object
from cccc_tui.wire.bridges import function_object
from cccc_tui.wire.citing import quoted
from cccc_tui.wire.counts import AnthropicUsage
from cccc_tui.wire.events import Answer, Client
from cccc_tui.wire.model import (
    Blob,
    ConvertOptions,
    Part,
    Refusal,
    Text,
    Thinking,
    ToolCall,
    WebSearch,
)
from cccc_tui.wire.names import anthropic_id, reshaped_id
from cccc_tui.wire.origins import wrap
from cccc_tui.wire.parts import decode_leniently, encode, raw_text, try_decode

Object = dict[str, Any]


class _Message(msgspec.Struct):
    content: list[WireBlock]
    id: str | None = None
    model: str | None = None
    stop_reason: str | None = None
    stop_sequence: str | None = None
    usage: AnthropicUsage | None = None


class _Query(msgspec.Struct):
    query: str = ""


_decoder = msgspec.json.Decoder(_Message)
_query = msgspec.json.Decoder(_Query)


def read_response(body: bytes, options: ConvertOptions, notes: list[str]) -> Answer:
    """The answer in neutral words."""
    wire = decode_leniently(_decoder, body)
    answer = Answer(wire.id or "", wire.model or "", 0, _parts(wire.content, options, notes))
    if wire.usage is not None:
        wire.usage.book(answer.usage)
    has_calls = any(isinstance(part, ToolCall) for part in answer.parts)
    answer.stop = STOP_WORDS.get(wire.stop_reason or "", "tool_use" if has_calls else "end")
    answer.stop_sequence = wire.stop_sequence
    return answer


def _parts(blocks: list[WireBlock], options: ConvertOptions, notes: list[str]) -> list[Part]:
    parts: list[Part] = []
    searches: dict[str, WebSearch] = {}
    for block in blocks:
        match block.type:
            case "text":
                found = [citation.read() for citation in block.citations or ()]
                parts.append(Text(block.text or "", citations=[c for c in found if c is not None]))
            case "thinking":
                parts.append(Thinking(block.thinking or "", thinking_blob(block, options.origin)))
            case "redacted_thinking":
                parts.append(Thinking("", Blob("redacted", block.data or "", options.origin)))
            case "tool_use":
                parts.append(ToolCall(block.id or "", block.name or "", raw_text(block.input) or "{}"))
            case "server_tool_use" if block.name == "web_search":
                asked = try_decode(_query, raw_text(block.input) or "{}")
                search = WebSearch(block.id or "", asked.query if asked is not None else "")
                searches[search.id] = search
                parts.append(search)
            case "web_search_tool_result" if block.tool_use_id in searches:
                searches[block.tool_use_id or ""].sources = hits(block)
            case _:
                notes.append(f"content block of type {block.type} dropped: no counterpart")
    return parts


def write_response(answer: Answer, client: Client) -> bytes:
    """The answer as Messages bytes."""
    return encode(
        {
            "id": reshaped_id("msg_", answer.id, client.seed),
            "type": "message",
            "role": "assistant",
            "model": client.model or answer.model,
            "content": [block for part in answer.parts for block in _blocks(part, client)],
            "stop_reason": STOP_REASONS[answer.stop],
            "stop_sequence": answer.stop_sequence,
            "usage": usage_object(answer.usage),
        }
    )


def _blocks(part: Part, client: Client) -> list[Object]:
    match part:
        case Text(text=text, citations=citations):
            block: Object = {"type": "text", "text": text}
            if citations:
                block["citations"] = [citation_object(quoted(c, text)) for c in citations]
            return [block]
        case Refusal(text=text):
            return [{"type": "text", "text": text}]
        case Thinking(text=text, blob=blob):
            signature = wrap(blob) if blob is not None else ""
            return [{"type": "thinking", "thinking": text, "signature": signature}]
        case ToolCall():
            found = function_object(part.kind, part.arguments)
            return [{"type": "tool_use", "id": anthropic_id(part.id), "name": part.name, "input": found}]
        case WebSearch():
            return list(search_blocks(part, client.seed))
    return []
