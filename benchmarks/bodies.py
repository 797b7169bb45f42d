"""The requests: a greeting, a turn of an agent (107 kB, 41 messages, 25 tools), and one of a very long conversation."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from functools import cache
from typing import Any, Literal

from cccc_tui.wire.model import Format

Size = Literal["small", "agent", "huge"]
Object = dict[str, Any]
Write = Callable[[int], str]
"""A text of that length."""

MODEL = "bench-model"
STEPS, TOOLS = 20, 25
RESULT_CHARS: dict[Size, int] = {"agent": 1_700, "huge": 46_400}
"""How long the result of a tool is."""
PATHS: dict[Format, str] = {
    "anthropic": "/v1/messages",
    "chat": "/v1/chat/completions",
    "responses": "/v1/responses",
}

_WORDS = [
    "function",
    "returns",
    "value",
    "error",
    "stream",
    "token",
    "file",
    "path",
    "class",
    "import",
    "test",
]


@cache
def request_body(form: Format, size: Size, streamed: bool) -> bytes:
    """A request of that size, the same in each run."""
    request: Object = {"model": MODEL, "stream": streamed}
    if form == "anthropic":
        request["max_tokens"] = 32_000
    content = _greeting(form) if size == "small" else _conversation(form, RESULT_CHARS[size])
    return json.dumps(request | content, separators=(",", ":")).encode()


def _greeting(form: Format) -> Object:
    return {_messages_key(form): [_said(form, "user", "Hello there, how are you?")]}


def _messages_key(form: Format) -> str:
    return "input" if form == "responses" else "messages"


def _conversation(form: Format, result_chars: int) -> Object:
    """A system prompt, the tools, and a question after which a tool is called so many times."""
    words = random.Random(1)

    def write(length: int) -> str:
        return " ".join(words.choices(_WORDS, k=length // 3))[:length]

    messages = [_said(form, "user", write(300))]
    for number in range(STEPS):
        arguments = json.dumps({"command": write(300)})
        messages += _call(form, f"call_{number}", arguments, write(result_chars))
    content: Object = {"tools": [_tool(form, number, write) for number in range(TOOLS)]}
    if form == "anthropic":
        content["system"] = [{"type": "text", "text": write(12_000)}]
    else:
        messages.insert(0, _said(form, "system", write(12_000)))
    return content | {_messages_key(form): messages}


def _tool(form: Format, number: int, write: Write) -> Object:
    fields = {f"field_{n}": {"type": "string", "description": write(120)} for n in range(6)}
    schema = {"type": "object", "properties": fields, "required": ["field_0"], "additionalProperties": False}
    tool: Object = {"name": f"tool_{number}", "description": write(900)}
    if form == "anthropic":
        return tool | {"input_schema": schema}
    if form == "chat":
        return {"type": "function", "function": tool | {"parameters": schema}}
    return {"type": "function", **tool, "parameters": schema}


def _said(form: Format, role: str, text: str) -> Object:
    if form == "responses":
        role = "developer" if role == "system" else role
        return {"type": "message", "role": role, "content": [{"type": "input_text", "text": text}]}
    return {"role": role, "content": text}


def _call(form: Format, call_id: str, arguments: str, result: str) -> list[Object]:
    if form == "anthropic":
        use = {"type": "tool_use", "id": call_id, "name": "tool_1", "input": json.loads(arguments)}
        block = {"type": "tool_result", "tool_use_id": call_id, "content": result}
        return [{"role": "assistant", "content": [use]}, {"role": "user", "content": [block]}]
    if form == "chat":
        call = {"id": call_id, "type": "function", "function": {"name": "tool_1", "arguments": arguments}}
        message = {"role": "assistant", "content": None, "tool_calls": [call]}
        return [message, {"role": "tool", "tool_call_id": call_id, "content": result}]
    item = {"type": "function_call", "call_id": call_id, "name": "tool_1", "arguments": arguments}
    return [item, {"type": "function_call_output", "call_id": call_id, "output": result}]
