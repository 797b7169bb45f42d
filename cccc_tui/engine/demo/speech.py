"""An answer of the demo, written in any of the three formats, whole or as a stream of events."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import msgspec

from cccc_tui.wire.model import Format

Json = dict[str, Any]
Stop = Literal["end", "tools", "length"]

CREATED_AT = 1_767_225_600
"""The moment that answers claim to be from; nobody looks, and a fixed one keeps them the same."""

SIGNATURE = "Y2NjYyBkZW1v"
"""Stands where a provider signs its thoughts."""


class Words(msgspec.Struct, frozen=True):
    text: str


class Thought(msgspec.Struct, frozen=True):
    text: str
    """Empty when the client does not want to see it."""


class Call(msgspec.Struct, frozen=True):
    name: str
    arguments: Json

    @property
    def text(self) -> str:
        return msgspec.json.encode(self.arguments).decode()


Part = Words | Thought | Call


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What is said, whatever the format."""

    parts: tuple[Part, ...]
    """With one tool call at most."""
    model: str
    number: int
    """Makes the ids."""
    stop: Stop
    input_tokens: int
    cached_tokens: int
    include_usage: bool

    @property
    def output_tokens(self) -> int:
        return sum(len(pieces(part.text)) for part in self.parts)

    @property
    def reasoning_tokens(self) -> int:
        return sum(len(pieces(part.text)) for part in self.parts if isinstance(part, Thought))

    def ident(self, prefix: str, place: int | None = None) -> str:
        return f"{prefix}demo{self.number:06d}" + ("" if place is None else f"x{place}")


class Beat(NamedTuple):
    """One event of a stream, and whether a person sees something of it: only those are paced."""

    data: bytes
    is_content: bool


def pieces(text: str) -> list[str]:
    """The text word by word, each with the blanks behind it."""
    return re.findall(r"\s*\S+\s?|\s+$", text)


def document(form: Format, answer: Answer) -> bytes:
    """The whole answer."""
    write = {"anthropic": _message, "chat": _completion, "responses": _finished_response}[form]
    return msgspec.json.encode(write(answer))


def beats(form: Format, answer: Answer) -> Iterator[Beat]:
    """The answer as a stream."""
    write = {"anthropic": _message_beats, "chat": _chunk_beats, "responses": _response_beats}[form]
    return write(answer)


def error_document(form: Format, status: int, message: str) -> bytes:
    """An error as the provider of that format words it."""
    kinds = {400: "invalid_request_error", 404: "not_found_error", 529: "overloaded_error"}
    if form == "anthropic":
        error = {"type": kinds.get(status, "api_error"), "message": message}
        return msgspec.json.encode({"type": "error", "error": error})
    kind = "server_error" if status >= 500 else "invalid_request_error"
    return msgspec.json.encode({"error": {"message": message, "type": kind, "param": None, "code": None}})


def _beat(data: Json, is_content: bool = False, *, named: bool = True) -> Beat:
    name = f"event: {data['type']}\n".encode() if named else b""
    return Beat(name + b"data: " + msgspec.json.encode(data) + b"\n\n", is_content)


# --- Anthropic Messages ---

_STOP_REASON: dict[Stop, str] = {"end": "end_turn", "tools": "tool_use", "length": "max_tokens"}

_UNSAID: dict[type[Part], Json] = {
    Words: {"text": ""},
    Thought: {"thinking": "", "signature": ""},
    Call: {"input": {}},
}
"""What of a block comes in deltas, and is empty when it is opened."""


def _message(answer: Answer) -> Json:
    return {
        "id": answer.ident("msg_"),
        "type": "message",
        "role": "assistant",
        "model": answer.model,
        "content": [_block(answer, place, part) for place, part in enumerate(answer.parts)],
        "stop_reason": _STOP_REASON[answer.stop],
        "stop_sequence": None,
        "usage": _message_usage(answer, answer.output_tokens),
    }


def _message_usage(answer: Answer, output_tokens: int) -> Json:
    return {
        "input_tokens": answer.input_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": answer.cached_tokens,
        "output_tokens": output_tokens,
    }


def _block(answer: Answer, place: int, part: Part) -> Json:
    match part:
        case Words(text):
            return {"type": "text", "text": text}
        case Thought(text):
            return {"type": "thinking", "thinking": text, "signature": SIGNATURE}
        case Call(name, arguments):
            return {"type": "tool_use", "id": answer.ident("toolu_", place), "name": name, "input": arguments}


