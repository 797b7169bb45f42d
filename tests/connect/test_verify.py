from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from cccc_tui.connect.clients import Gateway
from cccc_tui.connect.verify import verify
from tests.fakes.process import CcccProcess
from tests.fakes.steps import fails
from tests.fakes.upstream import FakeUpstream, refusing_url

DEMO = 'endpoints:\n  - name: demo\n    url: "demo:"\n'
CLIENTS = ("claude", "codex")


@contextmanager
def answering(status: int, body: bytes, **headers: str) -> Iterator[str]:
    """A server that says the same to everybody."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.system
async def test_a_running_cccc_answers_both_clients(tmp_path: Path):
    async with CcccProcess(DEMO, tmp_path / "cccc") as cccc:
        both = (asyncio.to_thread(verify, client, Gateway(cccc.url)) for client in CLIENTS)
        for found in await asyncio.gather(*both):
            assert found.is_ok, found.sentence
            assert found.endpoint == "demo"
            assert "The endpoint demo has answered through cccc" in found.sentence


@pytest.mark.system
async def test_what_the_endpoint_says_of_its_failure_is_passed_on(tmp_path: Path):
    async with FakeUpstream() as upstream:
        upstream.always(lambda asked: fails(400, "no such model here"))
        text = f"endpoints:\n  - name: one\n    url: {upstream.url}\n    auth_value: sk-x\n"
        async with CcccProcess(text, tmp_path / "cccc") as cccc:
            found = await asyncio.to_thread(verify, "claude", Gateway(cccc.url), "my-model")
    assert not found.is_ok
    assert "my-model" in found.sentence
    assert "no such model here" in found.sentence


@pytest.mark.parametrize("client", CLIENTS)
def test_nobody_there_names_the_command_that_starts_cccc(client):
    with refusing_url() as url:
        found = verify(client, Gateway(url))
    assert (found.is_ok, found.is_running) == (False, False)
    assert "cccc --serve" in found.sentence


def test_somebody_else_there_is_told_from_cccc():
    with answering(200, b"<html>hello</html>") as url:
        assert "not cccc" in verify("claude", Gateway(url)).sentence


def test_an_answer_that_ends_in_the_middle_is_no_success():
    with answering(
        200, b'event: message_start\ndata: {"type":"message_start"}\n\n', x_cccc_endpoint="a"
    ) as url:
        found = verify("claude", Gateway(url))
    assert not found.is_ok
    assert "ends in the middle" in found.sentence


def test_an_error_in_the_stream_is_no_success():
    body = b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"busy"}}\n\n'
    with answering(200, body, x_cccc_endpoint="a") as url:
        assert "busy" in verify("claude", Gateway(url)).sentence


def test_one_that_never_answers_costs_its_time_out():
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        assert "No answer" in verify("codex", Gateway(url), timeout_s=0.2).sentence
