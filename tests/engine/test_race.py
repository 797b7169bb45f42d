import asyncio
from contextlib import asynccontextmanager

import pytest

from cccc_tui.engine.asking import LOST
from cccc_tui.engine.attempt import AttemptFailed
from cccc_tui.engine.race import Entered, Race
from cccc_tui.routing.policy import Failure

FAILED = AttemptFailed(Failure(kind="refused"), "refused")
SOON_S = 0.01
NEVER_S = 3600.0


class Runner:
    """Begins when `starts` is set, or fails; remembers what happened to it."""

    def __init__(self, name: str, fails: bool = False, starts: bool = True) -> None:
        self.name, self.fails = name, fails
        self.starts = asyncio.Event()
        self.asked = asyncio.Event()
        if starts:
            self.starts.set()
        self.story: list[str] = []

    @asynccontextmanager
    async def __call__(self):
        self.story.append("asked")
        self.asked.set()
        try:
            await self.starts.wait()
            if self.fails:
                raise FAILED
            self.story.append("began")
            yield self.name
            self.story.append("finished")
        except asyncio.CancelledError as cancelled:
            self.story.append("lost" if LOST in cancelled.args else "cancelled")
            raise


async def run(first: Runner, second: Runner, after_s: float) -> list[object]:
    race, seen = Race([first(), second()], after_s), []
    try:
        async for name, outcome in race.outcomes(("first", "second")):
            if isinstance(outcome, Entered):
                async with race.won(outcome) as begun:
                    return [*seen, (name, begun)]
            seen.append((name, "failed"))
    finally:
        await race.close()
    return seen


async def test_who_answers_in_time_is_alone():
    first, second = Runner("a"), Runner("b")
    assert await run(first, second, NEVER_S) == [("first", "a")]
    assert second.story == []


async def test_the_second_is_asked_when_the_first_is_silent_and_the_loser_learns_that_it_lost():
    first, second = Runner("a", starts=False), Runner("b")
    assert await run(first, second, SOON_S) == [("second", "b")]
    assert first.story == ["asked", "lost"]
    assert second.story == ["asked", "began", "finished"]


async def test_a_failure_lets_the_next_one_start_at_once():
    assert await run(Runner("a", fails=True), Runner("b"), NEVER_S) == [("first", "failed"), ("second", "b")]


async def test_when_all_fail_there_is_no_winner():
    outcome = await run(Runner("a", fails=True), Runner("b", fails=True), NEVER_S)
    assert outcome == [("first", "failed"), ("second", "failed")]


async def test_one_that_began_at_the_same_moment_has_lost_too():
    first, second = Runner("a", starts=False), Runner("b", starts=False)
    both = asyncio.get_running_loop()
    both.call_later(5 * SOON_S, lambda: (first.starts.set(), second.starts.set()))
    outcome = await run(first, second, SOON_S)
    assert len(outcome) == 1
    assert sorted([first.story[-1], second.story[-1]]) == ["finished", "lost"]


async def test_a_failure_at_the_moment_of_the_others_win_is_heard_too():
    first, second = Runner("a", starts=False), Runner("b", fails=True, starts=False)
    race = Race([first(), second()], SOON_S)

    def both() -> None:
        first.starts.set()
        second.starts.set()

    asyncio.get_running_loop().call_later(5 * SOON_S, both)
    heard = []
    async for name, outcome in race.outcomes(("first", "second")):
        if isinstance(outcome, Entered):
            async with race.won(outcome):
                break
        heard.append(name)
    await race.close()
    assert heard + [("first", "second")[number] for number, _failure in race.unheard] == ["second"]


async def test_a_client_that_leaves_ends_both():
    first, second = Runner("a", starts=False), Runner("b", starts=False)
    exchange = asyncio.ensure_future(run(first, second, SOON_S))
    await first.asked.wait()
    await second.asked.wait()
    exchange.cancel()
    with pytest.raises(asyncio.CancelledError):
        await exchange
    assert first.story[-1] in ("cancelled", "lost")
    assert second.story[-1] in ("cancelled", "lost")
