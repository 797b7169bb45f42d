from __future__ import annotations

from pathlib import Path

import aiohttp

from cccc_tui.config.load import load, load_text
from cccc_tui.demo import ENDPOINTS, demo_config, simulated_endpoints
from cccc_tui.engine.demo import PERSONALITIES


def test_the_configuration_of_the_demo_has_no_problems_and_four_endpoints():
    loaded = load_text(demo_config("http://127.0.0.1:9"), Path("config.yaml"))
    assert loaded.problems == ()
    assert loaded.config is not None
    assert [each.name for each in loaded.config.endpoints] == ["flaky", "slow", "healthy-1", "healthy-2"]


def test_two_are_healthy_one_is_flaky_and_one_is_slow():
    characters = {each.name: PERSONALITIES[each.personality] for each in ENDPOINTS}
    assert characters["flaky"].failing_share > 0
    assert characters["slow"].first_content_words > 5 * characters["healthy-1"].first_content_words
    assert characters["healthy-1"].failing_share == characters["healthy-2"].failing_share == 0


def test_everybody_has_an_endpoint_that_works_to_fall_back_on():
    assert any(not each.clients and not PERSONALITIES[each.personality].failing_share for each in ENDPOINTS)


async def test_the_simulated_endpoints_answer_while_they_are_wanted(tmp_path: Path):
    path = tmp_path / "config.yaml"
    async with simulated_endpoints(path), aiohttp.ClientSession() as session:
        config = load(path).config
        assert config is not None
        url = config.endpoints[2].url_anthropic
        body = {"model": "m", "max_tokens": 10, "messages": [{"role": "user", "content": "hi"}]}
        async with session.post(f"{url}/v1/messages", json=body) as response:
            assert response.status == 200
            assert (await response.json())["role"] == "assistant"
