"""The text view: long texts, search, growing texts."""

import pytest
from textual.app import App, ComposeResult
from textual.geometry import Region

from cccc_tui.ui.render.cells import Line
from cccc_tui.ui.render.document import Document, json_text, plain_text
from cccc_tui.ui.render.json_lines import indented, json_line
from cccc_tui.ui.themes import completing_variables
from cccc_tui.ui.widgets.text_view import TextView

SIZE = (30, 6)


class TextApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.text = TextView()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return completing_variables(self.current_theme)

    def compose(self) -> ComposeResult:
        yield self.text


def document(first: int, last: int) -> Document:
    return Document(plain_text("\n".join(f"line {number}" for number in range(first, last + 1))))


def shown(view: TextView) -> list[str]:
    return [view.render_line(y).text.rstrip() for y in range(view.size.height)]


@pytest.fixture
async def view():
    app = TextApp()
    async with app.run_test(size=SIZE):
        yield app.text


async def test_it_shows_a_text_from_its_beginning_and_scrolls(view):
    view.show(document(1, 50))
    assert shown(view)[0] == "line 1"
    view.move(3)
    assert shown(view)[0] == "line 4"
    view.page(1)
    assert shown(view)[0] == "line 9"
    view.go(-1)
    assert shown(view)[-1] == "line 50"
    view.go(0)
    assert shown(view)[0] == "line 1"


async def test_only_the_lines_that_differ_are_drawn_again(view, monkeypatch):
    view.show(document(1, 4))
    shown(view)
    repainted: list[Region] = []
    monkeypatch.setattr(view, "refresh", lambda *regions, **_options: repainted.extend(regions))
    view.show(document(1, 4), grows=True)
    assert repainted == []
    view.show(Document(plain_text("line 1\nother\nline 3\nline 4\nline 5")), grows=True)
    assert [region.y for region in repainted] == [1, 4]


async def test_long_lines_go_on_in_the_next_row(view):
    view.show(Document(plain_text("word " * 20)))
    assert "".join(f"{text} " for text in shown(view) if text).split() == ["word"] * 20


async def test_a_text_that_grows_stays_at_its_end_until_it_is_scrolled_up(view):
    view.show(document(1, 20))
    view.follow()
    view.show(document(1, 30), grows=True)
    assert shown(view)[-1] == "line 30"
    view.move(-2)
    view.show(document(1, 40), grows=True)
    assert shown(view)[-1] == "line 28"


async def test_another_text_begins_at_its_top(view):
    view.show(document(1, 20))
    view.go(-1)
    view.show(document(5, 40))
    assert shown(view)[0] == "line 5"


async def test_a_search_counts_its_hits_and_goes_round(view):
    view.show(document(1, 50))
    assert view.search("LINE 1") == 11
    assert view.hit_number == 0
    view.next_hit(-1)
    assert view.hit_number == 10
    assert "line 19" in shown(view)
    view.next_hit()
    assert view.hit_number == 0
    assert "line 1" in shown(view)


async def test_hits_are_drawn_otherwise_and_the_current_one_differs_from_the_others(view):
    view.show(document(1, 3))
    plain = [segment.style for segment in view.render_line(1)]
    view.search("line")
    current, other = (next(iter(view.render_line(y))).style for y in (0, 1))
    assert current != other
    assert other not in plain
    assert current.underline


async def test_a_search_without_a_hit_says_none(view):
    view.show(document(1, 3))
    assert view.search("absent") == 0
    view.next_hit()
    assert view.hit_number == -1


async def test_a_hit_that_is_broken_over_two_rows_is_marked_on_both(view):
    view.show(Document(plain_text("x" * 20 + "needle" + "needle" * 3)))
    view.search("needleneedle")
    assert sum(len(list(view.render_line(y))) > 2 for y in (0, 1)) == 2


async def test_of_five_megabytes_only_the_lines_on_screen_are_ever_coloured(view, monkeypatch):
    item = b'{"role":"user","content":"some text of a message"}'
    body = b"[" + b",".join([item] * 90_000) + b"]"
    assert len(body) > 4_500_000
    painted: list[str] = []

    def counting(text: str) -> Line:
        painted.append(text)
        return json_line(text)

    monkeypatch.setattr("cccc_tui.ui.render.document.json_line", counting)
    view.show(Document(json_text(indented(body))))
    view.go(-1)
    assert shown(view)[-1] == "]"
    assert len(painted) <= 3 * view.size.height


async def test_an_escape_sequence_in_a_text_is_not_sent_to_the_terminal(view):
    view.show(Document(plain_text("a\x1b[2Jb")))
    assert shown(view)[0] == "a·[2Jb"
