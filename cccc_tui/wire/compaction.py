"""Codex's remote compaction, for upstreams that cannot do it.

Codex with its built-in provider ends a conversation that grew too long by a request whose last item is
`compaction_trigger`, and takes nothing for an answer but exactly one `compaction` item, sealed by OpenAI; what
it keeps of the conversation from then on is that item and what the user said. (With any other provider it asks
for a summary in plain words by itself.) Here the model is asked for the summary, which is put into the item
under our own mark: then every upstream can read it again. `/responses/compact`, which earlier versions of Codex
call, is the same question with another frame around it.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from cccc_tui.wire.history import input_items, is_of_the_user
from cccc_tui.wire.model import Blob
from cccc_tui.wire.origins import unwrap, wrap
from cccc_tui.wire.parts import encode, try_decode
from cccc_tui.wire.patch import Document

TRIGGER: Final = "compaction_trigger"
ITEM_TYPES: Final = ("compaction", "compaction_summary", "context_compaction")
INSTRUCTION: Final = (
    "The conversation has become too long and is cut off here. Write a summary with which another model can go "
    "on without having seen any of it. Say what the user wants and every instruction and preference they gave; "
    "what has been done, found out and decided, and why; which files, commands, names and values matter, "
    "exactly; what failed; and what is to be done next. Call no tool. Answer with the summary alone."
)
_LEAD: Final = "The conversation before this point was too long and is replaced by this summary of it:\n\n"
_MAKER: Final = "cccc"
_TRIGGER_LIMIT: Final = 256
"""The item has no content: what is longer need not be read to know that it is another one."""
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])
_object = msgspec.json.Decoder(dict[str, Any])
Object = dict[str, Any]


def sealed(summary: str) -> str:
    """The `encrypted_content` of an item that holds this summary."""
    return wrap(Blob("summary", summary, _MAKER))


def opened(encrypted_content: str) -> str | None:
    """What the model is told of an item: the summary; None when it is not one of ours."""
    blob = unwrap(encrypted_content, "encrypted")
    return _LEAD + blob.data if blob.kind == "summary" else None


def as_message(item: Object) -> Object | None:
    """An item of ours as a message for an upstream that speaks Responses; None when it is another's."""
    summary = opened(str(item.get("encrypted_content") or ""))
    if summary is None:
        return None
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": summary}]}


def triggered(body: bytes) -> bytes:
    """A request to `/responses/compact` as the request to `/responses` that asks for the same."""
    fields = try_decode(_fields, body) or {}
    items = input_items(fields.get("input"))
    fields["input"] = msgspec.Raw(encode([*items, {"type": TRIGGER}]))
    return encode(fields)


def is_triggered(document: Document) -> bool:
    """Whether the request asks for a compaction, by the item that stands for it."""
    return document.value("input") is not None and any(map(_is_trigger, input_items(document.raw("input"))))


def in_words(document: Document) -> bytes:
    """The same question for a model of the same format that has no compaction; every other byte stays."""
    said = encode(
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": INSTRUCTION}]}
    )
    items = [msgspec.Raw(said) if _is_trigger(item) else item for item in input_items(document.raw("input"))]
    return document.edited({"input": encode(items), "tool_choice": b'"none"'}, remove=("text",))


def _is_trigger(raw: msgspec.Raw) -> bool:
    if len(memoryview(raw)) > _TRIGGER_LIMIT:
        return False
    return (try_decode(_object, bytes(raw)) or {}).get("type") == TRIGGER


def as_document(request: bytes, response: bytes) -> bytes:
    """The answer to `/responses/compact`: what the user said, and the compaction behind it."""
    fields = try_decode(_fields, request) or {}
    answer = try_decode(_object, response) or {}
    said = [raw for raw in input_items(fields.get("input")) if is_of_the_user(raw)]
    kept = {name: answer.get(name) for name in ("id", "created_at", "usage")}
    return encode({**kept, "object": "response.compaction", "output": [*said, *answer.get("output", ())]})
