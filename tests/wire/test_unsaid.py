"""Nothing that a client asks for is lost in silence: it is said to the upstream, or the attempt's notes name it."""

from __future__ import annotations

import json

import pytest

from cccc_tui.wire.convert import ConvertOptions, convert_request
from cccc_tui.wire.model import FORMATS
from cccc_tui.wire.unsaid import UNSAID, as_markdown
from tests.fakes.conversations import REQUESTS

SHARED = {
    "temperature": 0.25,
    "top_p": 0.75,
    "user": "someone",
    "service_tier": "flex",
    "store": True,
    "metadata": {"job": "nightly"},
    "prompt_cache_retention": "24h",
    "prompt_cache_options": {"mode": "explicit"},
    "safety_identifier": "a-hash",
    "moderation": {"model": "omni-moderation-latest"},
    "parallel_tool_calls": False,
    "tools": [],
}
TOOL = {"name": "f", "description": "what it does", "parameters": {"type": "object", "properties": {"q": {}}}}
ASKED = {
    "chat": SHARED
    | {
        "verbosity": "high",
        "stop": ["THE END"],
        "top_k": 7,
        "max_completion_tokens": 4321,
        "reasoning_effort": "low",
        "tools": [{"type": "function", "function": TOOL}],
    },
    "responses": SHARED
    | {
        "text": {"verbosity": "high"},
        "max_output_tokens": 4321,
        "reasoning": {"effort": "low"},
        "tools": [{"type": "function", **TOOL}],
    },
    "anthropic": {
        "max_tokens": 4321,
        "top_k": 7,
        "stop_sequences": ["THE END"],
        "temperature": 0.25,
        "metadata": {"user_id": "someone"},
        "tools": [{"name": "f", "description": "what it does", "input_schema": TOOL["parameters"]}],
        "tool_choice": {"type": "auto", "disable_parallel_tool_use": True},
    },
}
SIGNS = {
    "temperature": "0.25",
    "top_p": "0.75",
    "user": "someone",
    "service_tier": "flex",
    "store": '"store":true',
    "metadata": "nightly",
    "prompt_cache_retention": "24h",
    "prompt_cache_options": "explicit",
    "safety_identifier": "a-hash",
    "moderation": "omni-moderation-latest",
    "verbosity": '"verbosity":"high"',
    "stop": "THE END",
    "top_k": '"top_k":7',
    "max_tokens": "4321",
    "tools": "what it does",
    "parallel_tool_calls": "parallel_tool_",
}
"""How each wish is known in any format."""


@pytest.mark.parametrize("genuine", [False, True])
@pytest.mark.parametrize(("source", "target"), [(a, b) for a in FORMATS for b in FORMATS if a != b])
def test_a_wish_is_said_or_noted(source, target, genuine):
    asked = REQUESTS[source] | ASKED[source]
    options = ConvertOptions(model="claude-sonnet-4-6", genuine=genuine)
    converted = convert_request(source, target, json.dumps(asked).encode(), options)
    notes = " ".join(converted.notes)
    written = json.dumps(asked, separators=(",", ":"))
    wishes = [name for name, sign in SIGNS.items() if sign in written.replace("disable_", "")]
    assert len(wishes) >= 7
    lost = [name for name in wishes if SIGNS[name] not in converted.body.decode() and name not in notes]
    # One user is enough, and Anthropic takes one of both samplings, with thinking none.
    assert [name for name in lost if name not in ("safety_identifier", "top_p")] == []


def test_who_asks_is_told_to_anthropic_under_either_name():
    body = json.dumps(REQUESTS["chat"] | {"safety_identifier": "a-hash"}).encode()
    written = json.loads(convert_request("chat", "anthropic", body, ConvertOptions()).body)
    assert written["metadata"] == {"user_id": "a-hash"}


def test_what_means_nothing_is_not_noted():
    body = json.dumps(
        REQUESTS["responses"] | {"store": False, "service_tier": "auto", "prompt_cache_key": "k"}
    )
    for target in ("anthropic", "chat"):
        assert convert_request("responses", target, body.encode(), ConvertOptions()).notes == []


def test_the_table_reads_as_a_page():
    page = as_markdown()
    assert all(f"| `{name}` |" in page for entries in UNSAID.values() for name in entries)
