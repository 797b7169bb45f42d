import asyncio
import gzip
import zlib

import aiohttp
import brotli
import msgspec
import pytest
from backports import zstd

from tests.engine.conftest import body, endpoint
from tests.fakes.steps import counts

SQUEEZE = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress, "zstd": zstd.compress}


@pytest.fixture
async def gateway(start, upstream):
    return await start(endpoint("a", upstream.url), endpoint("c", upstream.url, "chat"))


@pytest.mark.parametrize(
    "path",
    [
        "/v1/messages",
        "/messages",
        "/v1/v1/messages",
        "/v1/messages/",
        "//v1/messages",
        "/anthropic/v1/messages",
    ],
)
async def test_paths_are_understood_with_and_without_their_version(gateway, upstream, path):
    async with gateway.post(path, json=body("anthropic")) as response:
        assert response.status == 200
    assert upstream.requests[0].path == "/v1/messages"


async def test_count_tokens_is_passed_on(gateway, upstream):
    async with gateway.post("/v1/messages/count_tokens?beta=true", json=body("anthropic")) as response:
        assert (await response.json())["input_tokens"] > 0
    assert upstream.requests[0].path == "/v1/messages/count_tokens?beta=true"


@pytest.mark.parametrize("encoding", SQUEEZE)
async def test_compressed_request_bodies_are_decoded(gateway, upstream, encoding):
    sent = SQUEEZE[encoding](msgspec.json.encode(body("anthropic")))
    headers = {"Content-Encoding": encoding, "Content-Type": "application/json"}
    async with gateway.post("/v1/messages", data=sent, headers=headers) as response:
        assert response.status == 200
    assert upstream.requests[0].json == body("anthropic")
    assert upstream.requests[0].header("Content-Encoding") is None


