"""What a provider says, written down in the three public wire formats.

Follows the public API references: Anthropic "Messages" and "Streaming messages", OpenAI "Chat Completions"
and "Responses". It shares no code with `cccc_tui.wire` on purpose: a fake that is made of the code under test
would agree with its mistakes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

Format = Literal["anthropic", "chat", "responses"]
Json = dict[str, Any]

CREATED_AT = 1_763_600_000
"""The moment that every answer claims to be from: the same bytes on every run."""


@dataclass(frozen=True)
class Text:
    text: str


@dataclass(frozen=True)
class Thinking:
    text: str
    signature: str = "c2lnbmF0dXJlIG9mIHRoZSBmYWtl"


@dataclass(frozen=True)
class Refusal:
    """The model's words for not answering. Anthropic has no place of its own for them: text and a stop reason."""

    text: str


@dataclass(frozen=True)
class ToolCall:
    name: str
    arguments: Json | str
    """A string is sent as it is: the input of a custom tool, or arguments that are no JSON."""
    id: str = ""
    """Empty takes one from the place in the answer."""
    custom: bool = False
    """A Responses custom tool, whose input is free text."""
    namespace: str = ""

    @property
    def argument_text(self) -> str:
        return self.arguments if isinstance(self.arguments, str) else json.dumps(self.arguments)


Part = Text | Thinking | Refusal | ToolCall
Stop = Literal["", "end", "tools", "length", "refusal"]


@dataclass(frozen=True)
class Answer:
    """One answer of a model."""

    parts: tuple[Part, ...]
    model: str = "fake-model"
    number: int = 1
    """Makes the ids of different answers different."""
    stop: Stop = ""
    input_tokens: int = 25
    cached_tokens: int = 7
    include_usage: bool = True
    """Chat streams carry usage only when `stream_options` asks for it."""

    def __post_init__(self) -> None:
        named = (
            replace(part, id=part.id or f"{self.number:04d}_{place}") if isinstance(part, ToolCall) else part
            for place, part in enumerate(self.parts)
        )
        object.__setattr__(self, "parts", tuple(named))

    @property
    def reason(self) -> Stop:
        return self.stop or ("tools" if any(isinstance(part, ToolCall) for part in self.parts) else "end")

    @property
    def refused(self) -> bool:
        """Whether the model itself declined, which Anthropic gives as a stop reason and OpenAI as a part."""
        return any(isinstance(part, Refusal) for part in self.parts)

    @property
    def output_tokens(self) -> int:
        return sum(len(pieces(spoken(part))) for part in self.parts)

    @property
    def reasoning_tokens(self) -> int:
        return sum(len(pieces(part.text)) for part in self.parts if isinstance(part, Thinking))


@dataclass(frozen=True)
class Frame:
    """One server-sent event."""

    name: str
    """Empty where the format names no events."""
    data: str
    content: bool = False
    """Whether the user would see something of it."""
    terminal: bool = False
    """Whether it, or what follows it, says that the answer is whole."""

    def encode(self) -> bytes:
        head = f"event: {self.name}\n" if self.name else ""
        return f"{head}data: {self.data}\n\n".encode()


def spoken(part: Part) -> str:
    return part.argument_text if isinstance(part, ToolCall) else part.text


def pieces(text: str) -> list[str]:
    """The text in the pieces in which it is streamed: words with the blanks that follow them."""
    return re.findall(r"\s*\S+\s*$|\s*\S+\s|\s+", text)


def document(form: Format, answer: Answer) -> Json:
    """The whole answer of a request that is not streamed."""
    return {"anthropic": _message, "chat": _completion, "responses": _finished_response}[form](answer)


def frames(form: Format, answer: Answer) -> list[Frame]:
    """The events of a streamed answer."""
    return list(
        {"anthropic": _message_frames, "chat": _chunk_frames, "responses": _response_frames}[form](answer)
    )


