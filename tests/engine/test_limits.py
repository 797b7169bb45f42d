import asyncio

import pytest

from cccc_tui.config.schema import Limits
from cccc_tui.engine.limits import MINUTE_S, Busy, Gates
from cccc_tui.tasks import spawn

ONE = Limits(max_concurrent=1, max_queued=2, queue_timeout=5)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def turns(number: int = 5) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


async def test_without_limits_everybody_enters():
    gates = Gates()
    async with gates.entered("a", Limits(), False), gates.entered("a", Limits(), False):
        assert gates.queued("a") == 0


async def test_who_may_not_wait_is_sent_on():
    gates = Gates()
    async with gates.entered("a", ONE, False):
        with pytest.raises(Busy, match="1 requests already, its limit"):
            async with gates.entered("a", ONE, False):
                pass
        async with gates.entered("b", ONE, False):
            pass  # another endpoint has places of its own


async def test_places_are_given_in_the_order_of_asking():
    gates, order = Gates(), []

    async def ask(name: str) -> None:
        async with gates.entered("a", ONE, True):
            order.append(name)

    async with gates.entered("a", ONE, True):
        waiting = [spawn(ask(name), name) for name in ("first", "second")]
        await turns()
        assert gates.queued("a") == 2
        with pytest.raises(Busy, match="2 requests wait"):
            async with gates.entered("a", ONE, True):
                pass
    await asyncio.gather(*waiting)
    assert order == ["first", "second"]


async def test_nobody_slips_in_before_the_first_who_waits():
    gates, order = Gates(), []

    async def ask(name: str) -> None:
        async with gates.entered("a", ONE, True):
            order.append(name)

    async with gates.entered("a", ONE, True):
        waiting = [spawn(ask("early"), "early")]
        await turns()
    waiting.append(spawn(ask("late"), "late"))  # the place is free, and the first has not taken it yet
    async with gates.entered("a", ONE, True):
        order.append("last")
    await asyncio.gather(*waiting)
    assert order[0] == "early"


async def test_nobody_waits_behind_one_who_has_left():
    gates, entered = Gates(), asyncio.Event()

    async def ask() -> None:
        async with gates.entered("a", ONE, True):
            entered.set()

    async with gates.entered("a", ONE, True):
        leaver, stayer = spawn(ask(), "leaver"), spawn(ask(), "stayer")
        await turns()
        leaver.cancel()
    leaver.cancel()
    await stayer
    assert entered.is_set()
    assert gates.queued("a") == 0
    async with gates.entered("a", ONE, False):
        pass  # and the place is free again


async def test_waiting_has_an_end_that_says_when_to_come_again():
    gates, short = Gates(), Limits(max_concurrent=1, queue_timeout=0.01)
    async with gates.entered("a", short, True):
        with pytest.raises(Busy, match="no place within") as busy:
            async with gates.entered("a", short, True):
                pass
    assert busy.value.retry_after_s == pytest.approx(0.01)
    assert gates.queued("a") == 0


async def test_a_minute_has_so_many_requests_and_then_comes_the_next():
    clock = Clock()
    gates, two = Gates(clock), Limits(requests_per_minute=2, queue_timeout=5)
    for _ in range(2):
        async with gates.entered("a", two, True):
            clock.now += 10
    with pytest.raises(Busy, match="2 requests of this minute") as busy:
        async with gates.entered("a", two, True):
            pass
    assert busy.value.retry_after_s == MINUTE_S - 20
    clock.now = MINUTE_S
    async with gates.entered("a", two, True):
        pass


async def test_a_failed_request_gives_its_place_back():
    gates = Gates()
    with pytest.raises(ValueError, match="broken"):
        async with gates.entered("a", ONE, False):
            raise ValueError("broken")
    async with gates.entered("a", ONE, False):
        pass
