from __future__ import annotations

import asyncio
import os
import signal

import pytest

from cccc_tui.signals import Signals

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals to oneself are POSIX")


@pytest.fixture
async def signals():
    signals = Signals()
    signals.watch()
    yield signals
    for name in ("SIGTERM", "SIGINT", "SIGHUP"):
        asyncio.get_running_loop().remove_signal_handler(signal.Signals[name])


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
async def test_the_first_signal_asks(signals: Signals, name: str):
    os.kill(os.getpid(), signal.Signals[name])
    await asyncio.wait_for(signals.asked.wait(), 5)
    assert signals.name == name
    assert not signals.insisted.is_set()


async def test_the_second_signal_insists_whichever_it_is(signals: Signals):
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(signals.asked.wait(), 5)
    os.kill(os.getpid(), signal.SIGINT)
    await asyncio.wait_for(signals.insisted.wait(), 5)
    assert signals.name == "SIGTERM"
