import asyncio
import socket

import aiohttp
import pytest
import yaml

from cccc_tui.config import secrets
from cccc_tui.engine.core import Engine, StartRefused
from tests.engine.conftest import body, endpoint
from tests.fakes.steps import counts, fails

EACH_ANEW = {"sticky": {"enabled": False}}
"""Requests of one conversation are routed each by itself."""


def rewrite(gateway, change) -> None:
    """Saves the configuration file with a change, as an editor would: by renaming a new file over it."""
    data = yaml.safe_load(gateway.config_path.read_text())
    change(data)
    fresh = gateway.config_path.with_suffix(".new")
    fresh.write_text(yaml.safe_dump(data, sort_keys=False))
    fresh.replace(gateway.config_path)


async def until(condition, patience_s: float = 5.0) -> None:
    async with asyncio.timeout(patience_s):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_saved_configuration_is_applied_while_a_stream_runs(start, upstream, second):
    rest = asyncio.Event()
    upstream.answer(counts(5).held(rest, at=2))
    gateway = await start(endpoint("one", upstream.url))
    async with gateway.post("/v1/messages", json=body("anthropic", stream=True)) as response:
        while b"content_block_delta" not in await response.content.readany():
            pass
        rewrite(gateway, lambda data: data["endpoints"].__setitem__(0, endpoint("two", second.url)))
        await until(lambda: gateway.engine.endpoints()[0].name == "two")
        rest.set()
        assert b"message_stop" in await response.content.read()
    _, headers, _ = await gateway.ask("anthropic")
    assert headers["x-cccc-endpoint"] == "two"


async def test_a_broken_file_changes_nothing_and_says_why(start, upstream):
    gateway = await start(endpoint("one", upstream.url))
    rewrite(gateway, lambda data: data["endpoints"][0].__setitem__("prioritty", 1))
    await until(lambda: gateway.engine.status().banner)
    assert "priority" in gateway.engine.status().banner
    assert (await gateway.ask("anthropic"))[0] == 200
    rewrite(gateway, lambda data: data["endpoints"][0].pop("prioritty"))
    await until(lambda: not gateway.engine.status().banner)


async def test_a_missing_secret_takes_only_its_endpoint_out_of_service(start, upstream, second):
    gateway = await start(
        endpoint("one", upstream.url, auth_value="env:NO_SUCH_VARIABLE_HERE"), endpoint("two", second.url)
    )
    _, headers, _ = await gateway.ask("anthropic")
    assert headers["x-cccc-endpoint"] == "two"
    status = gateway.engine.endpoints()[0]
    assert status.health == "misconfigured"
    assert "NO_SUCH_VARIABLE_HERE" in status.health_reason
    assert "one" in gateway.engine.status().banner


async def test_an_endpoint_that_points_here_is_out_of_service(start, upstream):
    gateway = await start(endpoint("one", upstream.url))
    port = gateway.url.rpartition(":")[2]
    rewrite(gateway, lambda data: data["endpoints"].append(endpoint("loop", f"http://localhost:{port}")))
    await until(lambda: len(gateway.engine.endpoints()) == 2)
    loop = gateway.engine.endpoints()[1]
    assert (loop.name, loop.health) == ("loop", "misconfigured")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


async def test_nobody_is_let_in_before_there_is_a_configuration_to_answer_by(tmp_path, upstream, monkeypatch):
    path, port = tmp_path / "config.yaml", free_port()
    loop = endpoint("loop", f"http://127.0.0.1:{port}")
    path.write_text(yaml.safe_dump({"endpoints": [endpoint("one", upstream.url), loop]}))
    is_reading, go_on, read = asyncio.Event(), asyncio.Event(), secrets.read_secrets_soon

    async def read_slowly(*args):
        is_reading.set()
        await go_on.wait()
        return await read(*args)

    monkeypatch.setattr(secrets, "read_secrets_soon", read_slowly)
    engine = Engine(path, tmp_path / "state", port=port)
    patience = aiohttp.ClientTimeout(total=10)
    async with asyncio.TaskGroup() as group, aiohttp.ClientSession(timeout=patience) as client:
        starting = group.create_task(engine.start())
        await is_reading.wait()
        with pytest.raises(aiohttp.ClientConnectorError):
            await client.get(f"http://127.0.0.1:{port}/health")
        go_on.set()
        await starting
        async with client.get(f"http://127.0.0.1:{port}/health") as response:
            assert response.status == 200
        assert [each.health for each in engine.endpoints()][1] == "misconfigured"  # its address is our own
        await engine.stop(grace_s=0)


