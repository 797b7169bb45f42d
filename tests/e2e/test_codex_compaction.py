"""The real Codex compacts its conversation over endpoints that know no compaction.

A provider called OpenAI is one that Codex trusts with remote compaction: it sends a `compaction_trigger`, takes
nothing but one `compaction` item for an answer, and has no other way to go on.
"""

from __future__ import annotations

import json

import pytest

from tests.e2e.clients import run_codex
from tests.e2e.conftest import config, endpoint
from tests.fakes.process import CcccProcess
from tests.fakes.steps import gives, raw, says

pytestmark = pytest.mark.e2e

SUMMARY = "So far: the word is XYLOPHONE."
REMOTE = ("-c", 'model_providers.gateway.name="OpenAI"', "-c", "model_auto_compact_token_limit=5000")


def chat_call():
    """A tool call in Chat's stream, with so much usage that Codex compacts next."""
    function = {"name": "exec_command", "arguments": json.dumps({"cmd": "echo hi"})}
    delta = {
        "role": "assistant",
        "tool_calls": [{"index": 0, "id": "call_1", "type": "function", "function": function}],
    }
    frames = [
        {"id": "c1", "model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": None}]},
        {"id": "c1", "model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]},
        {"id": "c1", "model": "m", "choices": [], "usage": {"prompt_tokens": 9000, "completion_tokens": 9}},
    ]
    lines = b"".join(b"data: " + json.dumps(frame).encode() + b"\n\n" for frame in frames)
    return raw(lines + b"data: [DONE]\n\n", "text/event-stream")


def anthropic_call():
    """The same of Anthropic, in one piece: cccc makes the stream of it."""
    block = {"type": "tool_use", "id": "toolu_1", "name": "exec_command", "input": {"cmd": "echo hi"}}
    return gives(
        {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "m",
            "content": [block],
            "stop_reason": "tool_use",
            "usage": {"input_tokens": 9000, "output_tokens": 9},
        }
    )


@pytest.mark.parametrize(("form", "call"), [("chat", chat_call()), ("anthropic", anthropic_call())])
async def test_codex_goes_on_from_the_summary_that_the_model_wrote(
    upstream, tmp_path, client_folder, form, call
):
    upstream.answer(call, says(SUMMARY), says("The word was XYLOPHONE."))
    async with CcccProcess(config(endpoint("only", upstream.url, form)), tmp_path / "cccc") as cccc:
        run = await run_codex(cccc.url, "Say the word.", client_folder, *REMOTE)
    assert run.succeeded, f"{run.error}\n{run.stderr}\n{cccc.stderr}"
    assert run.answer == "The word was XYLOPHONE."
    assert len(upstream.requests) == 3
    asked, went_on = (json.dumps(request.json["messages"]) for request in upstream.requests[1:])
    assert "Write a summary" in asked
    assert SUMMARY in went_on and "call_1" not in went_on
