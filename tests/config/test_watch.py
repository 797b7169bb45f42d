import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from cccc_tui.config import watch
from cccc_tui.config.watch import changes
from cccc_tui.tasks import spawn


class Seen:
    """Counts what `changes` yields; `next` waits for the next one."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[None] = asyncio.Queue()

    async def collect(self, path: Path, stop: asyncio.Event, known: str | None) -> None:
        async for _ in changes(path, stop, known):
            self._queue.put_nowait(None)

    async def next(self, timeout_s: float = 30) -> None:
        await asyncio.wait_for(self._queue.get(), timeout_s)

    @property
    def count(self) -> int:
        return self._queue.qsize()


@asynccontextmanager
async def watching(path: Path, known: str | None) -> AsyncIterator[Seen]:
    """Watches until the block ends."""
    stop, seen = asyncio.Event(), Seen()
    task = spawn(seen.collect(path, stop, known), "watch under test")
    try:
        yield seen
    finally:
        stop.set()
        await asyncio.wait_for(task, 30)


@pytest.fixture
def path(tmp_path) -> Path:
    file = tmp_path / "config.yaml"
    file.write_text("first")
    return file


async def test_a_change_since_the_load_is_not_lost(path):
    async with watching(path, known="older") as seen:
        await seen.next()


async def test_each_saved_content_is_noticed_once(path):
    async with watching(path, known="older") as seen:
        await seen.next()
        path.write_text("second")
        await seen.next()
        path.write_text("third")
        await seen.next()
        assert seen.count == 0


async def test_a_rename_over_the_file_is_noticed_by_its_event(path, tmp_path, monkeypatch):
    """Without the regular look, which would find it too, but later."""
    monkeypatch.setattr(watch, "_LOOK_MS", 60_000)
    async with watching(path, known=None) as seen:
        await until_the_watch_stands(path, seen)
        new = tmp_path / "config.yaml~"
        for content in ("a", "b", "c"):
            new.write_text(content)
            os.replace(new, path)
            await seen.next()


async def until_the_watch_stands(path: Path, seen: Seen) -> None:
    for number in range(100):
        path.write_text(f"knock {number}")
        with suppress(TimeoutError):
            await seen.next(timeout_s=0.5)
            return
    raise AssertionError("no event in 50 s")


async def test_a_save_that_changes_nothing_is_no_change(path):
    async with watching(path, known="older") as seen:
        await seen.next()
        path.write_text("first")
        os.utime(path)
        (path.parent / "other.txt").write_text("x")
        path.write_text("second")
        await seen.next()
        assert seen.count == 0


async def test_a_file_that_is_deleted_and_made_again_is_still_watched(path):
    async with watching(path, known="older") as seen:
        await seen.next()
        path.unlink()
        await seen.next()
        path.write_text("again")
        await seen.next()


async def test_the_target_of_a_symbolic_link_is_watched(path, tmp_path):
    target = tmp_path / "dotfiles" / "real.yaml"
    target.parent.mkdir()
    target.write_text("linked")
    path.unlink()
    path.symlink_to(target)
    async with watching(path, known="older") as seen:
        await seen.next()
        target.write_text("changed")
        await seen.next()


async def test_a_folder_that_is_replaced_is_still_watched(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "config.yaml").write_text("first")
    async with watching(folder / "config.yaml", known="older") as seen:
        await seen.next()
        folder.rename(tmp_path / "gone")
        folder.mkdir()
        (folder / "config.yaml").write_text("second")
        await seen.next()
        (folder / "config.yaml").write_text("third")
        await seen.next()


async def test_cancelling_the_watch_leaves_the_stop_event_alone(path):
    stop, seen = asyncio.Event(), Seen()
    task = spawn(seen.collect(path, stop, "older"), "watch under test")
    await seen.next()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not stop.is_set()
