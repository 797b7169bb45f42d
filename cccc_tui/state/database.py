"""One SQLite file for what must survive a restart: writes are queued for one thread, reads have another.

Nothing here ever stops the proxy. Writes go into a queue and are committed in batches, so `kill -9` loses
at most the last quarter of a second, and never corrupts. A file that is broken, or from a later version, is
moved aside and a new one is begun; one that cannot be opened at all (locked, no rights, no space) is
replaced for this run by a temporary one. Both are said in the log.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from cccc_tui.state.migrations import TooNew
from cccc_tui.state.sqlite_file import BUSY_S, is_broken, move_aside, open_file, result_code

Params = Sequence[Any]
Row = tuple[Any, ...]
Write = tuple[str, Params]


class Gathered(NamedTuple):
    """Writes that are made when their batch is."""

    make: Callable[[], Sequence[Write]]


_Item = Write | Gathered | Callable[[], object] | None
"""A write; something to do once everything before it is on disk; or the end."""

BATCH_S = 0.25
"""How long the first write of a batch waits for others."""
RETRY_S = 1.0
"""How long writes that could not be done wait for the next try."""
MAX_BATCH = 2_000
MAX_WAITING = 100_000
"""Writes that wait while the file cannot be written; more are dropped."""

log = logging.getLogger(__name__)


class Database:
    """The state database. `write`, `read` and `flush` are for the event loop and never block it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path
        """What is really open: `path`, or a temporary file."""
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._waiting: deque[_Item] = deque()
        self._is_news = threading.Event()
        """Whether something waits."""
        self._is_urgent = threading.Event()
        """Whether somebody waits for it."""
        self._held: list[Write] = []
        self._trouble = ""
        """What was last logged about writes that fail, so that it is said once."""
        self._generation = 0
        """Rises when another file takes the place of the open one."""
        self._writer: sqlite3.Connection | None = None
        self._reader: sqlite3.Connection | None = None
        self._reader_generation = -1
        self._thread: threading.Thread | None = None
        self._readers: ThreadPoolExecutor | None = None
        self._seen_version: tuple[int, int] | None = None
        """Generation of the file and SQLite's count of the changes that others made to it, at the last look."""

    def open(self) -> None:
        """Opens or makes the file, its tables up to date, and starts the threads. Blocks meanwhile."""
        self._writer = self._begin()
        self._seen_version = (self._generation, _data_version(self._writer))
        self._readers = ThreadPoolExecutor(1, thread_name_prefix="state-reader")
        self._thread = threading.Thread(target=self._run, name="state-writer", daemon=True)
        self._thread.start()

    def write(self, sql: str, params: Params = ()) -> None:
        """Queues a statement. What fails is logged and left out; it is never the caller's problem."""
        if len(self._waiting) + len(self._held) >= MAX_WAITING:
            self._say_once(f"more than {MAX_WAITING} writes wait; new ones are dropped")
            return
        self._put((sql, params))

    def write_gathered(self, make: Callable[[], Sequence[Write]]) -> None:
        """Queues statements that `make` says when they are written, in the writer's thread: so much can be summed up
        until then."""
        self._put(Gathered(make))

    async def read(self, sql: str, params: Params = ()) -> list[Row]:
        """The rows, as of the last batch; none if the file has just turned out to be unreadable."""
        if self._readers is None:
            raise RuntimeError("the state database is not open")
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, sql, params)

    async def flush(self) -> None:
        """Returns when everything written before is on disk (or has been given up, which is logged)."""
        if self._thread is None:
            raise RuntimeError("the state database is not open")
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._put(lambda: _resolve(loop, done), is_urgent=True)
        await done

    async def changed_elsewhere(self) -> bool:
        """Whether another process has written since the last look; what was written here is on disk by then."""
        if self._thread is None:
            raise RuntimeError("the state database is not open")
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        versions: list[tuple[int, int]] = []

        def look() -> None:
            try:
                versions.append((self._generation, _data_version(self._writer)))
            finally:
                _resolve(loop, done)

        self._put(look, is_urgent=True)
        await done
        before, self._seen_version = self._seen_version, versions[0] if versions else self._seen_version
        return before is not None and before != self._seen_version

    def close(self) -> None:
        """Writes what is queued and closes the file. Later writes are lost, later reads raise."""
        if self._thread is None or self._readers is None:
            return
        self._put(None, is_urgent=True)
        self._thread.join()
        self._thread = None
        self._readers.submit(self._close_reader).result()
        self._readers.shutdown()
        self._readers = None
        if self._writer:
            self._writer.close()
        if self._temporary:
            self._temporary.cleanup()

    # -- in the writer's thread

    def _run(self) -> None:
        is_open = True
        while is_open:
            batch, then, is_open = self._collect()
            self._try(self._commit, batch)
            for act in then:
                self._try(act)
        if self._held:
            log.error("%d writes to the state database are lost: %s", len(self._held), self._trouble)

    def _try(self, act: Callable[..., object], *given: object) -> None:
        """The thread must go on, whatever happens: it alone answers those who wait for a flush."""
        try:
            act(*given)
        except Exception:
            log.exception("state database %s: the writer failed", self._file)

    def _collect(self) -> tuple[list[Write], list[Callable[[], object]], bool]:
        """A batch, what to do once it is on disk, and whether more may come."""
        # What is held is tried again though nothing new may come.
        self._is_news.wait(RETRY_S if self._held else None)
        self._is_urgent.wait(BATCH_S)
        self._is_news.clear()
        self._is_urgent.clear()
        batch: list[Write] = []
        while self._waiting and len(batch) < MAX_BATCH:
            item = self._waiting.popleft()
            if isinstance(item, Gathered):
                batch += item.make()
            elif item is None or callable(item):
                self._put_off()
                return batch, [] if item is None else [item], item is not None
            else:
                batch.append(item)
        self._put_off()
        return batch, [], True

    def _put(self, item: _Item, *, is_urgent: bool = False) -> None:
        """Wakes the writer only for the first of a batch: a thread woken for each write would take turns with the
        loop."""
        self._waiting.append(item)
        if is_urgent:
            self._is_urgent.set()
        if not self._is_news.is_set():
            self._is_news.set()

    def _put_off(self) -> None:
        """What a batch has left in the queue is for the next one, at once."""
        if self._waiting:
            self._is_urgent.set()
            self._is_news.set()

    def _commit(self, batch: list[Write]) -> None:
        """Writes what is held and `batch` in one transaction; if that cannot be now, all of it is held."""
        batch, self._held = self._held + batch, []
        if not batch:
            return
        assert self._writer is not None
        try:
            _write_all(self._writer, batch)
            self._trouble = ""
        except sqlite3.Error as error:
            _roll_back(self._writer)
            self._held = batch
            if not is_broken(error):
                self._say_once(f"it cannot be written now ({error}); writes are kept until it can")
            elif self._replace(self._generation, str(error)):
                self._commit([])

    def _replace(self, generation: int, reason: str) -> bool:
        """Puts a new file in the place of a broken one, unless that has been done since it was noticed."""
        if generation != self._generation:
            return False
        assert self._writer is not None
        self._writer.close()
        self._writer = self._begin_new(reason)
        self._generation += 1
        return True

    def _say_once(self, trouble: str) -> None:
        if trouble != self._trouble:
            self._trouble = trouble
            log.warning("state database %s: %s", self._file, trouble)

    # -- opening

    def _begin(self) -> sqlite3.Connection:
        try:
            return open_file(self._file)
        except (sqlite3.Error, OSError, TooNew) as error:
            return self._begin_new(str(error)) if is_broken(error) else self._begin_temporary(str(error))

    def _begin_new(self, reason: str) -> sqlite3.Connection:
        """A new file in the place of one that is broken."""
        try:
            aside = move_aside(self._file)
            connection = open_file(self._file)
        except (sqlite3.Error, OSError) as error:
            return self._begin_temporary(f"{reason}; in its place: {error}")
        log.warning("state database %s: %s; moved to %s, a new one is begun", self._file, reason, aside.name)
        return connection

    def _begin_temporary(self, reason: str) -> sqlite3.Connection:
        if self._temporary:
            self._temporary.cleanup()
        self._temporary = tempfile.TemporaryDirectory(prefix="cccc-state-", ignore_cleanup_errors=True)
        self._file = Path(self._temporary.name) / self._path.name
        consequence = "what this run learns is forgotten at its end"
        log.error("state database %s cannot be used (%s): %s", self._path, reason, consequence)
        return open_file(self._file)

    # -- in the reader's thread

    def _read(self, sql: str, params: Params) -> list[Row]:
        try:
            return self._reading().execute(sql, params).fetchall()
        except sqlite3.Error as error:
            if result_code(error) in (0, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_READONLY):
                raise  # the statement is wrong, not the file
            if is_broken(error):
                generation, reason = self._reader_generation, str(error)
                self._put(lambda: self._replace(generation, reason), is_urgent=True)
            log.error("state database %s: a read failed: %s", self._file, error)
            return []

    def _reading(self) -> sqlite3.Connection:
        if self._reader is None or self._reader_generation != self._generation:
            self._close_reader()
            self._reader_generation = self._generation
            self._reader = sqlite3.connect(self._file, timeout=BUSY_S, isolation_level=None)
            self._reader.execute("PRAGMA query_only = 1")
        return self._reader

    def _close_reader(self) -> None:
        if self._reader:
            self._reader.close()
            self._reader = None


def _data_version(connection: sqlite3.Connection | None) -> int:
    """Changes when another connection has committed, and not by what this one does."""
    assert connection is not None
    return int(connection.execute("PRAGMA data_version").fetchone()[0])


def _write_all(connection: sqlite3.Connection, batch: list[Write]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    for sql, params in batch:
        try:
            connection.execute(sql, params)
        # Values that SQLite cannot take raise the last three; the rest of the batch is not to blame for it.
        except (sqlite3.Error, ValueError, OverflowError, TypeError) as error:
            if not connection.in_transaction or is_broken(error):
                raise
            log.error("state database: a write failed and is left out: %s", error)
    connection.execute("COMMIT")


def _roll_back(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        try:
            connection.execute("ROLLBACK")
        except sqlite3.Error as error:
            log.error("state database: a transaction cannot be rolled back: %s", error)


def _resolve(loop: asyncio.AbstractEventLoop, future: asyncio.Future[None]) -> None:
    """Wakes who waits for a flush, from the writer's thread."""

    def wake() -> None:
        if not future.done():
            future.set_result(None)

    if not loop.is_closed():
        loop.call_soon_threadsafe(wake)
