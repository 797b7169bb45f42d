"""The token counts of an answer, read from each format's own `usage` into ours.

The OpenAI formats count cached tokens inside the input and Anthropic beside it; ours stand beside it. All
formats send running totals, so a later count replaces an earlier one. A zero never replaces: some providers
fill the fields of one event and send zeros in the other.
"""

from __future__ import annotations

import msgspec

from cccc_tui.wire.model import Usage


class AnthropicOutputDetails(msgspec.Struct):
    thinking_tokens: int | None = None


class AnthropicUsage(msgspec.Struct):
    """`usage` of `message_start`, `message_delta` and of a whole message."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    output_tokens_details: AnthropicOutputDetails | None = None

    def book(self, usage: Usage) -> None:
        """Takes these counts over."""
        details = self.output_tokens_details
        usage.input_tokens = self.input_tokens or usage.input_tokens
        usage.output_tokens = self.output_tokens or usage.output_tokens
        usage.cache_read_tokens = self.cache_read_input_tokens or usage.cache_read_tokens
        usage.cache_write_tokens = self.cache_creation_input_tokens or usage.cache_write_tokens
        usage.reasoning_tokens = (details and details.thinking_tokens) or usage.reasoning_tokens


class InputDetails(msgspec.Struct):
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None


class OutputDetails(msgspec.Struct):
    reasoning_tokens: int | None = None


class OpenAIUsage(msgspec.Struct):
    """`usage` of Chat Completions (`prompt_tokens`) and Responses (`input_tokens`), dialects included."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: InputDetails | None = None
    completion_tokens_details: OutputDetails | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    input_tokens_details: InputDetails | None = None
    output_tokens_details: OutputDetails | None = None
    prompt_cache_hit_tokens: int | None = None
    """DeepSeek's name for the cached tokens."""
    cached_tokens: int | None = None
    """Moonshot's."""

    def book(self, usage: Usage) -> None:
        """Takes these counts over."""
        prompt = self.prompt_tokens or self.input_tokens or 0
        inside = self.prompt_tokens_details or self.input_tokens_details or InputDetails()
        outside = self.completion_tokens_details or self.output_tokens_details or OutputDetails()
        read = inside.cached_tokens or self.prompt_cache_hit_tokens or self.cached_tokens or 0
        write = inside.cache_write_tokens or 0
        if prompt:
            usage.input_tokens = max(0, prompt - read - write)
            usage.cache_read_tokens, usage.cache_write_tokens = read, write
        usage.output_tokens = self.completion_tokens or self.output_tokens or usage.output_tokens
        usage.reasoning_tokens = outside.reasoning_tokens or usage.reasoning_tokens
