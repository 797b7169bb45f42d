"""Small pieces of content that every format needs: data URLs, placeholders, joined texts, strict decoding."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Collection, Sequence
from typing import Any, Final, TypeAlias, TypeVar

import msgspec

from cccc_tui.wire.model import ConversionRefused, Media, Part, Refusal, Text, Turn
from cccc_tui.wire.patch import without_lone_surrogates

T = TypeVar("T")

UNREADABLE: Final = (msgspec.MsgspecError, RecursionError, UnicodeError)
EMPTY_OBJECT: Final = msgspec.Raw(b"{}")
Fields: TypeAlias = dict[str, msgspec.Raw]
"""The top level of a JSON object, each value as it was written."""
fields_of: Final = msgspec.json.Decoder(Fields)
raw_items: Final = msgspec.json.Decoder(list[msgspec.Raw])
NULL: Final = msgspec.Raw(b"null")
_string = msgspec.json.Decoder(str)
encode = msgspec.json.Encoder().encode


def decode(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    """The request in a body, or the sentence that tells the client where it is wrong."""
    try:
        return decode_leniently(decoder, body)
    except msgspec.ValidationError as problem:
        raise ConversionRefused(f"The request cannot be read: {problem}") from None
    except UNREADABLE as problem:
        raise ConversionRefused(f"The request is not valid JSON: {problem}") from None


def decode_but(decoder: msgspec.json.Decoder[T], fields: Fields, but: Collection[str]) -> T:
    """What the fields say, those left aside that are read piece by piece."""
    return decode_leniently(decoder, encode({name: raw for name, raw in fields.items() if name not in but}))


def decode_leniently(decoder: msgspec.json.Decoder[T], data: bytes | str | msgspec.Raw) -> T:
    """What is in the JSON, half an emoji in it being no reason to lose the rest; raises what msgspec raises.

    Programs that cut texts by UTF-16 units (JavaScript's) write one half as an escape, which msgspec refuses.
    """
    try:
        return decoder.decode(data)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        written = data.encode("utf-8", "replace") if isinstance(data, str) else bytes(data)
        readable = without_lone_surrogates(written)
        if readable == written:
            raise
        return decoder.decode(readable)


def try_decode(decoder: msgspec.json.Decoder[T], data: bytes | str) -> T | None:
    """What an upstream sent, or None when it cannot be read: an upstream's slip must not end the answer."""
    try:
        return decoder.decode(data)  # asked for each event of a stream: the way of nearly all is short
    except UNREADABLE:
        pass
    try:
        return decode_leniently(decoder, data)
    except UNREADABLE:
        return None


def raw_text(raw: msgspec.Raw) -> str:
    """The JSON text of a value, byte for byte as its sender wrote it; empty when it was left out."""
    return str(memoryview(raw), "utf-8") if raw else ""


class Array(list[bytes]):
    """The items of a JSON array that are JSON already; an item may be several, with commas between them."""


def encode_around(fields: dict[str, Any]) -> bytes:
    """The JSON object, its arrays taken over with one copy: they are nearly all of a long request."""
    pieces: list[bytes] = []
    plain: dict[str, Any] = {}
    for name, value in fields.items():
        if not isinstance(value, Array):
            plain[name] = value
            continue
        if plain:
            pieces.append(b",%b" % encode(plain)[1:-1])
            plain = {}
        pieces.append(b',"%b":[' % name.encode())
        pieces += [piece for item in value for piece in (item, b",")][:-1]
        pieces.append(b"]")
    if plain:
        pieces.append(b",%b" % encode(plain)[1:-1])
    return b"".join((b"{", pieces[0][1:], *pieces[1:], b"}")) if pieces else b"{}"


def is_unset(raw: msgspec.Raw) -> bool:
    """Whether a field was left out, null, false or zero: nothing was asked for."""
    view = memoryview(raw)
    return len(view) <= 5 and view.tobytes() in (b"", b"null", b"false", b"0", b"0.0")


def is_null(raw: msgspec.Raw) -> bool:
    """Whether the value is `null`, told without a copy of it."""
    view = memoryview(raw)
    return len(view) == 4 and view.tobytes() == b"null"


def json_object(text: str) -> msgspec.Raw | None:
    """The text as a raw JSON object, bytes kept; None when it is no object."""
    if text == "{}" or not text.strip():
        return EMPTY_OBJECT
    if try_decode(fields_of, text) is None:
        return None
    return msgspec.Raw(text.encode())


def json_arguments(raw: msgspec.Raw) -> str:
    """Arguments that may be a JSON string holding JSON (as OpenAI says) or the object itself."""
    text = raw_text(raw)
    if text.startswith('"'):
        return decode_leniently(_string, text)
    return "" if text == "null" else text


def data_url(media: Media) -> str:
    """The media as a URL: its own, or its bytes inline."""
    return media.url or f"data:{media.media_type or 'application/octet-stream'};base64,{media.data}"


def split_data_url(url: str) -> tuple[str, str] | None:
    """Media type and base64 data of a `data:` URL; None for any other URL."""
    if not url.startswith("data:"):
        return None
    head, comma, data = url[5:].partition(",")
    if not comma or not head.endswith(";base64"):
        return None
    return head.split(";", 1)[0] or "text/plain", data


def plain_text(media: Media) -> str | None:
    """The words of a document that is nothing but text."""
    if media.text:
        return media.text
    if not media.media_type.startswith("text/") or not media.data:
        return None
    try:
        return b64decode(media.data).decode("utf-8", "replace")
    except (Base64Error, ValueError):
        return None


def placeholder(media: Media, notes: list[str]) -> str:
    """The sentence that stands where the target cannot take a medium, so that the model knows of it."""
    what = media.name or media.url or media.file_id or media.media_type or "unnamed"
    notes.append(f"{media.kind} {what[:80]} replaced by a sentence: the upstream's format cannot carry it")
    return f"[{media.kind} not shown here: {what[:200]}]"


def joined(parts: Sequence[Part]) -> str:
    """The text of the parts. Cited stretches are pieces of one sentence; other blocks are paragraphs."""
    if len(parts) == 1:  # most turns are
        only = parts[0]
        return only.text if isinstance(only, (Text, Refusal)) else ""
    texts = [part for part in parts if isinstance(part, (Text, Refusal)) and part.text]
    if len(texts) <= 1:
        return texts[0].text if texts else ""
    cited = any(isinstance(part, Text) and part.citations for part in texts)
    return ("" if cited else "\n\n").join(part.text for part in texts)


def has_media(parts: Sequence[Part]) -> bool:
    """Whether there is more than words in it."""
    if len(parts) == 1:
        return isinstance(parts[0], Media)
    # Asked of every turn of every request: a generator takes three times as long.
    return any([isinstance(part, Media) for part in parts])  # noqa: C419


def reminder(turn: Turn) -> str:
    """An instruction in mid-conversation as Claude Code itself writes it where no system role is allowed."""
    return f"<system-reminder>\n{joined(turn.parts)}\n</system-reminder>"


def leading_system(turns: list[Turn]) -> int:
    """How many turns at the start are the system prompt."""
    return next((n for n, turn in enumerate(turns) if turn.role != "system"), len(turns))


def paragraphs(turns: list[Turn]) -> str:
    """All that is said in them."""
    return "\n\n".join(text for turn in turns if (text := joined(turn.parts)))


def put(target: dict[str, Any], **fields: Any) -> None:
    """Sets the fields that say something."""
    for name, value in fields.items():
        if value is not None and value != "" and value != [] and value != {}:
            target[name] = value


def error_text(text: str, is_error: bool) -> str:
    """A tool's output for formats without an error flag: the word stands in front, once."""
    if not is_error or text.lstrip("<").lower().startswith(("error", "tool_use_error")):
        return text
    return f"Error: {text}"
