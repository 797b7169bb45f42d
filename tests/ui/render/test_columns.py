"""Columns by width."""

from hypothesis import given, settings
from hypothesis import strategies as st

from cccc_tui.ui.render import endpoint_row, exchange_row, notice_row
from cccc_tui.ui.render.columns import GAP, Column, place

COLUMNS = (Column("a", "A", 8, 2), Column("b", "B", 10, 1, grow=2, most=20), Column("c", "C", 5, 3, grow=1))


def ids(width: int) -> list[str]:
    return [each.column.id for each in place(COLUMNS, width)]


def test_the_important_columns_come_first_and_keep_their_order():
    assert ids(10) == ["b"]
    assert ids(19) == ["a", "b"]
    assert ids(25) == ["a", "b", "c"]


def test_one_column_is_shown_however_narrow_it_is():
    assert ids(1) == ["b"]


def test_what_is_left_goes_to_the_growing_columns_up_to_their_most():
    widths = {each.column.id: each.width for each in place(COLUMNS, 60)}
    assert widths == {"a": 8, "b": 20, "c": 30}


@settings(deadline=None, max_examples=50)
@given(
    st.sampled_from(
        [exchange_row.COLUMNS, endpoint_row.COLUMNS, endpoint_row.SHORT_COLUMNS, notice_row.COLUMNS]
    ),
    st.integers(20, 250),
)
def test_real_columns_never_overflow(columns, width):
    placed = place(columns, width)
    assert sum(each.width for each in placed) + GAP * (len(placed) - 1) <= max(width, 20)


def test_sixty_columns_still_show_who_how_and_how_long():
    shown = {each.column.id for each in place(exchange_row.COLUMNS, 58)}
    assert {"state", "model", "time", "client"} <= shown
