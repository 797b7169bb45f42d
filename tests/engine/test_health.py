import pytest
from hypothesis import given
from hypothesis import strategies as st

from cccc_tui.engine.health import FORCE_EVERY_S, STREAK, TRIAL_S, WINDOW_S, HealthBook, Place
from cccc_tui.routing.policy import Failure, PolicySettings, Verdict, judge
from cccc_tui.routing.select import Quota
from cccc_tui.wire.errors import UpstreamError

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
    found = book.view().endpoints.get(name)
    return found is None or found.usable


def test_one_failure_leaves_an_endpoint_in(book):
    book.fail("a", COUNTS, "500")
    assert usable(book)


def test_two_failures_and_no_success_leave_it_out_with_the_reason(book):
    book.fail("a", COUNTS, "500")
    book.fail("a", COUNTS, "502 bad gateway")
    assert not usable(book)
    assert book.view().endpoints["a"].reason == "502 bad gateway"


def test_a_success_in_the_window_keeps_it_in(book):
    book.succeed("a")
    book.fail("a", COUNTS, "500")
    book.fail("a", COUNTS, "500")
    assert usable(book)


def test_failures_one_after_the_other_leave_it_out_although_it_was_well_a_moment_ago(book, clock):
    book.succeed("a")
    for _ in range(STREAK):
        assert usable(book)
        clock.now += 1
        book.fail("a", COUNTS, "500", asked_at=clock.now - 0.5)
    assert not usable(book)


def test_what_breaks_side_by_side_is_one_failure_of_a_streak(book, clock):
    asked_at = clock.now
    book.succeed("a")
    clock.now += 30
    for _ in range(2 * STREAK):
        book.fail("a", COUNTS, "the connection broke", asked_at=asked_at)
    assert usable(book), "one blip of the network cuts every stream"


def test_a_success_ends_a_streak(book, clock):
    for _ in range(2 * STREAK):
        book.succeed("a", asked_at=clock.now)
        book.fail("a", COUNTS, "500", asked_at=clock.now)
        book.fail("a", COUNTS, "500", asked_at=clock.now)
        clock.now += 1
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
    found = book.view().endpoints["a"]
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
    book.restore(Place("a"), "open", "500", cool_until=0.0, open_until=clock.now + 5)
    assert not usable(book)
    clock.now += 5
    assert usable(book)


def test_changes_are_reported_by_identity(clock):
    seen = []
    book = HealthBook(clock, lambda name, health: seen.append((name, health.state)))
    book.succeed("a")
    book.fail("b", COUNTS, "500")
    book.fail("b", COUNTS, "500")
    assert seen == [(Place("a"), "closed"), (Place("b"), "open")]


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


def test_a_key_of_a_pool_cools_without_its_endpoint(book, clock):
    verdict = Verdict(action="next", reason="rate limit", cool_s=20.0, cool_scope="credential")
    book.fail("a", verdict, "429", key_id="k1", model="m")
    view = book.view()
    assert not view.keys["a", "k1"].usable
    assert usable(book)
    assert list(book.cooling("a")) == [Place("a", "k1")]
    clock.now += 21
    assert book.cooling("a") == {}


def test_a_model_that_is_missing_cools_by_itself(book):
    verdict = Verdict(action="next", reason="no such model", cool_s=600.0, cool_scope="model")
    book.fail("a", verdict, "404 no such model", model="m1")
    assert not book.view().models["a", "m1"].usable
    assert usable(book)


def test_a_success_ends_the_cool_down_of_its_key_and_model(book):
    for scope in ("credential", "model"):
        verdict = Verdict(action="next", reason="no", cool_s=600.0, cool_scope=scope)
        book.fail("a", verdict, "no", key_id="k1", model="m1")
    book.succeed("a", "k1", "m1")
    assert book.cooling("a") == {}


def test_a_storm_tries_an_endpoint_that_is_out_once_in_a_while(book, clock):
    book.fail("a", COUNTS, "500")
    book.fail("a", COUNTS, "500")
    assert [book.may_force("a") for _request in range(5)] == [True, False, False, False, False]
    clock.now += FORCE_EVERY_S
    assert book.may_force("a")


def test_a_moment_that_the_upstream_named_is_never_forced(book, clock):
    named = Verdict(action="next", reason="rate limit", cool_s=20.0, cool_is_dated=True)
    book.fail("a", named, "429")
    assert not book.may_force("a")
    clock.now += 21
    assert book.may_force("a")


def test_the_mean_time_to_first_content_follows_the_last_answers(book):
    for seconds in (1.0, 1.0, 5.0):
        book.succeed("a", first_content_s=seconds)
    assert 1.0 < book.view().first_content_s["a"] < 5.0


def test_a_quota_says_nothing_after_its_renewal(book, clock):
    book.note_quota("a", "k1", Quota(0.2, clock.now + 60))
    assert book.quotas("a") == {"k1": Quota(0.2, clock.now + 60)}
    clock.now += 61
    assert book.quotas("a") == {}


def test_of_many_healthy_endpoints_there_is_nothing_to_say(book):
    for number in range(50):
        book.succeed(f"e{number}")
    assert book.view().endpoints == {}


