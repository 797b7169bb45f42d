"""Copying: the right way for the place, and said which."""

from __future__ import annotations

import stat
from pathlib import Path

import pyperclip
import pytest

from cccc_tui.ui import clipboard
from cccc_tui.ui.clipboard import OSC52_MAX_BYTES, copy_text


@pytest.fixture
def sent() -> list[str]:
    """What went to the terminal."""
    return []


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What went to the system's clipboard, which works."""
    copied: list[str] = []
    monkeypatch.setattr(pyperclip, "copy", copied.append)
    return copied


@pytest.fixture
def no_system(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_text: str) -> None:
        raise pyperclip.PyperclipException("no clipboard here")

    monkeypatch.setattr(pyperclip, "copy", refuse)


@pytest.fixture(autouse=True)
def private_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clipboard.tempfile, "tempdir", str(tmp_path))


async def test_here_it_goes_both_ways(sent, system):
    assert await copy_text("hello", over_ssh=False, send_osc52=sent.append) == "Copied."
    assert (sent, system) == (["hello"], ["hello"])


async def test_over_ssh_it_goes_to_the_terminal_alone(sent, system):
    message = await copy_text("hello", over_ssh=True, send_osc52=sent.append)
    assert "OSC 52" in message
    assert (sent, system) == (["hello"], [])


async def test_without_a_system_clipboard_the_terminal_has_it(sent, no_system):
    message = await copy_text("hello", over_ssh=False, send_osc52=sent.append)
    assert "OSC 52" in message
    assert sent == ["hello"]


async def test_a_long_text_goes_into_a_file_that_only_this_user_reads(sent, no_system):
    text = "ü" * OSC52_MAX_BYTES
    message = await copy_text(text, over_ssh=True, send_osc52=sent.append)
    path = Path(message.rpartition(" ")[2])
    assert sent == []
    assert path.read_text("utf-8") == text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_a_long_text_here_needs_no_file(sent, system):
    text = "x" * (OSC52_MAX_BYTES + 1)
    assert await copy_text(text, over_ssh=False, send_osc52=sent.append) == "Copied."
    assert (sent, system) == ([], [text])


async def test_half_a_character_does_not_stop_it(sent, system):
    await copy_text("\ud83d", over_ssh=True, send_osc52=sent.append)
    assert sent == ["\ud83d"]
