"""What a request asks for, as far as the demo understands: read from any of the three formats.

It reads tolerantly, as a demo should: what it does not know it passes over. Only a request that is no request
at all is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Literal

import msgspec

from cccc_tui.wire.model import Format

Json = dict[str, Any]

_INSERTED = re.compile(r"<([a-zA-Z][\w-]*)>.*?</\1>", re.DOTALL)
"""Agents put reminders and facts about the machine into the user's turn, each in a tag of its own."""

_BYTES_PER_TOKEN = 4


class Unreadable(Exception):
    """Not a request of this format; the message says why."""


class Tool(msgspec.Struct, frozen=True):
    """A function that the client offers."""

    name: str
    schema: Json


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One request."""

    form: Format
    model: str
    streamed: bool
    text: str
    """What the user said last, without what the agent put around it."""
    results: tuple[str, ...]
    """What tools answered since then."""
    tools: tuple[Tool, ...]
    must_call: str | None
    """A tool that has to be called, empty for any; None if the model may choose."""
    may_call: bool
    schema: Json | None
    """JSON schema that the answer has to follow."""
    thinks: bool
    shows_thinking: bool
    include_usage: bool
    """Whether a Chat stream ends with its usage."""
    max_tokens: int | None
    is_first_turn: bool
    input_tokens: int


class Turn(msgspec.Struct, frozen=True):
    """One message of a conversation, whatever the format calls it."""

    role: Literal["user", "assistant", "tool", "other"]
    text: str


def read(form: Format, body: bytes) -> Asked:
    """The request in `body`; raises `Unreadable`."""
    try:
        data = msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise Unreadable(f"The request body is not JSON: {error}") from None
    if not isinstance(data, dict) or not isinstance(data.get("model"), str):
        raise Unreadable("model: Field required")
    turns = [turn for turn in _turns(form, data) if turn.text or turn.role == "tool"]
    if not turns:
        raise Unreadable(
            f"{'input' if form == 'responses' else 'messages'}: at least one message is required"
        )
    text, results = _last_words(turns)
    schema = _answer_schema(form, data)
    must_call, may_call = _tool_choice(data.get("tool_choice"))
    thinks, shows_thinking = _thinking(form, data)
    return Asked(
        form=form,
        model=data["model"],
        streamed=data.get("stream") is True,
        text=text,
        results=results,
        tools=tuple(_tools(data.get("tools"))),
        must_call=must_call,
        may_call=may_call,
        schema=schema,
        thinks=thinks,
        shows_thinking=shows_thinking,
        include_usage=_dict(data.get("stream_options")).get("include_usage") is True,
        max_tokens=_max_tokens(data),
        is_first_turn=not any(turn.role == "assistant" for turn in turns),
        input_tokens=max(1, len(body) // _BYTES_PER_TOKEN),
    )


# --- the conversation ---


def _turns(form: Format, data: Json) -> Iterator[Turn]:
    if form != "responses":
        read_turns = _message_turns if form == "anthropic" else _chat_turns
        for message in _dicts(data.get("messages")):
            yield from read_turns(message)
    elif isinstance(data.get("input"), str):
        yield Turn("user", data["input"])
    else:
        for item in _dicts(data.get("input")):
            yield _item_turn(item)


def _message_turns(message: Json) -> Iterator[Turn]:
    content = message.get("content")
    role = _role(message.get("role"))
    if isinstance(content, str):
        yield Turn(role, content)
        return
    for block in _dicts(content):
        if block.get("type") == "tool_result":
            yield Turn("tool", _joined(block.get("content")))
        elif block.get("type") == "text":
            yield Turn(role, str(block.get("text", "")))
        elif block.get("type") == "tool_use":
            yield Turn(role, str(block.get("name", "")))


def _chat_turns(message: Json) -> Iterator[Turn]:
    called = " ".join(
        str(_dict(call.get("function")).get("name")) for call in _dicts(message.get("tool_calls"))
    )
    yield Turn(_role(message.get("role")), _joined(message.get("content")) or called)


def _item_turn(item: Json) -> Turn:
    kind = str(item.get("type") or "message")
    if kind.endswith("_output"):
        return Turn("tool", _joined(item.get("output")))
    if kind.endswith("_call"):
        return Turn("assistant", str(item.get("name", kind)))
    return Turn(_role(item.get("role")), _joined(item.get("content")))


def _last_words(turns: list[Turn]) -> tuple[str, tuple[str, ...]]:
    """What the user said last, and what the tools have answered since."""
    results: list[str] = []
    for turn in reversed(turns):
        words = _INSERTED.sub("", turn.text).strip()
        if turn.role == "tool":
            results.append(words)
        elif turn.role == "user" and words:
            return words, tuple(reversed(results))
    return "", tuple(reversed(results))


def _role(role: object) -> Literal["user", "assistant", "tool", "other"]:
    match role:
        case "user" | "assistant" | "tool":
            return role
    return "other"


def _joined(content: object) -> str:
    """The text of a string or of a list of parts."""
    if isinstance(content, str):
        return content
    return "\n".join(str(part.get("text", "")) for part in _dicts(content))


# --- what it wants ---


def _tools(offered: object) -> Iterator[Tool]:
    """The plain functions. Tools that the provider itself runs, and free-text ones, are left alone."""
    for tool in _dicts(offered):
        function = _dict(tool.get("function")) or tool
        schema = function.get("input_schema") or function.get("parameters")
        if isinstance(function.get("name"), str) and isinstance(schema, dict):
            yield Tool(function["name"], schema)


def _tool_choice(choice: object) -> tuple[str | None, bool]:
    if isinstance(choice, dict):
        name = choice.get("name") or _dict(choice.get("function")).get("name")
        if name:
            return str(name), True
        choice = choice.get("type")
    return ("" if choice in ("any", "required") else None), choice != "none"


def _answer_schema(form: Format, data: Json) -> Json | None:
    match form:
        case "anthropic":
            wanted = _dict(_dict(data.get("output_config")).get("format")) or _dict(data.get("output_format"))
        case "chat":
            wanted = _dict(data.get("response_format"))
            wanted = wanted | _dict(wanted.get("json_schema"))
        case "responses":
            wanted = _dict(_dict(data.get("text")).get("format"))
    if wanted.get("type") == "json_object":
        return {"type": "object", "properties": {"message": {"type": "string"}}}
    schema = wanted.get("schema")
    return schema if isinstance(schema, dict) else None


def _thinking(form: Format, data: Json) -> tuple[bool, bool]:
    """Whether it shall think, and whether the thought is to be shown."""
    match form:
        case "anthropic":
            thinking = _dict(data.get("thinking"))
            return thinking.get("type") in ("enabled", "adaptive"), thinking.get("display") != "omitted"
        case "chat":
            return data.get("reasoning_effort") not in (None, "none"), True
        case "responses":
            reasoning = _dict(data.get("reasoning"))
            return bool(reasoning) and reasoning.get("effort") != "none", bool(reasoning.get("summary"))


def _max_tokens(data: Json) -> int | None:
    for name in ("max_tokens", "max_completion_tokens", "max_output_tokens"):
        if isinstance(limit := data.get(name), int):
            return limit
    return None


def _dict(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _dicts(value: object) -> Iterable[Json]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
