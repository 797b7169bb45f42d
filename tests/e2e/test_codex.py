"""The real Codex through cccc."""

from __future__ import annotations

import pytest

from tests.e2e.clients import run_codex
from tests.e2e.conftest import config, endpoint
from tests.e2e.relay import relayed
from tests.fakes.process import CcccProcess
from tests.fakes.steps import fails, says
from tests.fakes.upstream import refusing_url

pytestmark = pytest.mark.e2e


async def test_codex_with_websockets_goes_to_http_at_once_and_never_notices_the_dead_endpoints(
    upstream, tmp_path, client_folder
):
    upstream.answer(fails(500, "Internal error"), says("The third endpoint answers."))
    with refusing_url() as dead_url:
        endpoints = (
            endpoint("dead", dead_url, "responses"),
            endpoint("broken", f"{upstream.url}/broken", "responses"),
            endpoint("good", f"{upstream.url}/good", "responses"),
        )
        async with (
            CcccProcess(config(*endpoints), tmp_path / "cccc") as cccc,
            relayed(cccc.url) as relay,
        ):
            run = await run_codex(relay.url, "Say something.", client_folder, websockets=True)
    assert run.succeeded, f"{run.error}\n{run.stderr}\n{cccc.stderr}"
    assert run.answer == "The third endpoint answers."
    assert [event for event in run.events if event["type"] == "error"] == []
    assert relay.seen == ["GET /v1/responses", "426", "POST /v1/responses", "200"]
    assert [asked.path.partition("/v1")[0] for asked in upstream.requests] == ["/broken", "/good"]
