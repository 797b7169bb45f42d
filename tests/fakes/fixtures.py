"""Fixtures around the fakes. A test folder takes them with `from tests.fakes.fixtures import upstream`."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.fakes.upstream import FakeUpstream


@pytest.fixture
async def upstream() -> AsyncIterator[FakeUpstream]:
    """One fake upstream. A request that the API documents do not allow fails the test."""
    async with FakeUpstream() as fake:
        yield fake
    assert fake.failures == []
