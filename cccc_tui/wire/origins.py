"""Reasoning blobs that say who made them.

A signature or an encrypted reasoning item is worth something only to the provider that made it, and
any other answers 400 to it. A blob that a client gets through a conversion is therefore wrapped:

    cccc1~<kind>:<origin>:<item id>:<data>

(origin and item id percent-encoded). The client keeps it as it keeps any signature and sends it back;
then the wrapping says whether the provider in question made it. A blob without the wrapping was passed
through untouched and belongs to the native provider of the client's format. Thinking that has no blob
at all (`reasoning_content` of Chat) travels as a wrapping without data: its text goes back to its maker.
"""

from __future__ import annotations

from typing import Final, Literal
from urllib.parse import quote, unquote

from cccc_tui.wire.model import Blob

MARK: Final = "cccc1~"
_MARK_BYTES: Final = MARK.encode()
_LAST_OF_MARK: Final = _MARK_BYTES[-1:]
_MOST_LOOKS: Final = 200
"""A text of nothing but that byte is searched for the word."""
_KINDS: Final[dict[str, Literal["signature", "redacted", "encrypted", "text", "summary"]]] = {
    "s": "signature",
    "x": "redacted",
    "e": "encrypted",
    "t": "text",
    "c": "summary",
}
_LETTERS: Final = {kind: letter for letter, kind in _KINDS.items()}


def wrap(blob: Blob) -> str:
    """The blob as a string for the client to keep; bare where the client speaks its maker's own format."""
    if blob.origin is None:
        return blob.data
    origin = quote(blob.origin, safe="")
    return f"{MARK}{_LETTERS[blob.kind]}:{origin}:{quote(blob.id, safe='')}:{blob.data}"


def unwrap(text: str, native: Literal["signature", "redacted", "encrypted"], item_id: str = "") -> Blob:
    """The blob in a string that a client gave back; `native` is what it is when nothing wraps it."""
    fields = text.removeprefix(MARK).split(":", 3) if text.startswith(MARK) else []
    if len(fields) != 4 or fields[0] not in _KINDS:
        return Blob(native, text, None, item_id)
    letter, origin, inner_id, data = fields
    return Blob(_KINDS[letter], data, unquote(origin), unquote(inner_id))


def may_be_marked(text: bytes) -> bool:
    """Whether a wrapping may be in a JSON text.

    The mark ends in a byte that is rare there: one byte is found ten times as fast as a word, and every request of
    a hundred kilobytes is searched.
    """
    at = -1
    for _ in range(_MOST_LOOKS):
        at = text.find(_LAST_OF_MARK, at + 1)
        if at < 0:
            return False
        if text.startswith(_MARK_BYTES, at + 1 - len(_MARK_BYTES)):
            return True
    return _MARK_BYTES in text[at:]


def made_by(blob: Blob | None, origin: str | None) -> bool:
    """Whether that provider made the blob; a bare one was made by the client's native provider."""
    return blob is not None and blob.origin == origin
