"""Lines: shown anew only when they differ, as high as they are many."""

from textual.app import App, ComposeResult

from cccc_tui.ui.render.cells import line
from cccc_tui.ui.themes import completing_variables
from cccc_tui.ui.widgets.lines import Lines


class LinesApp(App[None]):
    def get_theme_variable_defaults(self) -> dict[str, str]:
        return completing_variables(self.current_theme)

    def compose(self) -> ComposeResult:
        yield Lines()


async def test_the_same_lines_cost_nothing_and_it_is_as_high_as_they_are_many(monkeypatch):
    app = LinesApp()
    async with app.run_test(size=(10, 5)) as pilot:
        lines = app.query_one(Lines)
        updates: list[str] = []
        real = lines.update
        monkeypatch.setattr(
            lines,
            "update",
            lambda content, *, layout: (updates.append(content.plain), real(content, layout=layout)),
        )
        lines.show([line("a")])
        lines.show([line("a")])
        lines.show([line("b" * 40), line("c")])
        await pilot.pause()
        assert updates == ["a", "b" * 40 + "\nc"]
        assert lines.size.height == 2
        assert lines.text == "b" * 40 + "\nc"
