"""A pseudo-terminal with a program in it, for tests of what only a real terminal shows. POSIX only."""

from __future__ import annotations

import errno
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ENTER_PICTURE = "\x1b[?1049h"
LEAVE_PICTURE = "\x1b[?1049l"
SHOW_CURSOR = "\x1b[?25h"
TAKE_TITLE = "\x1b[22;0t"
GIVE_TITLE_BACK = "\x1b[23;0t"
STALE_SIZE = {"COLUMNS": "80", "LINES": "24"}
"""What some shells export and never bring up to date."""


def _own_the_terminal() -> None:
    """Makes the terminal that of the new session: ctrl+c becomes a signal, and a hang-up is told."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Terminal:
    """Starts `command` in a terminal of its own. Nothing is read until `read_until` or `drain` does it."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        size: tuple[int, int] = (100, 30),
        environment: dict[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        self._master, slave = pty.openpty()
        self._size = size
        self.resize(*size, tell=False)
        self._before = termios.tcgetattr(slave)
        self._slave = slave
        self._is_open = True
        self.output = ""
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=_own_the_terminal,
            cwd=folder,
            env=os.environ
            | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONUNBUFFERED": "1"}
            | STALE_SIZE
            | (environment or {}),
        )

    def read_until(self, text: str, timeout_s: float = 60.0) -> str:
        """Reads until `text` has come since the last call that found something; the output up to then."""
        deadline = time.monotonic() + timeout_s
        unread_from = len(self.output)
        while text not in self.output[unread_from:]:
            left = deadline - time.monotonic()
            if left <= 0 or not self._read_some(left):
                raise AssertionError(f"{text!r} did not come; the last output was {self.output[-2_000:]!r}")
        return self.output[unread_from:]

    def read_until_picture(
        self, is_right: Callable[[list[str]], bool], timeout_s: float = 60.0, since: int | None = None
    ) -> list[str]:
        """Reads until the rows of the screen are right, as drawn by the output from `since` on."""
        deadline = time.monotonic() + timeout_s
        while not is_right(rows := self.picture(since)):
            left = deadline - time.monotonic()
            if left <= 0:
                raise AssertionError("the picture has not come; it is\n" + "\n".join(rows))
            self._read_some(min(left, 0.2))
        return rows

    def drain(self, quiet_s: float = 0.5, timeout_s: float = 10.0) -> str:
        """Reads until nothing has come for a while."""
        start, deadline = len(self.output), time.monotonic() + timeout_s
        while time.monotonic() < deadline and self._read_some(quiet_s):
            pass
        return self.output[start:]

    def press(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def hang_up(self) -> None:
        """The window is closed."""
        for descriptor in (self._slave, self._master):
            os.close(descriptor)
        self._is_open = False

    def resize(self, columns: int, rows: int, *, tell: bool = True) -> None:
        self._size = (columns, rows)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        if tell:
            self.process.send_signal(signal.SIGWINCH)

    def wait(self, timeout_s: float = 60.0) -> int:
        """Reads on until the program has ended; its exit code."""
        deadline = time.monotonic() + timeout_s
        while self.process.poll() is None:
            if time.monotonic() > deadline:
                raise AssertionError(f"it has not ended; the last output was {self.output[-2_000:]!r}")
            self._read_some(0.05)
        self.drain(quiet_s=0.1)
        return self.process.returncode

    def is_restored(self) -> bool:
        """Whether the screen, the title, the cursor and the line discipline are as before."""
        left, entered = self.output.rfind(LEAVE_PICTURE), self.output.rfind(ENTER_PICTURE)
        cursor_shown = self.output.rfind(SHOW_CURSOR) > self.output.rfind("\x1b[?25l")
        titled = self.output.rfind(GIVE_TITLE_BACK) > self.output.rfind(TAKE_TITLE) > 0
        return (
            left > entered
            and cursor_shown
            and titled
            and termios.tcgetattr(self._slave)[3] == self._before[3]
        )

    def close(self) -> None:
        """Ends the program that was started here, if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(5)
        if self._is_open:
            self.hang_up()

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def picture(self, since: int | None = None) -> list[str]:
        """The rows of the screen as the output so far, or that from `since` on, has left them."""
        first = self.output.rfind(ENTER_PICTURE) if since is None else since
        return draw(self.output[first:], *self._size)

    def _read_some(self, timeout_s: float) -> bool:
        ready, _write, _error = select.select([self._master], [], [], timeout_s)
        if not ready:
            return False
        try:
            data = os.read(self._master, 65_536)
        except OSError as error:
            if error.errno == errno.EIO:
                return False
            raise
        self.output += data.decode("utf-8", "replace")
        return bool(data)


_TOKENS = re.compile(
    r"\x1b\[(?P<row>\d+);(?P<column>\d+)H"
    r"|\x1b\[[?>=<]?[\d;:$]*[ -/]*[@-~]"  # colours, modes
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # title, clipboard
    r"|\x1b."
    r"|(?P<newline>\r?\n)"
    r"|(?P<text>.)",
    re.DOTALL,
)


def draw(output: str, columns: int, rows: int) -> list[str]:
    """What a terminal would show, colours left out: as much of one as Textual's output needs."""
    cells = [[" "] * columns for _row in range(rows)]
    row = column = 0
    for token in _TOKENS.finditer(output):
        if token["row"]:
            row, column = int(token["row"]) - 1, int(token["column"]) - 1
        elif token["newline"]:
            row, column = row + 1, 0
        elif token["text"] and 0 <= row < rows and column < columns:
            cells[row][column] = token["text"]
            column += 1
    return ["".join(line) for line in cells]
