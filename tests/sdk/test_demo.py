"""The built-in demo provider as the official packages see it."""

from __future__ import annotations

from pathlib import Path

from cccc_tui.engine.demo import DemoProvider
from tests.sdk.cases import CASES, MODEL
from tests.sdk.clients import WAYS, Packages


async def test_the_demo_answers_every_package_in_every_way():
    provider, packages = DemoProvider(Path("config.yaml"), word_s=0, seed=1), Packages()
    try:
        for source, client in packages.at(await provider.start()).items():
            for way in WAYS:
                answer = await client.ways[way](**CASES[0].request(source))
                client.kind.model_validate(answer.to_dict(mode="json"))
                seen = client.see(answer)
                assert "Hello from the cccc demo" in seen.text
                assert (seen.model, seen.tokens[2] > 0) == (MODEL, True)
    finally:
        await packages.close()
        await provider.stop()
