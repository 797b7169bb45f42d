"""The row of a notice."""

from cccc_tui.traffic.notices import Notice
from cccc_tui.ui.render.cells import plain
from cccc_tui.ui.render.columns import place
from cccc_tui.ui.render.glyphs import UNICODE
from cccc_tui.ui.render.notice_row import COLUMNS, notice_cells, notice_lines, notice_text

NOTICE = Notice(7, 1767323045.0, "error", "config", "line one\x1b[2J\nline two")


def test_a_row_is_one_line_and_safe():
    cells = [plain(line) for line in notice_cells(NOTICE, place(COLUMNS, 78), UNICODE)]
    assert cells == ["03:04:05", "✗ error", "config", "line one·[2J line two"]


def test_the_whole_text_keeps_its_lines():
    assert [plain(line) for line in notice_lines(NOTICE, UNICODE)][1:] == ["line one·[2J", "line two"]


def test_a_copy_says_when_and_who():
    assert notice_text(NOTICE).startswith("2026-01-02 03:04:05 error config: line one")
