"""One gateway in front of each kind of upstream, and the official packages as its clients."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
import yaml

from cccc_tui.engine.core import Engine
from tests.fakes.speech import Format, Json
from tests.fakes.upstream import FakeUpstream
from tests.sdk.cases import MODEL
from tests.sdk.clients import Client, Packages

FORMATS: tuple[Format, ...] = ("anthropic", "chat", "responses")
ENDPOINT_KEY = "sk-of-the-endpoint"
UPSTREAM_MODEL = "the-upstreams-model"


class House:
    """The clients by their own format and the upstream's, and the upstream behind them all."""

    def __init__(self, upstream: FakeUpstream, clients: dict[tuple[Format, Format], Client]) -> None:
        self.upstream = upstream
        self.clients = clients

    def forget(self) -> None:
        """Begins anew: ids of the fake's answers are counted from here, so that equal requests get equal ids."""
        self.upstream.requests.clear()


def _config(url: str, form: Format, keep_alive_s: float) -> Json:
    endpoint: Json = {
        "name": form,
        "url": url,
        "endpoint_type": "anthropic" if form == "anthropic" else "openai",
        "auth_type": "auto",
        "auth_value": ENDPOINT_KEY,
        "model_rewrite": {
            "enabled": True,
            "rules": [{"source_pattern": MODEL, "target_model": UPSTREAM_MODEL}],
        },
    }
    if form != "anthropic":
        endpoint["openai_preference"] = "responses" if form == "responses" else "chat_completions"
    return {
        "endpoints": [endpoint],
        "timeouts": {"keep_alive": keep_alive_s},
        # One house serves all tests, so that no failure of one may leave an endpoint out for the next.
        "blacklist": {"enabled": False},
        "retry": {"attempts": 1},
    }


@asynccontextmanager
async def _built(folder: Path, keep_alive_s: float) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        upstream = await stack.enter_async_context(FakeUpstream(key=ENDPOINT_KEY))
        packages = Packages()
        stack.push_async_callback(packages.close)
        clients: dict[tuple[Format, Format], Client] = {}
        for target in FORMATS:
            config = folder / f"{target}.yaml"
            config.write_text(yaml.safe_dump(_config(upstream.url, target, keep_alive_s)))
            engine = Engine(config, folder / target, port=0)
            await engine.start()
            stack.push_async_callback(engine.stop, grace_s=0)
            for source, client in packages.at(engine.status().address).items():
                clients[source, target] = client
        yield House(upstream, clients)


@asynccontextmanager
async def _swept(house: House) -> AsyncIterator[House]:
    """A request that the upstream's API does not allow fails the test."""
    house.forget()
    house.upstream.failures.clear()
    yield house
    assert house.upstream.failures == []


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def standing_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with _built(tmp_path_factory.mktemp("house"), keep_alive_s=15) as house:
        yield house


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def standing_talkative_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with _built(tmp_path_factory.mktemp("talkative"), keep_alive_s=0.1) as house:
        yield house


@pytest_asyncio.fixture(loop_scope="session")
async def house(standing_house: House) -> AsyncIterator[House]:
    async with _swept(standing_house) as house:
        yield house


@pytest_asyncio.fixture(loop_scope="session")
async def talkative_house(standing_talkative_house: House) -> AsyncIterator[House]:
    """Its gateways send a keep-alive after a tenth of a second of silence."""
    async with _swept(standing_talkative_house) as house:
        yield house
