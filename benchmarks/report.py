"""The results as a table and as JSON, and a warning where the machine was not ours alone."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import psutil

from benchmarks.results import Result

FOLDER = Path(__file__).parent / "results"
MAX_LOAD = 1.0
"""Of others, at the start: a core for the servers and one for the load are two."""
MAX_STEAL = 0.02
"""Share of the time that the machine's host took for others."""


class Report(msgspec.Struct, kw_only=True):
    """One run, whole."""

    machine: dict[str, Any]
    effort: dict[str, float]
    warnings: list[str]
    results: list[Result]


def write(report: Report, path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(report)) + b"\n")


def read(path: Path) -> Report:
    return msgspec.json.decode(path.read_bytes(), type=Report)


def machine() -> dict[str, Any]:
    return {"python": platform.python_version(), "system": platform.platform(), "cores": os.cpu_count()}


def table(results: Sequence[Result]) -> str:
    """One line a result; a note of a result stands under it."""
    rows = [_row(result) for result in results]
    widths = [max(len(row[column]) for row in (_HEAD, *rows)) for column in range(len(_HEAD))]
    lines = [_line(_HEAD, widths), "─" * (sum(widths) + 2 * len(widths))]
    for result, row in zip(results, rows, strict=True):
        lines.append(_line(row, widths))
        if result.note:
            lines.append(f"    {result.note}")
    return "\n".join(lines)


_HEAD = ("case", "work", "value", "by CPU", "", "target", "")


def _row(result: Result) -> tuple[str, ...]:
    met = {None: "", True: "met", False: "NOT MET"}[result.is_met]
    return (
        result.name,
        result.title,
        number(result.value),
        number(result.cpu),
        result.what,
        result.target,
        met,
    )


def number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.0f}"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    is_number = (False, False, True, True, False, False, False)
    return "  ".join(
        cell.rjust(width) if right else cell.ljust(width)
        for cell, width, right in zip(cells, widths, is_number, strict=True)
    ).rstrip()


class Disturbance:
    """Whether others use the machine, from the beginning of a run to its end."""

    def __init__(self) -> None:
        self._load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
        self._before = psutil.cpu_times()

    def warnings(self) -> list[str]:
        found = []
        if self._load > MAX_LOAD:
            found.append(
                f"Others used this machine when the run began (load {self._load:.1f}): trust the CPU column."
            )
        steal = self._steal()
        if steal > MAX_STEAL:
            found.append(f"The host took {steal:.0%} of the time for others: absolute figures are too low.")
        return found

    def _steal(self) -> float:
        after = psutil.cpu_times()
        taken = getattr(after, "steal", 0.0) - getattr(self._before, "steal", 0.0)
        return float(taken / max(1e-9, sum(after) - sum(self._before)))
