"""The graph widget: caption, peak and as many rows as it is high."""

from textual.app import App, ComposeResult
from textual.geometry import Region

from cccc_tui.ui.render.cells import line
from cccc_tui.ui.themes import completing_variables
from cccc_tui.ui.widgets.graph import Graph


class GraphApp(App[None]):
    def get_theme_variable_defaults(self) -> dict[str, str]:
        return completing_variables(self.current_theme)

    def compose(self) -> ComposeResult:
        yield Graph(style="block")


def drawn(graph: Graph) -> list[str]:
    return [graph.render_line(y).text for y in range(graph.size.height)]


async def test_it_draws_its_caption_above_its_rows():
    app = GraphApp()
    async with app.run_test(size=(10, 5)):
        graph = app.query_one(Graph)
        graph.show([0] * 9 + [4], line("req"), line("9"))
        assert drawn(graph) == [
            "req    9",
            "       █",
            "▁▁▁▁▁▁▁█",
        ]


async def test_a_caption_of_wide_letters_stays_on_one_line():
    app = GraphApp()
    async with app.run_test(size=(18, 5)):
        graph = app.query_one(Graph)
        graph.show([0], line("请求"), line("15 分钟"))
        assert drawn(graph)[0] == "请求     15 分钟"


async def test_numbers_that_look_the_same_are_not_drawn_again(monkeypatch):
    app = GraphApp()
    async with app.run_test(size=(10, 5)) as pilot:
        graph = app.query_one(Graph)
        graph.show([5_000, 10_000], line("req"))
        await pilot.pause()
        repainted: list[Region] = []
        monkeypatch.setattr(graph, "refresh", lambda *regions: repainted.extend(regions))
        graph.show([5_000, 10_000], line("req"))
        graph.show([5_000, 10_001], line("req"))
        assert repainted == []
        graph.show([5_000, 10_001], line("requests"))
        assert [region.y for region in repainted] == [0]
        graph.show([5_000, 40_000], line("requests"))
        assert len(repainted) > 1
