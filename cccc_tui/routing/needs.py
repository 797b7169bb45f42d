"""What a request needs of an endpoint, found cheaply: its size in tokens, whether it shows images or wants the web.

Nothing here reads the whole conversation: sizes are taken from the bytes, and of the body only patterns that cannot
stand inside a JSON string (there, quotes are escaped) are looked for.
"""

from __future__ import annotations

import re
from typing import Any, Final

_BYTES_PER_TOKEN: Final = 4
_IMAGE_TOKENS: Final = 1600
_IMAGE: Final = re.compile(rb'"type"\s*:\s*"(?:image|input_image|image_url)"')
_BINARY: Final = re.compile(rb"[A-Za-z0-9+/=]{2048,}")
"""Base64 of pictures and documents, which is no text to count."""


def has_images(body: bytes) -> bool:
    return _IMAGE.search(body) is not None


def estimated_tokens(body: bytes) -> int:
    """About how many input tokens the body is; for limits and thresholds, not for budgets."""
    if len(body) < 4096:
        return len(body) // _BYTES_PER_TOKEN
    binary = [match.end() - match.start() for match in _BINARY.finditer(body)]
    return (len(body) - sum(binary)) // _BYTES_PER_TOKEN + len(binary) * _IMAGE_TOKENS


def asks_web_search(tools: Any, options: Any) -> bool:
    """Whether the provider is to search the web: a built-in tool of that name, or Chat's `web_search_options`.

    Codex lists its tool with `external_web_access: false` where nothing is to be fetched.
    """
    if options is not None:
        return True
    return isinstance(tools, list) and any(
        isinstance(tool, dict)
        and str(tool.get("type", "")).startswith("web_search")
        and tool.get("external_web_access") is not False
        for tool in tools
    )
