"""Which conversation a request belongs to, so that all its turns can go to the same endpoint.

The sources and their order are those of the gateways that agents already know; a subagent has the session
of its main loop.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import msgspec

from cccc_tui.routing.peek import Peek, said_first, texts

_SESSION_HEADERS = (
    "x-claude-code-session-id",
    "x-session-id",
    "session-id",
    "session_id",
    "x-session-affinity",
    "x-amp-thread-id",
)
_SYSTEM_CHARS = 2_000
_SESSION_KEYS = ("session_id", "conversation_id", "prompt_cache_key")
_NAMING_KEYS = frozenset((*_SESSION_KEYS, "metadata", "conversation"))


def named_session(headers: Mapping[str, str]) -> str:
    """The first name that the headers give the conversation."""
    return next((named for name in _SESSION_HEADERS if (named := headers.get(name))), "")


def session_in_body(peek: Peek) -> str:
    """The first name that the body gives the conversation."""
    if _NAMING_KEYS.isdisjoint(peek.keys()):
        return ""
    for key in _SESSION_KEYS:
        if named := peek.text(key):
            return named
    return _in_user_id(user_id(peek)) or _conversation_id(peek)


def user_id(peek: Peek) -> str:
    """`metadata.user_id` of an Anthropic request, or nothing."""
    match peek.value("metadata"):
        case {"user_id": str(written)}:
            return written
    return ""


def _in_user_id(written: str) -> str:
    """Claude Code writes JSON with a `session_id`; until 2.0 it was `user_…_account_…_session_<uuid>`."""
    if not written.startswith("{"):
        return written.rpartition("_session_")[2] if "_session_" in written else ""
    try:
        fields = msgspec.json.decode(written)
    except msgspec.DecodeError:
        return ""  # some other client's user id, that only begins like JSON
    named = fields.get("session_id") if isinstance(fields, dict) else None
    return named if isinstance(named, str) else ""


def _conversation_id(peek: Peek) -> str:
    match peek.value("conversation"):
        case {"id": str(named)} | str(named):
            return named
    return ""


def session_by_content(credential: str, peek: Peek) -> str:
    """A name made of what stays the same through a conversation."""
    said = said_first(peek)
    if not said:
        return ""
    # The beginning tells system prompts apart; all of a long one would have to be hashed for each request.
    system = "\n".join(texts(peek.value("system")))[:_SYSTEM_CHARS]
    parts = "\0".join((system, peek.text("instructions") or "", said, credential, ""))
    return f"content-{hashlib.blake2b(parts.encode('utf-8', 'surrogatepass'), digest_size=12).hexdigest()}"
