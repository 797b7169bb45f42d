"""The words that every format shares."""

from __future__ import annotations

from typing import Literal

import msgspec

Format = Literal["anthropic", "chat", "responses"]

FORMATS: tuple[Format, ...] = ("anthropic", "chat", "responses")


class Usage(msgspec.Struct):
    """Tokens of one answer, as the provider counted them."""

    input_tokens: int = 0
    """Prompt tokens that were neither read from nor written to a cache."""
    output_tokens: int = 0
    """Answer tokens, reasoning included."""
    cache_read_tokens: int = 0
    """Prompt tokens served from the provider's cache."""
    cache_write_tokens: int = 0
    """Prompt tokens written to the provider's cache."""
    reasoning_tokens: int = 0
    """The part of the output that was reasoning, where the provider says so."""

    @property
    def total(self) -> int:
        return self.input_tokens + self.output_tokens + self.cache_read_tokens + self.cache_write_tokens
