import time

import pytest

from cccc_tui.config.schema import Retry
from cccc_tui.engine.health import HealthBook
from cccc_tui.engine.rests import Rests
from cccc_tui.routing.policy import Verdict
from cccc_tui.routing.select import Candidate, Route

ONE, OTHER = (Candidate(name, name, "chat", "priority 1") for name in ("one", "other"))
ROUTE = Route((ONE, OTHER), ())


class OneKeyEach:
    """A judgement, as far as rests ask it."""

    def key_in_pool(self, candidate: Candidate) -> str:
        return ""


@pytest.fixture
def health() -> HealthBook:
    return HealthBook(time.time)


def rests(health: HealthBook, is_wanted: bool = True, **retry: float) -> Rests:
    return Rests(health, OneKeyEach(), Retry(**retry), is_wanted)


def cool(health: HealthBook, endpoint_id: str, cool_s: float, *, dated: bool = False) -> None:
    verdict = Verdict(action="next", reason="rate", cool_s=cool_s, cool_is_dated=dated)
    health.fail(endpoint_id, verdict, "slow down")


def test_nobody_rests_while_nothing_is_known(health):
    assert not rests(health).is_resting(ROUTE)
    assert rests(health).pause_s(ROUTE, 0.0) is None
    assert rests(health).back_in_s(ROUTE) is None


def test_the_best_that_is_out_is_woken_once_and_not_by_the_next_request_of_a_storm(health):
    cool(health, "one", 30.0)
    assert not rests(health).is_resting(ROUTE)
    assert rests(health).is_resting(ROUTE)


def test_nobody_is_woken_before_a_moment_that_the_upstream_has_named(health):
    cool(health, "one", 30.0, dated=True)
    assert rests(health).is_resting(ROUTE)


def test_a_short_rest_is_waited_for_and_a_long_one_is_the_agents_to_wait(health):
    cool(health, "one", 5.0)
    cool(health, "other", 60.0)
    assert rests(health).pause_s(ROUTE, 0.0) == pytest.approx(5.0, abs=0.5)
    assert rests(health, wait_for_cool_down=2.0).pause_s(ROUTE, 0.0) is None
    assert rests(health, deadline=100.0).pause_s(ROUTE, 99.0) is None


def test_all_waits_of_one_exchange_together_stay_within_the_limit(health):
    cool(health, "one", 6.0)
    patient = rests(health, wait_for_cool_down=10.0)
    assert patient.pause_s(ROUTE, 0.0) is not None
    assert patient.pause_s(ROUTE, 6.0) is None


def test_what_is_no_answer_neither_waits_nor_wakes(health):
    cool(health, "one", 1.0)
    counting = rests(health, is_wanted=False)
    assert not counting.is_resting(ROUTE)
    assert counting.pause_s(ROUTE, 0.0) is None
    assert counting.to_wake(Route((), (), (ONE,))) == ()


def test_the_first_to_be_back_is_named_with_the_reason(health):
    cool(health, "one", 60.0)
    cool(health, "other", 20.0)
    first, out = rests(health).first_back(ROUTE)
    assert (first.name, out.reason) == ("other", "slow down")
    assert rests(health).all_are_out(ROUTE)
    assert rests(health).back_in_s(ROUTE) == pytest.approx(20.0, abs=0.5)
