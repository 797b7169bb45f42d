"""Every tone has a colour of the theme, and a theme that changes changes it."""

from typing import get_args

from textual.app import App, ComposeResult

from cccc_tui.ui.render.cells import Run, Tone, line
from cccc_tui.ui.themes import completing_variables
from cccc_tui.ui.widgets.tones import STYLES, LineView, content, contents


class ToneApp(App[None]):
    def get_theme_variable_defaults(self) -> dict[str, str]:
        return completing_variables(self.current_theme)

    def compose(self) -> ComposeResult:
        yield LineView()


def test_every_tone_names_a_variable_and_no_colour():
    assert set(STYLES) == set(get_args(Tone))
    assert all("$" in style and "#" not in style for style in STYLES.values())


def test_text_with_brackets_is_no_markup():
    assert content(line("/v1/[bold]x")).plain == "/v1/[bold]x"
    assert contents([line("a"), (Run("b"), Run("c", "ok"))]).plain == "a\nbc"


async def test_every_tone_can_be_drawn_and_follows_the_theme():
    app = ToneApp()
    async with app.run_test() as pilot:
        view = app.query_one(LineView)
        before = {tone: view.style_of(style) for tone, style in STYLES.items()}
        assert all(style.color is not None for style in before.values())
        app.theme = "textual-light"
        await pilot.pause()
        assert view.style_of(STYLES["plain"]) != before["plain"]


def test_our_own_signs_have_ascii_forms_and_texts_of_others_stay():
    assert content(line("a → b … – 中文"), ascii_only=True).plain == "a > b ~ - 中文"
