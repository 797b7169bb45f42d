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


def keep_alive(format: Format) -> bytes:  # noqa: A002
    """What keeps a waiting client patient. A comment does not reset Codex's idle timer; an event does."""
    return b": keep-alive\n\n" if format == "chat" else _PING


def break_event(format: Format, error: UpstreamError, scan: StreamNotes | None) -> bytes:  # noqa: A002
    """What ends a stream that broke, so that the agent asks again; nothing if it had ended already.

    `scan` is of the stream that the client has seen a part of; None when it has seen only keep-alives.
    """
    if scan is not None and scan.finished:
        return b""
    if format == "chat":
        return _event("", {"error": openai_error(error)}) + DONE
    if format == "responses":
        return _event("response.failed", _failed(error, scan))
    said = anthropic_error(error)
    if not is_in_vain(error):
        said["error"]["type"] = "overloaded_error"
    return _event("error", said)


def _failed(error: UpstreamError, scan: StreamNotes | None) -> dict[str, Any]:
    number = scan.last_sequence_number + 1 if scan else 0
    # Codes that Codex takes as final stand only for what is final; any other makes it ask again.
    code = (
        openai_error(error)["code"]
        if is_in_vain(error) or error.error_class == "rate_limit"
        else "server_error"
    )
    response = _shown_response(scan) | {
        "status": "failed",
        "error": {"code": code or "server_error", "message": error.message},
        "incomplete_details": None,
        "completed_at": None,
    }
    return {"type": "response.failed", "sequence_number": number, "response": response}


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
