"""The steps of the endpoint form, on a real file."""

from __future__ import annotations

from pathlib import Path

import keyring
import keyring.backends.fail
import msgspec
import pytest

from cccc_tui.config.edit import EditRefused
from cccc_tui.config.keystore import StoredKey, get_key, list_keys, save_key
from cccc_tui.config.secrets import Secret
from cccc_tui.ui.endpoint_file import open_endpoint, save, take_back
from cccc_tui.ui.render.endpoint_form import KeyChoice

FILE = "server: {port: 9001}\nendpoints:\n  - {name: a, url: https://a.example, priority: 4, auth_value: env:A}\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(FILE)
    return path


def test_a_new_endpoint_is_tried_last_and_knows_its_neighbours(path):
    opened = open_endpoint(path, None)
    assert (opened.draft.priority, opened.other_names, opened.port) == ("5", ("a",), 9001)


@pytest.mark.parametrize(("text", "name"), [("endpoints: [", "a"), (FILE, "b")])
def test_what_cannot_be_opened_is_said(path, text, name):
    path.write_text(text)
    with pytest.raises(EditRefused):
        open_endpoint(path, name)


def test_a_key_that_was_not_touched_is_not_written(path):
    opened = open_endpoint(path, "a")
    save(path, "a", opened.draft, msgspec.structs.replace(opened.draft, tags="x"))
    assert "auth_value: env:A" in path.read_text() and "tags: [x]" in path.read_text()


def test_a_key_is_stored_under_the_endpoint_s_name_and_forgotten_when_nothing_is_written(path):
    opened = open_endpoint(path, "a")
    key = KeyChoice("encrypted", secret=Secret("sk-secret"))
    save(path, "a", opened.draft, msgspec.structs.replace(opened.draft, key=key))
    assert "auth_value: keyring:a" in path.read_text()
    assert get_key("a").reveal() == "sk-secret"
    again = open_endpoint(path, "a").draft
    with pytest.raises(EditRefused):
        save(path, "a", again, msgspec.structs.replace(again, key=key, priority="high"))
    assert [stored.name for stored in list_keys()] == ["a"]


def test_what_is_taken_back_leaves_no_key_behind(path):
    save_key("a", Secret("sk-older"), "encrypted")
    opened = open_endpoint(path, "a")
    key = KeyChoice("encrypted", secret=Secret("sk-secret"))
    saved = save(path, "a", opened.draft, msgspec.structs.replace(opened.draft, key=key))
    assert "auth_value: keyring:a-2" in path.read_text()
    take_back(path, saved)
    assert path.read_text() == FILE
    assert [stored.name for stored in list_keys()] == ["a"]


def test_what_cannot_be_taken_back_keeps_its_key(path):
    opened = open_endpoint(path, "a")
    key = KeyChoice("encrypted", secret=Secret("sk-secret"))
    saved = save(path, "a", opened.draft, msgspec.structs.replace(opened.draft, key=key))
    path.write_text(path.read_text() + "# mine\n")
    with pytest.raises(EditRefused, match="changed since"):
        take_back(path, saved)
    assert get_key("a").reveal() == "sk-secret"


def test_without_a_keyring_the_encrypted_file_takes_the_key(path):
    before = keyring.get_keyring()
    keyring.set_keyring(keyring.backends.fail.Keyring())
    try:
        opened = open_endpoint(path, "a")
        key = KeyChoice("keyring", secret=Secret("sk-secret"))
        save(path, "a", opened.draft, msgspec.structs.replace(opened.draft, key=key))
    finally:
        keyring.set_keyring(before)
    assert "auth_value: keyring:a" in path.read_text()
    assert list_keys() == (StoredKey("a", "encrypted"),)
