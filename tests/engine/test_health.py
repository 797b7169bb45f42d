import pytest

from cccc_tui.engine.health import WINDOW_S, HealthBook
from cccc_tui.routing.policy import Verdict

COUNTS = Verdict(action="next", reason="server error", counts_against=True)
FREE = Verdict(action="stop", reason="the client's fault", counts_against=False)
COOLS = Verdict(action="next", reason="rate limit", counts_against=False, cool_s=20.0)


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def book(clock: Clock) -> HealthBook:
    return HealthBook(clock)


def usable(book: HealthBook, name: str = "a") -> bool:
    found = book.availability().get(name)
    return found is None or found.usable


def test_one_failure_leaves_an_endpoint_in(book):
    book.fail("a", COUNTS, "500")
    assert usable(book)


def test_two_failures_and_no_success_leave_it_out_with_the_reason(book):
    book.fail("a", COUNTS, "500")
    book.fail("a", COUNTS, "502 bad gateway")
    assert not usable(book)
    assert book.availability()["a"].reason == "502 bad gateway"


def test_a_success_in_the_window_keeps_it_in(book):
    book.succeed("a")
    book.fail("a", COUNTS, "500")
    book.fail("a", COUNTS, "500")
    assert usable(book)


def test_failures_long_ago_do_not_count(book, clock):
    book.fail("a", COUNTS, "500")
    clock.now += WINDOW_S + 1
    book.fail("a", COUNTS, "500")
    assert usable(book)


def test_a_clients_fault_never_opens_the_breaker(book):
    for _ in range(50):
        book.fail("a", FREE, "400")
    assert usable(book)


def test_after_the_interval_one_request_tries_and_others_wait(book, clock):
    book.fail("a", COUNTS, "500")
    book.fail("a", COUNTS, "500")
    clock.now += book.check_interval_s
    assert usable(book)
    book.begin("a")
    assert not usable(book), "while the trial runs nobody else is sent there"
    book.succeed("a")
    assert usable(book)
    assert book.of("a").state == "closed"


def test_a_failed_trial_waits_another_interval(book, clock):
    book.fail("a", COUNTS, "500")
    book.fail("a", COUNTS, "500")
    clock.now += book.check_interval_s
    book.begin("a")
    book.fail("a", COUNTS, "still 500")
    assert not usable(book)
    clock.now += book.check_interval_s
    assert usable(book)


def test_a_trial_whose_client_left_is_open_to_the_next_request(book, clock):
    book.fail("a", COUNTS, "500")
    book.fail("a", COUNTS, "500")
    clock.now += book.check_interval_s
    book.begin("a")
    book.abandon("a")
    assert usable(book)


def test_a_trial_that_hits_the_clients_fault_does_not_hang(book, clock):
    book.fail("a", COUNTS, "500")
    book.fail("a", COUNTS, "500")
    clock.now += book.check_interval_s
    book.begin("a")
    book.fail("a", FREE, "400")
    assert usable(book)


def test_recovery_takes_as_many_successes_as_the_threshold_says(book, clock):
    book.recovery_threshold = 2
    book.fail("a", COUNTS, "500")
    book.fail("a", COUNTS, "500")
    clock.now += book.check_interval_s
    book.begin("a")
    book.succeed("a")
    assert book.of("a").state == "open"
    assert usable(book), "it answers, so the second trial need not wait"
    book.begin("a")
    book.succeed("a")
    assert book.of("a").state == "closed"


def test_a_cool_down_ends_by_itself_and_says_when(book, clock):
    book.fail("a", COOLS, "429 slow down")
    found = book.availability()["a"]
    assert (found.usable, found.back_at) == (False, clock.now + 20)
    clock.now += 20
    assert usable(book)


def test_cool_downs_do_not_count_as_failures(book, clock):
    for _ in range(5):
        book.fail("a", COOLS, "429")
        clock.now += 20
    assert usable(book)


def test_reset_forgets_one_or_all(book):
    for name in ("a", "b"):
        book.fail(name, COUNTS, "500")
        book.fail(name, COUNTS, "500")
    book.reset("a")
    assert usable(book, "a")
    assert not usable(book, "b")
    book.reset()
    assert usable(book, "b")


def test_what_was_known_before_a_restart_holds(book, clock):
    book.restore("a", "open", "500", cool_until=0.0, open_until=clock.now + 5)
    assert not usable(book)
    clock.now += 5
    assert usable(book)


def test_changes_are_reported_by_identity(clock):
    seen = []
    book = HealthBook(clock, lambda name, health: seen.append((name, health.state)))
    book.succeed("a")
    book.fail("b", COUNTS, "500")
    book.fail("b", COUNTS, "500")
    assert seen == [("a", "closed"), ("b", "open")]


def test_cool_downs_without_a_date_grow_while_they_repeat_and_a_success_ends_that(book, clock):
    guess = Verdict(action="next", reason="rate limit", cool_s=5.0, cool_doubles=True)
    lengths = []
    for _ in range(3):
        book.fail("a", guess, "429")
        lengths.append(book.of("a").cool_until - clock.now)
        clock.now = book.of("a").cool_until
    assert lengths == [5.0, 10.0, 20.0]
    book.succeed("a")
    book.fail("a", guess, "429")
    assert book.of("a").cool_until - clock.now == 5.0


def test_failures_side_by_side_are_one_cool_down(book, clock):
    guess = Verdict(action="next", reason="rate limit", cool_s=5.0, cool_doubles=True)
    for _ in range(4):
        book.fail("a", guess, "429")
    assert book.of("a").cool_until - clock.now == 5.0
