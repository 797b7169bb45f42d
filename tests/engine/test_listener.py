import pytest

from cccc_tui.config.schema import Config
from cccc_tui.config.schema import Server as ServerSettings
from cccc_tui.engine.listener import Listener, ListenRefused
from cccc_tui.engine.server import AddressInUse

CONFIG = Config(server=ServerSettings(host="127.0.0.1", port=8080))


class FakeServer:
    """Binds to anything but the ports that are taken."""

    def __init__(self, *taken: int, error: OSError | None = None) -> None:
        self.taken, self.error = taken, error
        self.port = 0
        self.bound: list[tuple[str, int]] = []

    async def start(self, host: str, port: int) -> None:
        if self.error:
            raise self.error
        if port in self.taken:
            raise AddressInUse
        self.bound.append((host, port))
        self.port = port or 40_000

    move = start


async def started(server: FakeServer, host: str | None = None, port: int | None = None) -> Listener:
    listener = Listener(host, port)
    listener.aim(CONFIG)
    await listener.start(server)
    return listener


async def test_the_configured_address_is_taken_unless_the_command_line_says_another():
    assert (await started(FakeServer())).url == "http://127.0.0.1:8080"
    assert (await started(FakeServer(), "localhost", 9)).url == "http://localhost:9"
    assert (await started(FakeServer(), "::1", 9)).url == "http://[::1]:9"


async def test_a_free_port_is_told_as_the_one_that_was_bound():
    assert (await started(FakeServer(), port=0)).port == 40_000


async def test_a_taken_port_is_refused_with_a_sentence():
    with pytest.raises(ListenRefused, match=r"Port 8080 on 127.0.0.1 is in use by .*--port"):
        await started(FakeServer(8080))


async def test_an_address_that_is_not_ours_is_refused_with_the_reason():
    with pytest.raises(ListenRefused, match=r"Cannot listen on 127\.0\.0\.1:8080: not here"):
        await started(FakeServer(error=OSError(99, "not here")))


async def test_it_moves_only_when_the_address_has_changed():
    server = FakeServer()
    listener = await started(server)
    await listener.move(CONFIG)
    assert server.bound == [("127.0.0.1", 8080)]
    await listener.move(Config(server=ServerSettings(host="127.0.0.1", port=8081)))
    assert listener.url == "http://127.0.0.1:8081"


async def test_a_move_to_a_taken_port_leaves_it_where_it_is():
    listener = await started(FakeServer(8081))
    with pytest.raises(OSError, match="in use"):
        await listener.move(Config(server=ServerSettings(host="127.0.0.1", port=8081)))
    assert listener.url == "http://127.0.0.1:8080"
