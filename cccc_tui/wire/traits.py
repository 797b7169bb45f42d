"""A request for a model that lacks something: said in another way where that loses nothing, else without it.

`developer_role` and `system_role` become the next best role. `images` are replaced by a sentence that the model can
act on, and `tools` are left out: both only when no other endpoint can take the request as it is. What only one
format's requests can lack stands apart: `thoughtless_turns` here (`with_thoughts`), `compaction` in compaction.py.
"""

from __future__ import annotations

from typing import Any

import msgspec

from cccc_tui.wire.patch import Document

OMITTED = "[An image was left out here: the model in use cannot see images.]"

_NO_THOUGHT = " "
"""Providers that want a thought in each of the assistant's turns take this, and refuse an empty one."""

_IMAGE_TYPES = frozenset(("image", "image_url", "input_image"))
_TEXT_TYPE = {"image": "text", "image_url": "text", "input_image": "input_text"}
_ROLES = {"developer_role": ("developer", "system"), "system_role": ("system", "user")}


def without(body: bytes, trait: str) -> tuple[bytes, str]:
    """The body for a model without `trait`, and a note of what was changed; the same object when nothing was."""
    document = Document.read(body)
    if trait == "tools":
        named = [name for name in ("tools", "tool_choice", "parallel_tool_calls") if document.raw(name)]
        return document.edited({}, named), "tools left out" if named else ""
    if trait in _ROLES:
        return _with_role(document, *_ROLES[trait])
    return _without_images(document) if trait == "images" else (body, "")


def with_thoughts(chat: bytes) -> tuple[bytes, str]:
    """The same for a Chat body whose model wants `reasoning_content` in every turn of the assistant.

    What another provider thought is none of its business and left out before (origins.py), hence the blank.
    """
    document = Document.read(chat)
    turns = document.value("messages")
    said = [turn for turn in turns if _is_thoughtless(turn)] if isinstance(turns, list) else []
    for turn in said:
        turn["reasoning_content"] = _NO_THOUGHT
    note = f"{len(said)} turn{'s' if len(said) != 1 else ''} given an empty thought" if said else ""
    return document.edited({"messages": msgspec.json.encode(turns)} if said else {}), note


def _is_thoughtless(turn: Any) -> bool:
    return isinstance(turn, dict) and turn.get("role") == "assistant" and not turn.get("reasoning_content")


def _with_role(document: Document, old: str, new: str) -> tuple[bytes, str]:
    for key in ("messages", "input"):
        turns = document.value(key)
        if not isinstance(turns, list):
            continue
        found = [turn for turn in turns if isinstance(turn, dict) and turn.get("role") == old]
        for turn in found:
            turn["role"] = new
        if found:
            return document.edited({key: msgspec.json.encode(turns)}), f"role {old} sent as {new}"
    return document.body, ""


def _without_images(document: Document) -> tuple[bytes, str]:
    changed: dict[str, bytes] = {}
    count = 0
    for key in ("messages", "input"):
        turns = document.value(key)
        replaced = _replace_images(turns)
        if replaced:
            changed[key] = msgspec.json.encode(turns)
            count += replaced
    note = f"{count} image{'s' if count != 1 else ''} left out" if count else ""
    return document.edited(changed), note


def _replace_images(value: Any) -> int:
    """Replaces image parts inside `value`, whatever holds them; how many there were."""
    if isinstance(value, dict):
        return sum(_replace_images(inner) for inner in value.values() if isinstance(inner, dict | list))
    if not isinstance(value, list):
        return 0
    count = 0
    for i, part in enumerate(value):
        kind = part.get("type") if isinstance(part, dict) else None
        if kind in _IMAGE_TYPES:
            value[i] = {"type": _TEXT_TYPE[kind], "text": OMITTED}
            count += 1
        else:
            count += _replace_images(part)
    return count
