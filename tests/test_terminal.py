from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from cccc_tui.terminal import Terminal, is_terminal

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are POSIX")


@pytest.fixture
def pty() -> Iterator[tuple[int, int]]:
    import pty

    ours, theirs = pty.openpty()
    yield ours, theirs
    os.close(ours)
    os.close(theirs)


def test_restoring_leaves_the_alternate_screen_and_shows_the_cursor(pty: tuple[int, int]):
    ours, theirs = pty
    with os.fdopen(os.dup(theirs), "w") as stream:
        Terminal(stream).restore()
    written = os.read(ours, 1000)
    assert b"\x1b[?1049l" in written
    assert b"\x1b[?25h" in written
    assert b"\x1b[?1003l" in written


def test_restoring_a_terminal_that_nobody_reads_does_not_wait(pty: tuple[int, int]):
    _ours, theirs = pty
    os.set_blocking(theirs, False)
    with pytest.raises(BlockingIOError):
        while True:
            os.write(theirs, b"x" * 4096)
    os.set_blocking(theirs, True)
    with os.fdopen(os.dup(theirs), "w") as stream:
        Terminal(stream).restore()  # returns


def test_restoring_a_terminal_that_is_gone_does_not_fail():
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as stream:
        Terminal(stream).restore()


def test_captured_streams_are_no_terminal():
    assert not is_terminal()