@pytest.mark.parametrize("encoding", SQUEEZE)
@pytest.mark.parametrize("is_whole", [True, False])
async def test_a_body_that_is_not_what_its_encoding_says_is_the_clients_fault(
    gateway, caplog, encoding, is_whole
):
    squeezed = SQUEEZE[encoding](msgspec.json.encode(body("anthropic")))
    sent = b"{}" if is_whole else squeezed[: len(squeezed) // 2]
    headers = {"Content-Encoding": encoding, "Connection": "close"}
    async with gateway.post("/v1/messages", data=sent, headers=headers) as response:
        assert response.status == 400
        # aiohttp finds out at the door that a deflated body is none, before there is a request to answer.
        assert encoding == "deflate" or (await response.json())["error"]["type"] == "invalid_request_error"
    assert gateway.engine.status().in_flight == 0
    assert encoding == "deflate" or not [each for each in caplog.records if each.levelname == "ERROR"]


async def test_an_encoding_that_is_not_known_names_those_that_are(gateway, upstream):
    headers = {"Content-Encoding": "rot13"}
    async with gateway.post("/v1/messages", data=b"{}", headers=headers) as response:
        message = (await response.json())["error"]["message"]
    assert response.status == 415
    assert "'rot13'" in message and "zstd" in message
    assert not upstream.requests


async def test_an_unknown_path_says_what_there_is_in_the_callers_format(gateway):
    async with gateway.client.get(gateway.url + "/v1/engines") as response:
        assert response.status == 404
        assert "POST /v1/messages" in (await response.json())["error"]["message"]
    headers = {"anthropic-version": "2023-06-01"}
    async with gateway.client.get(gateway.url + "/v1/engines", headers=headers) as response:
        assert (await response.json())["type"] == "error"


async def test_a_wrong_method_says_so(gateway):
    async with gateway.client.get(gateway.url + "/v1/messages") as response:
        assert response.status == 405
        assert "does not take GET" in (await response.json())["error"]["message"]


async def test_a_websocket_attempt_is_told_to_use_http_at_once(gateway):
    for path in ("/v1/responses", "/responses"):
        headers = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
        async with gateway.client.get(gateway.url + path, headers=headers) as response:
            assert response.status == 426


async def test_probes_and_telemetry_of_the_clients_get_a_quiet_answer(gateway):
    async with gateway.client.head(gateway.url + "/api/hello") as response:
        assert response.status == 200
    async with gateway.post("/api/event_logging/v2/batch", data=b"x") as response:
        assert response.status == 202
    async with gateway.client.head(gateway.url + "/") as response:
        assert response.status == 200
    assert len(gateway.engine.traffic) == 0


async def test_health_is_liveness_and_ready_wants_a_usable_endpoint(gateway, start, upstream):
    async with gateway.client.get(gateway.url + "/health") as response:
        assert (response.status, (await response.json())["name"]) == (200, "cccc")
    async with gateway.client.get(gateway.url + "/ready") as response:
        assert response.status == 200
    idle = await start(endpoint("off", upstream.url, enabled=False))
    async with idle.client.get(idle.url + "/ready") as response:
        assert response.status == 503


@pytest.mark.parametrize(
    "sent", [b"", b"nonsense", b"[1,2]", b'{"model": "m", ', b'"text"', b"\xff\xfe", b"null"]
)
async def test_a_body_that_is_no_json_object_gets_a_400_in_format(gateway, sent):
    async with gateway.post("/v1/messages", data=sent) as response:
        assert response.status == 400
        answer = await response.json()
    assert (answer["type"], answer["error"]["type"]) == ("error", "invalid_request_error")


@pytest.mark.parametrize("sent", [{}, {"model": 7}, {"model": "", "messages": []}])
async def test_a_request_without_a_model_gets_a_400_that_says_so(gateway, sent):
    async with gateway.post("/v1/chat/completions", json=sent) as response:
        assert response.status == 400
        assert "model" in (await response.json())["error"]["message"]


async def test_a_body_over_the_limit_gets_a_413_in_format(start, upstream):
    gateway = await start(endpoint("a", upstream.url), server={"max_body_mb": 0.01})
    async with gateway.post("/v1/messages", json=body("anthropic", text="x" * 20_000)) as response:
        assert response.status == 413
        answer = await response.json()
    assert answer["error"]["type"] == "request_too_large"
    assert "max_body_mb" in answer["error"]["message"]


async def test_a_small_body_that_unpacks_to_a_huge_one_gets_a_413(start, upstream):
    gateway = await start(endpoint("a", upstream.url), server={"max_body_mb": 1})
    bomb = gzip.compress(b'{"model":"m","x":"' + b"0" * 50_000_000 + b'"}')
    async with gateway.post("/v1/messages", data=bomb, headers={"Content-Encoding": "gzip"}) as response:
        assert response.status == 413


async def test_smuggled_framing_is_refused(gateway):
    reader, writer = await asyncio.open_connection("127.0.0.1", int(gateway.url.rpartition(":")[2]))
    writer.write(
        b"POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    )
    answer = await reader.read()
    writer.close()
    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.0 400"))
    assert answer.count(b"HTTP/1.") == 1


async def test_web_pages_and_rebound_names_are_kept_out(gateway, upstream):
    for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}):
        async with gateway.post("/v1/messages", json=body("anthropic"), headers=headers) as response:
            assert response.status == 403
    assert upstream.requests == []


async def test_the_listener_moves_without_dropping_what_runs(gateway, upstream):
    rest = asyncio.Event()
    upstream.answer(counts(5).held(rest, at=2))
    old_url = gateway.url
    async with gateway.post("/v1/messages", json=body("anthropic", stream=True)) as response:
        while b"content_block_delta" not in await response.content.readany():
            pass
        await gateway.engine._server.move("127.0.0.1", 0)
        assert gateway.url != old_url
        rest.set()
        assert b"message_stop" in await response.content.read()
    async with gateway.client.get(gateway.url + "/health") as response:
        assert response.status == 200
    async with aiohttp.ClientSession() as newcomer:
        with pytest.raises(aiohttp.ClientConnectorError):
            await newcomer.get(old_url + "/health")


@pytest.mark.parametrize(
    "raw",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nBad Header: y\r\n\r\n",
        b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_refused_as_clients_read_refusals(gateway, raw):
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", gateway.engine.status().address.rpartition(":")[2]
    )
    writer.write(raw)
    answer = await reader.read()
    writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith((b"HTTP/1.0 400", b"HTTP/1.1 400"))
    assert b"application/json" in head
    assert msgspec.json.decode(body)["error"]["message"]
