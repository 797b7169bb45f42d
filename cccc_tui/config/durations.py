"""Durations as the CCCC family writes them: `30s`, `5m`, `1h30m`, `250ms`, or a plain number of seconds."""

from __future__ import annotations

import math
import re

_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)")


def read_seconds(text: str) -> float | None:
    """Seconds, negative ones included; None when `text` is no duration."""
    sign, digits = (-1.0, text[1:]) if text.startswith("-") else (1.0, text.removeprefix("+"))
    seconds = _number(digits) if re.fullmatch(r"[0-9.]+", digits) else _parts(digits)
    return None if seconds is None else sign * seconds


def _number(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) else None


def _parts(text: str) -> float | None:
    if not text or _PART.sub("", text):
        return None
    return math.fsum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(text))