def error_document(form: Format, status: int, message: str, kind: str = "", code: str | None = None) -> Json:
    if form == "anthropic":
        kind = kind or _ANTHROPIC_ERRORS.get(
            status, "api_error" if status >= 500 else "invalid_request_error"
        )
        return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_fake_error"}
    kind = kind or ("server_error" if status >= 500 else "invalid_request_error")
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def error_frame(form: Format, message: str, number: int) -> Frame:
    """An error in the middle of the stream of the answer of that number."""
    if form == "anthropic":
        return Frame("error", json.dumps(error_document(form, 529, message)), terminal=True)
    if form == "chat":
        return Frame("", json.dumps(error_document(form, 500, message)), terminal=True)
    failed: Json = {"id": f"resp_fake{number:04d}", "object": "response", "status": "failed", "output": []}
    failed |= {"error": {"code": "server_error", "message": message}}
    data = {"type": "response.failed", "sequence_number": 99, "response": failed}
    return Frame("response.failed", json.dumps(data), terminal=True)


_ANTHROPIC_ERRORS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    529: "overloaded_error",
}

# ---------------------------------------------------------------------------------- Anthropic Messages

_STOP_REASON = {"end": "end_turn", "tools": "tool_use", "length": "max_tokens", "refusal": "refusal"}


def _stop_reason(answer: Answer) -> str:
    return "refusal" if answer.refused else _STOP_REASON[answer.reason]


