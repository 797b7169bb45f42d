"""Where log lines go: the terminal when headless, always a file, never the screen of the control center.

A line is put into a bounded queue and written by a thread of its own, so a full disk or a pipe that nobody
reads cannot stop the proxy: lines that find the queue full are dropped and counted. Tracebacks go to the file
alone, and known secrets and whatever looks like one are blotted out on the way.
"""

from __future__ import annotations

import copy
import logging
import os
import queue
import threading
from collections.abc import Iterable
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Literal, TextIO

from cccc_tui.state.redact import redact_text

Level = Literal["debug", "info", "warn", "error"]

FILE_NAME = "cccc.log"
MAX_FILE_BYTES = 5_000_000
OLD_FILES = 3
MAX_WAITING_LINES = 10_000
SHORTEST_SECRET = 6

OURS = logging.getLogger("cccc_tui")

_LEVELS: dict[Level, int] = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "error": logging.ERROR,
}
_COLOURS = {"DEBUG": "2", "WARNING": "33", "ERROR": "31", "CRITICAL": "1;31"}


class Redactor:
    """Blots secrets out of text: those it was told, and whatever looks like one."""

    def __init__(self) -> None:
        self._known: frozenset[str] = frozenset()

    def learn(self, secrets: Iterable[str]) -> None:
        """Adds texts to hide. Short ones are left: hiding `none` or `x` would blot out words."""
        self._known |= {secret for secret in secrets if len(secret) >= SHORTEST_SECRET}

    def redact(self, text: str) -> str:
        return redact_text(text, self._known)


class LineFormatter(logging.Formatter):
    """`2026-11-21 10:00:00 warning health: text`; colour by level when asked, the traceback when asked."""

    def __init__(self, redactor: Redactor, *, is_coloured: bool = False, has_traceback: bool = False) -> None:
        super().__init__(datefmt="%Y-%m-%d %H:%M:%S")
        self._redactor = redactor
        self._is_coloured = is_coloured
        self._has_traceback = has_traceback

    def format(self, record: logging.LogRecord) -> str:
        source = record.name.removeprefix("cccc_tui.").rpartition(".")[2]
        when, level = self.formatTime(record, self.datefmt), record.levelname.lower()
        line = f"{when} {level:<7} {source}: {record.getMessage()}"
        if self._has_traceback and record.exc_text:
            line = f"{line}\n{record.exc_text}"
        line = self._redactor.redact(line)
        colour = _COLOURS.get(record.levelname) if self._is_coloured else None
        return f"\x1b[{colour}m{line}\x1b[0m" if colour else line


class PrivateFileHandler(RotatingFileHandler):
    """A rotating file that only its owner reads, from its first byte on."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        super().__init__(
            path, maxBytes=MAX_FILE_BYTES, backupCount=OLD_FILES, encoding="utf-8", errors="replace"
        )

    def _open(self) -> TextIOWrapper:
        return open(self.baseFilename, "a", encoding="utf-8", errors="replace", opener=_open_private)


class LogWriter(logging.Handler):
    """Takes records from everywhere at once and hands them to its handlers in a thread."""

    def __init__(self, handlers: Iterable[logging.Handler]) -> None:
        super().__init__()
        self.dropped = 0
        self._handlers = tuple(handlers)
        self._waiting: queue.Queue[logging.LogRecord | None] = queue.Queue(MAX_WAITING_LINES)
        self._thread = threading.Thread(target=self._work, name="log writer", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._waiting.put_nowait(_settled(record))
        except queue.Full:
            self.dropped += 1

    def stop(self, timeout_s: float = 2) -> None:
        """Writes what waits and ends the thread; gives up on a reader that is gone."""
        try:
            self._waiting.put(None, timeout=timeout_s)
        except queue.Full:
            return
        self._thread.join(timeout_s)
        if not self._thread.is_alive():
            for handler in self._handlers:
                handler.close()

    def _work(self) -> None:
        while record := self._waiting.get():
            self._hand_out(record)
            if self.dropped:
                lost, self.dropped = self.dropped, 0
                self._hand_out(_line(logging.WARNING, f"{lost} log lines lost"))

    def _hand_out(self, record: logging.LogRecord) -> None:
        for handler in self._handlers:
            if record.levelno >= handler.level:
                handler.handle(record)


class RedactingRelay(logging.Handler):
    """Hands records on at once, with the secrets in their texts blotted out."""

    def __init__(self, to: logging.Handler, redactor: Redactor) -> None:
        super().__init__()
        self._to = to
        self._redactor = redactor

    def emit(self, record: logging.LogRecord) -> None:
        settled = _settled(record)
        settled.msg = self._redactor.redact(settled.msg)
        self._to.handle(settled)


class Logs:
    """The logging of one run: `start` before anything else, `stop` after everything."""

    def __init__(self) -> None:
        self.redactor = Redactor()
        self.file: Path | None = None
        self._extra: list[logging.Handler] = []
        self._writer: LogWriter | None = None

    def start(self, folder: Path, level: Level, terminal: TextIO | None) -> None:
        """Writes to `cccc.log` in `folder`, and to `terminal` when headless.

        A folder that cannot be written to is a warning on the terminal, not a reason to refuse.
        """
        handlers: list[logging.Handler] = [_terminal_handler(terminal, self.redactor)] if terminal else []
        problem = None
        try:
            handlers.append(self._file_handler(folder / FILE_NAME))
        except OSError as error:
            problem = error
        self._writer = LogWriter(handlers)
        self.set_level(level)
        OURS.propagate = False
        logging.captureWarnings(True)
        logging.raiseExceptions = False  # a full disk must not paint tracebacks over the control center
        for logger in _loggers():
            logger.addHandler(self._writer)
        if problem:
            OURS.warning("No log file: %s", problem)

    def also(self, handler: logging.Handler) -> None:
        """Feeds our own records, secrets blotted out, to one more handler (the notices on screen)."""
        relay = RedactingRelay(handler, self.redactor)
        OURS.addHandler(relay)
        self._extra.append(relay)

    def set_level(self, level: Level) -> None:
        OURS.setLevel(_LEVELS[level])

    def stop(self) -> None:
        for handler in self._extra:
            OURS.removeHandler(handler)
        self._extra.clear()
        if not self._writer:
            return
        for logger in _loggers():
            logger.removeHandler(self._writer)
        logging.captureWarnings(False)
        OURS.propagate = True
        self._writer.stop()
        self._writer = None

    def _file_handler(self, path: Path) -> logging.Handler:
        handler = PrivateFileHandler(path)
        handler.setFormatter(LineFormatter(self.redactor, has_traceback=True))
        self.file = path
        return handler


def _loggers() -> tuple[logging.Logger, ...]:
    """Ours, and the root for what libraries have to say (warnings and up, Python's own default)."""
    return OURS, logging.getLogger()


def _terminal_handler(stream: TextIO, redactor: Redactor) -> logging.Handler:
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        LineFormatter(redactor, is_coloured=stream.isatty() and not os.environ.get("NO_COLOR"))
    )
    return handler


def _settled(record: logging.LogRecord) -> logging.LogRecord:
    """The record with its text made: its arguments may say another thing by the time it is written."""
    settled = copy.copy(record)
    settled.msg, settled.args = record.getMessage(), None
    if settled.exc_info:
        settled.exc_text = settled.exc_text or logging.Formatter().formatException(settled.exc_info)
        settled.exc_info = None
    return settled


def _line(level: int, text: str) -> logging.LogRecord:
    return OURS.makeRecord(OURS.name, level, "", 0, text, (), None)


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
