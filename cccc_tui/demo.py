"""What `cccc demo` runs on: four simulated endpoints, each with a character, and agents that use them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from cccc_tui.config.paths import write_private
from cccc_tui.engine.demo import DemoProvider, DemoTraffic


class DemoEndpoint(NamedTuple):
    """One simulated endpoint."""

    name: str
    personality: str
    """As the demo provider knows it."""
    priority: int
    clients: tuple[str, ...]
    """Who is sent here first; none is everybody."""


ENDPOINTS = (
    DemoEndpoint("flaky", "flaky", 1, ("claude-code",)),
    DemoEndpoint("slow", "slow", 1, ("openai-sdk", "other")),
    DemoEndpoint("healthy-1", "healthy", 2, ()),
    DemoEndpoint("healthy-2", "second", 1, ("codex", "anthropic-sdk")),
)
"""Each kind of agent begins at another one, so all four have something to do, and what fails moves on."""


@asynccontextmanager
async def simulated_endpoints(config_path: Path) -> AsyncIterator[None]:
    """The simulated endpoints answer, and a configuration that uses them stands at `config_path`."""
    provider = DemoProvider(config_path)
    base_url = await provider.start()
    try:
        write_private(config_path, demo_config(base_url))
        yield
    finally:
        await provider.stop()


@asynccontextmanager
async def simulated_agents(gateway_url: str) -> AsyncIterator[None]:
    """Agents that ask `gateway_url` all the time."""
    traffic = DemoTraffic()
    await traffic.start(gateway_url)
    try:
        yield
    finally:
        await traffic.stop()


def demo_config(base_url: str) -> str:
    """The configuration of the demo; `base_url` is the demo provider's."""
    entries = "\n".join(_entry(endpoint, f"{base_url}/{endpoint.personality}") for endpoint in ENDPOINTS)
    # A shorter interval than usual: nobody watches a demo for half a minute to see an endpoint come back.
    return (
        f"# A demo: this file is gone when it ends.\ntimeouts:\n  check_interval: 8\n\nendpoints:\n{entries}"
    )


def _entry(endpoint: DemoEndpoint, url: str) -> str:
    clients = f"    supported_clients: [{', '.join(endpoint.clients)}]\n" if endpoint.clients else ""
    return (
        f"  - name: {endpoint.name}\n"
        f"    url_anthropic: {url}\n"
        f"    url_openai: {url}/v1\n"
        f"    priority: {endpoint.priority}\n{clients}"
    )
