"""Wrapped reasoning blobs in traffic that passes in its own format.

A conversation that was served through a conversion and now passes untouched still carries our wrappings
(origins.py). Those that this provider made are given back bare, the others are taken out; every message that
holds none keeps its bytes. A summary of ours (compaction.py) is given back as the words that it is.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec

from cccc_tui.wire.compaction import ITEM_TYPES, as_message
from cccc_tui.wire.model import Blob, Format
from cccc_tui.wire.origins import made_by, may_be_marked, unwrap
from cccc_tui.wire.parts import encode, try_decode
from cccc_tui.wire.seals import may_hold_seals

_top = msgspec.json.Decoder(dict[str, msgspec.Raw])
_list = msgspec.json.Decoder(list[msgspec.Raw])
_object = msgspec.json.Decoder(dict[str, Any])
Object = dict[str, Any]


def drop_foreign_reasoning(
    format: Format,  # noqa: A002
    body: bytes,
    origin: str,
    foreign: Collection[str] = (),
) -> bytes:
    """The same request without blobs that `origin` did not make; the same object when there are none.

    Of bare blobs those that stand in `foreign` are another's.
    """
    if not foreign and not may_be_marked(body):
        return body
    fields = try_decode(_top, body)
    name = "input" if format == "responses" else "messages"
    entries = try_decode(_list, bytes(fields[name])) if fields and name in fields else None
    if fields is None or entries is None:
        return body
    sieve = _Sieve(format, origin, foreign)
    kept = [new for entry in entries if (new := sieve.entry(entry)) is not None]
    fields[name] = msgspec.Raw(encode(kept))
    if format == "anthropic" and _is_stuck(fields, kept):
        del fields["thinking"]
    return encode(fields)


class _Sieve:
    """Lets through what the upstream made itself."""

    def __init__(self, format: Format, origin: str, foreign: Collection[str]) -> None:  # noqa: A002
        self._format = format
        self._origin = origin
        self._foreign = foreign

    def entry(self, raw: msgspec.Raw) -> msgspec.Raw | Object | None:
        """A message or an item; None for one of which nothing is left."""
        written = bytes(raw)
        if not may_be_marked(written) and not (self._foreign and may_hold_seals(written)):
            return raw
        entry = try_decode(_object, written)
        if entry is None:
            return raw
        if self._format == "responses":
            return self._item(entry)
        return _chat_message(entry) if self._format == "chat" else self._message(entry)

    def _item(self, item: Object) -> Object | None:
        sealed = item.get("encrypted_content")
        if item.get("type") in ITEM_TYPES:
            return as_message(item) or item
        if item.get("type") != "reasoning" or not isinstance(sealed, str):
            return item
        blob = unwrap(sealed, "encrypted")
        if blob.kind != "encrypted" or not self._is_own(blob):
            return None
        return {**item, "encrypted_content": blob.data} | ({"id": blob.id} if blob.id else {})

    def _message(self, message: Object) -> Object | None:
        content = message.get("content")
        if not isinstance(content, list):
            return message
        kept = [new for block in content if (new := self._block(block)) is not None]
        return {**message, "content": kept} if kept else None

    def _block(self, block: Any) -> Any:
        if not isinstance(block, dict) or block.get("type") not in ("thinking", "redacted_thinking"):
            return block
        field = "signature" if block["type"] == "thinking" else "data"
        blob = unwrap(str(block.get(field) or ""), "signature")
        if not self._is_own(blob):
            return None
        if blob.kind == "redacted":
            return {"type": "redacted_thinking", "data": blob.data}
        return {**block, field: blob.data} if blob.kind == "signature" else None

    def _is_own(self, blob: Blob) -> bool:
        return blob.data not in self._foreign if blob.origin is None else made_by(blob, self._origin)


def _chat_message(message: Object) -> Object:
    details = message.get("reasoning_details")
    if not isinstance(details, list):
        return message
    kept = [detail for detail in details if not may_be_marked(encode(detail))]
    rest = {name: value for name, value in message.items() if name != "reasoning_details"}
    return {**rest, "reasoning_details": kept} if kept else rest


def _is_stuck(fields: dict[str, msgspec.Raw], messages: list[Any]) -> bool:
    """Whether Anthropic would refuse to think: with a budget, the call being answered must begin with a thought."""
    thinking = try_decode(_object, bytes(fields.get("thinking", b"")))
    if thinking is None or thinking.get("type") != "enabled" or not messages:
        return False
    if _first_block(messages[-1]) != "tool_result":
        return False
    asked = next((kind for each in reversed(messages) if (kind := _first_block(each, "assistant"))), "")
    return asked not in ("", "thinking", "redacted_thinking")


def _first_block(message: msgspec.Raw | Object, role: str = "user") -> str:
    """The type of the first block of a message; empty for one of another role, or of bare text."""
    read = message if isinstance(message, dict) else try_decode(_object, bytes(message)) or {}
    content = read.get("content")
    if read.get("role") != role or not isinstance(content, list) or not content:
        return ""
    return str(content[0].get("type")) if isinstance(content[0], dict) else ""
