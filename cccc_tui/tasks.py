"""The one way to start a background task: it has a name, a reference, and its failure is never silent."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

log = logging.getLogger(__name__)

_running: set[asyncio.Task[Any]] = set()


def spawn(coro: Coroutine[Any, Any, T], name: str) -> asyncio.Task[T]:
    """Starts `coro`; the task is kept from the garbage collector, and logs the error that ends it.

    The event loop holds weak references only: an unreferenced task can vanish in the middle of its work.
    The loop's task factory is passed by: Textual sets an eager one (Python 3.12 and up), and our tasks must
    begin at the same moment with and without the control center: never before this function has returned.
    """
    task = asyncio.Task(coro, loop=asyncio.get_running_loop(), name=name)
    _running.add(task)
    task.add_done_callback(_finish)
    return task


def _finish(task: asyncio.Task[Any]) -> None:
    _running.discard(task)
    if not task.cancelled() and (error := task.exception()):
        log.error("background task %r failed: %s", task.get_name(), error, exc_info=error)
