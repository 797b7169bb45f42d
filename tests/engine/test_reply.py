import asyncio

import pytest
from aiohttp import ClientSession, web

from cccc_tui.engine.reply import ClientGone, KeepAlive, Reply, kept_body
from cccc_tui.traffic.exchange import Exchange


def exchange() -> Exchange:
    return Exchange(
        id=1, began_at=0.0, method="POST", path="/v1/messages", response_body=kept_body("truncated")
    )


@pytest.fixture
async def serve():
    """Serves one handler and returns its URL."""
    runners = []

    async def start(handler):
        runner = web.ServerRunner(web.Server(handler, handler_cancellation=True), shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        runners.append(runner)
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    yield start
    for runner in runners:
        await runner.cleanup()


async def test_what_was_sent_is_kept_and_counted(serve):
    booked, touched = exchange(), []

    async def handler(request):
        reply = Reply(request, booked, touched.append)
        reply.begin(200, {"request-id": "r"})
        reply.begin(500, {})
        await reply.write(b"data: 1\n\n")
        await reply.write(b"")
        return await reply.finish()

    async with ClientSession() as client, client.get(await serve(handler)) as response:
        assert response.status == 200
        assert response.headers["request-id"] == "r"
        assert response.content_type == "text/event-stream"
        assert await response.read() == b"data: 1\n\n"
    assert (booked.status, booked.response_bytes, booked.response_body.head) == (200, 9, b"data: 1\n\n")
    assert touched == [1]


async def test_the_last_piece_waits_for_the_end_unless_another_one_follows(serve):
    booked = exchange()

    async def handler(request):
        reply = Reply(request, booked, lambda _: None)
        reply.begin(200, {})
        await reply.write(b"data: 1\n\n", is_last=True)
        await reply.write(b"data: 2\n\n")
        await reply.write(b"data: 3\n\n", is_last=True)
        return await reply.finish()

    async with ClientSession() as client, client.get(await serve(handler)) as response:
        assert await response.read() == b"data: 1\n\ndata: 2\n\ndata: 3\n\n"
    assert booked.response_body.head == b"data: 1\n\ndata: 2\n\ndata: 3\n\n"


async def test_keep_alives_come_on_the_clients_silence_and_never_inside_an_event(serve):
    go_on = asyncio.Event()

    async def handler(request):
        reply = Reply(request, exchange(), lambda _: None)
        keep_alive = KeepAlive(reply, "anthropic", "claude-code", 0.1)
        await go_on.wait()
        await reply.write(b"data: half")
        await asyncio.sleep(0.4)
        await reply.write(b" done\n\n")
        keep_alive.stop()
        return await reply.finish()

    async with ClientSession() as client, client.get(await serve(handler)) as response:
        assert response.status == 200, "headers go out with the first keep-alive"
        assert b"event: ping" in await response.content.readany()
        go_on.set()
        assert b"data: half done\n\n" in await response.content.read()


async def test_a_client_that_left_is_told_apart_from_an_upstream_failure(serve):
    seen = asyncio.get_running_loop().create_future()

    async def handler(request):
        reply = Reply(request, exchange(), lambda _: None)
        reply.begin(200, {})
        try:
            while True:
                await reply.write(b"data: x\n\n" * 1000)
        except (ClientGone, asyncio.CancelledError) as error:
            seen.set_result(type(error))
            raise asyncio.CancelledError from None

    async with ClientSession() as client:
        response = await client.get(await serve(handler))
        response.close()
    assert await seen in (ClientGone, asyncio.CancelledError)


@pytest.mark.parametrize(("policy", "size"), [("truncated", 128 * 1024), ("full", 2 * 1024 * 1024)])
def test_bodies_are_kept_up_to_the_limit_of_their_policy(policy, size):
    body = kept_body(policy)
    for _ in range(5):
        body.append(b"x" * 1024 * 1024)
    assert body.kept_bytes <= size
    assert body.size_bytes == 5 * 1024 * 1024


def test_no_body_is_kept_when_none_is_wanted():
    assert kept_body("none") is None
