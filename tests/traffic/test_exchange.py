"""Bodies that are kept up to a limit, and what an exchange says of itself."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cccc_tui.traffic.exchange import Attempt, Body, Exchange


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 40), st.lists(st.binary(max_size=30), max_size=20))
def test_a_body_keeps_its_two_ends_within_its_limit_however_it_is_cut(keep_bytes, chunks):
    body = Body(keep_bytes)
    for chunk in chunks:
        body.append(chunk)
    whole = b"".join(chunks)
    assert body.size_bytes == len(whole)
    assert body.kept_bytes <= keep_bytes
    assert whole.startswith(body.head)
    assert whole.endswith(body.tail)
    assert body.missing_bytes == len(whole) - len(body.head) - len(body.tail)
    if len(whole) <= keep_bytes:
        assert body.head + body.tail == whole


@pytest.mark.parametrize(
    ("state", "is_over"),
    [
        ("routing", False),
        ("waiting", False),
        ("streaming", False),
        ("done", True),
        ("failed", True),
        ("cancelled", True),
    ],
)
def test_an_exchange_is_over_when_nothing_more_can_come(state, is_over):
    assert Exchange(id=1, began_at=0, method="GET", path="/", state=state).is_over is is_over


def test_the_size_counts_bodies_and_what_was_sent():
    exchange = Exchange(id=1, began_at=0, method="GET", path="/")
    empty = exchange.kept_bytes
    exchange.request_body = Body(1_000)
    exchange.request_body.append(b"x" * 600)
    exchange.attempts.append(Attempt(endpoint="a", url="http://a", format="chat", sent_body=b"y" * 300))
    assert exchange.kept_bytes >= empty + 900


def test_two_exchanges_never_share_a_list():
    one, other = (Exchange(id=number, began_at=0, method="GET", path="/") for number in (1, 2))
    one.attempts.append(Attempt(endpoint="a", url="http://a", format="chat"))
    assert other.attempts == []
