import pytest

from cccc_tui.engine.models import offered
from cccc_tui.routing.endpoints import Alias, EndpointFacts, Naming
from cccc_tui.wire.catalog import Model
from tests.engine.conftest import endpoint
from tests.fakes.upstream import refusing_url


async def listed(gateway, query: str = "", **headers: str):
    async with gateway.client.get(f"{gateway.url}/v1/models{query}", headers=headers) as response:
        assert response.status == 200
        return await response.json()


@pytest.fixture
async def gateway(start, upstream):
    rewrite = {"enabled": True, "rules": [{"source_pattern": "router-cheap", "target_model": "gpt-fake"}]}
    return await start(endpoint("one", upstream.url, "chat", model_rewrite=rewrite))


async def test_an_openai_client_gets_the_openai_list(gateway):
    answer = await listed(gateway)
    assert answer["object"] == "list"
    assert "gpt-fake" in [model["id"] for model in answer["data"]]


async def test_names_that_are_rewritten_are_listed_as_well(gateway):
    assert "router-cheap" in [model["id"] for model in (await listed(gateway))["data"]]


async def test_an_anthropic_client_gets_its_own_shape(gateway):
    answer = await listed(gateway, "?limit=1000", **{"anthropic-version": "2023-06-01"})
    assert answer["has_more"] is False
    assert {"type", "id", "display_name"} <= answer["data"][0].keys()


async def test_codex_gets_an_answer_that_it_can_decode(gateway):
    assert "models" in await listed(gateway, "?client_version=0.169.0")


async def test_an_endpoint_that_does_not_answer_leaves_the_others_list(start, upstream):
    with refusing_url() as dead:
        gateway = await start(endpoint("dead", dead, "chat"), endpoint("one", upstream.url, "chat"))
        assert "gpt-fake" in [model["id"] for model in (await listed(gateway))["data"]]


async def test_a_list_is_asked_for_once_and_then_remembered(gateway, upstream):
    await listed(gateway)
    await listed(gateway)
    assert len(upstream.requests) == 1


async def test_the_list_shows_groups_aliases_prefixes_and_no_excluded_model(start, upstream):
    renamed = [
        {"name": "gpt-fake", "alias": "fast"},
        {"name": "claude-fake", "alias": "deep", "fork": True},
    ]
    one = endpoint("one", upstream.url, "chat", aliases=renamed, excluded_models=["*-secret"], prefix="work")
    group = {"members": [{"endpoint": "one", "model": "gpt-fake"}]}
    gateway = await start(one, routing={"groups": {"router-default": group}})
    names = [model["id"] for model in (await listed(gateway))["data"]]
    assert names[0] == "router-default"
    assert {"fast", "work/fast", "deep", "work/deep"} <= set(names)
    assert "gpt-fake" not in names


def test_what_an_endpoint_offers_goes_by_its_own_names():
    naming = Naming(
        aliases=(Alias(name="a", alias="x"), Alias(name="b", alias="y", fork=True)), excluded=("*SECRET",)
    )
    facts = EndpointFacts(id="i", name="n", formats=("chat",), naming=naming)
    known = [Model(id=name) for name in ("a", "b", "c", "my-secret")]
    assert [model.id for model in offered(facts, known, False)] == ["b", "c", "x", "y"]
    facts = EndpointFacts(
        id="i", name="n", formats=("chat",), naming=Naming(models=("a*", "plain"), prefix="p")
    )
    assert [model.id for model in offered(facts, known, False)] == ["a", "plain", "p/a", "p/plain"]
    assert [model.id for model in offered(facts, known, True)] == ["p/a", "p/plain"]
