"""How long a request takes to be converted: a long agent conversation, all six pairs, beside `json.loads` of it.

    python -m benchmarks.convert

The ratio is what counts: `json.loads` measures the machine.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from typing import Any

from cccc_tui.wire.convert import ConvertOptions, convert_request
from cccc_tui.wire.model import FORMATS, Format

STEPS, TOOLS, REPEATS = 13, 25, 60
OPTIONS = ConvertOptions(model="upstream-model", origin="upstream")
_WORDS = (
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
)

Object = dict[str, Any]
Write = Callable[[int], str]
"""A text of that length."""


def conversation(form: Format) -> bytes:
    """About 107 kB: a system prompt, 25 tools, and 41 messages in which a tool is called 13 times."""
    words = random.Random(1)

    def write(length: int) -> str:
        return " ".join(words.choices(_WORDS, k=length // 3))[:length]

    request: Object = {"model": "some-model", "stream": True}
    request["input" if form == "responses" else "messages"] = _messages(form, write)
    request["tools"] = [_tool(form, number, write) for number in range(TOOLS)]
    if form == "anthropic":
        request |= {"system": [{"type": "text", "text": write(12_000)}], "max_tokens": 32_000}
    return json.dumps(request).encode()


def _tool(form: Format, number: int, write: Write) -> Object:
    fields = {f"field_{n}": {"type": "string", "description": write(120)} for n in range(6)}
    schema = {"type": "object", "properties": fields, "required": ["field_0"], "additionalProperties": False}
    tool: Object = {"name": f"tool_{number}", "description": write(900)}
    if form == "anthropic":
        return tool | {"input_schema": schema}
    if form == "chat":
        return {"type": "function", "function": tool | {"parameters": schema}}
    return {"type": "function", **tool, "parameters": schema}


def _messages(form: Format, write: Write) -> list[Object]:
    messages: list[Object] = [] if form == "anthropic" else [_said(form, "system", write(12_000))]
    for number in range(STEPS):
        messages.append(_said(form, "user", write(300)))
        messages += _call(form, f"call_{number}", json.dumps({"command": write(300)}), write(2200))
    return [*messages, _said(form, "user", "go on")]


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


def best_us(act: Callable[[], object]) -> float:
    """The shortest of many runs, in microseconds: what else the machine does only ever adds to it."""
    taken = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        act()
        taken.append(time.perf_counter() - began)
    return min(taken) * 1e6


def table() -> str:
    """One line a pair."""
    lines = [f"{'from → to':<24}{'convert':>10}{'json.loads':>12}{'ratio':>8}"]
    for source in FORMATS:
        body = conversation(source)
        loads_us = best_us(lambda: json.loads(body))  # noqa: B023  used before the next turn
        for target in FORMATS:
            if source != target:
                taken_us = best_us(lambda: convert_request(source, target, body, OPTIONS))  # noqa: B023
                pair = f"{source} → {target}"
                lines.append(f"{pair:<24}{taken_us:>7.0f} µs{loads_us:>9.0f} µs{taken_us / loads_us:>8.2f}")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
