from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cccc_tui.config.patterns import Pattern
from cccc_tui.routing.policy import Action, ErrorRule, Failure, FailureKind, PolicySettings, Verdict, judge
from cccc_tui.wire.errors import ErrorClass, UpstreamError

KINDS = get_args(FailureKind)
COUNTED = [kind for kind in KINDS if kind not in ("busy", "reset", "status", "stream_error")]
"""Failures without an answer that always count; the others have tests of their own."""
CLASSES = get_args(ErrorClass)
USUAL = PolicySettings()
ALL_COUNTS = PolicySettings(business_error_safe=False)


def refused(status: int, error_class: Any, settings: PolicySettings = USUAL, **fields: Any) -> Verdict:
    error = UpstreamError(status=status, error_class=error_class, message="no", **fields)
    return judge(Failure(kind="status", error=error, sent=True), settings, 1)


def broken(kind: FailureKind, settings: PolicySettings = USUAL, number: int = 1, **fields: Any) -> Verdict:
    return judge(Failure(kind=kind, **fields), settings, number)


def settings() -> st.SearchStrategy[PolicySettings]:
    switches = ("enabled", "auto_blacklist", "business_error_safe", "config_error_safe", "server_error_safe")
    return st.builds(PolicySettings, **{name: st.booleans() for name in (*switches, "sse_validation_safe")})


def errors(*classes: Any) -> st.SearchStrategy[UpstreamError]:
    return st.builds(
        UpstreamError,
        status=st.sampled_from([0, 200, 400, 401, 404, 422, 429, 500, 529]),
        error_class=st.sampled_from(classes or CLASSES),
        message=st.just("no"),
        type=st.sampled_from(["", "some_error"]),
        retry_after_s=st.none() | st.floats(0, 10**6),
    )


@given(
    st.sampled_from(KINDS), st.none() | errors(), st.booleans(), st.booleans(), settings(), st.integers(1, 3)
)
def test_every_failure_has_a_verdict_with_a_reason(
    kind: FailureKind,
    error: UpstreamError | None,
    sent: bool,
    content_sent: bool,
    given_settings: PolicySettings,
    number: int,
) -> None:
    failure = Failure(kind=kind, error=error, sent=sent, content_sent=content_sent)
    verdict = judge(failure, given_settings, number)
    assert verdict.reason
    assert (verdict.cool_s is None) == (verdict.cool_scope is None)
    assert verdict.cool_s is None or 1 <= verdict.cool_s <= given_settings.max_cool_s
    assert verdict.backoff_s >= 0


CLIENT_FAULTS: tuple[ErrorClass, ...] = (
    "context_overflow",
    "invalid_request",
    "unsupported_parameter",
    "not_found",
    "model_not_found",
    "content_filter",
    "request_too_large",
    "conflict",
)


@given(st.sampled_from(["status", "stream_error"]), errors(*CLIENT_FAULTS), settings(), st.booleans())
def test_no_client_fault_ever_counts_or_cools(
    kind: FailureKind, error: UpstreamError, given_settings: PolicySettings, content_sent: bool
) -> None:
    verdict = judge(Failure(kind=kind, error=error, content_sent=content_sent), given_settings, 1)
    assert not verdict.counts_against
    assert verdict.cool_s is None or verdict.cool_scope == "model"


@given(st.sampled_from(KINDS), st.none() | errors(), settings(), st.integers(1, 3))
def test_after_content_everything_stops(
    kind: FailureKind, error: UpstreamError | None, given_settings: PolicySettings, number: int
) -> None:
    failure = Failure(kind=kind, error=error, sent=True, content_sent=True)
    assert judge(failure, given_settings, number).action == "stop"


@given(st.sampled_from(KINDS), st.none() | errors(), st.booleans(), settings())
def test_the_same_endpoint_is_asked_at_most_twice(
    kind: FailureKind, error: UpstreamError | None, sent: bool, given_settings: PolicySettings
) -> None:
    assert judge(Failure(kind=kind, error=error, sent=sent), given_settings, 2).action != "retry"


@given(st.sampled_from(KINDS), st.none() | errors())
def test_with_the_blacklist_off_nothing_leaves_an_endpoint_out(
    kind: FailureKind, error: UpstreamError | None
) -> None:
    verdict = judge(Failure(kind=kind, error=error), PolicySettings(enabled=False), 2)
    assert not verdict.counts_against
    assert verdict.cool_s is None


