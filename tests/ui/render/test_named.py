"""Names and values of a panel."""

from cccc_tui.ui.render.cells import line, plain
from cccc_tui.ui.render.named import Named, named_lines

KNOWN = (
    Named("URL", line("https://relay.example")),
    Named("Last error", line("it asked to wait for a while")),
)


def test_values_stand_below_each_other_behind_the_longest_name():
    assert [plain(each) for each in named_lines(KNOWN)] == [
        "URL         https://relay.example",
        "Last error  it asked to wait for a while",
    ]


def test_a_value_without_room_goes_on_below_its_beginning():
    assert [plain(each).rstrip() for each in named_lines(KNOWN[1:], 26)] == [
        "Last error  it asked to",
        "            wait for a",
        "            while",
    ]


def test_nothing_known_is_no_line():
    assert named_lines(()) == []
