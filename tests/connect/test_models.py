"""The models that cccc offers, asked from a thread as the screens do."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cccc_tui.config.load import load_text
from cccc_tui.connect.clients import Gateway
from cccc_tui.connect.models import configured_models, offered_models

CONFIG = """routing:
  groups:
    grouped: {members: [{endpoint: one, model: own}]}
endpoints:
  - name: one
    url: http://127.0.0.1:9/v1
    auth_value: any
    models: ["*opus*", "a[bc]", "?"]
    aliases: [{name: own, alias: short}]
  - {name: two, url: "http://127.0.0.1:9/v1", auth_value: any, prefix: w, models: [plain]}
  - {name: off, url: "http://127.0.0.1:9/v1", auth_value: any, enabled: false, models: [gone]}
"""


@contextmanager
def answering(body: bytes) -> Iterator[str]:
    """A server that gives every asker the same answer."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert self.path == "/v1/models"
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_every_model_is_named_once_and_in_order():
    with answering(b'{"object":"list","data":[{"id":"b"},{"id":"a"},{"id":"b"}]}') as url:
        assert offered_models(Gateway(url)) == ("a", "b")


@pytest.mark.parametrize("body", [b"<html>", b'{"data": 1}', b"{}"])
def test_an_answer_that_is_no_list_offers_none(body):
    with answering(body) as url:
        assert offered_models(Gateway(url)) == ()


def test_nobody_there_offers_none():
    with answering(b"{}") as url:
        pass
    assert offered_models(Gateway(url), timeout_s=5) == ()


def test_the_names_of_the_configuration_are_no_patterns_and_none_of_an_endpoint_that_is_off():
    config = load_text(CONFIG, Path("config.yaml")).config
    assert config is not None
    assert configured_models(config) == ("grouped", "short", "w/plain")
