"""The terminal as it was found: kept at the start, given back when the control center could not do it itself.

Textual restores the terminal when it ends in order. What is left for us is the hard exit, where it hangs.
"""

from __future__ import annotations

import os
import sys
from typing import Any, TextIO

_OUT_OF_THE_APP = (
    "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l"  # no more mouse reports
    "\x1b[?1004l\x1b[?2004l\x1b[<u"  # nor focus reports, bracketed paste, extended keys
    "\x1b[23;0t"  # the window's own title
    "\x1b[?1049l\x1b[?25h\x1b[0m"  # the normal screen, a cursor, plain colours
)


def is_terminal() -> bool:
    """Whether a control center can be drawn and typed into here. Textual draws on stderr."""
    return all(stream is not None and stream.isatty() for stream in (sys.__stdin__, sys.__stderr__))


class Terminal:
    """What to restore."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.__stderr__
        self._modes = _read_modes()

    def restore(self) -> None:
        """Leaves the alternate screen, puts the line modes back. Never fails, never waits for a reader."""
        if self._stream is None:
            return
        descriptor = self._stream.fileno()
        try:
            os.set_blocking(descriptor, False)
            os.write(descriptor, _OUT_OF_THE_APP.encode())
            _write_modes(self._modes)
        except OSError:  # the terminal is gone, and so is whoever looked at it
            return
        finally:
            _unblock(descriptor)


def _unblock(descriptor: int) -> None:
    try:
        os.set_blocking(descriptor, True)
    except OSError:  # gone
        return


def _read_modes() -> list[Any] | None:
    try:
        import termios  # POSIX only

        return termios.tcgetattr(0)
    except (ImportError, OSError, ValueError):
        return None
    except Exception as error:  # termios.error is no OSError
        if type(error).__name__ == "error":
            return None
        raise


def _write_modes(modes: list[Any] | None) -> None:
    if modes is None:
        return
    import termios

    try:
        termios.tcsetattr(0, termios.TCSANOW, modes)
    except termios.error:  # not a terminal any more
        return
