"""The real Claude Code through cccc."""

from __future__ import annotations

import pytest

from tests.e2e.clients import run_claude
from tests.e2e.conftest import config, endpoint
from tests.fakes.process import CcccProcess
from tests.fakes.steps import fails, says
from tests.fakes.upstream import refusing_url

pytestmark = pytest.mark.e2e


async def test_claude_never_notices_that_the_first_endpoints_are_dead(upstream, tmp_path, client_folder):
    upstream.answer(fails(529, "Overloaded"), says("The third endpoint answers."))
    with refusing_url() as dead_url:
        endpoints = (
            endpoint("dead", dead_url, "anthropic"),
            endpoint("overloaded", f"{upstream.url}/overloaded", "anthropic"),
            endpoint("good", f"{upstream.url}/good", "anthropic"),
        )
        async with CcccProcess(config(*endpoints), tmp_path / "cccc") as cccc:
            run = await run_claude(cccc.url, "Say something.", client_folder, "--bare")
    assert run.succeeded, f"{run.error}\n{run.stderr}\n{cccc.stderr}"
    assert run.answer == "The third endpoint answers."
    assert [event for event in run.events if event.get("subtype") == "api_retry"] == []
    assert [asked.path.partition("/v1")[0] for asked in upstream.requests] == ["/overloaded", "/good"]


async def test_claude_gets_the_whole_answer_without_streaming_after_a_broken_stream(
    upstream, tmp_path, client_folder
):
    upstream.answer(says("These words break off in the middle.").reset(at=3), says("This is whole."))
    async with CcccProcess(config(endpoint("only", upstream.url, "anthropic")), tmp_path / "cccc") as cccc:
        run = await run_claude(cccc.url, "Say something.", client_folder, "--bare")
    assert run.succeeded, f"{run.error}\n{run.stderr}\n{cccc.stderr}"
    assert run.answer == "This is whole."
    assert [asked.json.get("stream", False) for asked in upstream.requests] == [True, False]
