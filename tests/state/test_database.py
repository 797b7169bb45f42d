from __future__ import annotations

import asyncio
import logging
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from cccc_tui.state import migrations
from cccc_tui.state.database import Database

COLUMNS = "(endpoint_id, state, since, back_at, failures, reason)"
HEALTH = f"INSERT OR REPLACE INTO health {COLUMNS} VALUES (?, 'failing', 0, NULL, ?, '')"


async def names(database: Database) -> list[str]:
    return [name for (name,) in await database.read("SELECT endpoint_id FROM health ORDER BY 1")]


def reopened(database: Database, path: Path) -> Database:
    database.close()
    again = Database(path)
    again.open()
    return again


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "state.db"


async def test_what_was_written_is_there_after_a_flush_and_after_a_restart(
    database: Database, path: Path
) -> None:
    database.write(HEALTH, ("a", 1))
    await database.flush()
    assert await names(database) == ["a"]
    database.write(HEALTH, ("b", 1))
    again = reopened(database, path)
    assert await names(again) == ["a", "b"]
    again.close()


async def test_a_write_of_before_the_opening_is_done_then(path: Path) -> None:
    database = Database(path)
    database.write(HEALTH, ("early", 1))
    database.open()
    await database.flush()
    assert await names(database) == ["early"]
    database.close()


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
def test_only_the_owner_may_read_file_and_folder(database: Database, path: Path) -> None:
    database.write(HEALTH, ("a", 1))
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}


def test_closing_twice_or_unopened_is_nothing(database: Database, path: Path) -> None:
    database.close()
    database.close()
    Database(path).close()


async def test_reading_or_flushing_what_is_not_open_is_a_mistake_that_is_told(path: Path) -> None:
    with pytest.raises(RuntimeError, match="not open"):
        await Database(path).read("SELECT 1")
    with pytest.raises(RuntimeError, match="not open"):
        await Database(path).flush()


async def test_a_wrong_read_raises_at_once(database: Database) -> None:
    with pytest.raises(sqlite3.OperationalError, match="nonsense"):
        await database.read("SELECT * FROM nonsense")


async def test_reads_cannot_write(database: Database) -> None:
    with pytest.raises(sqlite3.Error):
        await database.read("DELETE FROM health")


@pytest.mark.parametrize(
    ("sql", "params"),
    [
        ("INSERT INTO nonsense VALUES (1)", ()),
        (HEALTH, ("too few",)),
        (HEALTH, ("huge", 2**70)),
        (HEALTH, ("half \ud83d emoji", 1)),
        (HEALTH, (object(), 1)),
    ],
)
async def test_a_write_that_fails_is_logged_and_the_others_are_done(
    database: Database, caplog: pytest.LogCaptureFixture, sql: str, params: tuple[object, ...]
) -> None:
    database.write(HEALTH, ("before", 1))
    database.write(sql, params)
    database.write(HEALTH, ("behind", 1))
    await database.flush()
    assert await names(database) == ["before", "behind"]
    assert "a write failed" in caplog.text


