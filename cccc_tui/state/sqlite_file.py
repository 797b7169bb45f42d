"""One SQLite file: opening it privately and up to date, telling when it is broken, moving it out of the
way."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from cccc_tui.state import migrations
from cccc_tui.state.migrations import TooNew

BUSY_S = 5.0
"""How long to wait for another process that is writing."""


def open_file(file: Path) -> sqlite3.Connection:
    """A connection for the writer to a file that only its owner can read, its tables up to date."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file.touch(mode=0o600)
    file.chmod(0o600)
    connection = sqlite3.connect(file, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        # In WAL this survives the end of the process; only a power cut may lose the last batches, as wholes.
        connection.execute("PRAGMA synchronous = NORMAL")
        migrations.migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def move_aside(file: Path) -> Path:
    """Renames the file with its journal; what is in it may still be worth something to its owner."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    aside = file.with_name(f"{file.stem}.{stamp}-{time.time_ns() % 10**6:06}{file.suffix}")
    for ending in ("", "-wal", "-shm"):
        part = file.with_name(file.name + ending)
        if part.exists():
            part.rename(aside.with_name(aside.name + ending))
    return aside


def is_broken(error: BaseException) -> bool:
    """Whether the file itself is the trouble, so that only another one helps."""
    return isinstance(error, TooNew) or result_code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def result_code(error: BaseException) -> int:
    """SQLite's primary result code; 0 for errors of the Python module, which have none."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def copy_file(file: Path, to: Path) -> bool:
    """A copy of the database as it is now, whoever writes to it meanwhile; `file` itself is only read.

    False where there is none, or none that can be read.
    """
    if not file.is_file():
        return False
    try:
        with (
            closing(
                sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_S)
            ) as source,
            closing(sqlite3.connect(to)) as target,
        ):
            source.backup(target)
    except sqlite3.Error:
        return False
    return True
