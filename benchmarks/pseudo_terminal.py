"""A program in a pseudo-terminal that is read, as a person's terminal would read it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from benchmarks.processes import started

SIZE = (140, 40)
FIRST_SCREEN = (b"\x1b[?1049h", b"Overview")
"""What has come once the control center has drawn itself."""
DRAWN_WITHIN_S = 30.0


@contextmanager
def in_terminal(
    command: Sequence[str], core: int | None, environment: Mapping[str, str]
) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Runs the command; the descriptor from which its screen is read, and the process."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", SIZE[1], SIZE[0], 0, 0))
    try:
        terminal = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        with started(
            command, core, environment={**environment, **terminal}, stdin=slave, stdout=slave
        ) as process:
            os.close(slave)
            slave = -1
            yield master, process
    finally:
        for descriptor in (master, slave):
            with contextlib.suppress(OSError):
                os.close(descriptor)


def read_until(terminal: int, texts: Sequence[bytes], within_s: float) -> None:
    """Reads until all the texts have come. RuntimeError if they do not."""
    seen, deadline = b"", time.monotonic() + within_s
    while not all(text in seen for text in texts):
        if not select.select([terminal], [], [], max(0.0, deadline - time.monotonic()))[0]:
            raise RuntimeError(
                f"the control center has not drawn itself; its last output was {seen[-500:]!r}"
            )
        seen += os.read(terminal, 65_536)


@contextmanager
def read_by_another(terminal: int, core: int | None) -> Iterator[None]:
    """Lets a process of its own read the screen: what measures must not be the one who reads."""
    with started(("cat",), core, stdin=terminal, stdout=subprocess.DEVNULL):
        yield
