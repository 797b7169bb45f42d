import pytest

from cccc_tui.config.schema import Endpoint
from cccc_tui.engine.learn import Learned
from cccc_tui.routing.select import Candidate, EndpointFacts
from cccc_tui.state.database import Database
from cccc_tui.state.facts import FactStore
from cccc_tui.wire.errors import UpstreamError

CANDIDATE = Candidate("id", "a", "responses", "")
OPEN = Endpoint(name="a", url="https://x", endpoint_type="openai")
FACTS = EndpointFacts(id="id", name="a", formats=("chat", "responses"))


@pytest.fixture
async def learned(tmp_path):
    database = Database(tmp_path / "state.db")
    database.open()
    store = FactStore(database)
    await store.load()
    yield Learned(store)
    database.close()


def error(status: int, error_class: str = "not_found") -> UpstreamError:
    return UpstreamError(status=status, error_class=error_class, message="Unknown path")


async def test_an_endpoint_without_responses_is_asked_in_chat_from_then_on(learned):
    assert learned.adjusted([FACTS])[0].formats == ("chat", "responses")
    assert learned.refuses_responses(CANDIDATE, error(404), OPEN, 7)
    assert learned.adjusted([FACTS])[0].formats == ("chat",)


@pytest.mark.parametrize(
    ("status", "error_class"),
    [(500, "server_error"), (429, "rate_limit"), (404, "model_not_found"), (400, "invalid_request")],
)
async def test_other_failures_say_nothing_about_the_format(learned, status, error_class):
    assert not learned.refuses_responses(CANDIDATE, error(status, error_class), OPEN, 7)
    assert learned.adjusted([FACTS])[0].formats == ("chat", "responses")


async def test_a_preference_in_the_file_is_never_overruled(learned):
    fixed = Endpoint(name="a", url="https://x", endpoint_type="openai", openai_preference="responses")
    assert not learned.refuses_responses(CANDIDATE, error(404), fixed, 7)


async def test_a_refused_credential_is_tried_in_the_other_header_only_when_the_file_leaves_it_open(learned):
    candidate = Candidate("id", "a", "anthropic", "")
    endpoint = Endpoint(name="a", url="https://x")
    assert learned.other_auth_form(candidate, error(401), endpoint) == "auth_token"
    assert learned.other_auth_form(candidate, error(500), endpoint) == ""
    assert learned.other_auth_form(candidate, None, endpoint) == ""
    fixed = Endpoint(name="a", url="https://x", auth_type="api_key")
    assert learned.other_auth_form(candidate, error(401), fixed) == ""
    learned.learn_auth_form("id", "auth_token", 7)
    assert learned.auth_form("id") == "auth_token"
    assert learned.other_auth_form(candidate, error(401), endpoint) == "api_key"
