"""JSON as indented lines, and one such line in colours: only the lines on screen are ever coloured."""

from __future__ import annotations

import re

import msgspec

from cccc_tui.ui.render.cells import Line, Run, Tone, safe

_PARTS = re.compile(
    r'(?P<key>"(?:[^"\\]|\\.)*")(?=\s*:)|(?P<string>"(?:[^"\\]|\\.)*"?)'
    r"|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<literal>\btrue\b|\bfalse\b|\bnull\b)"
)
_TONES: dict[str, Tone] = {"key": "key", "string": "plain", "number": "number", "literal": "literal"}


def indented(body: bytes) -> list[str] | None:
    """The lines of a JSON document, two spaces a level; None when it is not JSON."""
    try:
        text = msgspec.json.format(body, indent=2).decode("utf-8")
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return text.split("\n")


def json_line(text: str) -> Line:
    """One line of indented JSON in colours."""
    runs: list[Run] = []
    done = 0
    for match in _PARTS.finditer(text):
        if match.start() > done:
            runs.append(Run(safe(text[done : match.start()]), "dim"))
        runs.append(Run(safe(match[0]), _TONES[match.lastgroup or "string"]))
        done = match.end()
    if done < len(text):
        runs.append(Run(safe(text[done:]), "dim"))
    return tuple(runs)
