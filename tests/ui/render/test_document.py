"""Documents: the painted line always says what the searched one says."""

from cccc_tui.ui.render.cells import Run, plain
from cccc_tui.ui.render.document import Document, json_text, part_of, plain_text, styled

DOCUMENT = Document(
    styled([(Run("Title", "title"), Run(" note", "dim"))]),
    json_text(['{ "a": 1 }']),
    plain_text("x\ty\r\nz\x1b"),
)


def test_sections_follow_each_other():
    assert DOCUMENT.texts == ["Title note", '{ "a": 1 }', "x    y", "z·"]
    assert len(DOCUMENT) == 4


def test_every_line_in_colours_has_the_text_of_the_line():
    assert [plain(DOCUMENT.line(number)) for number in range(len(DOCUMENT))] == DOCUMENT.texts


def test_a_part_of_a_line_keeps_its_tones():
    line = (Run("abc", "ok"), Run("def", "error"))
    assert part_of(line, 2, 4) == (Run("c", "ok"), Run("d", "error"))
    assert part_of(line, 3, 99) == (Run("def", "error"),)
    assert part_of(line, 1, 1) == ()


def test_what_has_not_changed_is_counted_from_the_start():
    assert Document(plain_text("a\nb\nc")).unchanged_lines(Document(plain_text("a\nb\nd\ne"))) == 2
    assert Document().unchanged_lines(DOCUMENT) == 0
