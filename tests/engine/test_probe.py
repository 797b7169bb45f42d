import pytest

from tests.engine.conftest import PATHS, endpoint
from tests.fakes.steps import fails, page
from tests.fakes.upstream import refusing_url


@pytest.mark.parametrize("form", sorted(PATHS))
async def test_a_working_endpoint_passes_its_test(start, upstream, form):
    upstream.key = "key-of-one"
    gateway = await start(endpoint("one", upstream.url, form))
    (result,) = await gateway.engine.test_endpoint("one")
    assert (result.ok, result.format, result.status) == (True, form, 200)
    assert gateway.engine.endpoints()[0].requests == 0, "a test is not traffic"


async def test_an_endpoint_of_two_formats_is_tested_in_both(start, upstream):
    gateway = await start(endpoint("one", upstream.url, "either"))
    assert [result.format for result in await gateway.engine.test_endpoint("one")] == ["chat", "responses"]


async def test_a_refused_key_says_what_to_check(start, upstream):
    upstream.always(fails(401, "invalid x-api-key"))
    gateway = await start(endpoint("one", upstream.url))
    (result,) = await gateway.engine.test_endpoint("one")
    assert not result.ok
    assert "invalid x-api-key" in result.message
    assert "auth_value" in result.message


async def test_a_page_instead_of_an_answer_is_no_success(start, upstream):
    upstream.always(page(200))
    gateway = await start(endpoint("one", upstream.url))
    (result,) = await gateway.engine.test_endpoint("one")
    assert not result.ok


async def test_nobody_there_says_so(start):
    with refusing_url() as dead:
        gateway = await start(endpoint("one", dead))
        (result,) = await gateway.engine.test_endpoint("one")
    assert (result.ok, result.status) == (False, 0)
    assert "cannot connect" in result.message