@pytest.mark.parametrize(
    ("status", "error_class"),
    [
        (400, "invalid_request"),
        (400, "unsupported_parameter"),
        (404, "not_found"),
        (409, "conflict"),
        (413, "request_too_large"),
        (422, "invalid_request"),
        (400, "context_overflow"),
        (400, "content_filter"),
    ],
)
def test_what_the_client_did_wrong_goes_straight_back_to_it(status: int, error_class: ErrorClass) -> None:
    assert refused(status, error_class, type="invalid_request_error").action == "stop"


def test_another_endpoint_may_have_the_model_or_the_path() -> None:
    assert refused(404, "model_not_found").action == "next"
    web_server_page = refused(404, "not_found")
    assert (web_server_page.action, web_server_page.counts_against) == ("next", False)


def test_a_refused_credential_cools_it_and_counts() -> None:
    for status, error_class in ((401, "authentication"), (403, "permission")):
        verdict = refused(status, error_class)
        assert (verdict.action, verdict.counts_against) == ("next", True)
        assert (verdict.cool_s, verdict.cool_scope) == (600.0, "credential")


def test_an_empty_account_cools_long() -> None:
    for status, error_class in ((402, "billing"), (429, "quota")):
        verdict = refused(status, error_class)
        assert (verdict.action, verdict.cool_s, verdict.cool_scope) == ("next", 1800.0, "credential")
        assert not verdict.cool_doubles


def test_a_limit_cools_as_long_as_the_upstream_says() -> None:
    verdict = refused(429, "rate_limit", retry_after_s=17.5)
    assert (verdict.action, verdict.cool_s, verdict.cool_doubles) == ("next", 17.5, False)
    assert refused(529, "overloaded", retry_after_s=3.0).cool_scope == "endpoint"


def test_rates_are_limited_for_a_model_and_allowances_for_the_whole_account() -> None:
    assert refused(429, "rate_limit").cool_scope == "model_of_key"
    assert refused(429, "quota").cool_scope == refused(402, "billing").cool_scope == "credential"


def test_a_limit_without_a_time_starts_short_and_doubles() -> None:
    verdict = refused(429, "rate_limit")
    assert (verdict.cool_s, verdict.cool_doubles) == (5.0, True)


def test_a_far_date_is_not_trusted_and_a_date_of_now_is_a_second() -> None:
    assert refused(429, "quota", retry_after_s=9 * 86400.0).cool_s == 3600.0
    assert refused(429, "rate_limit", retry_after_s=0.0).cool_s == 1.0


def test_limits_and_overload_never_count_as_breakdowns() -> None:
    for status, error_class in ((429, "rate_limit"), (529, "overloaded")):
        assert not refused(status, error_class, ALL_COUNTS).counts_against


def test_an_inner_failure_goes_to_the_next_at_once_and_counts() -> None:
    verdict = refused(500, "server_error")
    assert (verdict.action, verdict.counts_against, verdict.cool_s) == ("next", True, None)


def test_a_connection_closed_before_any_answer_is_tried_once_more_and_counts_only_then() -> None:
    first, second = broken("reset"), broken("reset", number=2)
    assert (first.action, first.counts_against, first.backoff_s) == ("retry", False, 0.0)
    assert (second.action, second.counts_against) == ("next", True)


def test_a_connection_closed_in_the_answer_is_not_asked_again() -> None:
    verdict = broken("reset", sent=True)
    assert (verdict.action, verdict.counts_against) == ("next", True)


def test_a_limit_of_ours_sends_to_the_next_and_never_counts_against_the_endpoint() -> None:
    verdict = broken("busy")
    assert (verdict.action, verdict.counts_against, verdict.cool_s) == ("next", False, None)


@pytest.mark.parametrize("kind", COUNTED)
def test_every_other_failure_without_an_answer_goes_to_the_next_and_counts(kind: FailureKind) -> None:
    verdict = broken(kind)
    assert (verdict.action, verdict.counts_against, verdict.cool_s) == ("next", True, None)


def test_a_stream_that_broke_after_content_counts_all_the_same() -> None:
    verdict = broken("broken_stream", content_sent=True)
    assert (verdict.action, verdict.counts_against) == ("stop", True)
    error = UpstreamError(status=529, error_class="overloaded", message="no")
    verdict = broken("stream_error", error=error, content_sent=True)
    assert (verdict.action, verdict.cool_s) == ("stop", 5.0)


