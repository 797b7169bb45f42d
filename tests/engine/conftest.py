"""A running engine between a test's client and fake upstreams, all on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from cccc_tui.engine.core import Engine
from cccc_tui.engine.health import EndpointHealth
from cccc_tui.state.facts import Fact
from tests.fakes.fixtures import upstream
from tests.fakes.upstream import FakeUpstream

__all__ = ["upstream"]

TOKEN_FACTOR = "token_factor"

PATHS = {"anthropic": "/v1/messages", "chat": "/v1/chat/completions", "responses": "/v1/responses"}


def endpoint(name: str, url: str, form: str = "anthropic", **more: Any) -> dict[str, Any]:
    """One entry of `endpoints`, for an upstream of that format."""
    kind = "anthropic" if form == "anthropic" else "openai"
    preference = {"chat": "chat_completions", "responses": "responses"}.get(form, "auto")
    return {
        "name": name,
        "url": url,
        "endpoint_type": kind,
        "openai_preference": preference,
        "auth_type": "auto",
        "auth_value": f"key-of-{name}",
        **more,
    }


def body(
    form: str, *, model: str = "some-model", stream: bool = False, text: str = "Hello"
) -> dict[str, Any]:
    """A small valid request."""
    if form == "responses":
        items = [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}]
        return {"model": model, "input": items, "stream": stream, "store": False}
    request = {"model": model, "messages": [{"role": "user", "content": text}], "stream": stream}
    if form == "chat" and stream:
        request["stream_options"] = {"include_usage": True}
    return {**request, "max_tokens": 256} if form == "anthropic" else request


class Gateway:
    """The engine, its configuration file, and a client."""

    def __init__(self, engine: Engine, config_path: Path, client: aiohttp.ClientSession) -> None:
        self.engine = engine
        self.config_path = config_path
        self.client = client

    @property
    def url(self) -> str:
        return self.engine.status().address

    def post(self, path: str, **kwargs: Any) -> Any:
        return self.client.post(self.url + path, **kwargs)

    async def ask(self, form: str, **kwargs: Any) -> tuple[int, Any, Any]:
        """Status, headers and decoded body (text for a stream) of one request."""
        async with self.post(PATHS[form], json=body(form, **kwargs)) as response:
            streamed = "event-stream" in response.content_type
            return response.status, response.headers, await (response.text() if streamed else response.json())

    @property
    def last(self) -> Any:
        """The newest exchange."""
        return list(self.engine.traffic)[-1]

    def health(self, name: str) -> EndpointHealth:
        """What the engine holds of an endpoint's health, which front ends see only a summary of."""
        return self.engine._health.of(self._id(name))

    def cooling(self, name: str) -> list[EndpointHealth]:
        """Keys and models of it that are out."""
        return list(self.engine._health.cooling(self._id(name)).values())

    def facts(self) -> list[Fact]:
        """What was learned, apart from the calibration of estimates, which every answer teaches."""
        return [fact for fact in self.engine._memory.facts.list() if fact.name != TOKEN_FACTOR]

    def _id(self, name: str) -> str:
        return next(
            target.facts.id for target in self.engine.live.targets.values() if target.facts.name == name
        )


Start = Callable[..., Awaitable[Gateway]]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Starts an engine on the given endpoints; other sections as keyword arguments."""
    running: list[Gateway] = []

    async def start_engine(*endpoints: dict[str, Any], **sections: Any) -> Gateway:
        path = tmp_path / f"config{len(running)}.yaml"
        path.write_text(yaml.safe_dump({"endpoints": list(endpoints), **sections}, sort_keys=False))
        engine = Engine(path, tmp_path / f"state{len(running)}", port=0)
        await engine.start()
        running.append(Gateway(engine, path, aiohttp.ClientSession(auto_decompress=True)))
        return running[-1]

    yield start_engine
    for gateway in running:
        await gateway.client.close()
        await gateway.engine.stop(grace_s=0)


@pytest.fixture
async def second() -> AsyncIterator[FakeUpstream]:
    """Another upstream to fail over to."""
    async with FakeUpstream() as fake:
        yield fake
    assert fake.failures == []
