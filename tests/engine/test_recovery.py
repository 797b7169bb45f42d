import pytest

from cccc_tui.config.schema import Blacklist, Config, Endpoint, Key
from cccc_tui.config.secrets import Secret, SecretRef
from cccc_tui.engine.health import HealthBook, Place
from cccc_tui.engine.live import LiveConfig, compile_config
from cccc_tui.engine.recovery import Recovery, renewed
from cccc_tui.engine.upstream import Upstream
from cccc_tui.routing.policy import Verdict
from tests.engine.conftest import endpoint
from tests.fakes.fixtures import upstream
from tests.fakes.steps import fails
from tests.fakes.upstream import refusing_url

__all__ = ["upstream"]

COUNTS = Verdict(action="next", reason="server error", counts_against=True)
LIMITED = Verdict(action="next", reason="rate limit", cool_s=20.0, cool_is_dated=True)


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Bench:
    """One endpoint, a clock, and the recovery that looks after it."""

    def __init__(self, url: str, upstream: Upstream, probe: str = "free") -> None:
        self.live = compiled(Endpoint(name="one", url=url), blacklist=Blacklist(probe=probe))
        (self.id,) = self.live.targets
        self.clock = Clock()
        self.health = HealthBook(self.clock)
        self.recovery = Recovery(self.health, upstream, lambda: self.live, self.clock, lambda: 1.0)

    def breaks(self) -> None:
        for _ in range(2):
            self.health.fail(self.id, COUNTS, "500")

    async def passes(self, seconds: float) -> None:
        self.clock.now += seconds
        await self.recovery.look()

    @property
    def is_out(self) -> bool:
        return self.health.of(self.id).is_out(self.clock.now)


def compiled(
    *endpoints: Endpoint, secret: str = "sk-1", keys: tuple[str, ...] = (), **sections
) -> LiveConfig:
    return compile_config(
        Config(endpoints=endpoints, **sections),
        auth={} if keys else {each.name: Secret(secret) for each in endpoints},
        keys={("one", place): Secret(key) for place, key in enumerate(keys)},
        proxy_passwords={},
        out_of_service={},
        demo_base="",
        own_port=1,
    )


@pytest.fixture
async def sessions():
    found = Upstream(30.0)
    yield found
    await found.close()


async def test_an_endpoint_that_lists_its_models_again_may_be_tried_at_once(upstream, sessions):
    bench = Bench(upstream.url, sessions)
    bench.breaks()
    await bench.passes(0.0)
    assert upstream.requests == [], "not at once: it has just failed"
    await bench.passes(10.0)
    assert [asked.path for asked in upstream.requests] == ["/v1/models"]
    assert not bench.is_out
    assert bench.health.of(bench.id).state == "open", "only a real answer makes it healthy"
    await bench.passes(10.0)
    assert len(upstream.requests) == 1, "it is not looked at any more"


async def test_one_that_is_still_dead_is_looked_at_in_even_steps_and_stays_out(sessions):
    with refusing_url() as dead:
        bench = Bench(dead, sessions)
        bench.breaks()
        for _ in range(2):
            await bench.passes(10.0)
        assert bench.is_out
        await bench.passes(10.0)
        assert not bench.is_out, "its turn comes all the same"


async def test_healthy_and_limited_endpoints_are_left_alone(upstream, sessions):
    bench = Bench(upstream.url, sessions)
    bench.health.succeed(bench.id)
    await bench.passes(60.0)
    bench.breaks()
    bench.health.fail(bench.id, LIMITED, "429")
    for _ in range(2):
        await bench.passes(9.0)
    assert upstream.requests == []


async def test_it_can_be_switched_off(upstream, sessions):
    bench = Bench(upstream.url, sessions, "off")
    bench.breaks()
    for _ in range(2):
        await bench.passes(10.0)
    assert upstream.requests == []


@pytest.mark.parametrize("probe, is_out", [("free", True), ("tiny", False)])
async def test_where_no_list_is_kept_only_a_tiny_request_tells(
    upstream, sessions, probe, is_out, monkeypatch
):
    monkeypatch.setattr("tests.fakes.upstream._models", lambda _asked: fails(404))
    bench = Bench(upstream.url, sessions, probe)
    bench.breaks()
    await bench.passes(0.0)
    await bench.passes(10.0)
    assert bench.is_out == is_out
    assert [asked.method for asked in upstream.requests] == ["GET"] + ["POST"] * (not is_out)


ONE = Endpoint(name="one", url="https://x")
POOL = Endpoint(
    name="one",
    url="https://x",
    keys=tuple(Key(name=name, value=SecretRef(name)) for name in ("first", "second")),
)


def test_the_same_configuration_renews_nothing():
    assert list(renewed(compiled(ONE), compiled(ONE))) == []


def test_another_key_renews_its_endpoint_and_one_of_a_pool_only_itself():
    before, now = compiled(ONE), compiled(ONE, secret="sk-2")
    (endpoint_id,) = now.targets
    assert list(renewed(before, now)) == [Place(endpoint_id)]
    before, now = compiled(POOL, keys=("a", "b")), compiled(POOL, keys=("a", "c"))
    (target,) = now.targets.values()
    assert list(renewed(before, now)) == [Place(target.facts.id, target.facts.keys[1].id)]


def test_what_is_sent_otherwise_is_judged_anew():
    other = Endpoint(name="one", url="https://x", auth_type="auth_token", priority=3)
    assert len(list(renewed(compiled(ONE), compiled(other)))) == 1
    reordered = Endpoint(name="one", url="https://x", priority=3, enabled=False)
    assert list(renewed(compiled(ONE), compiled(reordered))) == []


async def test_a_new_key_in_the_file_ends_the_cool_down_of_the_refused_one(start, upstream):
    def only_new(asked):
        keys = (asked.header("x-api-key"), asked.header("Authorization"))
        return (
            fails(401, "invalid key") if not any("new" in (key or "") for key in keys) else upstream.standing
        )

    upstream.answer(only_new, only_new)
    gateway = await start(endpoint("one", upstream.url, auth_value="old"))
    assert (await gateway.ask("anthropic"))[0] == 401
    assert gateway.engine.endpoints()[0].health == "cooling"
    gateway.config_path.write_text(gateway.config_path.read_text().replace("old", "new"))
    assert (await gateway.engine.reload_config()).done
    assert gateway.engine.endpoints()[0].health == "untried"
    assert (await gateway.ask("anthropic"))[0] == 200
