"""The objects of a Responses answer: the response itself, its items, and their parts."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from cccc_tui.wire.bridges import object_or_empty
from cccc_tui.wire.citing import placed
from cccc_tui.wire.events import Client, Start
from cccc_tui.wire.model import Blob, Citation, ToolCall, ToolKind, WebSearch
from cccc_tui.wire.names import openai_id, reshaped_id
from cccc_tui.wire.origins import wrap
from cccc_tui.wire.parts import is_null, put, try_decode

Object = dict[str, Any]
_action = msgspec.json.Decoder(dict[str, Any])


def response_object(client: Client, start: Start, status: str, output: list[Object]) -> Object:
    """The response with the client's own request fields in it, as the provider repeats them."""
    response: Object = {
        "id": reshaped_id("resp_", start.id, client.seed),
        "object": "response",
        "created_at": start.created_s or client.now_s,
        "status": status,
        "background": False,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "max_output_tokens": None,
        "metadata": {},
        "output": output,
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "reasoning": {"effort": None, "summary": None},
        "store": False,
        "temperature": None,
        "text": {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": [],
        "top_p": None,
        "truncation": "disabled",
        "usage": None,
        "user": None,
    }
    echo = {name: raw for name, raw in client.echo.items() if not is_null(raw)}
    return response | echo | {"model": client.model or start.model}


def message_item(item_id: str, content: list[Object], status: str) -> Object:
    """What the assistant says."""
    return {"id": item_id, "type": "message", "status": status, "role": "assistant", "content": content}


def text_part(text: str, citations: list[Citation]) -> Object:
    """Text in a message."""
    marks = [annotation(placed(citation, 0, len(text))) for citation in citations]
    return {"type": "output_text", "text": text, "annotations": marks, "logprobs": []}


def refusal_part(text: str) -> Object:
    """A refusal in a message."""
    return {"type": "refusal", "refusal": text}


def annotation(citation: Citation) -> Object:
    """A citation of a web page."""
    place = {"start_index": citation.start, "end_index": citation.end}
    return {"type": "url_citation", "url": citation.url, "title": citation.title, **place}


def reasoning_item(item_id: str, text: str, blob: Blob | None) -> Object:
    """A thought: readable in the summary, sealed in the encrypted content."""
    summary = [{"type": "summary_text", "text": text}] if text else []
    item: Object = {"id": item_id, "type": "reasoning", "summary": summary}
    if blob is not None:
        item["encrypted_content"] = wrap(blob)
    return item


def has_arguments(call: ToolCall) -> bool:
    """Whether the call's item carries its arguments as text, so that they can be streamed."""
    return call.kind in ("function", "custom")


CALL_PREFIXES: Final[dict[ToolKind, str]] = {
    "function": "fc_",
    "custom": "ctc_",
    "local_shell": "lsh_",
    "shell": "sh_",
    "apply_patch": "apc_",
    "tool_search": "tsc_",
}
"""How ids of call items begin: OpenAI refuses a history in which they do not fit their type."""


def call_item(call: ToolCall, item_id: str, arguments: str, status: str) -> Object:
    """A call in the item type that the client's tool waits for."""
    item: Object = {"id": item_id, "type": "function_call", "status": status, "call_id": openai_id(call.id)}
    match call.kind:
        case "custom":
            item |= {"type": "custom_tool_call", "name": call.name, "input": arguments}
            put(item, namespace=call.namespace)
        case "local_shell":
            item |= {"type": "local_shell_call", "action": _local_shell(arguments)}
        case "shell":
            item |= {"type": "shell_call", "action": object_or_empty(arguments)}
        case "apply_patch":
            item |= {"type": "apply_patch_call", "operation": object_or_empty(arguments)}
        case "tool_search":
            found = object_or_empty(arguments)
            item |= {"type": "tool_search_call", "execution": "client", "arguments": found}
        case _:
            whole = arguments or ("{}" if status == "completed" else "")
            item |= {"name": call.name, "arguments": whole}
            put(item, namespace=call.namespace)
    return item


def _local_shell(arguments: str) -> Object:
    """The action, with the two fields that its schema asks for and a function's arguments lack."""
    said = try_decode(_action, arguments) or {}
    return {"env": {}, **said, "type": "exec"}


def search_item(search: WebSearch, item_id: str) -> Object:
    """A search that the provider ran."""
    sources = [{"type": "url", "url": source.url} for source in search.sources]
    action = {"type": "search", "query": search.query, "sources": sources}
    return {"id": item_id, "type": "web_search_call", "status": "completed", "action": action}
