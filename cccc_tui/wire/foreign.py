"""Wrapped reasoning blobs in traffic that passes in its own format.

A conversation that was served through a conversion and now passes untouched still carries our wrappings
(origins.py). Those that this provider made are given back bare, the others are taken out; every message that
holds none keeps its bytes. A summary of ours (compaction.py) is given back as the words that it is.
"""

from __future__ import annotations

from typing import Any

import msgspec

from cccc_tui.wire.compaction import ITEM_TYPES, as_message
from cccc_tui.wire.model import Blob, Format
from cccc_tui.wire.origins import made_by, may_be_marked, unwrap
from cccc_tui.wire.parts import encode, try_decode

_top = msgspec.json.Decoder(dict[str, msgspec.Raw])
_list = msgspec.json.Decoder(list[msgspec.Raw])
_object = msgspec.json.Decoder(dict[str, Any])
Object = dict[str, Any]


def drop_foreign_reasoning(format: Format, body: bytes, origin: str) -> bytes:  # noqa: A002
    """The same request without blobs that `origin` did not make; the same object when there are none."""
    if not may_be_marked(body):
        return body
    fields = try_decode(_top, body)
    name = "input" if format == "responses" else "messages"
    entries = try_decode(_list, bytes(fields[name])) if fields and name in fields else None
    if fields is None or entries is None:
        return body
    kept = [new for entry in entries if (new := _entry(format, entry, origin)) is not None]
    fields[name] = msgspec.Raw(encode(kept))
    return encode(fields)


def _entry(format: Format, raw: msgspec.Raw, origin: str) -> msgspec.Raw | Object | None:  # noqa: A002
    if not may_be_marked(bytes(raw)):
        return raw
    entry = try_decode(_object, bytes(raw))
    if entry is None:
        return raw
    if format == "responses":
        return _item(entry, origin)
    if format == "chat":
        return _chat_message(entry, origin)
    return _message(entry, origin)


def _item(item: Object, origin: str) -> Object | None:
    sealed = item.get("encrypted_content")
    if item.get("type") in ITEM_TYPES:
        return as_message(item) or item
    if item.get("type") != "reasoning" or not isinstance(sealed, str):
        return item
    blob = unwrap(sealed, "encrypted")
    if blob.kind != "encrypted" or not _own(blob, origin):
        return None
    return {**item, "encrypted_content": blob.data} | ({"id": blob.id} if blob.id else {})


def _message(message: Object, origin: str) -> Object | None:
    content = message.get("content")
    if not isinstance(content, list):
        return message
    kept = [new for block in content if (new := _block(block, origin)) is not None]
    return {**message, "content": kept} if kept else None


def _block(block: Any, origin: str) -> Any:
    if not isinstance(block, dict) or block.get("type") not in ("thinking", "redacted_thinking"):
        return block
    field = "signature" if block["type"] == "thinking" else "data"
    blob = unwrap(str(block.get(field) or ""), "signature")
    if not _own(blob, origin):
        return None
    if blob.kind == "redacted":
        return {"type": "redacted_thinking", "data": blob.data}
    return {**block, field: blob.data} if blob.kind == "signature" else None


def _chat_message(message: Object, origin: str) -> Object:
    details = message.get("reasoning_details")
    if not isinstance(details, list):
        return message
    kept = [detail for detail in details if not may_be_marked(encode(detail))]
    rest = {name: value for name, value in message.items() if name != "reasoning_details"}
    return {**rest, "reasoning_details": kept} if kept else rest


def _own(blob: Blob, origin: str) -> bool:
    return blob.origin is None or made_by(blob, origin)
