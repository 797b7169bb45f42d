"""The filter language: what matches what, and how it says where a filter is wrong."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cccc_tui.traffic import query as query_module
from cccc_tui.traffic.exchange import Attempt, Exchange
from cccc_tui.traffic.query import ALL, Query, QueryProblem, compile_query
from cccc_tui.wire.model import Usage


def exchange(**fields) -> Exchange:
    plain = {
        "id": 7,
        "began_at": 1_000.0,
        "method": "POST",
        "path": "/v1/messages?beta=true",
        "client": "claude-code",
        "format": "anthropic",
        "model": "claude-opus-4-5",
        "endpoint": "main",
        "session": "abc-123",
        "tags": ("thinking", "long"),
        "state": "failed",
        "status": 529,
        "error": "All 2 endpoints failed: Overloaded",
        "attempts": [
            Attempt(
                endpoint="relay",
                url="http://r",
                format="anthropic",
                model="glm-4.6",
                error_class="overloaded",
            ),
            Attempt(endpoint="main", url="http://m", format="anthropic", model="claude-opus-4-5"),
        ],
        "usage": Usage(input_tokens=9_000, output_tokens=400, cache_read_tokens=2_000),
        "first_content_s": 0.8,
        "ended_s": 4.8,
        "response_bytes": 20_480,
    }
    return Exchange(**(plain | fields))


def matches(text: str, **fields) -> bool:
    query = compile_query(text)
    assert isinstance(query, Query), query
    return query.matches(exchange(**fields))


@pytest.mark.parametrize(
    "text",
    [
        "opus",
        "OPUS",
        "claude main",
        '"endpoints failed"',
        "529",
        "relay",
        "client:claude",
        "model:opus",
        "model:GLM",
        "model:claude-*",
        "model:*4.6",
        "endpoint:relay",
        "endpoint=relay",
        "status:529",
        "status:5xx",
        "status:52x",
        "status:200,5xx",
        "status>=500",
        "state:failed",
        "state:done,failed",
        "format:anthropic",
        "session:abc",
        "path:/v1/messages",
        "method:post",
        "tag:think",
        "error:overloaded",
        'error:"endpoints failed"',
        "time>2s",
        "time>500ms",
        ">2s",
        ">500ms",
        "time<1m",
        "first<=0.8",
        "tokens>10k",
        "tokens<0.1m",
        "in>=11000",
        "out=400",
        "cache>1k",
        "attempts>1",
        "attempts:2",
        "size>10kb",
        ">10kb",
        "tps>=100",
        "id:7",
        "!codex",
        "!status:2xx",
        "! codex opus",
        "codex | opus",
        "(codex | opus) main",
        "!(codex | gemini) (main)",
        "!!opus",
    ],
)
def test_a_filter_that_describes_the_exchange_matches(text):
    assert matches(text)


@pytest.mark.parametrize(
    "text",
    [
        "codex",
        "claude codex",
        '"failed endpoints"',
        "model:opus-*",
        "endpoint:mai?x",
        "status:4xx",
        "status<500",
        "state:done",
        "format:chat,responses",
        "tag:short",
        "time>5s",
        ">5s",
        "tokens>20k",
        "attempts>2",
        "size>1mb",
        "!opus",
        "opus !main | codex",
        "(codex | opus) !main",
        "out>400",
    ],
)
def test_a_filter_that_describes_another_does_not_match(text):
    assert not matches(text)


@pytest.mark.parametrize("text", ["time>0", "time<999h", "first>0", "tps>0"])
def test_a_number_that_is_not_known_yet_matches_no_comparison(text):
    assert not matches(text, ended_s=None, first_content_s=None)


def test_nothing_to_look_for_lets_everything_through():
    assert compile_query("   ") is ALL
    assert ALL.is_empty


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ('model:"opus', 6, "quote"),
        ("a colour:red", 2, "no field colour"),
        ("speed>3", 0, "no field speed"),
        ("time>fast", 5, "number"),
        ("time>2kb", 5, "no unit of time"),
        (">7", 1, "of what"),
        ("status:9xx", 7, "5xx"),
        ("model:", 6, "value is missing"),
        ("(a b", 0, "not closed"),
        ("a ) b", 2, "closes nothing"),
        ("a |", 3, "missing"),
        ("a | | b", 4, "missing"),
        ("!", 1, "missing"),
        ("()", 1, "missing"),
    ],
)
def test_a_filter_that_cannot_be_understood_says_what_and_where(text, column, said):
    problem = compile_query(text)
    assert isinstance(problem, QueryProblem)
    assert said in problem.message
    assert problem.column == column


@settings(deadline=None, max_examples=60)
@given(st.text(alphabet='ab:<>=!()|" 0129xskmtime.*?,', max_size=30))
def test_any_text_gives_a_filter_or_a_problem_inside_the_text(text):
    result = compile_query(text)
    if isinstance(result, QueryProblem):
        assert 0 <= result.column <= len(text)
    else:
        assert result.matches(exchange()) in (True, False)


def test_the_documentation_names_every_field():
    for name in (*query_module.TEXT_FIELDS, *query_module.NUMBERS):
        assert name.removesuffix("s") in query_module.__doc__
