"""How many tokens a request is, without a tokenizer: an estimate for budgets, never a download.

Text is counted by what it is made of: words by their length, digits in threes, other signs in pairs, and the
letters of scripts without alphabets one by one; a long request by samples of all its texts, so that none takes longer
than a millisecond. Images count by their size in
pixels where the header tells it (a token per 750 pixels, as Anthropic documents), PDFs by their bytes. Counts of
the same text by different providers differ by up to a third, so the caller multiplies by what it has learned of
a model from real usage, and the answer is rounded up.
"""

from __future__ import annotations

import math
import re
from base64 import b64decode
from binascii import Error as Base64Error
from struct import error as StructError
from struct import unpack
from typing import Final

import msgspec

from cccc_tui.wire import anthropic, chat, responses
from cccc_tui.wire.model import Format, Media, Part, Request, Thinking, Tool, ToolCall, ToolResult, WebSearch
from cccc_tui.wire.parts import raw_text

UNKNOWN_FACTOR: Final = 1.2
"""Times an estimate for a model of which nothing was learned: counts are asked for to stay below a limit."""

_TOKENS: Final = re.compile(r"[a-zA-ZÀ-ɏΑ-ώА-я]{1,6}|\d{1,3}|[^\s\w]{1,2}|\w")
_GAPS: Final = re.compile(r"\s\s+")
"""A single blank belongs to the token of the word behind it."""
_SAMPLE_CHARS: Final = 256
_SAMPLES: Final = 64
_PER_TURN: Final = 4
_PER_TOOL: Final = 12
_PIXELS_PER_TOKEN: Final = 750
_IMAGE_DEFAULT: Final = 1600
_IMAGE_LIMIT: Final = 1600
"""Larger pictures are scaled down before they are read."""
_PDF_BYTES_PER_TOKEN: Final = 25
_PDF_LEAST: Final = 1500
_HEAD_CHARS: Final = 65_536
_READERS: Final = {
    "anthropic": anthropic.read_request,
    "chat": chat.read_request,
    "responses": responses.read_request,
}


def estimate_tokens(format: Format, body: bytes, factor: float = 1.0) -> int:  # noqa: A002
    """The input tokens of a request body, times what was learned of the model.

    ConversionRefused if it cannot be read.
    """
    return math.ceil(tokens_of_request(_READERS[format](body, [])) * factor)


def tokens_of_request(request: Request) -> int:
    """The same for a request that has been read."""
    texts: list[str] = []
    turns = sum(_PER_TURN + sum(_part(part, texts) for part in turn.parts) for turn in request.turns)
    tools = sum(_tool(tool, texts) for tool in request.tools)
    if request.output is not None:
        texts.append(raw_text(request.output.schema))
    return turns + tools + tokens_of_text(" ".join(texts))


def tokens_of_text(text: str) -> int:
    """The tokens of a text."""
    if len(text) <= _SAMPLE_CHARS * _SAMPLES:
        return len(_TOKENS.findall(text)) + sum(map(_gap, _GAPS.findall(text)))
    step = (len(text) - _SAMPLE_CHARS) / (_SAMPLES - 1)
    starts = [round(number * step) for number in range(_SAMPLES)]
    seen = tokens_of_text("".join(text[start : start + _SAMPLE_CHARS] for start in starts))
    return seen * len(text) // (_SAMPLE_CHARS * _SAMPLES)


def _gap(gap: str) -> int:
    return len(gap) // 8 + gap.count("\n") // 2


def _part(part: Part, texts: list[str]) -> int:
    """What a part is beside its texts, which join the others."""
    match part:
        case ToolCall():
            texts += part.name, part.arguments
            return _PER_TURN
        case ToolResult():
            return _PER_TURN + sum(_part(each, texts) for each in part.content)
        case Media():
            return _media(part, texts)
        case Thinking():
            texts.append(part.text)
            return len(part.blob.data) // 8 if part.blob is not None and not part.text else 0
        case WebSearch():
            texts.append(part.query)
            return 0
    texts.append(part.text)
    return 0


def _tool(tool: Tool, texts: list[str]) -> int:
    texts += tool.name, tool.description, raw_text(tool.schema)
    if isinstance(tool.grammar, msgspec.Raw):
        texts.append(raw_text(tool.grammar))
    return _PER_TOOL


def _media(media: Media, texts: list[str]) -> int:
    if media.text:
        texts.append(media.text)
        return 0
    if media.kind == "image":
        return _image(media.data)
    size_bytes = len(media.data) * 3 // 4
    if media.media_type.startswith("text/"):
        return size_bytes // 4
    return max(_PDF_LEAST, size_bytes // _PDF_BYTES_PER_TOKEN)


def _image(data: str) -> int:
    size = _pixels(data)
    return min(_IMAGE_LIMIT, math.ceil(size[0] * size[1] / _PIXELS_PER_TOKEN)) if size else _IMAGE_DEFAULT


def _pixels(data: str) -> tuple[int, int] | None:
    """Width and height from a PNG, GIF or JPEG header."""
    try:
        head = b64decode(data[:_HEAD_CHARS])
        if head.startswith(b"\x89PNG"):
            width, height = unpack(">II", head[16:24])
            return int(width), int(height)
        if head.startswith(b"GIF8"):
            width, height = unpack("<HH", head[6:10])
            return int(width), int(height)
        return _jpeg(head) if head.startswith(b"\xff\xd8") else None
    except (Base64Error, ValueError, StructError):
        return None


def _jpeg(head: bytes) -> tuple[int, int] | None:
    place = 2
    while place + 9 < len(head) and head[place] == 0xFF:
        marker, length = head[place + 1], int.from_bytes(head[place + 2 : place + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = unpack(">HH", head[place + 5 : place + 9])
            return int(width), int(height)
        place += 2 + length
    return None
