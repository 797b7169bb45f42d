"""Counts for the client of an upstream that counts nothing.

Agents decide by the counts of an answer when to compact their conversation: without any they would run into the
end of the model's context. What is made up here is told to the client alone; in our own books it stays unknown.
"""

from __future__ import annotations

import math
from typing import Final

import msgspec

from cccc_tui.wire.model import ConversionRefused, Format, Usage
from cccc_tui.wire.tokens import UNKNOWN_FACTOR, estimate_tokens

NOTE: Final = "the upstream counted no tokens: the client was told an estimate"
_CHARS_PER_TOKEN: Final = 4


def is_counted(usage: Usage, said_chars: int) -> bool:
    """Whether the upstream said what the answer took."""
    prompt = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens
    return prompt > 0 and (usage.output_tokens > 0 or not said_chars)


def estimated(usage: Usage, source: Format, request: bytes, said_chars: int) -> Usage:
    """The usage with an estimate in the place of each count that is missing."""
    prompt = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens
    output = usage.output_tokens or math.ceil(said_chars / _CHARS_PER_TOKEN)
    read = usage.input_tokens if prompt else _prompt(source, request)
    return msgspec.structs.replace(usage, input_tokens=read, output_tokens=output)


def _prompt(source: Format, request: bytes) -> int:
    try:
        return estimate_tokens(source, request, UNKNOWN_FACTOR)
    except ConversionRefused:
        return 0  # it passed in its own format and holds what we do not read
