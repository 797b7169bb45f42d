"""How a stream is kept open while nothing comes, and how it ends when it breaks."""

from __future__ import annotations

from typing import Any

import msgspec

from cccc_tui.wire.errors import UpstreamError, anthropic_error, is_in_vain, openai_error
from cccc_tui.wire.model import Format
from cccc_tui.wire.patch import Document, without_lone_surrogates
from cccc_tui.wire.stream_notes import StreamNotes

MESSAGE_STOP = b'event: message_stop\ndata: {"type":"message_stop"}\n\n'
DONE = b"data: [DONE]\n\n"
_PING = b'event: ping\ndata: {"type":"ping"}\n\n'


def keep_alive(format: Format, client: str) -> bytes:  # noqa: A002
    """What keeps a waiting client patient: in Messages the format's own event, else a comment.

    Codex's idle timer is reset by events alone, and it takes any; OpenAI's packages fail at one that they do not know.
    """
    takes_events = format == "anthropic" or (format == "responses" and client == "codex")
    return _PING if takes_events else b": keep-alive\n\n"


def break_event(format: Format, error: UpstreamError, scan: StreamNotes | None) -> bytes:  # noqa: A002
    """What ends a stream that broke, so that the agent asks again; nothing if it had ended already.

    `scan` is of the stream that the client has seen a part of; None when it has seen only keep-alives.
    """
    if scan is not None and scan.finished:
        return b""
    if format == "chat":
        return _event("", {"error": openai_error(error)}) + DONE
    if format == "responses":
        return _failure(error, scan)
    said = anthropic_error(error)
    if not is_in_vain(error):
        said["error"]["type"] = "overloaded_error"
    return _event("error", said)


def _failure(error: UpstreamError, scan: StreamNotes | None) -> bytes:
    """`response.failed`, behind the `response.created` without which OpenAI's packages take no other event."""
    number = scan.last_sequence_number + 1 if scan else 0
    shown = _shown_response(scan)
    if scan and scan.first_response:
        return _lifecycle("failed", number, shown | _failed(error))
    created = _lifecycle("created", number, shown | {"status": "in_progress", "error": None})
    return created + _lifecycle("failed", number + 1, shown | _failed(error))


def _lifecycle(kind: str, number: int, response: dict[str, Any]) -> bytes:
    name = f"response.{kind}"
    return _event(name, {"type": name, "sequence_number": number, "response": response})


def _failed(error: UpstreamError) -> dict[str, Any]:
    """How a response object says that it failed."""
    # Codes that Codex takes as final stand only for what is final; any other makes it ask again.
    code = (
        openai_error(error)["code"]
        if is_in_vain(error) or error.error_class == "rate_limit"
        else "server_error"
    )
    return {
        "status": "failed",
        "error": {"code": code or "server_error", "message": error.message},
        "incomplete_details": None,
        "completed_at": None,
    }


def _shown_response(scan: StreamNotes | None) -> dict[str, Any]:
    """The response object as the client has seen it, or one with all that the schema asks for."""
    if scan and scan.first_response:
        shown = Document.read(without_lone_surrogates(scan.first_response)).value("response")
        if isinstance(shown, dict):
            return shown | ({"model": scan.model} if scan.model else {})
    return {
        "id": "resp_none",
        "object": "response",
        "created_at": 0,
        "model": (scan and (scan.model or scan.upstream_model)) or "",
        "output": [],
        "instructions": None,
        "metadata": {},
        "parallel_tool_calls": True,
        "temperature": None,
        "tool_choice": "auto",
        "tools": [],
        "top_p": None,
        "usage": None,
    }


def _event(name: str, data: dict[str, Any]) -> bytes:
    line = b"data: " + msgspec.json.encode(data) + b"\n\n"
    return f"event: {name}\n".encode() + line if name else line