async def test_a_broken_configuration_does_not_start(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("endpoints:\n  - name: a\n    url: nowhere\n")
    with pytest.raises(StartRefused) as refused:
        await Engine(path, tmp_path / "state", port=0).start()
    assert refused.value.exit_code == 2
    assert "config.yaml:3" in refused.value.message


async def test_a_port_in_use_says_by_whom(start, upstream, tmp_path):
    gateway = await start(endpoint("one", upstream.url))
    port = int(gateway.url.rpartition(":")[2])
    other = tmp_path / "other.yaml"
    other.write_text(yaml.safe_dump({"endpoints": [endpoint("x", upstream.url)]}))
    with pytest.raises(StartRefused) as refused:
        await Engine(other, tmp_path / "other-state", port=port).start()
    assert refused.value.exit_code == 1
    assert "another cccc" in refused.value.message
    with pytest.raises(StartRefused) as refused:
        await Engine(other, tmp_path / "third-state", port=int(upstream.url.rpartition(":")[2])).start()
    assert "another program" in refused.value.message


async def test_an_endpoint_is_disabled_in_the_file_and_the_change_taken_back(start, upstream):
    gateway = await start(endpoint("one", upstream.url))
    before = gateway.config_path.read_text()
    assert (await gateway.engine.set_enabled("one", False)).done
    assert gateway.engine.endpoints()[0].health == "disabled"
    assert yaml.safe_load(gateway.config_path.read_text())["endpoints"][0]["enabled"] is False
    assert (await gateway.engine.undo_edit()).done
    assert gateway.config_path.read_text() == before
    assert gateway.engine.endpoints()[0].enabled
    assert not (await gateway.engine.undo_edit()).done


async def test_endpoints_change_places_and_the_order_is_written(start, upstream, second):
    gateway = await start(endpoint("one", upstream.url), endpoint("two", second.url))
    assert (await gateway.engine.move_endpoint("two", -1)).done
    assert [status.name for status in gateway.engine.endpoints()] == ["two", "one"]
    _, headers, _ = await gateway.ask("anthropic")
    assert headers["x-cccc-endpoint"] == "two"
    assert not (await gateway.engine.move_endpoint("two", -1)).done


async def test_health_survives_a_reload_of_the_configuration(start, upstream, second):
    upstream.always(fails(500))
    gateway = await start(endpoint("one", upstream.url), endpoint("two", second.url), routing=EACH_ANEW)
    for _ in range(3):
        await gateway.ask("anthropic")
    rewrite(gateway, lambda data: data["endpoints"][1].__setitem__("priority", 5))
    await until(lambda: gateway.engine.endpoints()[1].priority == 5)
    assert gateway.engine.endpoints()[0].health == "failing"


async def test_health_and_todays_tokens_survive_a_restart(start, upstream, second, tmp_path):
    upstream.always(fails(500))
    gateway = await start(endpoint("one", upstream.url), endpoint("two", second.url), routing=EACH_ANEW)
    for _ in range(3):
        await gateway.ask("anthropic")
    tokens = gateway.engine.status().tokens_today.total
    assert tokens > 0
    await gateway.engine.stop()
    again = Engine(gateway.config_path, tmp_path / "state0", port=0)
    await again.start()
    assert again.endpoints()[0].health == "failing"
    assert again.status().tokens_today.total == tokens
    await again.stop()


async def test_stopping_lets_a_stream_finish(start, upstream):
    rest = asyncio.Event()
    upstream.answer(counts(5).held(rest, at=2))
    gateway = await start(endpoint("one", upstream.url))
    async with gateway.post("/v1/messages", json=body("anthropic", stream=True)) as response:
        while b"content_block_delta" not in await response.content.readany():
            pass
        stopping = asyncio.get_running_loop().create_task(gateway.engine.stop(grace_s=5))
        rest.set()
        assert b"message_stop" in await response.content.read()
        await stopping


async def test_the_demo_stands_aside_for_an_endpoint_that_is_enabled_even_if_that_has_no_key(start):
    gateway = await start(
        {"name": "demo", "url": "demo:"},
        {"name": "mine", "url": "http://127.0.0.1:9", "auth_value": "env:THIS_IS_NOT_SET"},
    )
    assert not gateway.engine.status().demo
    assert "mine is out of service" in gateway.engine.status().banner
    reasons = {each.name: each.health_reason for each in gateway.engine.endpoints()}
    assert reasons["demo"] == "stands aside: another endpoint is enabled"
    status, _headers, _answer = await gateway.ask("anthropic")
    assert status == 503


async def test_that_only_the_demo_answers_is_a_fact_of_its_own_and_no_warning(start):
    gateway = await start({"name": "demo", "url": "demo:"})
    assert gateway.engine.status().demo
    assert gateway.engine.status().banner == ""
