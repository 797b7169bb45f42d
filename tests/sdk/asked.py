"""What an upstream was asked, read out of its format by hand: the other side of `cases.py`."""

from __future__ import annotations

import json
from typing import Any

from tests.fakes.speech import Format, Json


def calls(form: Format, body: Json) -> dict[str, tuple[str, Json]]:
    """The tool calls of the conversation by their ids: name and arguments."""
    if form == "anthropic":
        return {
            block["id"]: (block["name"], block["input"])
            for block in _blocks(body)
            if block["type"] == "tool_use"
        }
    if form == "chat":
        made = [call for message in body["messages"] for call in message.get("tool_calls") or ()]
        return {call["id"]: _named(call["function"]) for call in made}
    return {item["call_id"]: _named(item) for item in body["input"] if item.get("type") == "function_call"}


def results(form: Format, body: Json) -> dict[str, str]:
    """The text of each tool result by the id of its call."""
    if form == "anthropic":
        given = [block for block in _blocks(body) if block["type"] == "tool_result"]
        return {block["tool_use_id"]: _text(block["content"]) for block in given}
    if form == "chat":
        told = [message for message in body["messages"] if message["role"] == "tool"]
        return {message["tool_call_id"]: _text(message["content"]) for message in told}
    outputs = [item for item in body["input"] if item.get("type") == "function_call_output"]
    return {item["call_id"]: _text(item["output"]) for item in outputs}


def tools(form: Format, body: Json) -> list[tuple[str, str, Json]]:
    """Name, description and schema of each tool that is offered."""
    if form == "anthropic":
        return [(tool["name"], tool["description"], tool["input_schema"]) for tool in body["tools"]]
    offered = [tool["function"] if form == "chat" else tool for tool in body["tools"]]
    return [(tool["name"], tool["description"], tool["parameters"]) for tool in offered]


def answer_schema(form: Format, body: Json) -> Json:
    """The schema that the answer has to follow."""
    if form == "anthropic":
        wanted: Json = body["output_config"]["format"]
    elif form == "chat":
        wanted = {"type": body["response_format"]["type"]} | body["response_format"]["json_schema"]
    else:
        wanted = body["text"]["format"]
    assert wanted["type"] == "json_schema"
    schema: Json = wanted["schema"]
    return schema


def thinks(form: Format, body: Json) -> bool:
    """Whether the model is asked to think."""
    if form == "anthropic":
        return (body.get("thinking") or {}).get("type") in ("enabled", "adaptive")
    return bool(
        body.get("reasoning_effort") if form == "chat" else (body.get("reasoning") or {}).get("effort")
    )


def _blocks(body: Json) -> list[Json]:
    contents = [message["content"] for message in body["messages"]]
    return [block for content in contents if isinstance(content, list) for block in content]


def _named(function: Json) -> tuple[str, Json]:
    return function["name"], json.loads(function["arguments"])


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content)
