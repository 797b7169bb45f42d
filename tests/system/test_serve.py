"""`cccc --serve` as a real process: it starts, serves, applies what is saved, and stops, kindly or not."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sqlite3
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.fakes.program import Program, running
from tests.fakes.steps import says
from tests.fakes.upstream import FakeUpstream

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(os.name != "posix", reason="signals and file modes are POSIX"),
]

HELLO = {"model": "claude-fake", "max_tokens": 100, "messages": [{"role": "user", "content": "hi"}]}
HEADERS = {"anthropic-version": "2023-06-01", "x-api-key": "sk-client"}
DEMO = 'endpoints:\n  - name: demo\n    url: "demo:"\n'


def config_for(upstream: FakeUpstream, extra: str = "") -> str:
    endpoint = f"  - name: fake\n    url: {upstream.url}\n    endpoint_type: anthropic\n"
    return f"endpoints:\n{endpoint}    auth_value: sk-endpoint\n{extra}"


def write(path: Path, text: str) -> Path:
    """Writes as most editors do: a new file that takes the place of the old one."""
    new = path.with_suffix(".new")
    new.write_text(text)
    new.chmod(0o600)
    new.replace(path)
    return path


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write(tmp_path / "config.yaml", DEMO)


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@asynccontextmanager
async def serving(home: Path, *arguments: str | Path) -> AsyncIterator[tuple[Program, str]]:
    async with running("--serve", "--port", "0", *arguments, home=home) as program:
        yield program, await program.address()


async def stopped(program: Program, number: signal.Signals = signal.SIGTERM) -> int:
    program.send(number)
    return await program.ended()


async def answer_of(client: aiohttp.ClientSession, url: str) -> Any:
    async with client.post(f"{url}/v1/messages", json=HELLO, headers=HEADERS) as response:
        return await response.json()


# starting


async def test_it_says_where_it_listens_and_answers_there(
    tmp_path: Path, config: Path, client: aiohttp.ClientSession
):
    async with serving(tmp_path, "--config", config) as (_program, url):
        async with client.get(f"{url}/health") as response:
            health = await response.json()
        assert (response.status, health["status"], health["name"]) == (200, "ok", "cccc")
        assert (await answer_of(client, url))["type"] == "message"


async def test_the_first_start_writes_a_configuration_for_its_owner_alone_and_works_with_it(
    tmp_path: Path, client: aiohttp.ClientSession
):
    async with running("--serve", "--port", "0", home=tmp_path) as program:
        path = Path((await program.said(r"was written: (\S+)"))[1])
        url = await program.address()
        assert path == tmp_path / "config" / "cccc" / "config.yaml"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert (await answer_of(client, url))["type"] == "message"


async def test_a_configuration_with_mistakes_is_refused_with_all_of_them(tmp_path: Path, config: Path):
    write(config, "server:\n  port: many\nendpoints:\n  - name: a\n    url: nowhere\n    prioritty: 1\n")
    async with running("--serve", "--config", config, home=tmp_path) as program:
        assert await program.ended() == 2
    text = "\n".join(program.lines)
    for place in (f"{config}:2: server.port", f"{config}:5: endpoints[0].url", f"{config}:6: "):
        assert place in text
    assert 'did you mean "priority"?' in text
    assert "Traceback" not in text


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"just words", b"a: [", b"- 1\n"])
async def test_what_is_no_configuration_is_refused_without_a_traceback(
    tmp_path: Path, config: Path, content: bytes
):
    config.write_bytes(content)
    async with running("--serve", "--config", config, home=tmp_path) as program:
        assert await program.ended() == 2
    text = "\n".join(program.lines)
    assert str(config) in text
    assert "Traceback" not in text


async def test_a_port_in_use_is_said_with_the_name_of_another_cccc(tmp_path: Path, config: Path):
    async with serving(tmp_path, "--config", config) as (first, url):
        port = url.rpartition(":")[2]
        async with running("--serve", "--port", port, "--config", config, home=tmp_path) as second:
            assert await second.ended() == 1
        text = "\n".join(second.lines)
        assert f"Port {port}" in text
        assert f"another cccc (version 0.1.0, process {first.process.pid})" in text
        assert "Traceback" not in text


async def test_a_port_in_use_by_a_stranger_is_said_too(tmp_path: Path, config: Path):
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        port = stranger.getsockname()[1]
        async with running("--serve", "--port", str(port), "--config", config, home=tmp_path) as program:
            assert await program.ended() == 1
    assert f"Port {port} on 127.0.0.1 is in use by another program." in "\n".join(program.lines)


# stopping


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
async def test_a_signal_ends_it_in_order(tmp_path: Path, config: Path, number: signal.Signals):
    async with serving(tmp_path, "--config", config) as (program, _url):
        assert await stopped(program, number) == 0
    text = "\n".join(program.lines)
    assert f"{number.name}: stopping" in text
    assert text.endswith("stopped")
    assert "Traceback" not in text


async def test_a_stream_in_flight_is_finished_before_the_end(tmp_path: Path, config: Path):
    hold = asyncio.Event()
    async with FakeUpstream() as upstream, aiohttp.ClientSession() as client:
        upstream.answer(says("one two three").held(hold, at=1))
        write(config, config_for(upstream))
        async with serving(tmp_path, "--config", config) as (program, url):
            async with client.post(
                f"{url}/v1/messages", json=HELLO | {"stream": True}, headers=HEADERS
            ) as response:
                start = await response.content.readany()
                assert b"message_start" in start
                program.send(signal.SIGTERM)
                await program.said("requests in flight")
                hold.set()
                rest = await response.content.read()
            assert b"message_stop" in rest
            assert await program.ended() == 0


async def test_a_second_signal_cuts_what_is_in_flight(tmp_path: Path, config: Path):
    hold = asyncio.Event()
    async with FakeUpstream() as upstream, aiohttp.ClientSession() as client:
        upstream.answer(says("one two three").held(hold, at=1))
        write(config, config_for(upstream))
        async with serving(tmp_path, "--config", config) as (program, url):
            asking = client.post(f"{url}/v1/messages", json=HELLO | {"stream": True}, headers=HEADERS)
            async with asking as response:
                await response.content.readany()
                program.send(signal.SIGTERM)
                await program.said("requests in flight")
                program.send(signal.SIGTERM)
                assert await program.ended() == 0
                with pytest.raises(aiohttp.ClientError):
                    await response.content.read()
                    # A clean end without a terminal event would be a lie too.
                    raise aiohttp.ClientPayloadError
        assert not hold.is_set()


async def test_after_a_kill_it_starts_again_with_its_state_whole(tmp_path: Path, config: Path):
    async with FakeUpstream() as upstream, aiohttp.ClientSession() as client:
        write(config, config_for(upstream))
        async with serving(tmp_path, "--config", config) as (program, url):
            await answer_of(client, url)
            assert await stopped(program, signal.SIGKILL) == -signal.SIGKILL
        async with serving(tmp_path, "--config", config) as (program, url):
            assert (await answer_of(client, url))["type"] == "message"
            assert await stopped(program) == 0
    for database in (tmp_path / "state" / "cccc").glob("*.db"):
        with sqlite3.connect(database) as connection:
            assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
        connection.close()
        break
    else:
        pytest.fail("no state was written")


# while it runs


async def test_a_saved_configuration_is_applied_without_a_restart(tmp_path: Path, config: Path):
    async with FakeUpstream() as upstream, aiohttp.ClientSession() as client:
        async with serving(tmp_path, "--config", config) as (program, url):
            write(config, config_for(upstream))
            await program.said("configuration reloaded")
            await answer_of(client, url)
        assert len(upstream.requests) == 1
        assert upstream.requests[0].header("x-api-key") == "sk-endpoint"


async def test_a_broken_configuration_changes_nothing_and_the_log_says_why(tmp_path: Path, config: Path):
    async with FakeUpstream() as upstream, aiohttp.ClientSession() as client:
        write(config, config_for(upstream))
        async with serving(tmp_path, "--config", config) as (program, url):
            write(config, config_for(upstream) + "    prioritty: 1\n")
            line = (await program.said(r"prioritty.*")).string
            assert f"{config}:6" in line
            assert 'did you mean "priority"?' in line
            assert (await answer_of(client, url))["type"] == "message"


async def test_another_port_in_the_configuration_is_listened_on_at_once(tmp_path: Path, config: Path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    write(config, f"server:\n  port: {port}\n{DEMO}")
    async with (
        aiohttp.ClientSession() as client,
        running("--serve", "--config", config, home=tmp_path) as program,
    ):
        assert await program.address() == f"http://127.0.0.1:{port}"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            other = free.getsockname()[1]
        write(config, f"server:\n  port: {other}\n{DEMO}")
        await program.said(f"listening on http://127.0.0.1:{other}")
        async with client.get(f"http://127.0.0.1:{other}/health") as response:
            assert response.status == 200


async def test_the_log_level_follows_the_configuration(tmp_path: Path, config: Path):
    async with serving(tmp_path, "--config", config) as (program, _url):
        write(config, f"logging:\n  level: error\n{DEMO}")
        await program.said("configuration reloaded")
        write(config, f"logging:\n  level: info\n{DEMO}")
        assert await stopped(program) == 0
    assert (tmp_path / "state" / "cccc" / "cccc.log").is_file()


async def test_no_key_ever_reaches_the_log_or_the_terminal(tmp_path: Path, config: Path):
    async with FakeUpstream() as upstream, aiohttp.ClientSession() as client:
        write(config, "logging:\n  level: debug\n" + config_for(upstream))
        async with serving(tmp_path, "--config", config) as (program, url):
            await answer_of(client, url)
            assert await stopped(program) == 0
    told = "\n".join(program.lines) + (tmp_path / "state" / "cccc" / "cccc.log").read_text()
    assert "sk-endpoint" not in told
    assert "sk-client" not in told


async def test_the_log_file_is_for_its_owner_alone(tmp_path: Path, config: Path):
    async with serving(tmp_path, "--config", config) as (program, _url):
        assert await stopped(program) == 0
    assert stat.S_IMODE((tmp_path / "state" / "cccc" / "cccc.log").stat().st_mode) == 0o600
