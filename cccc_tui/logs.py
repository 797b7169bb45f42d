"""Where log lines go: the terminal when headless, always a file, never the screen of the control center.

A line is put into a bounded queue and written by a thread of its own, a few at a time, so a full disk or a pipe that
nobody reads cannot stop the proxy: lines that find the queue full are dropped and counted. Tracebacks go to the file
alone, and known secrets and whatever looks like one are blotted out on the way.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, Literal, Protocol, TextIO, runtime_checkable

from cccc_tui.state.redact import redact_text

Level = Literal["debug", "info", "warn", "error"]

FILE_NAME = "cccc.log"
MAX_FILE_BYTES = 5_000_000
OLD_FILES = 3
MAX_WAITING_LINES = 10_000
GATHER_S = 0.05
"""How long the first line waits for others: a thread woken for each would take turns with the loop."""
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

    def finds(self, text: str) -> bool:
        """Whether there is anything to hide in it."""
        return self.redact(text) != text


class LineFormatter(logging.Formatter):
    """`2026-11-21 10:00:00 warning health: text`; colour by level when asked, the traceback when asked."""

    def __init__(self, *, is_coloured: bool = False, has_traceback: bool = False) -> None:
        super().__init__()
        self._is_coloured = is_coloured
        self._has_traceback = has_traceback

    def format(self, record: logging.LogRecord) -> str:
        line = record.line if isinstance(record, Record) else _line_of(record)
        if self._has_traceback and record.exc_text:
            line = f"{line}\n{record.exc_text}"
        colour = _COLOURS.get(record.levelname) if self._is_coloured else None
        return f"\x1b[{colour}m{line}\x1b[0m" if colour else line


def _line_of(record: logging.LogRecord) -> str:
    level, source = _names(record.levelname, record.name)
    return f"{_when(int(record.created))} {level} {source}: {record.getMessage()}"


@lru_cache(maxsize=256)
def _names(level: str, logger: str) -> tuple[str, str]:
    return f"{level.lower():<7}", logger.removeprefix("cccc_tui.").rpartition(".")[2]


@lru_cache(maxsize=4)
def _when(second: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(second))


class LineHandler(logging.StreamHandler[TextIO]):
    """Writes lines to a terminal, all that there are at once: its stream is written out line by line, and each time
    the thread gives way to the loop and back."""

    def take(self, records: Sequence[logging.LogRecord]) -> None:
        self.stream.write("\n".join(map(self.format, records)) + "\n")
        self.flush()


class PrivateFileHandler(RotatingFileHandler):
    """A rotating file that only its owner reads, from its first byte on."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        super().__init__(
            path, maxBytes=MAX_FILE_BYTES, backupCount=OLD_FILES, encoding="utf-8", errors="replace"
        )
        self._size_bytes = path.stat().st_size

    def take(self, records: Sequence[logging.LogRecord]) -> None:
        """Writes lines, into a new file if they would make this one too large."""
        text = "\n".join(map(self.format, records)) + "\n"
        # Characters for bytes: where a file ends need not be exact, and asking the file each time is slow.
        self._size_bytes += len(text)
        if self._size_bytes > self.maxBytes:
            self.doRollover()
            self._size_bytes = len(text)
        assert self.stream, "it is opened with the handler"
        self.stream.write(text)
        self.flush()

    def _open(self) -> TextIOWrapper:
        return open(self.baseFilename, "a", encoding="utf-8", errors="replace", opener=_open_private)


@runtime_checkable
class TakesMany(Protocol):
    """A handler that takes all lines that wait at once."""

    def take(self, records: Sequence[logging.LogRecord]) -> None: ...


class LogWriter(logging.Handler):
    """Takes records from everywhere at once and hands them to its handlers in a thread, secrets blotted out."""

    def __init__(self, handlers: Iterable[logging.Handler], redactor: Redactor | None = None) -> None:
        super().__init__()
        self.dropped = 0
        self.handlers = list(handlers)
        self._redactor = redactor or Redactor()
        self._waiting: deque[logging.LogRecord] = deque()
        self._is_news = threading.Event()
        self._is_ending = threading.Event()
        self._thread = threading.Thread(target=self._work, name="log writer", daemon=True)
        self._thread.start()

    def handle(self, record: logging.LogRecord) -> bool:
        """Without the lock of other handlers: `emit` appends, which is one step."""
        self.emit(record)
        return True

    def emit(self, record: logging.LogRecord) -> None:
        if len(self._waiting) >= MAX_WAITING_LINES:
            self.dropped += 1
            return
        _settle(record)
        self._waiting.append(record)
        if not self._is_news.is_set():
            self._is_news.set()

    def stop(self, timeout_s: float = 2) -> None:
        """Writes what waits and ends the thread; gives up on a reader that is gone."""
        self._is_ending.set()
        self._is_news.set()
        self._thread.join(timeout_s)
        if not self._thread.is_alive():
            for handler in self.handlers:
                handler.close()

    def _work(self) -> None:
        waiting = self._waiting
        while not (self._is_ending.is_set() and not waiting):
            self._is_news.wait()
            self._is_ending.wait(GATHER_S)
            self._is_news.clear()
            records = [waiting.popleft() for _ in range(len(waiting))]
            if self.dropped:
                lost, self.dropped = self.dropped, 0
                records.insert(0, _line(logging.WARNING, f"{lost} log lines lost"))
            if records:
                self._hand_out(records)

    def _hand_out(self, records: Sequence[logging.LogRecord]) -> None:
        # All at once, since the loop waits while a thread runs Python: a loop over the lines here would cost requests.
        if self._redactor.finds("\n".join([f"{record.msg}\n{record.exc_text}" for record in records])):
            for record in records:
                _blot(record, self._redactor)
        for handler in self.handlers:
            # A full disk, or a terminal that is gone: there is nowhere left to say it.
            with contextlib.suppress(OSError, ValueError):
                _give(handler, records)


