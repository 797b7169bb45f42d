"""One process at a time: what reads a file, changes it and writes it back holds a lock meanwhile.

The system lets a lock go when its process ends, however it ends.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from cccc_tui.config.paths import state_folder


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Holds the lock of that name, and waits for it first; hold it for no longer than a write takes."""
    handle = os.open(state_folder() / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(handle)
        yield
    finally:
        os.close(handle)  # which lets the lock go


def _lock(handle: int) -> None:
    if os.name == "posix":
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX)
    else:
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined]  # only there on Windows
