"""Edits of requests by what an endpoint has taught."""

import json

import pytest

from cccc_tui.wire.adjust import Adjustment, adjust, has_path

BODY = (
    b'{"model": "m",  "temperature":0.20, "max_tokens": 64000, "reasoning": {"effort": "xhigh", "summary": "auto"},'
    b' "tools": [{"name": "Read", "strict": true}, {"name": "Bash"}], "messages": [{"role": "user"}]}'
)


def after(*adjustments: Adjustment) -> dict:
    return json.loads(adjust(BODY, adjustments)[0])


def test_a_dropped_parameter_leaves_every_other_byte():
    body, notes = adjust(BODY, [Adjustment("temperature", "drop")])
    assert body == BODY.replace(b',  "temperature":0.20', b"")
    assert notes == ["temperature left out"]


def test_what_is_not_in_the_request_changes_nothing():
    body, notes = adjust(BODY, [Adjustment("top_k", "drop"), Adjustment("reasoning.budget", "drop")])
    assert body is BODY
    assert notes == []


@pytest.mark.parametrize(
    ("adjustment", "expected"),
    [
        (Adjustment("max_tokens", "most", "8192"), {"max_tokens": 8192}),
        (Adjustment("max_tokens", "least", "70000"), {"max_tokens": 70000}),
        (Adjustment("temperature", "set", "1"), {"temperature": 1}),
        (
            Adjustment("reasoning.effort", "one_of", "low,high"),
            {"reasoning": {"effort": "high", "summary": "auto"}},
        ),
        (
            Adjustment("reasoning.effort", "one_of", "none,on"),
            {"reasoning": {"effort": "none", "summary": "auto"}},
        ),
        (Adjustment("reasoning.summary", "drop"), {"reasoning": {"effort": "xhigh"}}),
        (Adjustment("tools.*.strict", "drop"), {"tools": [{"name": "Read"}, {"name": "Bash"}]}),
        (Adjustment("tools.*.custom.strict", "drop"), {"tools": [{"name": "Read"}, {"name": "Bash"}]}),
    ],
    ids=lambda value: value.sentence() if isinstance(value, Adjustment) else "",
)
def test_each_remedy(adjustment, expected):
    assert after(adjustment) == json.loads(BODY) | expected


def test_a_renamed_parameter_keeps_its_value():
    changed = after(Adjustment("max_tokens", "rename", "max_completion_tokens"))
    assert changed["max_completion_tokens"] == 64000
    assert "max_tokens" not in changed


def test_a_limit_that_is_kept_is_no_change():
    assert adjust(BODY, [Adjustment("max_tokens", "most", "64000")]) == (BODY, [])


def test_a_word_that_is_no_effort_is_left_out():
    body = b'{"reasoning": {"effort": "ultra", "summary": "auto"}}'
    assert (
        adjust(body, [Adjustment("reasoning.effort", "one_of", "low,high")])[0]
        == b'{"reasoning": {"summary":"auto"}}'
    )


def test_several_adjustments_are_done_together():
    changed = after(
        Adjustment("max_tokens", "rename", "max_output_tokens"), Adjustment("temperature", "drop")
    )
    assert set(changed) == {"model", "reasoning", "tools", "messages", "max_output_tokens"}


def test_it_is_known_whether_a_request_says_something_at_a_path():
    assert has_path(BODY, "temperature")
    assert has_path(BODY, "tools.*.strict")
    assert not has_path(BODY, "tools.*.cache_control")
    assert not has_path(BODY, "effort")