@pytest.mark.parametrize(
    ("switch", "safe"),
    [
        ("config_error_safe", ["dns", "tls"]),
        ("server_error_safe", ["refused", "connect_timeout", "header_timeout", "content_timeout", "stalled"]),
        ("sse_validation_safe", ["broken_stream", "empty", "bad_content"]),
        ("business_error_safe", []),
    ],
)
def test_each_safe_switch_excuses_its_own_failures_only(switch: str, safe: list[str]) -> None:
    chosen = PolicySettings(**{switch: True})
    assert [kind for kind in COUNTED if not broken(kind, chosen).counts_against] == [
        kind for kind in COUNTED if kind in safe
    ]


def test_the_safe_switches_excuse_errors_of_their_class() -> None:
    safe_config = PolicySettings(config_error_safe=True)
    assert (refused(401, "authentication", safe_config).cool_s, refused(500, "server_error").cool_s) == (
        None,
        None,
    )
    assert not refused(401, "authentication", safe_config).counts_against
    assert not refused(500, "server_error", PolicySettings(server_error_safe=True)).counts_against
    assert not refused(429, "quota").counts_against
    assert refused(429, "quota", ALL_COUNTS).counts_against


def test_without_automatic_blacklisting_only_the_upstreams_own_wish_leaves_it_out() -> None:
    manual = PolicySettings(auto_blacklist=False)
    assert not refused(500, "server_error", manual).counts_against
    assert refused(401, "authentication", manual).cool_s is None
    assert refused(429, "rate_limit", manual, retry_after_s=9.0).cool_s == 9.0


# ---- again at the same endpoint

PASSING = UpstreamError(status=500, error_class="server_error", message="internal error")


def test_a_failure_that_may_pass_is_asked_again_when_no_other_endpoint_is_left() -> None:
    settings = PolicySettings(attempts=3, backoff_s=0.5, max_backoff_s=0.8)
    failure = Failure(kind="status", error=PASSING, sent=True)
    verdicts = [judge(failure, settings, number, is_last=True) for number in (1, 2, 3)]
    assert [verdict.action for verdict in verdicts] == ["retry", "retry", "next"]
    assert [verdict.backoff_s for verdict in verdicts[:2]] == [0.5, 0.8]
    assert [verdict.counts_against for verdict in verdicts] == [False, False, True]
    assert judge(failure, settings, 1).action == "next"


@pytest.mark.parametrize(
    "error",
    [
        UpstreamError(status=400, error_class="invalid_request", message="no"),
        UpstreamError(status=401, error_class="authentication", message="no"),
        UpstreamError(status=429, error_class="rate_limit", message="no"),
        UpstreamError(status=529, error_class="overloaded", message="no", retry_after_s=3.0),
    ],
    ids=lambda error: error.error_class,
)
def test_what_does_not_pass_by_itself_is_not_asked_again(error: UpstreamError) -> None:
    failure = Failure(kind="status", error=error, sent=True)
    assert judge(failure, PolicySettings(), 1, is_last=True).action != "retry"


# ---- rules of the user's


def rule(action: Action, statuses: tuple[int, ...] = (), pattern: str = "", cool_s: float = 0.0) -> ErrorRule:
    return ErrorRule(statuses, Pattern(pattern) if pattern else None, action, 1, cool_s)


def judged(error: UpstreamError, *rules: ErrorRule, number: int = 1) -> Verdict:
    failure = Failure(kind="status", error=error, sent=True)
    return judge(failure, PolicySettings(rules=rules), number, message=error.message)


def test_the_first_rule_that_fits_decides() -> None:
    refused = UpstreamError(status=400, error_class="invalid_request", message="channel is shut")
    assert judged(refused).action == "stop"
    assert judged(refused, rule("next", pattern="shut"), rule("stop")).action == "next"
    assert judged(refused, rule("next", (500,)), rule("next", (400,), "open")).action == "stop"


def test_a_rule_that_asks_again_ends_after_its_retries() -> None:
    refused = UpstreamError(status=400, error_class="invalid_request", message="try me")
    assert judged(refused, rule("retry")).action == "retry"
    assert judged(refused, rule("retry"), number=2).action == "next"


def test_a_rule_may_cool_the_endpoint() -> None:
    refused = UpstreamError(status=400, error_class="invalid_request", message="account paused")
    verdict = judged(refused, rule("next", pattern="paused", cool_s=90.0))
    assert (verdict.cool_s, verdict.cool_scope, verdict.cool_doubles) == (90.0, "endpoint", False)


def test_no_rule_splices_an_answer_that_has_begun() -> None:
    broken = Failure(kind="stalled", sent=True, content_sent=True)
    assert judge(broken, PolicySettings(rules=(rule("retry"),)), 1).action == "stop"
