"""Requests posted on the connections of aiohttp's pool, straight and through proxies."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from cccc_tui.config.schema import Proxy
from cccc_tui.config.secrets import Secret
from cccc_tui.engine.heads import Lines
from cccc_tui.engine.upstream import Upstream
from tests.fakes.fixtures import upstream
from tests.fakes.steps import says
from tests.fakes.upstream import FakeUpstream

__all__ = ["upstream"]

BODY = b'{"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}'
HEAD = Lines((("Content-Type", "application/json"), ("x-api-key", "k"), ("anthropic-version", "2023-06-01")))
BIG = b" " * 3_000_000
PATH = "/v1/messages"


@pytest.fixture
async def lines():
    lines = Upstream(30)
    yield lines
    await lines.close()


async def asked(line, url: str, body: bytes = BODY, head: Lines = HEAD) -> bytes:
    answered = await line.post(url, head, body, 5.0)
    try:
        return await answered.content.read()
    finally:
        answered.close()


@asynccontextmanager
async def saying(answer: bytes) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that says this to every head that comes, and reads no further; its address, and the heads."""
    heads, writers = [], []

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)

    server = await asyncio.start_server(say, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    try:
        yield f"{host}:{port}", heads
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()


async def kept(lines) -> int:
    await asyncio.sleep(0)
    return sum(len(kept) for kept in lines.session(None).connector._conns.values())


async def test_the_request_arrives_as_it_was_written_and_its_connection_is_used_again(lines, upstream):
    upstream.always(says("hello"))
    for _ in range(3):
        assert b"hello" in await asked(lines.line(None), f"{upstream.url}{PATH}?beta=true")
    assert [request.body for request in upstream.requests] == [BODY] * 3
    assert upstream.requests[0].header("Host") == upstream.url.removeprefix("http://")
    assert upstream.requests[0].header("User-Agent") is None
    assert await kept(lines) == 1


async def test_a_body_of_megabytes_arrives_whole(lines, upstream):
    upstream.answer(says("hello"))
    assert b"hello" in await asked(lines.line(None), f"{upstream.url}{PATH}", BODY + BIG)
    assert upstream.requests[0].body == BODY + BIG


async def test_a_name_and_password_in_the_url_become_a_header(lines, upstream):
    upstream.answer(says("hello"))
    url = upstream.url.replace("http://", "http://me:pw@")
    await asked(lines.line(None), f"{url}{PATH}")
    assert upstream.requests[0].header("Authorization") == "Basic bWU6cHc="


async def test_an_http_proxy_gets_the_whole_url_and_its_own_credential(lines):
    async with FakeUpstream(strict=False, standing=says("through the proxy")) as proxy:
        address = proxy.url.removeprefix("http://")
        line = lines.line(Proxy(address=address, username="me"), Secret("pw"))
        for _ in range(2):
            assert b"through the proxy" in await asked(line, f"http://somewhere.invalid{PATH}")
        for request in proxy.requests:
            assert request.header("Host") == "somewhere.invalid"
            assert request.header("Proxy-Authorization") == "Basic bWU6cHc="


async def test_a_tunnel_is_asked_for_where_the_upstream_wants_tls(lines):
    async with saying(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n") as (proxy, heads):
        line = lines.line(Proxy(address=proxy, username="me"), Secret("pw"))
        with pytest.raises(aiohttp.ClientHttpProxyError, match="403"):
            await asked(line, f"https://somewhere.invalid{PATH}")
    assert heads[0].startswith(b"CONNECT somewhere.invalid:443 HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic bWU6cHc=" in heads[0]


async def test_an_answer_before_the_whole_request_was_read_ends_the_connection(lines):
    async with saying(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno") as (address, _):
        answered = await lines.line(None).post(f"http://{address}{PATH}", HEAD, BIG * 10, 5.0)
        assert (answered.status, await answered.content.read()) == (413, b"no")
        answered.close()
        assert await kept(lines) == 0


async def test_interim_answers_are_passed_over(lines):
    hint = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
    async with saying(hint + b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") as (address, _):
        assert await asked(lines.line(None), f"http://{address}{PATH}") == b"ok"


async def test_what_is_not_http_is_said_so(lines):
    async with saying(b"SSH-2.0-OpenSSH_9\r\n\r\n") as (address, _):
        with pytest.raises(aiohttp.ClientPayloadError, match="is not HTTP"):
            await asked(lines.line(None), f"http://{address}{PATH}")


@pytest.mark.parametrize("value", ["a\nb: c", "a\r\nb: c", "a\0b"])
async def test_a_header_with_a_line_break_is_never_sent(lines, upstream, value):
    with pytest.raises(ValueError, match="line break"):
        await asked(lines.line(None), f"{upstream.url}{PATH}", head=Lines([("x-mine", value)]))
    assert upstream.requests == []
