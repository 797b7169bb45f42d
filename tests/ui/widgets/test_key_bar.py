"""The key bar: few keys, each whole."""

from __future__ import annotations

import pytest

from cccc_tui.ui.keys import Keymap, read_keymap
from cccc_tui.ui.widgets.key_bar import MAX_HINTS, Hint, fitting, hints_of, key_content

DEFAULT = Keymap({}, ())
HINTS = [
    Hint("enter", "Open", "list.open"),
    Hint("f", "Follow", "x"),
    Hint("?", "Help", "app.help"),
    Hint("q", "Quit", "app.quit"),
]


def test_a_screen_shows_its_own_keys_first_and_always_help_and_quit():
    keys = [hint.action_id for hint in hints_of("requests", True, DEFAULT, read_only=False, ascii_only=False)]
    assert keys == ["requests.follow", "requests.pause", "list.open", "list.filter", "app.help", "app.quit"]
    assert len(keys) <= MAX_HINTS


def test_a_changed_key_is_the_one_that_is_shown():
    keymap = read_keymap({"requests.follow": "F"})
    hints = hints_of("requests", True, keymap, read_only=False, ascii_only=False)
    assert [hint.key for hint in hints if hint.action_id == "requests.follow"] == ["F"]


def test_in_read_only_mode_changes_are_shown_as_disabled():
    hints = hints_of("endpoints", True, DEFAULT, read_only=True, ascii_only=False)
    assert {hint.action_id: hint.is_enabled for hint in hints}["endpoints.toggle"] is False
    assert {hint.action_id: hint.is_enabled for hint in hints}["app.help"] is True


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (80, "enter Open  f Follow  ? Help  q Quit"),
        (36, "enter Open  f Follow  ? Help  q Quit"),
        (35, "enter Open  ? Help  q Quit"),
        (14, "? Help  q Quit"),
        (3, "? Help  q Quit"),
    ],
)
def test_only_whole_keys_are_shown_and_help_and_quit_go_last(width, shown):
    assert key_content(fitting(HINTS, width)).plain == shown


def test_chinese_labels_are_measured_by_what_they_take_on_screen():
    assert Hint("f", "跟随").width == 6
