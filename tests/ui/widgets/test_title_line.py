"""The title line: where you are, and how to go elsewhere."""

from __future__ import annotations

from cccc_tui.ui.keys import Keymap, read_keymap
from cccc_tui.ui.widgets.title_line import PLACES, title_content

DEFAULT = Keymap({}, ())


def test_every_place_stands_with_its_key():
    shown = title_content("log", ("Log",), DEFAULT, 80).plain
    assert shown.rstrip() == "cccc  1 Overview  2 Requests  3 Endpoints  4 Log  5 Facts"


def test_it_fits_the_smallest_terminal():
    assert title_content("log", ("Log",), DEFAULT, 58).cell_length <= 58


def test_a_detail_adds_its_breadcrumbs_at_the_right():
    shown = title_content("requests", ("Requests", "#42"), DEFAULT, 80).plain
    assert shown.endswith("Requests › #42")
    assert len(shown) == 80


def test_breadcrumbs_without_room_are_left_out():
    assert "#42" not in title_content("requests", ("Requests", "#42"), DEFAULT, 58).plain


def test_the_place_is_marked_by_more_than_colour():
    marked = title_content("requests", (), DEFAULT, 80)
    styles = {str(span.style) for span in marked.spans if marked.plain[span.start : span.end] == "Requests"}
    assert any("underline" in style for style in styles)


def test_a_changed_key_is_shown():
    assert "0 Log" in title_content("log", (), read_keymap({"app.log": "0"}), 80).plain


async def test_a_click_on_a_place_goes_there(make_app):
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        await pilot.click(
            "TitleLine", offset=(title_content("overview", (), DEFAULT, 98).plain.index("Log") + 1, 0)
        )
        await pilot.pause()
        assert app.current_mode == "log"
    assert PLACES == ("overview", "requests", "endpoints", "log", "facts")