def _message(answer: Answer) -> Json:
    return {
        "id": f"msg_fake_{answer.number:04d}",
        "type": "message",
        "role": "assistant",
        "model": answer.model,
        "content": [_block(part) for part in answer.parts],
        "stop_reason": _stop_reason(answer),
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


def _block(part: Part) -> Json:
    match part:
        case Text(text) | Refusal(text):
            return {"type": "text", "text": text}
        case Thinking(text, signature):
            return {"type": "thinking", "thinking": text, "signature": signature}
        case ToolCall():
            arguments = json.loads(part.argument_text)
            return {"type": "tool_use", "id": f"toolu_{part.id}", "name": part.name, "input": arguments}


def _open_block(part: Part) -> Json:
    match part:
        case Text() | Refusal():
            return {"type": "text", "text": ""}
        case Thinking():
            return {"type": "thinking", "thinking": "", "signature": ""}
        case ToolCall():
            return {"type": "tool_use", "id": f"toolu_{part.id}", "name": part.name, "input": {}}


def _block_deltas(part: Part) -> Iterator[Json]:
    match part:
        case Text(text) | Refusal(text):
            yield from ({"type": "text_delta", "text": piece} for piece in pieces(text))
        case Thinking(text, signature):
            yield from ({"type": "thinking_delta", "thinking": piece} for piece in pieces(text))
            yield {"type": "signature_delta", "signature": signature}
        case ToolCall():
            yield {"type": "input_json_delta", "partial_json": ""}
            for piece in pieces(part.argument_text):
                yield {"type": "input_json_delta", "partial_json": piece}


def _message_frames(answer: Answer) -> Iterator[Frame]:
    opening = _message(answer) | {"content": [], "stop_reason": None, "usage": _message_usage(answer, 1)}
    yield _named({"type": "message_start", "message": opening})
    yield _named({"type": "ping"})
    for index, part in enumerate(answer.parts):
        yield _named({"type": "content_block_start", "index": index, "content_block": _open_block(part)})
        for delta in _block_deltas(part):
            yield _named({"type": "content_block_delta", "index": index, "delta": delta}, content=True)
        yield _named({"type": "content_block_stop", "index": index})
    delta = {"stop_reason": _stop_reason(answer), "stop_sequence": None}
    usage = {"output_tokens": answer.output_tokens}
    yield _named({"type": "message_delta", "delta": delta, "usage": usage}, terminal=True)
    yield _named({"type": "message_stop"}, terminal=True)


def _named(data: Json, content: bool = False, terminal: bool = False) -> Frame:
    return Frame(data["type"], json.dumps(data), content, terminal)


# ----------------------------------------------------------------------------- OpenAI Chat Completions

_FINISH_REASON = {"end": "stop", "tools": "tool_calls", "length": "length", "refusal": "content_filter"}


def _completion(answer: Answer) -> Json:
    text = "".join(part.text for part in answer.parts if isinstance(part, Text))
    refusal = "".join(part.text for part in answer.parts if isinstance(part, Refusal))
    message: Json = {"role": "assistant", "content": text or None, "refusal": refusal or None}
    message["annotations"] = []
    if thought := "".join(part.text for part in answer.parts if isinstance(part, Thinking)):
        message["reasoning_content"] = thought  # as DeepSeek, vLLM and others name it
    if calls := [_chat_call(part) for part in answer.parts if isinstance(part, ToolCall)]:
        message["tool_calls"] = calls
    choice = {
        "index": 0,
        "message": message,
        "logprobs": None,
        "finish_reason": _FINISH_REASON[answer.reason],
    }
    head = _chat_head(answer, "chat.completion")
    return head | {"choices": [choice], "usage": _chat_usage(answer)}


def _chat_call(part: ToolCall) -> Json:
    function = {"name": part.name, "arguments": part.argument_text}
    return {"id": f"call_{part.id}", "type": "function", "function": function}


def _chat_head(answer: Answer, kind: str) -> Json:
    return {
        "id": f"chatcmpl-fake{answer.number:04d}",
        "object": kind,
        "created": CREATED_AT,
        "model": answer.model,
        "service_tier": "default",
    }


def _chat_usage(answer: Answer) -> Json:
    prompt = answer.input_tokens + answer.cached_tokens
    return {
        "prompt_tokens": prompt,
        "completion_tokens": answer.output_tokens,
        "total_tokens": prompt + answer.output_tokens,
        "prompt_tokens_details": {"cached_tokens": answer.cached_tokens, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": answer.reasoning_tokens, "audio_tokens": 0},
    }


def _chunk_frames(answer: Answer) -> Iterator[Frame]:
    head = _chat_head(answer, "chat.completion.chunk")

    def chunk(delta: Json, finish: str | None = None, content: bool = False) -> Frame:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        body: Json = head | {"choices": [choice]}
        if answer.include_usage:
            body["usage"] = None
        return Frame("", json.dumps(body), content, terminal=finish is not None)

    yield chunk({"role": "assistant", "content": "", "refusal": None})
    calls = 0
    for part in answer.parts:
        for delta in _chunk_deltas(part, calls):
            yield chunk(delta, content=True)
        calls += isinstance(part, ToolCall)
    yield chunk({}, _FINISH_REASON[answer.reason])
    if answer.include_usage:
        yield Frame("", json.dumps(head | {"choices": [], "usage": _chat_usage(answer)}), terminal=True)
    yield Frame("", "[DONE]", terminal=True)


def _chunk_deltas(part: Part, index: int) -> Iterator[Json]:
    match part:
        case Text(text):
            yield from ({"content": piece} for piece in pieces(text))
        case Refusal(text):
            yield from ({"refusal": piece} for piece in pieces(text))
        case Thinking(text):
            yield from ({"reasoning_content": piece} for piece in pieces(text))
        case ToolCall():
            opening = _chat_call(part) | {"function": {"name": part.name, "arguments": ""}}
            yield {"tool_calls": [{"index": index} | opening]}
            for piece in pieces(part.argument_text):
                yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}


# ------------------------------------------------------------------------------------ OpenAI Responses


def _finished_response(answer: Answer) -> Json:
    cut = answer.reason in ("length", "refusal")
    output = [_item(answer, place, part) for place, part in enumerate(answer.parts)]
    response = _response(answer, "incomplete" if cut else "completed", output)
    if cut:
        why = "max_output_tokens" if answer.reason == "length" else "content_filter"
        response["incomplete_details"] = {"reason": why}
    return response | {"usage": _response_usage(answer)}


def _response(answer: Answer, status: str, output: list[Json]) -> Json:
    return {
        "id": f"resp_fake{answer.number:04d}",
        "object": "response",
        "created_at": CREATED_AT,
        "status": status,
        "background": False,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "max_output_tokens": None,
        "model": answer.model,
        "output": output,
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "reasoning": {"effort": None, "summary": None},
        "store": False,
        "temperature": 1.0,
        "text": {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": None,
        "metadata": {},
    }


def _response_usage(answer: Answer) -> Json:
    return {
        "input_tokens": answer.input_tokens + answer.cached_tokens,
        "input_tokens_details": {"cached_tokens": answer.cached_tokens, "cache_write_tokens": 0},
        "output_tokens": answer.output_tokens,
        "output_tokens_details": {"reasoning_tokens": answer.reasoning_tokens},
        "total_tokens": answer.input_tokens + answer.cached_tokens + answer.output_tokens,
    }


def _item(answer: Answer, place: int, part: Part, status: str = "completed") -> Json:
    ident = f"fake{answer.number:04d}{place}"
    done = status == "completed"
    match part:
        case Text(text) | Refusal(text):
            content = [_output_part(part, text)] if done else []
            return {
                "id": f"msg_{ident}",
                "type": "message",
                "status": status,
                "role": "assistant",
                "content": content,
            }
        case Thinking(text, signature):
            summary = [{"type": "summary_text", "text": text}] if done else []
            return {
                "id": f"rs_{ident}",
                "type": "reasoning",
                "summary": summary,
                "encrypted_content": signature,
            }
    call: Json = {"call_id": f"call_{part.id}", "name": part.name, "status": status}
    if part.namespace:
        call["namespace"] = part.namespace
    said = part.argument_text if done else ""
    if part.custom:
        return {"id": f"ctc_{ident}", "type": "custom_tool_call", "input": said} | call
    return {"id": f"fc_{ident}", "type": "function_call", "arguments": said} | call


def _output_part(part: Text | Refusal, text: str) -> Json:
    if isinstance(part, Refusal):
        return {"type": "refusal", "refusal": text}
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _response_frames(answer: Answer) -> Iterator[Frame]:
    """The events as `_response_events` makes them, numbered."""
    for number, (data, content, terminal) in enumerate(_response_events(answer)):
        yield _named({"type": data["type"], "sequence_number": number} | data, content, terminal)


def _response_events(answer: Answer) -> Iterator[tuple[Json, bool, bool]]:
    begun = _response(answer, "in_progress", [])
    yield {"type": "response.created", "response": begun}, False, False
    yield {"type": "response.in_progress", "response": begun}, False, False
    for place, part in enumerate(answer.parts):
        opening = _item(answer, place, part, "in_progress")
        yield {"type": "response.output_item.added", "output_index": place, "item": opening}, False, False
        where = {"item_id": opening["id"], "output_index": place}
        for event in _part_events(part):
            yield event | where, event["type"].endswith(".delta"), False
        finished = _item(answer, place, part)
        yield {"type": "response.output_item.done", "output_index": place, "item": finished}, False, False
    response = _finished_response(answer)
    yield {"type": f"response.{response['status']}", "response": response}, False, True


def _part_events(part: Part) -> Iterator[Json]:
    match part:
        case Refusal(text):
            yield {"type": "response.content_part.added", "content_index": 0, "part": _output_part(part, "")}
            for piece in pieces(text):
                yield {"type": "response.refusal.delta", "content_index": 0, "delta": piece}
            yield {"type": "response.refusal.done", "content_index": 0, "refusal": text}
            yield {"type": "response.content_part.done", "content_index": 0, "part": _output_part(part, text)}
        case Text(text):
            yield {"type": "response.content_part.added", "content_index": 0, "part": _output_part(part, "")}
            for piece in pieces(text):
                yield {
                    "type": "response.output_text.delta",
                    "content_index": 0,
                    "delta": piece,
                    "logprobs": [],
                }
            yield {"type": "response.output_text.done", "content_index": 0, "text": text, "logprobs": []}
            yield {"type": "response.content_part.done", "content_index": 0, "part": _output_part(part, text)}
        case Thinking(text):
            kind, summary = "response.reasoning_summary", {"type": "summary_text", "text": ""}
            yield {"type": f"{kind}_part.added", "summary_index": 0, "part": summary}
            for piece in pieces(text):
                yield {"type": f"{kind}_text.delta", "summary_index": 0, "delta": piece}
            yield {"type": f"{kind}_text.done", "summary_index": 0, "text": text}
            yield {"type": f"{kind}_part.done", "summary_index": 0, "part": summary | {"text": text}}
        case ToolCall():
            what, field = (
                ("custom_tool_call_input", "input")
                if part.custom
                else ("function_call_arguments", "arguments")
            )
            for piece in pieces(part.argument_text):
                yield {"type": f"response.{what}.delta", "delta": piece}
            yield {"type": f"response.{what}.done", field: part.argument_text}
