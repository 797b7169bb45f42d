"""How late the event loop is: the product's own promise, measured all the time."""

from __future__ import annotations

import asyncio
from collections import deque

BEAT_S = 0.1


class LagGauge:
    """Sleeps a beat at a time and notes by how much it overslept."""

    def __init__(self, beats: int = 100) -> None:
        self._late_ms: deque[float] = deque(maxlen=beats)

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + BEAT_S
            await asyncio.sleep(BEAT_S)
            self._late_ms.append(max(0.0, loop.time() - due) * 1000)

    @property
    def p95_ms(self) -> float:
        """Over the last ten seconds; 0 before the first beat."""
        if not self._late_ms:
            return 0.0
        ordered = sorted(self._late_ms)
        return ordered[int(len(ordered) * 0.95)]
