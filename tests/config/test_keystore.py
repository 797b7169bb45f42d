from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import keyring
import keyring.backends.fail
import keyring.errors
import pytest
from keyring.backend import KeyringBackend

from cccc_tui.config import keystore
from cccc_tui.config.keystore import (
    StoredKey,
    delete_key,
    get_key,
    keyring_name,
    list_keys,
    move_key,
    save_key,
)
from cccc_tui.config.secrets import Secret, SecretMissing, SecretRef, read_secret


class Ring(KeyringBackend):
    """A keyring in memory."""

    priority = 5  # type: ignore[assignment]

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.entries.pop((service, username), None) is None:
            raise keyring.errors.PasswordDeleteError


@pytest.fixture
def ring():
    before, own = keyring.get_keyring(), Ring()
    keyring.set_keyring(own)
    yield own
    keyring.set_keyring(before)


@pytest.fixture
def no_ring():
    before = keyring.get_keyring()
    keyring.set_keyring(keyring.backends.fail.Keyring())
    yield
    keyring.set_keyring(before)


def files(home: Path) -> list[Path]:
    return [path for path in home.rglob("*") if path.is_file()]


def test_a_key_goes_into_the_keyring_and_leaves_only_its_name_elsewhere(ring: Ring, own_home: Path):
    assert save_key("mine", Secret("sk-real")) == "keyring"
    assert ring.entries == {("cccc", "mine"): "sk-real"}
    assert list_keys() == (StoredKey("mine", "keyring"),)
    assert read_secret(SecretRef("keyring:mine")).reveal() == "sk-real"
    assert all(b"sk-real" not in path.read_bytes() for path in files(own_home))
    assert delete_key("mine") == ("keyring",)
    assert ring.entries == {}
    assert list_keys() == ()


def test_without_a_keyring_the_key_is_encrypted_and_is_read_as_if_it_were_in_one(
    no_ring: None, own_home: Path
):
    assert save_key("mine", Secret("sk-real")) == "encrypted"
    assert list_keys() == (StoredKey("mine", "encrypted"),)
    assert read_secret(SecretRef("keyring:mine")).reveal() == "sk-real"
    assert all(b"sk-real" not in path.read_bytes() for path in files(own_home))


@pytest.mark.skipif(os.name != "posix", reason="there are no such modes")
@pytest.mark.parametrize("store", ["keyring", "encrypted", "plain"])
def test_nothing_that_is_written_can_be_read_by_others(store: keystore.Store, ring: Ring, own_home: Path):
    save_key("mine", Secret("sk-real"), store)
    assert files(own_home)
    assert {stat.S_IMODE(path.stat().st_mode) for path in files(own_home)} == {0o600}


def test_the_key_file_does_not_lie_beside_what_it_opens(no_ring: None, own_home: Path):
    save_key("mine", Secret("sk-real"))
    folders = {path.name: path.parent for path in files(own_home)}
    assert folders["keys.key"] != folders["keys.enc"]


def test_a_passphrase_opens_what_it_has_closed_and_no_other_does(no_ring: None, monkeypatch, own_home: Path):
    monkeypatch.setenv("CCCC_PASSPHRASE", "correct horse")
    save_key("mine", Secret("sk-real"))
    assert not [path for path in files(own_home) if path.name == "keys.key"]
    assert get_key("mine").reveal() == "sk-real"
    monkeypatch.setenv("CCCC_PASSPHRASE", "wrong")
    with pytest.raises(SecretMissing, match="not the right passphrase"):
        get_key("mine")
    monkeypatch.delenv("CCCC_PASSPHRASE")
    with pytest.raises(SecretMissing, match="set CCCC_PASSPHRASE"):
        read_secret(SecretRef("keyring:mine"))


def test_a_lost_key_file_is_said_and_not_replaced(no_ring: None, own_home: Path):
    save_key("mine", Secret("sk-real"))
    next(path for path in files(own_home) if path.name == "keys.key").unlink()
    with pytest.raises(SecretMissing, match=r"keys\.key, the key to the stored keys, cannot be read"):
        get_key("mine")


def test_a_key_file_that_holds_no_key_is_said(no_ring: None, own_home: Path):
    save_key("mine", Secret("sk-real"))
    next(path for path in files(own_home) if path.name == "keys.key").write_text("nonsense")
    with pytest.raises(SecretMissing, match=r"keys\.enc cannot be read"):
        get_key("mine")


def test_a_key_moves_and_is_in_one_place_only(ring: Ring):
    save_key("mine", Secret("sk-real"), "plain")
    for store in ("encrypted", "keyring", "plain", "keyring"):
        assert move_key("mine", store) == store
        assert list_keys() == (StoredKey("mine", store),)
        assert get_key("mine").reveal() == "sk-real"


def test_keys_beside_each_other_stay_when_one_goes(no_ring: None):
    save_key("a", Secret("sk-a"))
    save_key("b", Secret("sk-b"))
    delete_key("a")
    assert list_keys() == (StoredKey("b", "encrypted"),)
    assert get_key("b").reveal() == "sk-b"


def test_what_is_not_there_names_the_command_that_puts_it_there(ring: Ring):
    with pytest.raises(SecretMissing, match="cccc key set nothing"):
        get_key("nothing")


def test_a_keyring_that_never_answers_costs_its_time_out_and_the_file_takes_the_key(monkeypatch, ring: Ring):
    answer = threading.Event()
    monkeypatch.setattr(keystore, "KEYRING_TIMEOUT_S", 0.1)
    monkeypatch.setattr(ring, "set_password", lambda *_args: answer.wait() and None)
    try:
        assert save_key("mine", Secret("sk-real")) == "encrypted"
    finally:
        answer.set()


def test_a_keyring_that_keeps_plain_text_is_none(ring: Ring, monkeypatch):
    assert keyring_name()
    monkeypatch.setattr(Ring, "priority", 0.5)
    assert keyring_name() == ""
    assert save_key("mine", Secret("sk-real")) == "encrypted"


def test_a_file_that_cannot_be_opened_does_not_hide_what_the_keyring_has(ring: Ring, monkeypatch):
    monkeypatch.setenv("CCCC_PASSPHRASE", "correct horse")
    save_key("sealed", Secret("sk-sealed"), "encrypted")
    save_key("mine", Secret("sk-real"), "keyring")
    monkeypatch.delenv("CCCC_PASSPHRASE")
    assert get_key("mine").reveal() == "sk-real"
    with pytest.raises(SecretMissing, match="set CCCC_PASSPHRASE"):
        get_key("sealed")


@pytest.mark.parametrize("store", ["encrypted", "plain"])
def test_keys_that_are_kept_at_the_same_moment_are_all_kept(store: keystore.Store, own_home: Path):
    names = [f"key-{number}" for number in range(12)]
    threads = [threading.Thread(target=save_key, args=(name, Secret(name), store)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {key.name for key in list_keys()} == set(names)
    assert {get_key(name).reveal() for name in names} == set(names)
