"""The titles of the parts of a screen."""

from __future__ import annotations

from textual.app import App, ComposeResult

from cccc_tui.ui.widgets.tabs import Tabs


class TabsApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.chosen: list[str] = []

    def compose(self) -> ComposeResult:
        yield Tabs((("one", "First"), ("two", "Second")))

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return {"selection": "#333333", "dim": "#777777"}

    def on_tabs_chosen(self, event: Tabs.Chosen) -> None:
        self.chosen.append(event.name)


async def test_the_shown_part_stands_in_brackets_and_a_click_asks_for_another():
    app = TabsApp()
    async with app.run_test() as pilot:
        tabs = app.query_one(Tabs)
        tabs.show("one", "a note")
        await pilot.pause()
        assert str(tabs.content) == "[First]   Second    a note"
        await pilot.click(Tabs, offset=(12, 0))
        assert app.chosen == ["two"]
