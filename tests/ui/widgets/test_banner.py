"""Lasting conditions."""

from __future__ import annotations

import pytest

from cccc_tui.ui.widgets.banner import lasting_conditions


def lines(control, read_only=False, ascii_only=False):
    return lasting_conditions(control.status(), read_only=read_only, ascii_only=ascii_only)


def test_when_all_is_well_there_is_none(control):
    assert lines(control) == ()


def test_each_condition_has_its_line(control):
    control.changed_status = {"banner": "config.yaml:3: no such key", "demo": True}
    shown = lines(control, read_only=True)
    assert len(shown) == 3
    assert shown[0] == "▲ config.yaml:3: no such key"


@pytest.mark.parametrize(
    ("address", "is_open"),
    [
        ("http://127.0.0.1:8080", False),
        ("http://[::1]:8080", False),
        ("http://localhost:8080", False),
        ("http://127.8.0.1:8080", False),
        ("http://0.0.0.0:8080", True),
        ("http://192.168.1.5:8080", True),
        ("http://gateway.example:8080", True),
    ],
)
def test_an_address_that_others_reach_is_a_lasting_warning(control, address, is_open):
    control.changed_status = {"address": address}
    assert any(address in line for line in lines(control)) is is_open


def test_an_address_that_is_not_listened_on_warns_of_nothing(control):
    control.changed_status = {"address": "http://0.0.0.0:8080", "listening": False}
    assert lines(control) == ()


def test_plain_ascii_has_no_other_sign(control):
    assert all(line.isascii() for line in lines(control, read_only=True, ascii_only=True))
