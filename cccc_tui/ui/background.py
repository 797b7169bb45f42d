"""Blocking calls away from the loop, in daemon threads: nothing that hangs there holds up cccc, its end included."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def in_background(call: Callable[[], T], timeout_s: float | None) -> T:
    """What `call` returns, or its error; `TimeoutError` when it takes longer, and the thread is left to itself.

    Without a timeout it may take as long as it likes.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def succeed(value: T) -> None:
        if not answer.done():
            answer.set_result(value)

    def fail(error: Exception) -> None:
        if not answer.done():
            answer.set_exception(error)

    def work() -> None:
        try:
            value = call()
        except Exception as error:  # it is raised where the answer is awaited
            if not loop.is_closed():
                loop.call_soon_threadsafe(fail, error)
        else:
            if not loop.is_closed():
                loop.call_soon_threadsafe(succeed, value)

    threading.Thread(target=work, name="cccc-ui-background", daemon=True).start()
    return await asyncio.wait_for(answer, timeout_s)
