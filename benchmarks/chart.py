"""Bar charts as SVG: one bar a result, a mark where its target is. Written by hand, since it is one shape."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from benchmarks.report import number
from benchmarks.results import Result
from benchmarks.targets import TARGETS

WIDTH, LABELS, VALUES = 820, 300, 70
ROW, BAR, TOP, MARGIN = 30, 16, 64, 16
MET, MISSED, PLAIN = "#2da44e", "#d1902f", "#6e8bb5"
_FONT = "font-family='system-ui, sans-serif'"


def bars(title: str, subtitle: str, results: Sequence[Result]) -> str:
    """The values of the results that have one, each as long as its share of the largest."""
    shown = [result for result in results if result.value is not None]
    largest = max((max(_value(result), _bound(result)) for result in shown), default=1.0)
    scale = (WIDTH - LABELS - VALUES - MARGIN) / largest
    rows = "".join(_row(result, TOP + index * ROW, scale) for index, result in enumerate(shown))
    height = TOP + len(shown) * ROW + MARGIN
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{WIDTH}' height='{height}' "
        f"viewBox='0 0 {WIDTH} {height}' role='img' aria-label='{escape(title, quote=True)}'>"
        f"<rect width='{WIDTH}' height='{height}' rx='8' fill='#ffffff'/>"
        + _text(MARGIN, 28, title, size=17, weight=600)
        + _text(MARGIN, 48, subtitle, colour="#57606a")
        + rows
        + "</svg>\n"
    )


def _row(result: Result, top: int, scale: float) -> str:
    length = _value(result) * scale
    colour = {None: PLAIN, True: MET, False: MISSED}[result.is_met]
    bar = f"<rect x='{LABELS}' y='{top}' width='{length:.1f}' height='{BAR}' rx='3' fill='{colour}'/>"
    mark = _bound(result) * scale
    end = length if mark > length + VALUES else max(length, mark)
    label = _text(MARGIN, top + BAR - 3, result.title)
    value = _text(LABELS + end + 8, top + BAR - 3, number(result.value), weight=600)
    return label + bar + _mark(result, top, scale) + value


def _mark(result: Result, top: int, scale: float) -> str:
    """A line across the bar where the target is."""
    if result.name not in TARGETS:
        return ""
    x = LABELS + _bound(result) * scale
    return f"<line x1='{x:.1f}' x2='{x:.1f}' y1='{top - 4}' y2='{top + BAR + 4}' stroke='#24292f' stroke-width='2'/>"


def _value(result: Result) -> float:
    return result.value or 0.0


def _bound(result: Result) -> float:
    return TARGETS[result.name].bound if result.name in TARGETS else 0.0


def _text(x: float, y: float, text: str, size: int = 13, weight: int = 400, colour: str = "#24292f") -> str:
    return (
        f"<text x='{x:.1f}' y='{y}' {_FONT} font-size='{size}' font-weight='{weight}' "
        f"fill='{colour}'>{escape(text)}</text>"
    )
