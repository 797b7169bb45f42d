from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from cccc_tui.discovery import USUAL, Found, LocalServer, find_local_servers

MODELS = b'{"object":"list","data":[{"id":"qwen3","object":"model"},{"id":"gemma"}]}'


def answer(body: bytes, status: str = "200 OK", headers: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{headers}\r\n".encode() + body


@asynccontextmanager
async def listening(reply: bytes | None) -> AsyncIterator[LocalServer]:
    """A server that sends `reply` and closes; with None it never says anything."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if reply is None:
            await reader.read()  # until the asker gives up
        else:
            writer.write(reply)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield LocalServer("local", server.sockets[0].getsockname()[1])


async def test_a_server_that_lists_models_is_found_with_their_names():
    async with listening(answer(MODELS)) as server:
        assert await find_local_servers(1, (server,)) == (Found(server, ("qwen3", "gemma")),)


async def test_control_characters_in_a_name_do_not_reach_the_terminal():
    async with listening(answer(b'{"data":[{"id":"evil\\u001b[2J\\nname"}]}')) as server:
        (found,) = await find_local_servers(1, (server,))
    assert found.models == ("evil[2Jname",)


@pytest.mark.parametrize(
    "reply",
    [
        answer(b"<html>hello</html>"),
        answer(b"not found", "404 Not Found"),
        answer(b'{"data":[]}'),
        answer(b'{"models":[]}'),
        answer(b'["list"]'),
        answer(MODELS, "401 Unauthorized"),
        answer(MODELS, headers="X-Cccc-Version: 1\r\n"),
        b"SSH-2.0-OpenSSH\r\n",
        b"",
    ],
)
async def test_what_is_no_model_server_is_not_offered(reply: bytes):
    async with listening(reply) as server:
        assert await find_local_servers(1, (server,)) == ()


async def test_a_silent_server_costs_no_more_than_the_timeout():
    async with listening(None) as silent, listening(answer(MODELS)) as talking:
        async with asyncio.timeout(5):
            found = await find_local_servers(1, (silent, talking), timeout_s=0.1)
    assert [one.server for one in found] == [talking]


async def test_a_port_where_nobody_listens_is_no_error():
    async with listening(b"") as server:
        pass
    assert await find_local_servers(1, (server,)) == ()


async def test_our_own_port_is_never_asked():
    async with listening(answer(MODELS)) as server:
        assert await find_local_servers(server.port, (server,)) == ()


def test_the_usual_ports_are_those_of_the_four_servers():
    assert {server.name: server.port for server in USUAL} == {
        "Ollama": 11434,
        "LM Studio": 1234,
        "vLLM": 8000,
        "llama.cpp": 8080,
    }
    assert USUAL[0].url == "http://127.0.0.1:11434"
