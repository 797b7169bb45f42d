"""Terminal output that never makes the event loop wait. POSIX only; imported where a terminal is opened.

Textual hands its output to a thread through a queue of thirty, and waits when that is full. The proxy lives
on the same loop, so a terminal that nobody reads (a dead SSH link, a paused tmux) would stop it. Here a frame
is dropped when the queue runs full; the pump asks for a whole new picture once it has drained.
"""

from __future__ import annotations

import errno
import os
import queue
import signal
import sys
from typing import TYPE_CHECKING, Any, TextIO, cast

from textual import events
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size

if TYPE_CHECKING:
    from textual.app import App

FRAME_BYTES = 64
"""Longer writes are pictures, which may be dropped; shorter ones switch modes of the terminal."""

MAX_FRAMES_QUEUED = 20
"""Frames wait up to here; the rest of Textual's thirty places is kept for mode switches."""

TAKE_TITLE = "\x1b[22;0t\x1b]0;cccc\x07"
"""The window's title is put aside by the terminal itself (XTWINOPS); one that cannot do that ignores it."""

GIVE_TITLE_BACK = "\x1b[23;0t"

CLOSE_TIMEOUT_S = 1.0
"""How long a terminal may take at the end to accept what is queued."""


class NeverBlockingDriver(LinuxDriver):
    """Textual's driver, but a full queue drops the picture instead of blocking the loop."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._file = cast(Any, RawTerminal(sys.__stderr__))
        self.dropped = False
        """Whether a picture was lost since the last `take_recovered`."""

    def start_application_mode(self) -> None:
        super().start_application_mode()  # type: ignore[no-untyped-call]
        # Textual sends the size from inside the signal, where the next signal interrupts it: of many resizes in a
        # row the oldest would be told last. The loop calls us between two steps.
        self._loop.add_signal_handler(signal.SIGWINCH, self._tell_size)
        self.write(TAKE_TITLE)

    def stop_application_mode(self) -> None:
        self.write(GIVE_TITLE_BACK)
        super().stop_application_mode()

    def _tell_size(self) -> None:
        if not self._in_band_window_resize:
            size = Size(*self._get_terminal_size())
            self.send_message(events.Resize(size, size))

    def _get_terminal_size(self) -> tuple[int, int]:
        """Columns and rows as the terminal itself says them.

        Textual asks the environment first, where a shell that exports COLUMNS and LINES leaves what was true before
        the window was resized.
        """
        try:
            columns, rows = os.get_terminal_size(self.fileno)
        except OSError:
            columns, rows = 0, 0
        return (columns, rows) if columns and rows else super()._get_terminal_size()

    @property
    def backlog(self) -> int:
        """Writes that the terminal has not accepted yet."""
        return self._writer_thread._queue.qsize() if self._writer_thread else 0

    def take_recovered(self) -> bool:
        """Whether the terminal reads again after pictures were lost; true once."""
        if self.dropped and not self.backlog:
            self.dropped = False
            return True
        return False

    def write(self, data: str) -> None:
        writer = self._writer_thread
        if writer is None:
            return
        if len(data) > FRAME_BYTES and self.backlog >= MAX_FRAMES_QUEUED:
            self.dropped = True
            return
        try:
            writer._queue.put_nowait(data)
        except queue.Full:
            self.dropped = True

    def close(self) -> None:
        """Ends the writer thread, or leaves it behind (it is a daemon) when the terminal does not take any
        more."""
        writer = self._writer_thread
        if writer is None:
            return
        try:
            writer._queue.put(None, timeout=CLOSE_TIMEOUT_S)
        except queue.Full:
            return
        writer.join(CLOSE_TIMEOUT_S)


class RawTerminal:
    """The terminal without Python's buffers, as far as Textual writes to it.

    A thread stuck in a write then holds no lock that the interpreter wants when it ends.
    """

    def __init__(self, terminal: TextIO | None) -> None:
        if terminal is None:
            raise RuntimeError("The control center needs a terminal on stderr.")
        self._descriptor = terminal.fileno()
        self._encoding = terminal.encoding

    def write(self, text: str) -> None:
        data = memoryview(text.encode(self._encoding, "replace"))
        try:
            while data:
                data = data[os.write(self._descriptor, data) :]
        except OSError as error:
            # EIO: the window was closed. The signal of that ends the program; nobody sees the pictures until then.
            if error.errno != errno.EIO:
                raise

    def flush(self) -> None:
        """Nothing is ever held back."""

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)
