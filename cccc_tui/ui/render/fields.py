"""The settings of a form as rows of a list: what it is, what it is now, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cccc_tui.locales import N_
from cccc_tui.ui.render.cells import Line, Run, fit, line, safe
from cccc_tui.ui.render.columns import Column, Placed
from cccc_tui.ui.render.glyphs import Glyphs

COLUMNS: tuple[Column, ...] = (
    Column("label", N_("Setting"), 20, 1),
    Column("value", N_("Value"), 20, 2, grow=1),
)


class Field(NamedTuple):
    """One setting of a form; all texts are translated."""

    id: str
    label: str
    shown: str
    """Its value for people, never a secret."""
    help: str
    """A sentence for when it is selected and asked for."""
    is_set: bool = True
    """Whether it says more than its default."""
    problem: str = ""
    """Why it cannot be used as it is."""
    warns: bool = False
    """Whether the problem is only a warning."""


def field_cells(field: Field, placed: Sequence[Placed], glyphs: Glyphs) -> tuple[Line, ...]:
    """One line per column; a problem stands behind the value, with its mark."""
    value: Line = line(safe(field.shown), "plain" if field.is_set else "dim")
    if field.problem:
        mark, tone = (glyphs.refused, "warn") if field.warns else (glyphs.failed, "error")
        value = (*value, Run(f"  {mark} {safe(field.problem)}", "warn" if tone == "warn" else "error"))
    cells: dict[str, Line] = {"label": line(field.label, "key"), "value": value}
    return tuple(fit(cells[each.column.id], each.width) for each in placed)


def help_lines(field: Field | None, glyphs: Glyphs) -> list[Line]:
    """The selected field's sentence, and its problem in full."""
    if field is None:
        return []
    lines: list[Line] = []
    if field.problem:
        mark = glyphs.refused if field.warns else glyphs.failed
        tone: Line = (Run(f"{mark} {safe(field.problem)}", "warn" if field.warns else "error"),)
        lines.append(tone)
    return [*lines, (Run(field.help, "dim"),)]