def test_a_trial_that_takes_long_keeps_nobody_away_for_good(book, clock):
    book.fail("a", COUNTS, "500")
    book.fail("a", COUNTS, "500")
    clock.now += book.check_interval_s
    book.begin("a")
    clock.now += TRIAL_S
    assert usable(book), "the first may be in the middle of a long answer, or lost"
    book.begin("a")
    assert not usable(book), "this one is the next trial"


def test_a_rate_limit_holds_for_one_model_of_one_key(book, clock):
    limited = Verdict(action="next", reason="rate", cool_s=20.0, cool_scope="model_of_key")
    book.fail("a", limited, "429", key_id="k1", model="large")
    view = book.view()
    assert not view.key_models["a", "k1", "large"].usable
    assert (view.endpoints, view.keys, view.models) == ({}, {}, {})
    assert book.why_out("a", "k1", "large").back_at == clock.now + 20
    assert book.why_out("a", "k2", "large").back_at == book.why_out("a", "k1", "small").back_at == 0.0
    book.succeed("a", "k1", "large")
    assert book.cooling("a") == {}


@pytest.mark.parametrize("scope", ["endpoint", "credential", "model", "model_of_key"])
def test_a_long_answer_that_ends_well_does_not_end_a_rest_that_began_meanwhile(book, clock, scope):
    asked_at = clock.now
    clock.now += 30
    rests = Verdict(action="next", reason="no", cool_s=300.0, cool_scope=scope)
    book.fail("a", rests, "429", key_id="k1", model="m")
    clock.now += 30
    book.succeed("a", "k1", "m", asked_at=asked_at)
    assert book.why_out("a", "k1", "m").is_out(clock.now)
    book.succeed("a", "k1", "m", asked_at=clock.now)
    assert not book.why_out("a", "k1", "m").is_out(clock.now)


def test_an_old_answer_does_not_close_a_breaker_that_opened_since(book, clock):
    asked_at = clock.now
    clock.now += 1
    book.fail("a", COUNTS, "500")
    book.fail("a", COUNTS, "500")
    book.succeed("a", asked_at=asked_at)
    assert not usable(book)


def test_the_end_of_a_cool_down_is_reported(clock):
    seen = []
    book = HealthBook(clock, lambda place, health: seen.append((place, health.cool_until)))
    book.succeed("a")
    book.fail("a", COOLS, "429")
    clock.now += 1
    book.succeed("a")
    assert seen[-1] == (Place("a"), 0.0), "else a restart would bring it back"


SCOPES = (None, "endpoint", "credential", "model", "model_of_key")
VERDICTS = st.builds(
    Verdict,
    action=st.sampled_from(["retry", "next", "stop"]),
    reason=st.just("it failed"),
    counts_against=st.booleans(),
    cool_s=st.one_of(st.none(), st.floats(1.0, 3600.0)),
    cool_scope=st.sampled_from(SCOPES),
    cool_doubles=st.booleans(),
    cool_is_dated=st.booleans(),
)
EVENTS = st.one_of(
    VERDICTS,
    st.sampled_from(["succeeds", "succeeds late", "begins", "abandons", "forces", "waits", "answers"]),
)


@given(st.lists(EVENTS, max_size=60), st.integers(1, 3))
def test_no_sequence_of_faults_shuts_an_endpoint_for_ever(events, threshold):
    clock = Clock()
    book = HealthBook(clock)
    book.recovery_threshold = threshold
    for event in events:
        match event:
            case Verdict():
                book.fail("a", event, "it failed", key_id="k", model="m")
            case "succeeds":
                book.succeed("a", "k", "m")
            case "succeeds late":
                book.succeed("a", "k", "m", asked_at=clock.now - 10)
            case "begins":
                book.begin("a")  # and nobody may ever say how it ended
            case "abandons":
                book.abandon("a")
            case "forces":
                book.may_force("a", "k", "m")
            case "answers":
                book.answers("a")
            case "waits":
                clock.now += 7.0
    clock.now += 3600.0
    assert usable(book)
    assert not book.why_out("a", "k", "m").is_out(clock.now)
    for _ in range(threshold):
        book.begin("a")
        book.succeed("a", "k", "m", asked_at=clock.now)
    assert book.of("a").state in ("closed", "untried")
    assert usable(book)


CLIENT_FAULTS = st.sampled_from(
    ["context_overflow", "invalid_request", "content_filter", "request_too_large", "conflict"]
)


@given(st.lists(CLIENT_FAULTS, max_size=40), st.booleans())
def test_no_sequence_of_client_faults_opens_a_breaker_or_begins_a_rest(classes, is_last):
    book = HealthBook(Clock())
    for error_class in classes:
        error = UpstreamError.of(error_class, "the request is at fault", retry_after_s=30.0)
        verdict = judge(Failure(kind="status", error=error, sent=True), PolicySettings(), 1, is_last=is_last)
        book.fail("a", verdict, error.message, key_id="k", model="m")
    assert usable(book)
    assert book.of("a").state == "untried"
    assert book.cooling("a") == {}
