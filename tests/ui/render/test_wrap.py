"""Rows of long lines: nothing lost, nothing too wide, and going on where the text went on."""

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from cccc_tui.ui.render.wrap import Rows, breaks

LINES = st.lists(st.text(alphabet="ab  中🙂é", max_size=60), max_size=12)


def rows_of(texts: list[str], width: int) -> Rows:
    rows = Rows(width)
    rows.set_lines(texts)
    return rows


@settings(deadline=None, max_examples=50)
@given(LINES, st.integers(2, 20))
def test_every_character_is_on_one_row_that_fits(texts, width):
    rows = rows_of(texts, width)
    shown: dict[int, str] = {}
    for row in (rows[number] for number in range(len(rows))):
        part = texts[row.line][row.start : row.end]
        assert cell_len(part) <= width
        shown[row.line] = shown.get(row.line, "") + part
    assert [shown[number] for number in range(len(texts))] == texts


@settings(deadline=None, max_examples=50)
@given(LINES, LINES, st.integers(2, 20))
def test_going_on_gives_the_same_rows_as_beginning_anew(first, second, width):
    rows = rows_of([*first, "x"], width)
    rows.set_lines(first + second, unchanged=len(first))
    anew = rows_of(first + second, width)
    assert [rows[i] for i in range(len(rows))] == [anew[i] for i in range(len(anew))]


def test_a_line_breaks_after_a_space_where_there_is_one():
    assert [("the quick brown fox")[a:b] for a, b in breaks("the quick brown fox", 10)] == [
        "the quick ",
        "brown fox",
    ]


def test_a_character_is_found_on_its_row():
    rows = rows_of(["short", "x" * 25], 10)
    assert [rows.row_of(0), rows.row_of(1, 0), rows.row_of(1, 12), rows.row_of(1, 24)] == [0, 1, 2, 3]


def test_a_monster_line_of_wide_characters_still_fits():
    text = "中" * 30_000
    assert max(cell_len(text[a:b]) for a, b in breaks(text, 80)) <= 80