def _give(handler: logging.Handler, records: Sequence[logging.LogRecord]) -> None:
    wanted = [record for record in records if record.levelno >= handler.level and handler.filter(record)]
    if isinstance(handler, TakesMany):
        if wanted:
            handler.take(wanted)
    else:
        for record in wanted:
            handler.emit(record)


class OnlyOurs(logging.Filter):
    """Lets our own records pass, and not what libraries have to say."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.name.startswith(OURS.name)


class Logs:
    """The logging of one run: `start` before anything else, `stop` after everything."""

    def __init__(self) -> None:
        self.redactor = Redactor()
        self.file: Path | None = None
        self._writer: LogWriter | None = None

    def start(self, folder: Path, level: Level, terminal: TextIO | None) -> None:
        """Writes to `cccc.log` in `folder`, and to `terminal` when headless.

        A folder that cannot be written to is a warning on the terminal, not a reason to refuse.
        """
        handlers: list[logging.Handler] = [_terminal_handler(terminal)] if terminal else []
        problem = None
        try:
            handlers.append(self._file_handler(folder / FILE_NAME))
        except OSError as error:
            problem = error
        self._writer = LogWriter(handlers, self.redactor)
        self.set_level(level)
        OURS.propagate = False
        logging.captureWarnings(True)
        logging.setLogRecordFactory(Record)
        vars(logging)["_srcfile"] = None  # the logging HOWTO, "Optimization": nobody asks who called
        logging.raiseExceptions = False  # a full disk must not paint tracebacks over the control center
        for logger in _loggers():
            logger.addHandler(self._writer)
        if problem:
            OURS.warning("No log file: %s", problem)

    def also(self, handler: logging.Handler) -> None:
        """Feeds our own records to one more handler (the notices on screen), in the thread that writes."""
        assert self._writer, "start comes first"
        handler.addFilter(OnlyOurs())
        self._writer.handlers.append(handler)

    def set_level(self, level: Level) -> None:
        OURS.setLevel(_LEVELS[level])

    def stop(self) -> None:
        if not self._writer:
            return
        for logger in _loggers():
            logger.removeHandler(self._writer)
        logging.captureWarnings(False)
        OURS.propagate = True
        logging.setLogRecordFactory(logging.LogRecord)
        self._writer.stop()
        self._writer = None

    def _file_handler(self, path: Path) -> logging.Handler:
        handler = PrivateFileHandler(path)
        handler.setFormatter(LineFormatter(has_traceback=True))
        self.file = path
        return handler


class Record(logging.LogRecord):
    """A record without what no line of ours says: thread, process, task, file and function cost more than the rest."""

    pathname = filename = module = funcName = "(unknown)"
    lineno = 0
    thread = threadName = process = processName = taskName = None
    relativeCreated = msecs = 0.0

    def __init__(
        self,
        name: str,
        level: int,
        pathname: str,
        lineno: int,
        msg: object,
        args: Any,
        exc_info: Any,
        func: str | None = None,
        sinfo: str | None = None,
        **_others: object,
    ) -> None:
        self.name, self.levelno, self.levelname = name, level, logging.getLevelName(level)
        self.msg = msg
        self.args = args[0] if args and len(args) == 1 and isinstance(args[0], Mapping) and args[0] else args
        self.exc_info, self.exc_text, self.stack_info = exc_info, None, sinfo
        self.created = time.time()
        self.line = ""
        """As it is written; made when the record is settled."""


def _loggers() -> tuple[logging.Logger, ...]:
    """Ours, and the root for what libraries have to say (warnings and up, Python's own default)."""
    return OURS, logging.getLogger()


def _terminal_handler(stream: TextIO) -> logging.Handler:
    handler = LineHandler(stream)
    handler.setFormatter(LineFormatter(is_coloured=stream.isatty() and not os.environ.get("NO_COLOR")))
    return handler


def _settle(record: logging.LogRecord) -> None:
    """Makes the record's text: its arguments may say another thing by the time it is written."""
    record.msg, record.args = record.getMessage(), None
    if isinstance(record, Record):
        record.line = _line_of(record)
    if record.exc_info:
        record.exc_text = record.exc_text or logging.Formatter().formatException(record.exc_info)
        record.exc_info = None


def _blot(record: logging.LogRecord, redactor: Redactor) -> None:
    record.msg = redactor.redact(record.msg)
    if record.exc_text:
        record.exc_text = redactor.redact(record.exc_text)
    if isinstance(record, Record):
        record.line = _line_of(record)


def _line(level: int, text: str) -> logging.LogRecord:
    record = OURS.makeRecord(OURS.name, level, "", 0, text, (), None)
    _settle(record)
    return record


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
