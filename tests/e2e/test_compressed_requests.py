"""Request bodies as Codex compresses them when it is logged in to ChatGPT."""

from __future__ import annotations

import json
import sys

import aiohttp
import pytest

from tests.e2e.conftest import config, endpoint
from tests.fakes.process import CcccProcess
from tests.fakes.steps import says

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

pytestmark = pytest.mark.e2e


async def test_a_zstd_request_body_reaches_the_endpoint_as_plain_json(upstream, tmp_path):
    upstream.answer(says("Understood."))
    body = {"model": "gpt-5.5", "input": "Compressed words. " * 500, "stream": True, "store": False}
    packed = zstd.compress(json.dumps(body).encode())
    headers = {"Content-Encoding": "zstd", "Content-Type": "application/json"}
    async with (
        CcccProcess(config(endpoint("only", upstream.url, "responses")), tmp_path / "cccc") as cccc,
        aiohttp.ClientSession() as client,
        client.post(f"{cccc.url}/v1/responses", data=packed, headers=headers) as response,
    ):
        stream = await response.text()
    assert response.status == 200, stream
    assert "event: response.completed" in stream
    assert upstream.requests[0].json == body
    assert upstream.requests[0].header("content-encoding") is None
