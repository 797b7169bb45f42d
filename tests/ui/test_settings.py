"""What the control center is told at start."""

from __future__ import annotations

from pathlib import Path

import pytest

from cccc_tui.ui.settings import UiSettings, is_over_ssh


@pytest.mark.parametrize(
    ("glyphs", "locale", "is_ascii"),
    [
        ("auto", "en_US.UTF-8", False),
        ("auto", "de_DE.utf8", False),
        ("auto", "C", True),
        ("auto", "en_US.ISO-8859-1", True),
        ("unicode", "C", False),
        ("ascii", "en_US.UTF-8", True),
    ],
)
def test_symbols_follow_the_locale_unless_chosen(glyphs, locale, is_ascii, monkeypatch):
    monkeypatch.setenv("LC_ALL", locale)
    assert UiSettings(glyphs=glyphs).is_ascii is is_ascii


def test_the_users_themes_are_next_to_the_configuration():
    assert UiSettings(config_path=Path("/etc/cccc/config.yaml")).themes_folder == Path("/etc/cccc/themes")
    assert UiSettings().themes_folder is None


def test_ssh_is_seen_by_its_variables(monkeypatch):
    assert not is_over_ssh()
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.2 5 10.0.0.1 22")
    assert is_over_ssh()
