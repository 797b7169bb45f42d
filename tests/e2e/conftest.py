"""cccc as a process, between real clients and fake providers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.fakes.process import CcccProcess
from tests.fakes.upstream import FakeUpstream

ENDPOINT_KEY = "sk-of-the-endpoint"

Start = Callable[..., CcccProcess]


def endpoint(name: str, url: str, form: str) -> str:
    """One entry of `endpoints` for an upstream that speaks one format."""
    kind = "anthropic" if form == "anthropic" else "openai"
    lines = [f"- name: {name}", f"  url: {url}", f"  endpoint_type: {kind}", f"  auth_value: {ENDPOINT_KEY}"]
    if form != "anthropic":
        preference = "responses" if form == "responses" else "chat_completions"
        lines.append(f"  openai_preference: {preference}")
    return "\n".join(f"  {line}" for line in lines)


def config(*endpoints: str) -> str:
    return "\n".join(["endpoints:", *endpoints, ""])


@pytest.fixture
async def upstream() -> AsyncIterator[FakeUpstream]:
    """A provider that takes the endpoint's key and no other. What it refused fails the test."""
    async with FakeUpstream(key=ENDPOINT_KEY) as fake:
        yield fake
    assert fake.failures == []


@pytest.fixture
def errand_folder(tmp_path: Path) -> Path:
    """Where the agent works."""
    folder = tmp_path / "client" / "work"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def client_folder(errand_folder: Path) -> Path:
    """What the client's home and working folder are in."""
    return errand_folder.parent
