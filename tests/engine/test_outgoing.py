"""Answers as they stand on the wire, for clients of both versions of HTTP."""

import asyncio

import pytest
from aiohttp import web

from cccc_tui.engine.outgoing import Outgoing


@pytest.fixture
async def ask():
    """Serves one handler and returns what a raw connection gets of it until it ends, or is silent."""
    runners = []

    async def asked(handler, request: bytes) -> tuple[bytes, bool]:
        runner = web.ServerRunner(web.Server(handler), shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        runners.append(runner)
        reader, writer = await asyncio.open_connection(*runner.addresses[0][:2])
        writer.write(request)
        got, has_ended = b"", False
        try:
            async with asyncio.timeout(0.5):
                while piece := await reader.read(65536):
                    got += piece
                has_ended = True
        except TimeoutError:
            pass
        writer.close()
        return got, has_ended

    yield asked
    for runner in runners:
        await runner.cleanup()


async def whole(request):
    outgoing = Outgoing(request, 200)
    await outgoing.whole([("Content-Type", "text/plain")], b"hello")
    return outgoing


async def streamed(request):
    outgoing = Outgoing(request, 200)
    outgoing.begin([("Content-Type", "text/event-stream")])
    await outgoing.send(b"data: 1\n\n")
    await outgoing.send(b"data: 2\n\n")
    await outgoing.end()
    return outgoing


async def last_with_the_end(request):
    outgoing = Outgoing(request, 200)
    outgoing.begin([("Content-Type", "text/event-stream")])
    await outgoing.send(b"data: 1\n\n")
    await outgoing.end(b"data: 2\n\n")
    return outgoing


async def empty(request):
    outgoing = Outgoing(request, 200)
    outgoing.begin([])
    await outgoing.end()
    return outgoing


async def test_a_whole_answer_tells_its_length_and_keeps_the_connection(ask):
    got, has_ended = await ask(whole, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    head, _, body = got.partition(b"\r\n\r\n")
    assert body == b"hello" and not has_ended
    lines = head.split(b"\r\n")
    assert lines[0] == b"HTTP/1.1 200 OK"
    assert b"Content-Length: 5" in lines and b"Server: cccc" in lines
    assert not [line for line in lines if line.startswith(b"Connection")]


@pytest.mark.parametrize("handler", [streamed, last_with_the_end])
async def test_a_stream_is_chunked_and_ends_with_an_empty_chunk(ask, handler):
    got, has_ended = await ask(handler, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert got.endswith(b"\r\n\r\n9\r\ndata: 1\n\n\r\n9\r\ndata: 2\n\n\r\n0\r\n\r\n") and not has_ended


async def test_a_stream_without_a_piece_is_a_whole_answer_all_the_same(ask):
    got, _ = await ask(empty, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert got.endswith(b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")


async def test_two_requests_in_one_write_are_answered_one_after_the_other(ask):
    got, _ = await ask(whole, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 2)
    assert got.count(b"HTTP/1.1 200 OK") == 2 and got.count(b"hello") == 2


async def test_a_client_of_the_old_version_gets_no_chunks_and_the_end_of_the_connection(ask):
    got, has_ended = await ask(streamed, b"GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n")
    assert got.startswith(b"HTTP/1.0 200 OK\r\n") and has_ended
    assert got.endswith(b"\r\n\r\ndata: 1\n\ndata: 2\n\n")


@pytest.mark.parametrize(
    ("request_", "said", "ends"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", b"Connection: close", True),
        (b"GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n", b"Connection: keep-alive", False),
    ],
)
async def test_who_says_whether_the_connection_stays_is_answered(ask, request_, said, ends):
    got, has_ended = await ask(whole, request_)
    assert said in got and got.endswith(b"hello")
    assert has_ended is ends


async def test_a_header_with_a_line_break_is_not_sent(ask):
    async def split(request):
        outgoing = Outgoing(request, 200)
        with pytest.raises(ValueError, match="line break"):
            await outgoing.whole([("X-A", "1\r\nSet-Cookie: a=b")], b"")
        return await whole(request)

    got, _ = await ask(split, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert b"Set-Cookie" not in got and got.endswith(b"hello")


async def test_bytes_of_a_header_that_are_no_text_go_on_as_they_came(ask):
    async def odd(request):
        outgoing = Outgoing(request, 200)
        await outgoing.whole([("X-Odd", request.headers["X-Odd"])], b"")
        return outgoing

    got, _ = await ask(odd, b"GET / HTTP/1.1\r\nHost: a\r\nX-Odd: caf\xe9\r\n\r\n")
    assert b"X-Odd: caf\xe9\r\n" in got
