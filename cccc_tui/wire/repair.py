"""Tool arguments that are almost JSON (Python dicts, trailing commas), mended after a strict parse failed."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from cccc_tui.wire.model import ConvertOptions
from cccc_tui.wire.parts import encode, json_object

_PYTHON_DICT: Final = re.compile(r"\s*\{\s*'")


def looks_like_python(arguments: str) -> bool:
    """Whether arguments begin as no JSON does, so that their stream is better held and mended."""
    return _PYTHON_DICT.match(arguments) is not None


def may_mend(name: str, options: ConvertOptions) -> bool:
    """Whether the endpoint's rules allow mending this tool's arguments."""
    return "*" in options.repair_tools or name in options.repair_tools


def mended(name: str, arguments: str, options: ConvertOptions, notes: list[str]) -> str:
    """The arguments as a JSON object if there is a way; else as they are."""
    if json_object(arguments) is not None or not may_mend(name, options):
        return arguments or "{}"
    from json_repair import loads  # a rare case: not loaded before it is needed

    try:
        found = loads(arguments)
    except (ValueError, RecursionError):
        return arguments
    if not isinstance(found, dict) or not found:
        return arguments
    try:
        text = encode(found).decode()
    except (msgspec.MsgspecError, TypeError, RecursionError):
        return arguments
    notes.append(f"arguments of {name} were not JSON: repaired")
    return text
