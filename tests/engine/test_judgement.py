import pytest

from cccc_tui.config.schema import Config, Endpoint, Key
from cccc_tui.config.secrets import Secret, SecretRef
from cccc_tui.engine.attempt import AttemptFailed
from cccc_tui.engine.health import HealthBook, Place
from cccc_tui.engine.judgement import MOST_LESSONS, Judgement
from cccc_tui.engine.learn import Learned
from cccc_tui.engine.live import LiveConfig, compile_config
from cccc_tui.routing.policy import Failure
from cccc_tui.routing.select import Candidate
from cccc_tui.state.database import Database
from cccc_tui.state.facts import FactStore
from cccc_tui.traffic.exchange import Attempt, Exchange
from cccc_tui.wire.errors import UpstreamError

BODY = b'{"model":"m","temperature":1,"tools":[{"name":"Bash"}],"messages":[{"role":"user","content":"hi"}]}'


def compiled(**endpoint) -> LiveConfig:
    return compile_config(
        Config(endpoints=(Endpoint(name="one", url="https://x", endpoint_type="openai", **endpoint),)),
        auth={},
        keys={("one", 0): Secret("first"), ("one", 1): Secret("second")} if "keys" in endpoint else {},
        proxy_passwords={},
        out_of_service={},
        demo_base="",
        own_port=1,
    )


class Bench:
    """A judgement on one exchange with one endpoint, and the health book that it writes to."""

    def __init__(self, learned: Learned, **endpoint) -> None:
        self.live = compiled(**endpoint)
        (self.id,) = self.live.targets
        self.health = HealthBook(lambda: 1_000.0)
        self.exchange = Exchange(id=1, began_at=1_000.0, method="POST", path="/", request_headers=())
        self.judgement = Judgement(self.live, self.health, learned, self.exchange, "generate")

    def candidate(self, key_number: int = 0) -> Candidate:
        key = self.live.targets[self.id].facts.keys[key_number]
        return Candidate(self.id, "one", "chat", "m", key_id=key.id)

    def fails(
        self,
        status: int,
        error_class: str,
        message: str = "no",
        *,
        is_last: bool = True,
        key: int = 0,
        **said,
    ):
        error = UpstreamError(status=status, error_class=error_class, message=message, **said)
        failed = AttemptFailed(Failure(kind="status", error=error, sent=True), message, error)
        failed.sent_body, failed.record = BODY, Attempt(endpoint="one", url="", format="chat")
        return self.judgement.judge(self.candidate(key), failed, 2, is_last=is_last)


@pytest.fixture
async def learned(tmp_path):
    database = Database(tmp_path / "state.db")
    database.open()
    store = FactStore(database)
    await store.load()
    yield Learned(store)
    database.close()


async def test_one_exchange_counts_once_however_often_it_fails(learned):
    bench = Bench(learned)
    for _ in range(3):
        assert bench.fails(500, "server_error").counts_against
    assert bench.health.of(bench.id).failures(1_000.0) == 1


async def test_a_lesson_is_tried_at_once_and_only_once(learned):
    bench = Bench(learned)
    said = {"code": "unsupported_parameter", "param": "temperature"}
    first = bench.fails(400, "unsupported_parameter", "Unsupported parameter: 'temperature'", **said)
    again = bench.fails(400, "unsupported_parameter", "Unsupported parameter: 'temperature'", **said)
    assert (first.action, again.action) == ("retry", "stop")
    assert "temperature left out" in first.reason


async def test_an_endpoint_that_refuses_one_parameter_after_the_other_is_left(learned, monkeypatch):
    bench = Bench(learned)
    monkeypatch.setattr("cccc_tui.engine.judgement.has_path", lambda _body, _path: True)
    actions = [
        bench.fails(400, "unsupported_parameter", "no", param=f"option_{number}").action
        for number in range(MOST_LESSONS + 1)
    ]
    assert actions == ["retry"] * MOST_LESSONS + ["stop"]


async def test_tools_are_taken_away_only_when_no_other_endpoint_is_left(learned):
    bench = Bench(learned)
    exact = "This model does not support tools."
    verdict = bench.fails(400, "invalid_request", exact, is_last=False)
    assert verdict.action == "next"
    assert "lacks tools" in verdict.reason


@pytest.mark.parametrize(
    "message",
    ["Invalid tool call in message 3", "tools are great", "tool_choice is not supported with tools"],
)
async def test_a_vague_mention_never_takes_tools_away(learned, message):
    bench = Bench(learned)
    bench.fails(400, "invalid_request", message)
    assert "tools" not in learned.lacks(bench.id, "m")
    assert all(adjustment.path != "tools" for adjustment in learned.adjustments(bench.id, "m"))


async def test_a_refused_key_of_a_pool_rests_alone_and_counts_against_nobody(learned):
    bench = Bench(learned, keys=tuple(Key(value=SecretRef(name)) for name in ("first", "second")))
    for number in range(2):
        verdict = bench.fails(401, "authentication", key=number)
        assert (verdict.action, verdict.counts_against) == ("next", False)
    assert bench.health.of(bench.id).back_at == 0.0
    keys = [key.id for key in bench.live.targets[bench.id].facts.keys]
    assert set(bench.health.cooling(bench.id)) == {Place(bench.id, key) for key in keys}


async def test_the_only_key_takes_its_endpoint_with_it(learned):
    bench = Bench(learned)
    bench.fails(401, "authentication")
    assert bench.health.of(bench.id).is_out(1_000.0)


async def test_an_unsent_request_is_no_word_about_the_endpoint(learned):
    bench = Bench(learned)
    failed = AttemptFailed(Failure(kind="bad_content"), "cannot be said in chat")
    failed.record = Attempt(endpoint="one", url="", format="chat")
    assert bench.judgement.judge(bench.candidate(), failed, 1, is_last=True).action == "next"
    assert bench.health.of(bench.id).failures(1_000.0) == 0


async def test_the_record_says_what_was_decided_and_why(learned):
    bench = Bench(learned)
    error = UpstreamError(status=429, error_class="rate_limit", message="slow", retry_after_s=9)
    failed = AttemptFailed(Failure(kind="status", error=error, sent=True), "slow", error)
    failed.sent_body, failed.record = BODY, Attempt(endpoint="one", url="", format="chat")
    bench.judgement.judge(bench.candidate(), failed, 1, is_last=True)
    assert (failed.record.error_class, failed.record.verdict) == ("rate_limit", "next: it limits the rate")
