"""A look into a request's body that decodes no more than it is asked for, and what people said in it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice
from typing import Any, Protocol

_FIRST_TURNS = 16
"""Where the first user message is looked for: before it stand no more than the developer's words."""
_NOT_SAID = "<system-reminder>"
"""Begins the texts that Claude Code itself puts into a user message."""


class Peek(Protocol):
    """A look at a body's top-level keys, each decoded only when it is asked for."""

    body: bytes
    """As it was sent."""

    def keys(self) -> Collection[str]:
        """Which there are."""
        ...

    def text(self, key: str) -> str | None:
        """The value, if it is a string."""
        ...

    def flag(self, key: str) -> bool:
        """Whether the value is `true`."""
        ...

    def value(self, key: str) -> Any:
        """The value decoded; None if there is none."""
        ...

    def items(self, key: str) -> Iterator[Any]:
        """The values of a list, each decoded when it is reached; none if it is no list."""
        ...


def said_first(peek: Peek) -> str:
    """The whole text of the first user message, which stays the same through a conversation."""
    keys = peek.keys()
    for key in ("messages", "input"):
        if key not in keys:
            continue
        for message in islice(peek.items(key), _FIRST_TURNS):
            if _is_users(message):
                return "\n".join(texts(message["content"]))
    return (peek.text("input") or "") if "input" in keys else ""


def said_last(peek: Peek) -> str:
    """The last text of the last user message that has one.

    Tool results travel as user messages too, but nobody says them.
    """
    for message in reversed(_conversation(peek)):
        if _is_users(message):
            said = [text for text in texts(message["content"]) if not text.startswith(_NOT_SAID)]
            if said:
                return said[-1]
    return ""


def texts(content: Any) -> list[str]:
    """The texts of a content, which is a string or a list of typed parts."""
    if isinstance(content, str):
        return [content]
    if not isinstance(content, list):
        return []
    found = [part.get("text") for part in content if isinstance(part, dict)]
    return [text for text in found if isinstance(text, str)]


def _conversation(peek: Peek) -> list[Any]:
    """The messages or input items; `input` may be the one user message itself."""
    messages = peek.value("messages")
    if isinstance(messages, list):
        return messages
    items = peek.value("input")
    if isinstance(items, str):
        return [{"role": "user", "content": items}]
    return items if isinstance(items, list) else []


def _is_users(message: Any) -> bool:
    return isinstance(message, dict) and message.get("role") == "user" and "content" in message
