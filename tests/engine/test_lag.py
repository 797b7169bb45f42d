import asyncio
import time

from cccc_tui.engine.lag import BEAT_S, LagGauge


async def test_a_blocked_loop_shows_in_the_gauge():
    gauge = LagGauge(beats=3)
    assert gauge.p95_ms == 0.0
    running = asyncio.get_running_loop().create_task(gauge.run())
    await asyncio.sleep(0)
    time.sleep(BEAT_S + 0.2)
    while gauge.p95_ms == 0.0:
        await asyncio.sleep(0)
    running.cancel()
    assert gauge.p95_ms >= 190
