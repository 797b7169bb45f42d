"""Rare facts for a person: a rejected configuration, an endpoint that went down. Bounded, newest last."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator
from typing import Literal, NamedTuple

Level = Literal["debug", "info", "warning", "error"]


class Notice(NamedTuple):
    number: int
    at: float
    """Wall-clock seconds."""
    level: Level
    source: str
    """Part of the program that speaks, `config` or `health`."""
    text: str


class Notices:
    """The last notices; `revision` is the number of the newest."""

    def __init__(self, max_count: int = 2_000) -> None:
        self.revision = 0
        self._kept: deque[Notice] = deque(maxlen=max_count)

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Notice]:
        return iter(self._kept)

    def add(self, at: float, level: Level, source: str, text: str) -> None:
        self.revision += 1
        self._kept.append(Notice(self.revision, at, level, source, text))

    def since(self, revision: int) -> list[Notice]:
        """Those newer than `revision`, oldest first."""
        return [notice for notice in self._kept if notice.number > revision]


class NoticeHandler(logging.Handler):
    """Feeds log records into `Notices`. Safe from threads: a deque's append is atomic."""

    def __init__(self, notices: Notices) -> None:
        super().__init__()
        self._notices = notices

    def emit(self, record: logging.LogRecord) -> None:
        level: Level = (
            "error"
            if record.levelno >= logging.ERROR
            else "warning"
            if record.levelno >= logging.WARNING
            else "info"
            if record.levelno >= logging.INFO
            else "debug"
        )
        source = record.name.removeprefix("cccc_tui.").rpartition(".")[2] or record.name
        self._notices.add(record.created, level, source, record.getMessage())
