"""A notice as the cells of one row, and as its whole text."""

from __future__ import annotations

from collections.abc import Sequence

from cccc_tui.locales import N_
from cccc_tui.traffic.notices import Notice
from cccc_tui.ui.render import numbers
from cccc_tui.ui.render.cells import Line, Run, cut_end, line, safe
from cccc_tui.ui.render.columns import Column, Placed
from cccc_tui.ui.render.glyphs import Glyphs
from cccc_tui.ui.render.status import level_mark

COLUMNS: tuple[Column, ...] = (
    Column("at", N_("Time"), 8, 3),
    Column("level", N_("Level"), 7, 2),
    Column("source", N_("Source"), 9, 4),
    Column("text", N_("Text"), 20, 1, grow=1),
)


def notice_cells(notice: Notice, placed: Sequence[Placed], glyphs: Glyphs) -> tuple[Line, ...]:
    """One line per column."""
    mark = level_mark(notice.level, glyphs)
    cells = {
        "at": line(numbers.clock(notice.at), "dim"),
        "level": (mark.run,),
        "source": line(safe(notice.source), "key"),
        "text": line(safe(notice.text.replace("\n", " ")), "plain" if mark.tone == "plain" else mark.tone),
    }
    return tuple(
        line(cut_end(cells["text"][0].text, each.width), cells["text"][0].tone)
        if each.column.id == "text"
        else cells[each.column.id]
        for each in placed
    )


def notice_lines(notice: Notice, glyphs: Glyphs) -> list[Line]:
    """The whole text, which the view wraps."""
    head: Line = (
        level_mark(notice.level, glyphs).run,
        Run(f"  {numbers.moment(notice.at)}  ", "dim"),
        Run(safe(notice.source), "key"),
    )
    return [head, *((Run(safe(text)),) for text in notice.text.split("\n"))]


def notice_text(notice: Notice) -> str:
    """One notice as it is copied."""
    return f"{numbers.moment(notice.at)} {notice.level} {notice.source}: {notice.text}"
