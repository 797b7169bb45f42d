"""The filter bar."""

from textual.app import App, ComposeResult
from textual.widgets import Static

from cccc_tui.traffic.query import QueryProblem
from cccc_tui.ui.render.cells import line
from cccc_tui.ui.themes import completing_variables
from cccc_tui.ui.widgets.filter_bar import FilterBar, History, pointing


class BarApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.bar = FilterBar("how to filter", "example")
        self.typed: list[str] = []
        self.closed = 0

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return completing_variables(self.current_theme)

    def compose(self) -> ComposeResult:
        yield self.bar

    def on_filter_bar_changed(self, event: FilterBar.Changed) -> None:
        self.typed.append(event.text)

    def on_filter_bar_closed(self) -> None:
        self.closed += 1


def text_of(app: BarApp, selector: str) -> str:
    return str(app.bar.query_one(selector, Static).content)


async def test_it_tells_as_one_types_and_holds_the_text_after_enter():
    app = BarApp()
    async with app.run_test(size=(60, 5)) as pilot:
        app.bar.open()
        await pilot.press("a", "b", "enter")
        assert app.typed == ["a", "ab"]
        assert (app.closed, app.bar.is_open) == (1, False)
        assert text_of(app, "#held").startswith("ab")


async def test_clearing_tells_that_the_filter_is_empty():
    app = BarApp()
    async with app.run_test(size=(60, 5)) as pilot:
        app.bar.open()
        await pilot.press("a")
        app.bar.clear()
        app.bar.close()
        await pilot.pause()
        assert app.typed[-1] == ""
        assert text_of(app, "#held") == "how to filter"


async def test_a_problem_points_at_its_column():
    app = BarApp()
    async with app.run_test(size=(60, 5)):
        app.bar.show_problem(QueryProblem("No such field", 4))
        assert text_of(app, "#problem").index("^") == 3 + 4
        assert app.bar.has_class("-problem")
        app.bar.show_problem(None)
        assert not app.bar.has_class("-problem")


async def test_the_last_filters_come_back_by_the_arrow_keys():
    app = BarApp()
    async with app.run_test(size=(60, 5)) as pilot:
        for text in ("one", "two"):
            app.bar.clear()
            app.bar.open()
            await pilot.press(*text, "enter")
        app.bar.clear()
        app.bar.open()
        await pilot.press("up")
        assert app.bar.text == "two"
        await pilot.press("up")
        assert app.bar.text == "one"
        await pilot.press("down", "down")
        assert app.bar.text == ""


async def test_the_counts_are_always_there():
    app = BarApp()
    async with app.run_test(size=(60, 5)):
        app.bar.show_counts(line("12 of 340"))
        assert text_of(app, "#counts") == "12 of 340"


def test_the_history_keeps_each_filter_once():
    history = History()
    for text in ("a", "b", "a", ""):
        history.add(text)
    assert [history.step(-1), history.step(-1), history.step(-1), history.step(1), history.step(1)] == [
        "a",
        "b",
        "b",
        "a",
        "",
    ]


def test_a_message_that_does_not_fit_behind_its_arrow_stands_below_it():
    problem = QueryProblem("There is no field foo", 40)
    assert pointing(problem, 100).count("\n") == 0
    assert pointing(problem, 60).split("\n") == [" " * 43 + "^", "There is no field foo"]
