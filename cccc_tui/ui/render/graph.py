"""Numbers over time as a small graph, newest at the right: braille, blocks or ASCII."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Literal

Style = Literal["braille", "block", "ascii"]

_BLOCKS = " ▁▂▃▄▅▆▇█"
_ASCII = " .:-=+*#@"
_DOTS_LEFT = tuple(accumulate((0x40, 0x04, 0x02, 0x01), initial=0))
_DOTS_RIGHT = tuple(accumulate((0x80, 0x20, 0x10, 0x08), initial=0))
"""The dots of half a braille letter, by how many are filled from below."""


def graph_rows(
    values: Sequence[float], width: int, height: int = 1, style: Style = "braille", top: float = 0.0
) -> list[str]:
    """`height` rows of `width` columns; full height is the highest value, or `top`."""
    if width <= 0 or height <= 0:
        return [""] * max(0, height)
    points = buckets(values, width * 2 if style == "braille" else width)
    most = max(top, max(points, default=0.0)) or 1.0
    if style == "braille":
        return _braille([value / most for value in points], width, height)
    return _bars([value / most for value in points], height, _BLOCKS if style == "block" else _ASCII)


def buckets(values: Sequence[float], number: int) -> list[float]:
    """The values summed into so many buckets of equal length, oldest first; missing ones are 0."""
    if len(values) <= number:
        return [0.0] * (number - len(values)) + [float(value) for value in values]
    size, rest = divmod(len(values), number)
    # The oldest few that would make one bucket longer than the others are left out.
    return [float(sum(values[start : start + size])) for start in range(rest, len(values), size)]


def _level(share: float, levels: int) -> int:
    """0 only for nothing: a small value is still seen."""
    return 0 if share <= 0 else max(1, min(levels, round(share * levels)))


def _bars(shares: list[float], height: int, steps: str) -> list[str]:
    fine = len(steps) - 1
    levels = [_level(share, height * fine) for share in shares]
    return [
        "".join(steps[min(fine, max(0, level - row * fine))] for level in levels)
        for row in range(height - 1, -1, -1)
    ]


def _braille(shares: list[float], width: int, height: int) -> list[str]:
    levels = [_level(share, height * 4) for share in shares]
    rows = []
    for row in range(height - 1, -1, -1):
        dots = [min(4, max(0, level - row * 4)) for level in levels]
        halves = zip(dots[::2], dots[1::2], strict=True)
        rows.append("".join(chr(0x2800 + _DOTS_LEFT[left] + _DOTS_RIGHT[right]) for left, right in halves))
    return rows
