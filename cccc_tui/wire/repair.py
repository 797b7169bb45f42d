"""Tool arguments that are almost JSON, mended after a strict parse failed.

First as what models mostly write then, a Python dict, which is read exactly; then by a parser that guesses what is
missing (trailing commas, open brackets, bare words).
"""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Callable
from typing import Any, Final

import msgspec

from cccc_tui.wire.model import ConvertOptions
from cccc_tui.wire.parts import encode, json_object

REPAIRED: Final = "repaired"
_PYTHON_DICT: Final = re.compile(r"\s*\{\s*'")


def looks_like_python(arguments: str) -> bool:
    """Whether arguments begin as no JSON does, so that their stream is better held and mended."""
    return _PYTHON_DICT.match(arguments) is not None


def may_mend(name: str, options: ConvertOptions) -> bool:
    """Whether the endpoint's rules allow mending this tool's arguments."""
    return options.repair_attempts > 0 and ("*" in options.repair_tools or name in options.repair_tools)


def unmended(options: ConvertOptions) -> ConvertOptions:
    """The options for an answer that was cut off: half a call that was closed would be taken for a whole one."""
    return msgspec.structs.replace(options, repair_attempts=0)


def mended_note(name: str) -> str:
    """What the exchange's notes say of it."""
    return f"arguments of {name} were not JSON: {REPAIRED}"


def mended(name: str, arguments: str, options: ConvertOptions, notes: list[str]) -> str:
    """The arguments as a JSON object if there is a way; else as they are."""
    if json_object(arguments) is not None or not may_mend(name, options):
        return arguments or "{}"
    for way in (_as_python, _guessed)[: options.repair_attempts]:
        text = _as_json(way, arguments)
        if text:
            notes.append(mended_note(name))
            return text
    return arguments


def as_python(text: str) -> str:
    """What a Python literal of an object says, as JSON; empty when it is none."""
    return _as_json(_as_python, text)


def _as_json(way: Callable[[str], Any], arguments: str) -> str:
    """The object that this way finds, as JSON; empty if it finds none."""
    try:
        found = way(arguments)
        return encode(found).decode() if isinstance(found, dict) and found else ""
    # A text can be wrong in every way that Python knows: what cannot be read or said again is not mended.
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError, msgspec.MsgspecError):
        return ""


def _as_python(arguments: str) -> Any:
    return literal_eval(arguments.strip())


def _guessed(arguments: str) -> Any:
    from json_repair import loads  # a rare case: not loaded before it is needed

    return loads(arguments)