def _message_beats(answer: Answer) -> Iterator[Beat]:
    opening = _message(answer) | {"content": [], "stop_reason": None, "usage": _message_usage(answer, 1)}
    yield _beat({"type": "message_start", "message": opening})
    for place, part in enumerate(answer.parts):
        opened = _block(answer, place, part) | _UNSAID[type(part)]
        yield _beat({"type": "content_block_start", "index": place, "content_block": opened})
        for delta in _block_deltas(part):
            yield _beat({"type": "content_block_delta", "index": place, "delta": delta}, True)
        yield _beat({"type": "content_block_stop", "index": place})
    delta = {"stop_reason": _STOP_REASON[answer.stop], "stop_sequence": None}
    yield _beat({"type": "message_delta", "delta": delta, "usage": {"output_tokens": answer.output_tokens}})
    yield _beat({"type": "message_stop"})


def _block_deltas(part: Part) -> Iterator[Json]:
    match part:
        case Words(text):
            yield from ({"type": "text_delta", "text": piece} for piece in pieces(text))
        case Thought(text):
            yield from ({"type": "thinking_delta", "thinking": piece} for piece in pieces(text))
            yield {"type": "signature_delta", "signature": SIGNATURE}
        case Call():
            yield from ({"type": "input_json_delta", "partial_json": piece} for piece in pieces(part.text))


# --- OpenAI Chat Completions ---

_FINISH_REASON: dict[Stop, str] = {"end": "stop", "tools": "tool_calls", "length": "length"}


def _completion(answer: Answer) -> Json:
    words = "".join(part.text for part in answer.parts if isinstance(part, Words))
    message: Json = {"role": "assistant", "content": words or None, "refusal": None}
    if thought := "".join(part.text for part in answer.parts if isinstance(part, Thought)):
        message["reasoning_content"] = thought
    calls = [
        _chat_call(answer, place, part) for place, part in enumerate(answer.parts) if isinstance(part, Call)
    ]
    if calls:
        message["tool_calls"] = calls
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _FINISH_REASON[answer.stop]}
    return _chat_head(answer, "chat.completion") | {"choices": [choice], "usage": _chat_usage(answer)}


def _chat_head(answer: Answer, kind: str) -> Json:
    return {"id": answer.ident("chatcmpl-"), "object": kind, "created": CREATED_AT, "model": answer.model}


def _chat_call(answer: Answer, place: int, part: Call) -> Json:
    function = {"name": part.name, "arguments": part.text}
    return {"id": answer.ident("call_", place), "type": "function", "function": function}


def _chat_usage(answer: Answer) -> Json:
    prompt = answer.input_tokens + answer.cached_tokens
    return {
        "prompt_tokens": prompt,
        "completion_tokens": answer.output_tokens,
        "total_tokens": prompt + answer.output_tokens,
        "prompt_tokens_details": {"cached_tokens": answer.cached_tokens},
        "completion_tokens_details": {"reasoning_tokens": answer.reasoning_tokens},
    }


def _chunk_beats(answer: Answer) -> Iterator[Beat]:
    head = _chat_head(answer, "chat.completion.chunk")

    def chunk(delta: Json, finish_reason: str | None = None, *, is_content: bool = False) -> Beat:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return _beat(head | {"choices": [choice]}, is_content, named=False)

    yield chunk({"role": "assistant", "content": ""})
    for place, part in enumerate(answer.parts):
        for delta in _chunk_deltas(answer, place, part):
            yield chunk(delta, is_content=True)
    yield chunk({}, _FINISH_REASON[answer.stop])
    if answer.include_usage:
        yield _beat(head | {"choices": [], "usage": _chat_usage(answer)}, named=False)
    yield Beat(b"data: [DONE]\n\n", False)


def _chunk_deltas(answer: Answer, place: int, part: Part) -> Iterator[Json]:
    match part:
        case Words(text):
            yield from ({"content": piece} for piece in pieces(text))
        case Thought(text):
            yield from ({"reasoning_content": piece} for piece in pieces(text))
        case Call(name):
            opening = _chat_call(answer, place, part) | {"function": {"name": name, "arguments": ""}}
            yield {"tool_calls": [{"index": 0} | opening]}
            for piece in pieces(part.text):
                yield {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}


