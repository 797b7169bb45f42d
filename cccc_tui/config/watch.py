"""Notices that the configuration file was saved.

Editors save by writing a new file and renaming it over the old one, which ends a watch on the file itself;
so its folder is watched, and the folder of what it links to. What counts is the content: an event that leaves
it as it was is none. Twice a second the file is looked at even without an event, because network file systems
send none, and because a folder that was itself replaced is watched no longer.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

log = logging.getLogger(__name__)

_STEP_MS = 50
"""Quiet time that ends a burst of events."""
_DEBOUNCE_MS = 400
"""Longest burst that is waited for."""
_LOOK_MS = 500
"""Time between two looks without an event."""

_MISSING = b"\0missing"
"""Stands for the content of a file that is not there."""


async def changes(path: Path, stop: asyncio.Event, known: str | None = None) -> AsyncIterator[None]:
    """Yields after each change of the file's content, until `stop` is set.

    `known` is the text that was loaded last: a change between that load and the first look is not lost. A
    file that is not there counts as changed only at the second look: some editors delete before they write.
    """
    last = known.encode() if known is not None else await asyncio.to_thread(_content, path)
    missed = False
    async for _ in _looks(path, stop):
        now = await asyncio.to_thread(_content, path)
        if now == _MISSING and not missed:
            missed = True
            continue
        missed = now == _MISSING
        if now != last:
            last = now
            yield


async def _looks(path: Path, stop: asyncio.Event) -> AsyncIterator[None]:
    """Yields at once, then whenever it is worth reading the file again."""
    yield
    while not stop.is_set():
        folders = _folders(path)
        if not folders:
            await _pause(stop)
            yield
            continue
        try:
            async for _ in _events(folders, stop):
                yield
                if _folders(path) != folders:
                    break
        except OSError as error:
            log.debug("cannot watch %s: %s", folders, error)
            await _pause(stop)


async def _events(folders: Iterable[Path], stop: asyncio.Event) -> AsyncIterator[None]:
    """Yields at each burst of events in the folders, and after a while without one."""
    # Loaded beside the first requests, not before them: it brings a second framework for concurrency along.
    watchfiles = await asyncio.to_thread(importlib.import_module, "watchfiles")
    halt = _Halt(stop)
    watched = watchfiles.awatch(
        *folders,
        watch_filter=None,
        debounce=_DEBOUNCE_MS,
        step=_STEP_MS,
        stop_event=halt,
        rust_timeout=_LOOK_MS,
        yield_on_timeout=True,
        recursive=False,
    )
    try:
        async for _ in watched:
            yield
    finally:
        halt.set()
        await watched.aclose()


class _Halt(asyncio.Event):
    """Set by `stop`, or by us. watchfiles sets its event when cancelled, and `stop` is not its to set."""

    def __init__(self, stop: asyncio.Event) -> None:
        super().__init__()
        self._stop = stop

    def is_set(self) -> bool:
        return super().is_set() or self._stop.is_set()


async def _pause(stop: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(stop.wait(), _LOOK_MS / 1000)
    except TimeoutError:
        return


def _folders(path: Path) -> dict[Path, int]:
    """The folders to watch, by path, each with its inode, which tells a folder from its successor."""
    found = {}
    for folder in (path.absolute().parent, path.resolve().parent):
        try:
            found[folder] = folder.stat().st_ino
        except OSError:
            continue  # not there now; the next look finds it when it is back
    return found


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes() if path.is_file() else _MISSING  # a pipe would be waited for without end
    except OSError:
        return _MISSING
