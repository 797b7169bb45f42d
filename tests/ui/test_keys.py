"""Keys as people read and change them."""

from __future__ import annotations

import pytest

from cccc_tui.ui.actions import ACTIONS, BY_ID
from cccc_tui.ui.keys import Keymap, clashes, key_label, key_table, read_keymap


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("question_mark", "?"),
        ("less_than_sign", "<"),
        ("shift+up", "shift+↑"),
        ("ctrl+p", "ctrl+p"),
        ("escape", "esc"),
        ("space", "space"),
        ("plus", "+"),
        ("G", "G"),
    ],
)
def test_a_key_is_shown_as_it_stands_on_the_keyboard(key, shown):
    assert key_label(key) == shown


def test_arrows_are_words_in_plain_ascii():
    assert key_label("down", ascii_only=True) == "down"


def test_the_defaults_have_no_clash():
    assert clashes(Keymap({}, ())) == []


def test_a_key_may_be_written_as_its_sign():
    assert read_keymap({"requests.follow": "=", "app.help": "f2, ?"}) == Keymap(
        {"requests.follow": "equals_sign", "app.help": "f2,question_mark"}, ()
    )


def test_an_unknown_action_is_named_with_the_nearest_one():
    keymap = read_keymap({"requests.folow": "F"})
    assert keymap.changed == {}
    assert "requests.folow" in keymap.problems[0]
    assert "requests.follow?" in keymap.problems[0]


@pytest.mark.parametrize("key", ["", "wumpus", "hyperspace+f", "ctrl+wumpus"])
def test_a_key_that_does_not_exist_is_named(key):
    keymap = read_keymap({"app.theme": key})
    assert keymap.changed == {}
    assert len(keymap.problems) == 1


def test_a_clash_keeps_the_default_and_names_both():
    keymap = read_keymap({"requests.follow": "p"})
    assert keymap.changed == {}
    assert "requests.follow" in keymap.problems[0]
    assert "requests.pause" in keymap.problems[0]


def test_a_clash_between_a_list_key_and_a_screen_key_is_found():
    assert read_keymap({"log.level": "j"}).problems


def test_two_screens_may_use_one_key():
    assert read_keymap({"log.level": "x"}) == Keymap({"log.level": "x"}, ())


def test_swapped_keys_are_no_clash():
    swapped = {"requests.follow": "p", "requests.pause": "f"}
    assert read_keymap(swapped) == Keymap(swapped, ())


def test_changed_keys_are_the_ones_in_use():
    keymap = read_keymap({"requests.follow": "F"})
    assert keymap.keys_of(BY_ID["requests.follow"]) == ("F",)
    assert keymap.keys_of(BY_ID["list.down"]) == ("j", "down")


def test_the_readme_table_has_a_row_for_every_action():
    table = key_table().splitlines()
    assert len(table) == len(ACTIONS) + 2
    assert "| everywhere | `?` `f1` | Show the keys of this screen. | `app.help` |" in table
