"""The panel: its title marks the focus by shape, and its place can say why it is empty."""

from textual.app import App, ComposeResult
from textual.widgets import Input

from cccc_tui.ui.themes import completing_variables
from cccc_tui.ui.widgets.panel import Panel


class PanelApp(App[None]):
    AUTO_FOCUS = None

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return completing_variables(self.current_theme)

    def compose(self) -> ComposeResult:
        yield Panel("Title", Input())


async def test_the_title_fills_its_line_and_marks_the_focus():
    app = PanelApp()
    async with app.run_test(size=(30, 6)) as pilot:
        title = app.query_one(Panel).title_line
        title.show(note="note")
        assert title.render().plain == "── Title ───────────── note ──"
        app.query_one(Input).focus()
        await pilot.pause()
        assert title.render().plain.startswith("▌─ Title")
        app.screen.set_focus(None)
        await pilot.pause()
        assert title.render().plain.startswith("── Title")


async def test_an_empty_place_says_why():
    app = PanelApp()
    async with app.run_test(size=(30, 6)):
        panel = app.query_one(Panel)
        panel.show_empty("Nothing yet.")
        assert panel.has_class("-empty")
        panel.show_empty("")
        assert not panel.has_class("-empty")
