from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

import keyring
import keyring.backends.fail
import pytest

from cccc_tui import cli

Told = pytest.CaptureFixture[str]
KEY = "sk-ant-api03-0123456789abcdefghij"


@pytest.fixture(autouse=True)
def no_ring():
    before = keyring.get_keyring()
    keyring.set_keyring(keyring.backends.fail.Keyring())
    yield
    keyring.set_keyring(before)


def key(*arguments: str, typed: str = "") -> int:
    sys.stdin = io.StringIO(typed)
    try:
        return cli.main(["key", *arguments])
    finally:
        sys.stdin = sys.__stdin__


def test_a_key_is_kept_listed_printed_moved_and_forgotten(capsys: Told):
    assert key("set", "mine", typed=f"{KEY}\n") == 0
    assert "keyring:mine" in capsys.readouterr().out
    assert key("list") == 0
    assert capsys.readouterr().out == "mine  encrypted\n"
    assert key("get", "mine") == 0
    assert capsys.readouterr().out == f"{KEY}\n"
    assert key("move", "mine", "--store", "plain") == 0
    assert "Warning" in capsys.readouterr().err
    assert key("delete", "mine") == 0
    assert key("delete", "mine") == 1
    assert key("get", "mine") == 1


def test_an_empty_key_is_not_kept():
    assert key("set", "mine", typed="\n") == 2
    assert key("get", "mine") == 1


def test_without_a_keyring_asking_for_it_is_refused(capsys: Told):
    assert key("set", "mine", "--store", "keyring", typed="x\n") == 1
    assert "this system has no keyring" in capsys.readouterr().err


def test_plain_keys_leave_the_configuration_and_still_work(written: Callable[[str], str], capsys: Told):
    path = written(
        f'# mine\nendpoints:\n  - name: a b\n    url: https://a.example\n    auth_value: "{KEY}" # the key\n'
        "  - name: c\n    url: https://c.example\n    auth_value: env:C_KEY\n"
    )
    assert key("import-config", "--config", path) == 0
    text = Path(path).read_text()
    assert KEY not in text
    assert "# the key" in text
    assert "keyring:a b" in text
    assert not Path(f"{path}.backup").exists()
    assert key("get", "a b") == 0
    assert KEY in capsys.readouterr().out
    assert key("import-config", "--config", path) == 0
    assert "has no plain key in it" in capsys.readouterr().out


def test_every_key_of_several_and_the_password_of_a_proxy_leave_it_too(
    written: Callable[[str], str], capsys: Told
):
    path = written(
        "endpoints:\n  - name: a\n    url: https://a.example\n    keys:\n"
        f"      - value: {KEY}1 # first\n      - {{value: {KEY}2, weight: 2}}\n      - value: env:THIRD\n"
        "    proxy: {type: http, address: '127.0.0.1:1', username: u, password: hunter2} # theirs\n"
    )
    assert key("import-config", "--config", path, "--store", "plain") == 0
    assert "Warning" in capsys.readouterr().err
    text = Path(path).read_text()
    assert KEY not in text and "hunter2" not in text
    assert "- value: keyring:a-1 # first\n" in text
    assert "{value: keyring:a-2, weight: 2}" in text
    assert "password: keyring:a-proxy} # theirs" in text
    for name, secret in (("a-1", f"{KEY}1"), ("a-2", f"{KEY}2"), ("a-proxy", "hunter2")):
        assert key("get", name) == 0
        assert capsys.readouterr().out == f"{secret}\n"
    assert cli.main(["check", "--config", path]) == 0


def test_a_key_that_two_endpoints_share_by_an_alias_is_left_to_its_owner(
    written: Callable[[str], str], capsys: Told
):
    path = written(
        f"endpoints:\n  - name: a\n    url: https://a.example\n    auth_value: &k {KEY}\n"
        "  - name: b\n    url: https://b.example\n    auth_value: *k\n"
    )
    before = Path(path).read_text()
    assert key("import-config", "--config", path) == 1
    assert "Edit it by hand" in capsys.readouterr().err
    assert Path(path).read_text() == before
    assert key("list") == 0
    assert "No key is kept here" in capsys.readouterr().out
