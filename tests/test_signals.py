from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator

import pytest

from cccc_tui.signals import Signals

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals to oneself are POSIX")


@pytest.fixture
def firsts() -> list[str]:
    """Grows when the first signal is noticed."""
    return []


@pytest.fixture
async def signals(firsts: list[str]) -> AsyncIterator[Signals]:
    signals = Signals(lambda: firsts.append("first"))
    with signals.watched():
        yield signals


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


async def test_a_signal_is_noticed_even_while_the_loop_is_stuck(signals: Signals, firsts: list[str]):
    os.kill(os.getpid(), signal.SIGTERM)
    os.kill(os.getpid(), signal.SIGTERM)
    assert firsts == ["first"]  # nothing has been awaited
    assert not signals.asked.is_set()
    await asyncio.wait_for(signals.insisted.wait(), 5)


async def test_afterwards_the_handlers_are_those_of_before():
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    with Signals(lambda: None).watched():
        assert signal.getsignal(signal.SIGTERM) is not before[0]
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)] == before
