"""Sealed thoughts as they stand in bodies and streams: found without decoding either.

Of Anthropic's thinking the signature, of redacted thinking the data, of OpenAI's reasoning the encrypted content.
"""

from __future__ import annotations

import re
from typing import Final

UNSIGNED: Final = b""
"""The signature of a thought whose maker signs none; Anthropic itself never leaves one empty."""

_LEAST_CHARS: Final = 16
_SEAL: Final = re.compile(
    rb'"(?:signature|encrypted_content|redacted_thinking"\s*,\s*"data)"\s*:\s*"((?:[^"\\]|\\.)*)"'
)


def may_hold_seals(data: bytes) -> bool:
    """Whether there is one in it."""
    return _SEAL.search(data) is not None


def seals_in(data: bytes) -> list[bytes]:
    """The seals in it, in their order; what is too short to be one is left out, an empty signature is not."""
    # One search for all: to look for each word first would take twice as long, in a piece of a stream too.
    return [seal for seal in _SEAL.findall(data) if len(seal) >= _LEAST_CHARS or seal == UNSIGNED]
