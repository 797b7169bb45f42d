from __future__ import annotations

import timeit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cccc_tui.state.redact import _HINT, _SHAPES, redact_headers, redact_text

KEY = "sk-ant-api03-AbCdEfGhIjKlMnOpQrStUvWxYz-a1b2"


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Authorization", f"Bearer {KEY}", "Bearer …a1b2"),
        ("authorization", "Bearer sk-gw", "Bearer …"),
        ("Authorization", "Basic dXNlcjpwYXNzd29yZDEyMzQ1", "Basic …"),
        ("Authorization", KEY, "…a1b2"),
        ("x-api-key", KEY, "…a1b2"),
        ("X-Api-Key", "short", "…"),
        ("api-key", KEY, "…a1b2"),
        ("x-goog-api-key", "AIzaSyA1234567890abcdefghijklmnopqrstu", "…rstu"),
        ("Proxy-Authorization", "Bearer abcdefghijklmnopqrst", "Bearer …qrst"),
        ("Cookie", "session=0123456789abcdef0123", "…"),
        ("Set-Cookie", "cf=0123456789abcdef0123; SameSite=Lax", "…"),
        ("x-amz-security-token", "0123456789abcdefwxyz", "…wxyz"),
        ("X-Client-Secret", "0123456789abcdefwxyz", "…wxyz"),
        ("Ocp-Apim-Subscription-Key", "0123456789abcdefwxyz", "…wxyz"),
        ("Authorization", "", ""),
    ],
)
def test_a_secret_header_keeps_its_scheme_and_its_last_characters(name: str, value: str, shown: str) -> None:
    assert redact_headers([(name, value)]) == ((name, shown),)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Content-Type", "application/json"),
        ("anthropic-ratelimit-tokens-remaining", "39000"),
        ("x-ratelimit-limit-tokens", "100"),
        ("anthropic-ratelimit-input-tokens-reset", "2026-11-21T00:00:00Z"),
        ("WWW-Authenticate", 'Bearer realm="api"'),
        ("Idempotency-Key", "stainless-python-retry-1"),
        ("Access-Control-Allow-Credentials", "true"),
        ("X-Claude-Code-Session-Id", "0c2f6d1e-7d0c-4a56-8b7d-2f5b3c1d9e10"),
    ],
)
def test_a_header_that_is_no_secret_stays(name: str, value: str) -> None:
    assert redact_headers([(name, value)]) == ((name, value),)


def test_order_spelling_and_repeated_lines_are_kept() -> None:
    lines = [("B", "1"), ("x-API-key", "k"), ("B", "2")]
    assert redact_headers(iter(lines)) == (("B", "1"), ("x-API-key", "…"), ("B", "2"))


@given(st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=5, max_size=60))
def test_no_more_than_four_characters_of_a_secret_are_shown(secret: str) -> None:
    ((_, shown),) = redact_headers([("x-api-key", secret)])
    assert len(shown) <= 5
    assert secret not in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"bad key {KEY}, sorry", "bad key sk-ant-…a1b2, sorry"),
        ("key sk-proj-0123456789abcdefwxyz!", "key sk-proj-…wxyz!"),
        ("Authorization: Bearer abcdefghijklmnopqrst", "Authorization: Bearer …qrst"),
        ("GET /v1?key=0123456789abcdefwxyz&alt=sse", "GET /v1?key=…wxyz&alt=sse"),
        ("https://h/x?a=1&access_token=abc", "https://h/x?a=1&access_token=…"),
        ("via http://joe:hunter2@proxy:3128/", "via http://joe:…@proxy:3128/"),
        ("ghp_0123456789abcdefghijABCD", "ghp_…ABCD"),
        ("max_tokens=100 and ?max_tokens=100", "max_tokens=100 and ?max_tokens=100"),
        ("a risk-assessment-of-everything", "a risk-assessment-of-everything"),
        ("https://h:8080/path", "https://h:8080/path"),
    ],
)
def test_what_looks_like_a_secret_is_taken_out_of_texts(text: str, shown: str) -> None:
    assert redact_text(text) == shown


def test_known_secrets_are_taken_out_whatever_they_look_like() -> None:
    assert redact_text("it said hunter2!", ["hunter2"]) == "it said …!"
    assert redact_text("url p%40ss%2Fword", ["p@ss/word"]) == "url …"


def test_a_secret_inside_another_does_not_uncover_the_rest() -> None:
    assert "defgh" not in redact_text("abcdefghij", ["abcd", "abcdefghij"])


def test_an_empty_or_tiny_secret_does_not_blank_the_text() -> None:
    assert redact_text("nothing here", ["", "n"]) == "nothing here"


@given(st.text(max_size=20), st.lists(st.text(min_size=4, max_size=20), max_size=3))
def test_no_known_secret_survives_in_any_text(text: str, secrets: list[str]) -> None:
    mixed = text + "".join(secrets) + text
    shown = redact_text(mixed, secrets)
    # Of a long one its last four may stay, and the sign for what was taken out is part of no secret here.
    assert all(secret not in shown for secret in secrets if "…" not in secret and len(secret) > 4)


def test_headers_of_a_request_cost_next_to_nothing() -> None:
    lines = [(f"X-Stainless-Header-{number}", "value") for number in range(18)]
    lines += [("Authorization", f"Bearer {KEY}"), ("x-api-key", KEY)]
    best_s = min(timeit.repeat(lambda: redact_headers(lines), number=200, repeat=20)) / 200
    assert best_s < 50e-6  # about 5 µs on an idle machine; the bound allows for a busy one


def test_the_same_lines_of_two_requests_are_held_once():
    first, second = (
        redact_headers([("User-Agent", " ".join(["agent", "1.0"])), ("x-api-key", f"{KEY[:8]}{KEY[8:]}")])
        for _ in range(2)
    )
    assert first == second
    assert all(one is other for one, other in zip(first, second, strict=True))


@pytest.mark.parametrize("shape", _SHAPES, ids=lambda shape: shape.pattern[:12])
@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_no_secret_of_any_shape_is_passed_over_by_the_first_look(shape, data):
    assert _HINT.search(data.draw(st.from_regex(shape, alphabet=st.characters(codec="ascii"))).lower())
