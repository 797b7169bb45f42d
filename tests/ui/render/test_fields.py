"""Fields of a form as rows."""

from cccc_tui.ui.render.cells import plain
from cccc_tui.ui.render.columns import place
from cccc_tui.ui.render.fields import COLUMNS, Field, field_cells, help_lines
from cccc_tui.ui.render.glyphs import ASCII, UNICODE


def test_a_problem_stands_behind_the_value_with_a_mark_of_its_weight():
    placed = place(COLUMNS, 60)
    wrong = Field("url", "URL", "x.example", "The base URL.", problem="has no scheme")
    label, value = (plain(line).strip() for line in field_cells(wrong, placed, UNICODE))
    assert (label, value) == ("URL", "x.example  ✗ has no scheme")
    warned = wrong._replace(warns=True)
    assert plain(field_cells(warned, placed, ASCII)[1]).strip() == "x.example  ! has no scheme"


def test_the_help_says_the_problem_first_and_nothing_for_no_field():
    field = Field("url", "URL", "x", "The base URL.", problem="has no scheme")
    assert [plain(line) for line in help_lines(field, UNICODE)] == ["✗ has no scheme", "The base URL."]
    assert help_lines(None, UNICODE) == []
