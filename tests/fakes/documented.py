"""What the public API documents demand of a request: the fake refuses what a provider would refuse.

Only hard rules stand here. What a provider merely ignores (unknown fields, unknown betas) is no problem.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from tests.fakes.speech import Format, Json

Headers = list[tuple[str, str]]

_NEVER_SENT = frozenset(
    (
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "upgrade",
        "cookie",
        "x-forwarded-for",
    )
)
_CREDENTIALS = ("authorization", "x-api-key", "api-key", "x-goog-api-key")
_TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")


def problems(
    form: Format, headers: Headers, body: bytes, key: str | None, counting: bool = False
) -> list[str]:
    """Why a provider would refuse this request, or what no gateway may send. Empty if all is well.

    `key` is the endpoint's credential: the only one that may arrive. None leaves credentials unchecked.
    """
    found = list(_header_problems(form, headers, key))
    try:
        data = json.loads(body)
    except ValueError as error:
        return [*found, f"the body is not JSON: {error}"]
    if not isinstance(data, dict):
        return [*found, "the body is no JSON object"]
    if not isinstance(data.get("model"), str) or not data["model"]:
        found.append("model: Field required")
    check = {"anthropic": _messages_problems, "chat": _chat_problems, "responses": _responses_problems}[form]
    if counting:
        data = {"max_tokens": 1} | data
    return found + list(check(data))


def _header_problems(form: Format, headers: Headers, key: str | None) -> Iterator[str]:
    lowered = {name.lower(): value for name, value in headers}
    if not lowered.get("content-type", "").startswith("application/json"):
        yield f"content-type is {lowered.get('content-type')!r}, not application/json"
    for name in sorted(_NEVER_SENT & set(lowered)):
        yield f"the hop-by-hop or private header {name!r} arrived"
    if lowered.get("connection", "keep-alive").lower() not in ("keep-alive", "close"):
        yield f"connection: {lowered['connection']!r} names headers of another connection"
    doubled = sorted(
        {name.lower() for name, _ in headers if [n.lower() for n, _ in headers].count(name.lower()) > 1}
    )
    if doubled:
        yield f"headers arrived twice: {', '.join(doubled)}"
    version = lowered.get("anthropic-version", "")
    if form == "anthropic" and not re.fullmatch(r"\d{4}-\d\d-\d\d", version):
        yield f"anthropic-version: header is {version!r}, and no date"
    if key is not None:
        yield from _credential_problems(form, lowered, key)


def _credential_problems(form: Format, lowered: dict[str, str], key: str) -> Iterator[str]:
    sent = {name: lowered[name].removeprefix("Bearer ") for name in _CREDENTIALS if name in lowered}
    fitting = ("authorization", "x-api-key") if form == "anthropic" else ("authorization",)
    if not any(sent.get(name) == key for name in fitting):
        yield f"the endpoint's credential did not arrive in {' or '.join(fitting)}"
    for name, value in sent.items():
        if value != key:
            yield f"{name} carries a credential that is not the endpoint's"


# ---------------------------------------------------------------------------------- Anthropic Messages


def _messages_problems(data: Json) -> Iterator[str]:
    if not isinstance(data.get("max_tokens"), int) or data["max_tokens"] < 1:
        yield "max_tokens: Field required"
    messages = data.get("messages")
    if not isinstance(messages, list) or not messages:
        yield "messages: at least one message is required"
        return
    yield from _block_problems(messages)
    yield from _pairing_problems(messages)
    names = [tool.get("name", "") for tool in data.get("tools") or []]
    for name in names:
        if not _TOOL_NAME.fullmatch(name):
            yield f"tools: name {name!r} should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'"
    if len(set(names)) != len(names):
        yield "tools: Tool names must be unique."
    if json.dumps(data).count('"cache_control"') > 4:
        yield "A maximum of 4 blocks with cache_control may be provided."


def _blocks(message: Json) -> list[Json]:
    content = message.get("content")
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content or [])


def _block_problems(messages: list[Json]) -> Iterator[str]:
    if messages[0].get("role") == "assistant":
        yield "messages.0: the first message must be from the user"
    for index, message in enumerate(messages):
        where = f"messages.{index}"
        if message.get("role") not in ("user", "assistant", "system"):
            yield f"{where}.role: Input should be 'user', 'assistant' or 'system'"
        if not _blocks(message):
            yield f"{where}: all messages must have non-empty content"
        for block in _blocks(message):
            if block.get("type") == "text" and not str(block.get("text", "")).strip():
                yield f"{where}: text content blocks must contain non-whitespace text"
            if block.get("type") == "thinking" and not block.get("signature"):
                yield f"{where}: thinking blocks need their signature"
            if block.get("type") == "tool_use" and not isinstance(block.get("input"), dict):
                yield f"{where}: tool_use.input: Input should be an object"


def _pairing_problems(messages: list[Json]) -> Iterator[str]:
    """Each tool_use is answered in the very next message of the user, and there by nothing else."""
    due: set[str] = set()
    for index, message in enumerate(messages):
        if message.get("role") == "system":
            continue
        kinds = [(block.get("type"), block) for block in _blocks(message)]
        given = {block.get("tool_use_id", "") for kind, block in kinds if kind == "tool_result"}
        if unknown := given - due:
            yield f"messages.{index}: unexpected `tool_use_id` in `tool_result` blocks: {sorted(unknown)}"
        if missing := due - given:
            yield f"messages.{index}: `tool_use` ids without `tool_result` blocks: {sorted(missing)}"
        order = [kind == "tool_result" for kind, _ in kinds]
        if order != sorted(order, reverse=True):
            yield f"messages.{index}: tool_result blocks must come first in the content"
        due = {block.get("id", "") for kind, block in kinds if kind == "tool_use"}
    if due:
        yield f"messages: the last message has `tool_use` ids without `tool_result` blocks: {sorted(due)}"


# ----------------------------------------------------------------------------- OpenAI Chat Completions


def _chat_problems(data: Json) -> Iterator[str]:
    messages = data.get("messages")
    if not isinstance(messages, list) or not messages:
        yield "Invalid 'messages': empty array. Expected an array with minimum length 1."
        return
    due: set[str] = set()
    for index, message in enumerate(messages):
        role = message.get("role")
        if role not in ("system", "developer", "user", "assistant", "tool"):
            yield f"Invalid value for 'messages[{index}].role': {role!r}"
        if role == "tool":
            if message.get("tool_call_id") not in due:
                yield f"messages[{index}]: role 'tool' must answer a preceding message with 'tool_calls'"
            due.discard(message.get("tool_call_id", ""))
            continue
        if due:
            yield f"messages[{index}]: these tool_call_ids did not have response messages: {sorted(due)}"
        due = {call.get("id", "") for call in message.get("tool_calls") or []}
        yield from _chat_call_problems(index, message)
    if due:
        yield f"messages: these tool_call_ids did not have response messages: {sorted(due)}"


def _chat_call_problems(index: int, message: Json) -> Iterator[str]:
    if message.get("content") is None and not message.get("tool_calls"):
        yield f"Invalid value for 'messages[{index}].content': expected a string, got null."
    for call in message.get("tool_calls") or []:
        function = call.get("function") or {}
        if call.get("type") != "function" or not isinstance(function.get("arguments"), str):
            yield f"messages[{index}]: a tool call needs type 'function' and arguments as a string"


# ------------------------------------------------------------------------------------ OpenAI Responses

_CALLS = {"function_call": "function_call_output", "custom_tool_call": "custom_tool_call_output"}


def _responses_problems(data: Json) -> Iterator[str]:
    items = data.get("input")
    if isinstance(items, str):
        return
    if not isinstance(items, list) or not items:
        yield "Missing required parameter: 'input'."
        return
    due: dict[str, str] = {}
    for index, item in enumerate(items):
        kind = item.get("type", "message")
        if kind in _CALLS:
            due[item.get("call_id", "")] = _CALLS[kind]
            if kind == "function_call" and not isinstance(item.get("arguments"), str):
                yield f"Invalid type for 'input[{index}].arguments': expected a string"
        elif kind in _CALLS.values() and due.pop(item.get("call_id", ""), None) != kind:
            if not data.get("previous_response_id"):
                yield f"No tool call found for {kind} with call_id {item.get('call_id')}."
        elif kind == "message" and item.get("role") not in ("user", "assistant", "system", "developer"):
            yield f"Invalid value for 'input[{index}].role': {item.get('role')!r}"
    for call_id in sorted(due):
        yield f"No tool output found for function call {call_id}."