# --- OpenAI Responses ---


def _finished_response(answer: Answer) -> Json:
    cut = answer.stop == "length"
    output = [_item(answer, place, part, "completed") for place, part in enumerate(answer.parts)]
    finished = _response(answer, "incomplete" if cut else "completed", output)
    reason = {"reason": "max_output_tokens"} if cut else None
    return finished | {"incomplete_details": reason, "usage": _response_usage(answer)}


def _response(answer: Answer, status: str, output: list[Json]) -> Json:
    return {
        "id": answer.ident("resp_"),
        "object": "response",
        "created_at": CREATED_AT,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "model": answer.model,
        "output": output,
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "store": False,
        "temperature": 1.0,
        "text": {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "usage": None,
    }


def _response_usage(answer: Answer) -> Json:
    prompt = answer.input_tokens + answer.cached_tokens
    return {
        "input_tokens": prompt,
        "input_tokens_details": {"cached_tokens": answer.cached_tokens, "cache_write_tokens": 0},
        "output_tokens": answer.output_tokens,
        "output_tokens_details": {"reasoning_tokens": answer.reasoning_tokens},
        "total_tokens": prompt + answer.output_tokens,
    }


def _item(answer: Answer, place: int, part: Part, status: str) -> Json:
    done = status == "completed"
    match part:
        case Words(text):
            ident, content = answer.ident("msg_", place), [_output_text(text)] if done else []
            return {"id": ident, "type": "message", "status": status, "role": "assistant", "content": content}
        case Thought(text):
            ident, summary = answer.ident("rs_", place), [{"type": "summary_text", "text": text}]
            shown = summary if done and text else []
            return {"id": ident, "type": "reasoning", "summary": shown, "encrypted_content": SIGNATURE}
        case Call(name):
            ident, call_id = answer.ident("fc_", place), answer.ident("call_", place)
            call = {"id": ident, "type": "function_call", "status": status, "call_id": call_id, "name": name}
            return call | {"arguments": part.text if done else ""}


def _output_text(text: str) -> Json:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _response_beats(answer: Answer) -> Iterator[Beat]:
    for number, event in enumerate(_response_events(answer)):
        yield _beat(event | {"sequence_number": number}, event["type"].endswith(".delta"))


def _response_events(answer: Answer) -> Iterator[Json]:
    yield {"type": "response.created", "response": _response(answer, "in_progress", [])}
    yield {"type": "response.in_progress", "response": _response(answer, "in_progress", [])}
    for place, part in enumerate(answer.parts):
        opening = _item(answer, place, part, "in_progress")
        yield {"type": "response.output_item.added", "output_index": place, "item": opening}
        for event in _part_events(part):
            yield event | {"item_id": opening["id"], "output_index": place}
        finished = _item(answer, place, part, "completed")
        yield {"type": "response.output_item.done", "output_index": place, "item": finished}
    response = _finished_response(answer)
    yield {"type": f"response.{response['status']}", "response": response}


def _part_events(part: Part) -> Iterator[Json]:
    match part:
        case Words(text):
            kind = "response.output_text"
            yield {"type": "response.content_part.added", "content_index": 0, "part": _output_text("")}
            for piece in pieces(text):
                yield {"type": f"{kind}.delta", "content_index": 0, "delta": piece, "logprobs": []}
            yield {"type": f"{kind}.done", "content_index": 0, "text": text, "logprobs": []}
            yield {"type": "response.content_part.done", "content_index": 0, "part": _output_text(text)}
        case Thought(text) if text:
            kind, summary = "response.reasoning_summary", {"type": "summary_text", "text": ""}
            yield {"type": f"{kind}_part.added", "summary_index": 0, "part": summary}
            for piece in pieces(text):
                yield {"type": f"{kind}_text.delta", "summary_index": 0, "delta": piece}
            yield {"type": f"{kind}_text.done", "summary_index": 0, "text": text}
            yield {"type": f"{kind}_part.done", "summary_index": 0, "part": summary | {"text": text}}
        case Call():
            kind = "response.function_call_arguments"
            yield from ({"type": f"{kind}.delta", "delta": piece} for piece in pieces(part.text))
            yield {"type": f"{kind}.done", "arguments": part.text}
