import asyncio

import pytest

from cccc_tui.engine.timers import Deadline


async def test_a_block_that_outlives_its_deadline_is_stopped():
    with pytest.raises(TimeoutError):
        async with Deadline(0.01):
            await asyncio.Event().wait()


async def test_progress_pushes_the_deadline_back():
    steps = 0
    async with Deadline(0.05) as deadline:
        for _ in range(3):
            deadline.extend(20.0)  # long, since a busy machine oversleeps
            await asyncio.sleep(0.06)
            steps += 1
    assert steps == 3


async def test_a_paused_deadline_cannot_pass():
    async with Deadline(0.02) as deadline:
        deadline.paused = True
        await asyncio.sleep(0.06)
        deadline.paused = False
    assert asyncio.current_task().cancelling() == 0


async def test_a_cancellation_from_outside_is_not_taken_for_the_deadline():
    async def wait_long() -> None:
        async with Deadline(10):
            await asyncio.Event().wait()

    task = asyncio.get_running_loop().create_task(wait_long())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_nothing_is_cancelled_after_the_block():
    async with Deadline(0.01):
        pass
    await asyncio.sleep(0.02)
    assert asyncio.current_task().cancelling() == 0
