"""Rows of a small list: the selection stays on its row."""

from cccc_tui.ui.render.cells import line
from cccc_tui.ui.widgets.list_rows import ListRows


def rows_of(*names: str) -> ListRows[str]:
    rows: ListRows[str] = ListRows(lambda name: name, lambda name, index, placed: (line(f"{index}{name}"),))
    rows.set_items(names)
    return rows


def test_the_first_row_is_selected_to_begin_with():
    assert rows_of("a", "b").selected == "a"
    assert rows_of().selected is None


def test_the_selection_moves_with_its_row():
    rows = rows_of("a", "b", "c")
    rows.select(1)
    rows.set_items(["x", "c", "b"])
    assert (rows.selected, rows.cursor, rows.index_of("c")) == ("b", 2, 1)


def test_a_row_that_goes_leaves_the_selection_at_its_place():
    rows = rows_of("a", "b", "c")
    rows.select(2)
    rows.set_items(["a", "b"])
    assert rows.selected == "b"
    rows.set_items([])
    assert rows.selected is None
    rows.set_items(["z"])
    assert rows.selected == "z"


def test_following_selects_the_last():
    rows = rows_of("a")
    rows.follow = True
    rows.set_items(["a", "b", "c"])
    assert rows.selected == "c"


def test_a_row_can_be_selected_by_its_key():
    rows = rows_of("a", "b")
    rows.select_key("b")
    rows.select_key("absent")
    assert rows.selected == "b"
    assert rows.row_cells(1, ()) == (line("1b"),)
    assert (rows.row_count, rows.row_key(0)) == (2, "a")
