"""Cells: every width is the width on screen, and nothing reaches the terminal that it would obey."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cccc_tui.ui.render import cells
from cccc_tui.ui.render.cells import Run

TEXT = st.text(alphabet="ab 中文字é\t\x1b\u202e🙂", max_size=30)


@settings(deadline=None, max_examples=50)
@given(TEXT, st.integers(0, 20), st.sampled_from(["left", "right"]))
def test_a_fitted_line_has_exactly_the_width(text, columns, align):
    line = (Run(cells.safe(text)), Run("tail", "dim"))
    assert cells.width(cells.fit(line, columns, align)) == columns


@settings(deadline=None, max_examples=50)
@given(TEXT, st.integers(0, 20))
def test_a_cut_text_is_never_wider_than_asked(text, columns):
    text = cells.safe(text)
    assert cells.cell_width(cells.cut_end(text, columns)) <= columns
    assert cells.cell_width(cells.cut_middle(text, columns)) <= columns


@pytest.mark.parametrize(
    ("text", "columns", "shown"),
    [
        ("claude-opus-4-5", 15, "claude-opus-4-5"),
        ("claude-opus-4-5", 11, "claud…s-4-5"),
        ("中文模型名称", 7, "中…名称"),
    ],
)
def test_a_name_is_cut_in_its_middle(text, columns, shown):
    assert cells.cut_middle(text, columns) == shown


def test_numbers_stand_at_the_right():
    assert cells.plain(cells.fit(cells.line("42"), 5, "right")) == "   42"


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=50))
def test_a_safe_text_has_no_control_in_it(text):
    shown = cells.safe(text)
    assert not any(
        ord(letter) < 32 or 0x7F <= ord(letter) < 0xA0 or letter in "\u202e\u2066" for letter in shown
    )


def test_an_escape_sequence_is_shown_and_not_obeyed():
    assert cells.safe("a\x1b[31mb") == "a·[31mb"
