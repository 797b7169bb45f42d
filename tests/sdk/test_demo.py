"""The built-in demo provider as the official packages see it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cccc_tui.engine.demo import DemoProvider
from tests.sdk.cases import CASES, MODEL
from tests.sdk.clients import WAYS, Packages
from tests.sdk.conftest import FORMATS


@pytest.mark.parametrize("source", FORMATS)
async def test_the_demo_answers_every_package_in_every_way(source):
    provider, packages = DemoProvider(Path("config.yaml"), word_s=0, seed=1), Packages()
    client = packages.at(await provider.start())[source]
    try:
        answers = [await client.ways[way](**CASES[0].request(source)) for way in WAYS]
    finally:
        await packages.close()
        await provider.stop()
    for answer in answers:
        client.kind.model_validate(answer.to_dict(mode="json"))
        seen = client.see(answer)
        assert "Hello from the cccc demo" in seen.text
        assert seen.model == MODEL
        assert seen.tokens[2] > 0
