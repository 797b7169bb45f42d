from __future__ import annotations

import asyncio
import gc
import logging

import pytest

from cccc_tui.tasks import spawn


async def test_a_task_has_its_name_and_gives_its_result():
    async def work() -> int:
        return 42

    task = spawn(work(), "answer")
    assert task.get_name() == "answer"
    assert await task == 42


async def test_a_task_that_nobody_holds_survives_the_garbage_collector():
    done = asyncio.Event()
    gate = asyncio.Event()

    async def work() -> None:
        await gate.wait()
        done.set()

    spawn(work(), "unheld")
    await asyncio.sleep(0)
    gc.collect()
    gate.set()
    await asyncio.wait_for(done.wait(), 5)


async def test_the_failure_of_a_task_is_logged_with_its_name(caplog: pytest.LogCaptureFixture):
    async def work() -> None:
        raise ValueError("no good")

    with caplog.at_level(logging.ERROR, "cccc_tui.tasks"):
        await asyncio.wait([spawn(work(), "pump")])
    assert "'pump' failed: no good" in caplog.text


async def test_a_cancelled_task_is_not_a_failure(caplog: pytest.LogCaptureFixture):
    task = spawn(asyncio.Event().wait(), "waiting")
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert caplog.text == ""


async def test_a_task_never_starts_before_spawn_returns_whatever_the_loop_prefers():
    """Textual makes the loop eager on Python 3.12; the engine must run alike with and without it."""
    if eager := getattr(asyncio, "eager_task_factory", None):
        asyncio.get_running_loop().set_task_factory(eager)
    started: list[str] = []

    async def work() -> None:
        started.append("yes")

    task = spawn(work(), "lazy")
    assert started == []
    await task
    assert started == ["yes"]
