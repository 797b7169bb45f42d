"""A Responses request that continues an earlier answer, written out as the whole conversation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from cccc_tui.wire.parts import encode, try_decode
from cccc_tui.wire.patch import Document

_list = msgspec.json.Decoder(list[msgspec.Raw])
_text = msgspec.json.Decoder(str)
_object = msgspec.json.Decoder(dict[str, Any])
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])


def input_items(raw: bytes | msgspec.Raw | None) -> list[msgspec.Raw]:
    """The items of an `input`; a bare text is the message that it stands for."""
    if raw is None:
        return []
    text = try_decode(_text, bytes(raw))
    if text is not None:
        message = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}
        return [msgspec.Raw(encode(message))]
    return try_decode(_list, bytes(raw)) or []


def output_items(response: bytes) -> list[msgspec.Raw]:
    """The items of an answer."""
    fields = try_decode(_fields, response) or {}
    return input_items(fields.get("output"))


def continued(document: Document, earlier: Iterable[msgspec.Raw]) -> bytes:
    """The request with what came before in front of its own items, and without `previous_response_id`."""
    items = [*earlier, *input_items(document.raw("input"))]
    return document.edited({"input": encode(items)}, remove=("previous_response_id",))


def is_of_the_user(raw: msgspec.Raw) -> bool:
    """Whether the item is something that the user said."""
    item = try_decode(_object, bytes(raw)) or {}
    return item.get("type", "message") == "message" and item.get("role") == "user"
