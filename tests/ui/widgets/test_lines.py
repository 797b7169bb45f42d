"""Lines: shown anew only when they differ, laid out anew only when their number changes."""

from textual.app import App, ComposeResult

from cccc_tui.ui.render.cells import line
from cccc_tui.ui.widgets.lines import Lines


class LinesApp(App[None]):
    def compose(self) -> ComposeResult:
        yield Lines()


async def test_the_same_lines_cost_nothing_and_a_new_number_of_them_a_layout(monkeypatch):
    app = LinesApp()
    async with app.run_test():
        lines = app.query_one(Lines)
        updates: list[bool] = []
        monkeypatch.setattr(lines, "update", lambda _content, *, layout: updates.append(layout))
        lines.show([line("a")])
        lines.show([line("a")])
        lines.show([line("b")])
        lines.show([line("b"), line("c")])
        assert updates == [True, False, True]
        assert lines.text == "b\nc"
