import pytest

from cccc_tui.config.schema import Endpoint
from cccc_tui.engine.learn import Learned
from cccc_tui.routing.lessons import Lesson
from cccc_tui.routing.select import Candidate
from cccc_tui.state.database import Database
from cccc_tui.state.facts import FactStore
from cccc_tui.wire.adjust import Adjustment
from cccc_tui.wire.errors import UpstreamError

CANDIDATE = Candidate("id", "a", "responses", "")
OPEN = Endpoint(name="a", url="https://x", endpoint_type="openai")


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
    assert not learned.view().refused_formats
    assert learned.refuses_responses(CANDIDATE, error(404), OPEN, 7)
    assert learned.view().refused_formats == {("id", "responses")}


@pytest.mark.parametrize(
    ("status", "error_class"),
    [(500, "server_error"), (429, "rate_limit"), (404, "model_not_found"), (400, "invalid_request")],
)
async def test_other_failures_say_nothing_about_the_format(learned, status, error_class):
    assert not learned.refuses_responses(CANDIDATE, error(status, error_class), OPEN, 7)
    assert not learned.view().refused_formats


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


REFUSAL = UpstreamError(
    status=400, error_class="unsupported_parameter", message="Unknown parameter: 'store'."
)
DROP = Lesson(Adjustment("store", "drop"))


async def test_a_lesson_is_news_once_and_holds_for_its_model(learned):
    assert learned.take(DROP, "id", "m1", REFUSAL, 7)
    assert not learned.take(DROP, "id", "m1", REFUSAL, 8)
    assert learned.taught("id", "m1").adjustments == (Adjustment("store", "drop"),)
    assert learned.taught("id", "m2").adjustments == ()


async def test_a_limit_keeps_its_number(learned):
    learned.take(Lesson(Adjustment("max_tokens", "most", "8192")), "id", "m1", REFUSAL, 7)
    assert learned.adjustments("id", "m1") == (Adjustment("max_tokens", "most", "8192"),)


async def test_a_model_without_images_is_known_to_routing(learned):
    learned.take(Lesson(lacks="images"), "id", "m1", REFUSAL, 7)
    assert learned.lacks("id", "m1") == ("images",)
    assert learned.view().no_images == {("id", "m1")}


async def test_an_overflow_tells_how_much_a_model_holds(learned):
    overflow = UpstreamError(
        status=400,
        error_class="context_overflow",
        message="too long",
        used_tokens=210_000,
        limit_tokens=200_000,
    )
    learned.learn_context("id", "m1", overflow, 7)
    assert learned.view().context_tokens == {("id", "m1"): 200_000}


async def test_a_remedy_of_another_version_is_passed_over(learned):
    learned._store.learn("id", "m1", "param:store", "sing=loudly", evidence="", exchange_id=1)
    assert learned.adjustments("id", "m1") == ()


async def test_a_fact_that_a_person_took_back_is_gone_from_the_next_request(learned):
    learned.take(DROP, "id", "m1", REFUSAL, 7)
    learned._store.undo("id", "m1", "param:store")
    assert learned.taught("id", "m1").adjustments == ()
