"""The live table: what it draws, what it repaints, and that it holds still."""

from collections.abc import Hashable, Sequence

import pytest
from textual.app import App, ComposeResult
from textual.geometry import Region

from cccc_tui.ui.render.cells import Line, line
from cccc_tui.ui.render.columns import Column, Placed
from cccc_tui.ui.themes import completing_variables
from cccc_tui.ui.widgets.live_table import LiveTable
from cccc_tui.ui.widgets.tones import thumb

COLUMNS = (Column("name", "Name", 6, 1, grow=1, sort="name"), Column("size", "Size", 4, 2, align="right"))


class Rows:
    """Rows that a test changes."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        self.selected: str | None = names[0] if names else None
        self.drawn = 0

    @property
    def row_count(self) -> int:
        return len(self.names)

    @property
    def cursor(self) -> int | None:
        return self.names.index(self.selected) if self.selected in self.names else None

    def select(self, index: int) -> None:
        self.selected = self.names[min(max(index, 0), len(self.names) - 1)]

    def row_key(self, index: int) -> Hashable:
        return self.names[index]

    def index_of(self, key: Hashable) -> int | None:
        return self.names.index(key) if key in self.names else None

    def row_cells(self, index: int, placed: Sequence[Placed]) -> tuple[Line, ...]:
        self.drawn += 1
        return tuple(line(self.names[index] if each.column.id == "name" else str(index)) for each in placed)


class TableApp(App[None]):
    def __init__(self, rows: Rows) -> None:
        super().__init__()
        self.table = LiveTable(rows, COLUMNS)
        self.told: list[tuple[str, object]] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return completing_variables(self.current_theme)

    def compose(self) -> ComposeResult:
        yield self.table

    def on_mount(self) -> None:
        self.table.focus()
        self.table.sync()

    def on_live_table_row_selected(self, event: LiveTable.RowSelected) -> None:
        self.told.append(("selected", event.key))

    def on_live_table_row_opened(self, event: LiveTable.RowOpened) -> None:
        self.told.append(("opened", event.key))

    def on_live_table_sort_asked(self, event: LiveTable.SortAsked) -> None:
        self.told.append(("sort", event.sort))


SIZE = (24, 6)
"""A header and five rows."""


def names(first: int, last: int) -> list[str]:
    return [f"row{number:03}" for number in range(first, last + 1)]


def shown(table: LiveTable) -> list[str]:
    return [table.render_line(y).text.rstrip() for y in range(table.size.height)]


@pytest.fixture
def rows() -> Rows:
    return Rows(names(1, 20))


async def test_it_draws_a_header_the_rows_and_a_mark_at_the_selected_one(rows):
    app = TableApp(rows)
    async with app.run_test(size=SIZE):
        lines = shown(app.table)
        assert lines[0].split() == ["Name", "Size"]
        assert lines[1].startswith("▌ row001")
        assert lines[2].startswith("  row002")
        assert lines[2].endswith("1")


async def test_a_thousand_rows_draw_only_those_on_screen(rows):
    rows.names = names(1, 999)
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        rows.drawn = 0
        app.table.sync()
        assert rows.drawn <= 5


async def test_the_cursor_moves_by_lines_pages_and_to_the_ends(rows):
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        table = app.table
        table.move(1)
        assert rows.selected == "row002"
        table.page(1)
        assert rows.selected == "row006"
        table.go(-1)
        assert (rows.selected, table.top_row) == ("row020", 15)
        table.go(0)
        table.move(-1)
        assert (rows.selected, table.top_row) == ("row001", 0)
        await pilot.pause()
        assert [key for _kind, key in app.told] == ["row002", "row006", "row020", "row001"]


async def test_rows_that_go_above_do_not_move_what_is_looked_at(rows):
    app = TableApp(rows)
    async with app.run_test(size=SIZE):
        app.table.go(12)
        before = shown(app.table)
        rows.names = names(4, 24)
        app.table.sync()
        after = shown(app.table)
        assert [text[:8] for text in after] == [text[:8] for text in before]
        assert after[1:] != before[1:]  # the numbers of the rows have changed


async def test_rows_that_come_above_do_not_move_it_either(rows):
    app = TableApp(rows)
    async with app.run_test(size=SIZE):
        app.table.go(3)
        before = [text[:8] for text in shown(app.table)]
        rows.names = ["newest", *rows.names]
        app.table.sync()
        assert [text[:8] for text in shown(app.table)] == before


async def test_following_scrolls_to_the_selected_row(rows):
    app = TableApp(rows)
    async with app.run_test(size=SIZE):
        rows.names = names(1, 30)
        rows.selected = "row030"
        app.table.sync(follow=True)
        assert shown(app.table)[5].startswith("▌ row030")


async def test_only_lines_that_differ_are_repainted(rows, monkeypatch):
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        repainted: list[Region] = []
        monkeypatch.setattr(app.table, "refresh", lambda *regions, **_options: repainted.extend(regions))
        app.table.sync()
        assert repainted == []
        rows.names[2] = "other3"
        app.table.sync()
        assert [region.y for region in repainted] == [3]


async def test_the_cells_of_a_changed_line_are_made_once(rows):
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        rows.names[2] = "other3"
        rows.drawn = 0
        app.table.sync()
        compared = rows.drawn
        await pilot.pause()
        assert shown(app.table)[3].split() == ["other3", "2"]
        assert rows.drawn == compared + len(rows.names[:5]), (
            "only by the test, which has all lines drawn again"
        )


async def test_a_scroll_bar_that_looks_the_same_is_not_drawn_again(rows, monkeypatch):
    rows.names = names(1, 900)
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        rows.selected = "row900"
        app.table.sync(follow=True)
        await pilot.pause()
        bar = app.table.vertical_scrollbar
        drawn = []
        monkeypatch.setattr(bar, "refresh", lambda *_regions, **_options: drawn.append(thumb(bar)))
        rows.names, rows.selected = names(1, 910), "row910"
        app.table.sync(follow=True)
        assert drawn == []
        assert (bar.window_virtual_size, bar.position) == (911, 905), "what a drag with the mouse goes by"
        app.table.go(450)
        assert drawn


async def test_an_empty_table_takes_keys_without_harm():
    app = TableApp(Rows([]))
    async with app.run_test(size=SIZE):
        app.table.move(1)
        app.table.go(-1)
        app.table.page(1)
        app.table.open()
        assert shown(app.table)[1] == ""
        assert app.told == []


async def test_the_mouse_selects_opens_and_sorts(rows):
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.click(app.table, offset=(5, 3))
        assert rows.selected == "row003"
        await pilot.click(app.table, offset=(5, 3), times=2)
        await pilot.click(app.table, offset=(3, 0))
        await pilot.pause()
        assert ("opened", "row003") in app.told
        assert ("sort", "name") in app.told


async def test_the_header_says_what_it_is_sorted_by(rows):
    app = TableApp(rows)
    async with app.run_test(size=SIZE):
        app.table.set_sort("name", descending=False)
        assert "Name▲" in shown(app.table)[0]
        app.table.set_sort("name", descending=True)
        assert "Name▼" in shown(app.table)[0]


async def test_the_sorted_columns_title_is_whole_in_wide_letters_too(rows, monkeypatch):
    monkeypatch.setattr("cccc_tui.ui.widgets.live_table._", {"Name": "名称", "Size": "大小"}.__getitem__)
    app = TableApp(rows)
    async with app.run_test(size=SIZE):
        app.table.set_sort("name", descending=False)
        assert "名称▲" in shown(app.table)[0]


async def test_the_selected_row_is_marked_by_shape_with_and_without_focus(rows):
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        app.screen.set_focus(None)
        await pilot.pause()
        assert shown(app.table)[1].startswith("▏")


async def test_a_resize_keeps_the_selected_row_on_screen(rows):
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        app.table.go(19)
        await pilot.resize_terminal(14, 4)
        await pilot.pause()
        assert "▌ row020" in "\n".join(shown(app.table))
