import pytest

from cccc_tui.config.schema import Proxy
from cccc_tui.config.secrets import Secret
from cccc_tui.engine.upstream import Upstream
from tests.fakes.fixtures import upstream
from tests.fakes.steps import says
from tests.fakes.upstream import FakeUpstream

__all__ = ["upstream"]


@pytest.fixture
async def sessions():
    sessions = Upstream(30)
    yield sessions
    await sessions.close()


async def test_requests_of_one_proxy_share_a_session_and_others_have_their_own(sessions):
    proxy = Proxy(type="http", address="127.0.0.1:3128")
    assert sessions.session(None) is sessions.session(None)
    assert sessions.session(proxy) is sessions.session(Proxy(type="http", address="127.0.0.1:3128"))
    assert sessions.session(proxy) is not sessions.session(None)
    assert sessions.session(proxy, Secret("a")) is not sessions.session(proxy, Secret("b"))


async def test_an_http_proxy_gets_the_request_with_its_own_credential(sessions):
    async with FakeUpstream(strict=False, standing=says("through the proxy")) as proxy:
        address = proxy.url.removeprefix("http://")
        session = sessions.session(Proxy(address=address, username="me"), Secret("pw"))
        async with session.post("http://somewhere.invalid/v1/messages", json={"model": "m"}) as response:
            assert response.status == 200
        assert proxy.requests[0].header("Host") == "somewhere.invalid"
        assert proxy.requests[0].header("Proxy-Authorization") == "Basic bWU6cHc="


async def test_a_socks_proxy_is_asked_in_its_own_language(sessions):
    import asyncio

    greeted = asyncio.get_running_loop().create_future()

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        greeted.set_result(await reader.read(16))
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    session = sessions.session(Proxy(type="socks5", address=f"{host}:{port}"))
    with pytest.raises(Exception, match=r".+"):
        await session.get("http://somewhere.invalid/")
    assert (await greeted)[0] == 5
    server.close()


async def test_connections_are_kept_between_requests(sessions, upstream):
    for _ in range(2):
        async with sessions.session(None).get(f"{upstream.url}/v1/models") as response:
            await response.read()
    connector = sessions.session(None).connector
    assert sum(len(kept) for kept in connector._conns.values()) == 1


async def test_cookies_of_a_provider_are_not_sent_back(sessions, upstream):
    upstream.strict = False
    upstream.always(says("x").with_headers(("Set-Cookie", "track=1")))
    for _ in range(2):
        async with sessions.session(None).post(
            f"{upstream.url}/v1/messages", json={"model": "m"}
        ) as response:
            await response.read()
    assert upstream.requests[1].header("Cookie") is None