async def test_many_threads_may_write(database: Database) -> None:
    def write(thread: int) -> None:
        for number in range(100):
            database.write(HEALTH, (f"{thread}-{number}", 1))

    threads = [threading.Thread(target=write, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    await database.flush()
    assert len(await names(database)) == 400


async def test_reading_does_not_wait_for_a_write_in_progress(database: Database, path: Path) -> None:
    database.write(HEALTH, ("a", 1))
    await database.flush()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute(HEALTH, ("b", 1))
    assert await names(database) == ["a"]
    other.execute("ROLLBACK")
    other.close()


async def test_writes_wait_while_another_program_holds_the_file(
    database: Database, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await database.flush()
    database._writer.execute("PRAGMA busy_timeout = 1")  # type: ignore[union-attr]
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    database.write(HEALTH, ("kept", 1))
    await database.flush()
    assert "cannot be written now" in caplog.text
    other.execute("ROLLBACK")
    other.close()
    await database.flush()
    assert await names(database) == ["kept"]


@pytest.mark.parametrize("content", [b"this is no database" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
async def test_a_broken_file_is_moved_aside_and_a_new_one_begun(
    path: Path, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    database = Database(path)
    database.open()
    database.write(HEALTH, ("new", 1))
    await database.flush()
    assert await names(database) == ["new"]
    database.close()
    (aside,) = [file for file in path.parent.iterdir() if file.name != path.name]
    assert aside.read_bytes() == content
    assert aside.name in caplog.text


async def test_a_file_of_a_later_version_is_moved_aside_unharmed(
    database: Database, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    database.write(HEALTH, ("old", 1))
    database.close()
    with sqlite3.connect(path) as later:
        later.execute("PRAGMA user_version = 99")
    later.close()
    again = Database(path)
    again.open()
    assert await names(again) == []
    again.close()
    assert "later version" in caplog.text
    (aside,) = path.parent.glob("state.*-*.db")
    with sqlite3.connect(aside) as kept:
        assert kept.execute("SELECT endpoint_id FROM health").fetchall() == [("old",)]
    kept.close()


async def test_a_file_that_breaks_while_it_is_open_is_replaced(
    database: Database, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(500):
        database.write(HEALTH, (f"{number:04}" * 20, 1))
    again = reopened(database, path)
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\x0d\xff\xff\xff" * ((len(content) - 4096) // 4))
    assert await names(again) == []
    again.write(HEALTH, ("new", 1))
    await again.flush()
    assert await names(again) == ["new"]
    again.close()
    assert "a new one is begun" in caplog.text
    assert len(list(path.parent.glob("state.*-*.db"))) == 1


async def test_a_file_that_is_locked_is_replaced_for_this_run_only(
    database: Database, path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cccc_tui.state.sqlite_file.BUSY_S", 0.01)
    database.write(HEALTH, ("theirs", 1))
    database.close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    locked_out = Database(path)
    locked_out.open()
    locked_out.write(HEALTH, ("ours", 1))
    await locked_out.flush()
    assert await names(locked_out) == ["ours"]
    locked_out.close()
    other.execute("ROLLBACK")
    assert other.execute("SELECT endpoint_id FROM health").fetchall() == [("theirs",)]
    other.close()
    assert "forgotten at its end" in caplog.text


async def test_a_folder_that_cannot_be_made_is_no_reason_not_to_run(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    database = Database(tmp_path / "file" / "state.db")
    database.open()
    database.write(HEALTH, ("a", 1))
    await database.flush()
    assert await names(database) == ["a"]
    database.close()
    assert caplog.records[0].levelno == logging.ERROR


async def test_an_older_file_becomes_a_current_one_and_keeps_its_rows(
    database: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.write(HEALTH, ("old", 1))
    database.close()
    later = (*migrations.MIGRATIONS, ("ALTER TABLE health ADD COLUMN note TEXT NOT NULL DEFAULT 'none'",))
    monkeypatch.setattr(migrations, "MIGRATIONS", later)
    again = Database(path)
    again.open()
    assert await again.read("SELECT endpoint_id, note FROM health") == [("old", "none")]
    assert await again.read("PRAGMA user_version") == [(len(later),)]
    again.close()


def test_a_migration_that_fails_leaves_the_file_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    monkeypatch.setattr(migrations, "MIGRATIONS", (("CREATE TABLE one (x)", "CREATE TABLE one (x)"),))
    with pytest.raises(sqlite3.OperationalError):
        migrations.migrate(connection)
    assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    assert connection.execute("PRAGMA user_version").fetchone() == (0,)
    connection.close()


async def test_the_loop_goes_on_while_the_file_is_slow(database: Database, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    database.write(HEALTH, ("a", 1))
    flushing = asyncio.ensure_future(database.flush())
    for _ in range(100):
        await asyncio.sleep(0)  # the loop turns; the writer waits for the other program
    assert not flushing.done()
    other.execute("ROLLBACK")
    await flushing
    other.close()
    assert await names(database) == ["a"]


WRITER = """
import asyncio, itertools, sys
from pathlib import Path
from cccc_tui.state.database import Database

async def main():
    database = Database(Path(sys.argv[1]))
    database.open()
    for number in itertools.count():
        database.write(sys.argv[2], (f"{number:08}", number))
        if number % 50 == 49:
            await database.flush()
            print(number, flush=True)

asyncio.run(main())
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
async def test_a_killed_process_loses_at_most_the_last_batch_and_breaks_nothing(path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), HEALTH], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    safe = [int(process.stdout.readline()) for _ in range(20)][-1]
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    database = Database(path)
    database.open()
    numbers = [number for (number,) in await database.read("SELECT failures FROM health ORDER BY 1")]
    assert await database.read("PRAGMA integrity_check") == [("ok",)]
    database.close()
    assert numbers == list(range(len(numbers)))
    assert len(numbers) > safe
    assert list(path.parent.glob("state.*-*.db")) == []
