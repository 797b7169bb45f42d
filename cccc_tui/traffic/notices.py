"""Rare facts for a person: a rejected configuration, an endpoint that went down. Bounded, newest last."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Iterator
from typing import Literal, NamedTuple

Level = Literal["debug", "info", "warning", "error"]

LEVELS: tuple[Level, ...] = ("debug", "info", "warning", "error")

_LEVELS: tuple[tuple[int, Level], ...] = (
    (logging.ERROR, "error"),
    (logging.WARNING, "warning"),
    (logging.INFO, "info"),
)


class Notice(NamedTuple):
    number: int
    at: float
    """Wall-clock seconds."""
    level: Level
    source: str
    """Part of the program that speaks, `config` or `health`."""
    text: str


class Notices:
    """The last notices; `revision` is the number of the newest. Any thread may add, as any may log."""

    def __init__(self, max_count: int = 2_000) -> None:
        self.revision = 0
        self._kept: deque[Notice] = deque(maxlen=max_count)
        self._adding = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Notice]:
        return iter(self._kept.copy())  # a copy is atomic; iterating fails when a thread adds meanwhile

    def add(self, at: float, level: Level, source: str, text: str) -> None:
        with self._adding:
            self._kept.append(Notice(self.revision + 1, at, level, source, text))
            self.revision += 1

    def since(self, revision: int) -> list[Notice]:
        """Those newer than `revision`, oldest first."""
        return [] if revision >= self.revision else [notice for notice in self if notice.number > revision]


class NoticeHandler(logging.Handler):
    """Feeds log records into `Notices`."""

    def __init__(self, notices: Notices) -> None:
        super().__init__()
        self._notices = notices

    def emit(self, record: logging.LogRecord) -> None:
        source = record.name.rpartition(".")[2] or record.name
        self._notices.add(record.created, _level(record.levelno), source, record.getMessage())


def _level(number: int) -> Level:
    for least, level in _LEVELS:
        if number >= least:
            return level
    return "debug"
