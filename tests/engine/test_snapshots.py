from cccc_tui.config.schema import Config, Endpoint, Key
from cccc_tui.config.secrets import SecretRef
from cccc_tui.engine.book import Tally
from cccc_tui.engine.control import KeyStatus, ModelStatus
from cccc_tui.engine.health import EndpointHealth, HealthBook
from cccc_tui.engine.live import LiveConfig, compile_config
from cccc_tui.engine.snapshots import banner, endpoint_status, in_order, only_demo
from cccc_tui.routing.policy import Verdict
from cccc_tui.routing.select import Quota
from cccc_tui.wire.errors import UpstreamError


def live(*endpoints: Endpoint, **out_of_service: str) -> LiveConfig:
    return compile_config(
        Config(endpoints=endpoints),
        auth={},
        proxy_passwords={},
        out_of_service=out_of_service,
        demo_base="http://127.0.0.1:9",
        own_port=1,
    )


def shown(health: EndpointHealth, now: float = 100.0, **endpoint):
    (target,) = live(Endpoint(name="a", url="https://x", **endpoint)).targets.values()
    book = HealthBook(lambda: now)
    for name in health.__struct_fields__:
        setattr(book.of(target.facts.id), name, getattr(health, name))
    return endpoint_status(target, book, Tally(), 3, now)


def test_each_state_of_health_has_its_word():
    assert shown(EndpointHealth()).health == "untried"
    assert shown(EndpointHealth(state="closed")).health == "healthy"
    assert shown(EndpointHealth(state="closed", cool_until=130.0, reason="429")).health == "cooling"
    assert shown(EndpointHealth(state="open", open_until=130.0)).health == "failing"
    assert shown(EndpointHealth(state="trial")).health == "trial"
    assert shown(EndpointHealth(state="closed"), enabled=False).health == "disabled"


def test_a_cooling_endpoint_says_why_and_until_when():
    status = shown(EndpointHealth(state="closed", cool_until=130.0, reason="rate limited"))
    assert (status.health_reason, status.back_at) == ("rate limited", 130.0)


def test_keys_and_models_that_rest_are_shown_with_what_is_left_of_the_allowance():
    keys = tuple(Key(name=name, value=SecretRef(name)) for name in ("first", "second"))
    (target,) = live(Endpoint(name="a", url="https://x", keys=keys)).targets.values()
    book, id_ = HealthBook(lambda: 100.0), target.facts.id
    first, second = (key.id for key in target.facts.keys)
    for scope in ("credential", "model"):
        verdict = Verdict(action="next", reason="no", cool_s=30.0, cool_scope=scope)
        book.fail(id_, verdict, f"the {scope} is refused", first, "m")
    book.note_quota(id_, second, Quota(0.25, 160.0))
    status = endpoint_status(target, book, Tally(), 2, 100.0)
    assert status.queued == 2
    assert status.keys == (
        KeyStatus(name="first", back_at=130.0, reason="the credential is refused"),
        KeyStatus(name="second", remaining=0.25, resets_at=160.0),
    )
    assert status.resting_models == (ModelStatus(model="m", back_at=130.0, reason="the model is refused"),)


def test_an_endpoint_is_cooling_once_a_models_rate_is_limited_with_every_key():
    keys = tuple(Key(name=name, value=SecretRef(name)) for name in ("first", "second"))
    (target,) = live(Endpoint(name="a", url="https://x", keys=keys)).targets.values()
    book, id_ = HealthBook(lambda: 100.0), target.facts.id
    seen = []
    for key, cool_s in zip(target.facts.keys, (30.0, 20.0), strict=True):
        verdict = Verdict(action="next", reason="rate", cool_s=cool_s, cool_scope="model_of_key")
        book.fail(id_, verdict, "slow down", key.id, "m", UpstreamError.of("rate_limit", "slow down"))
        status = endpoint_status(target, book, Tally(), 0, 100.0)
        seen.append((status.health, status.health_reason, status.back_at))
    assert seen == [("untried", "", None), ("cooling", "m: slow down", 120.0)]
    assert [(model.key, model.back_at) for model in status.resting_models] == [
        ("first", 130.0),
        ("second", 120.0),
    ]


def test_endpoints_stand_in_the_order_in_which_they_are_tried():
    config = live(
        Endpoint(name="late", url="https://x", priority=9),
        Endpoint(name="a", url="https://x", priority=1),
        Endpoint(name="b", url="https://x", priority=1),
    )
    assert [target.facts.name for target in in_order(config)] == ["a", "b", "late"]


def test_the_banner_says_the_worst_thing_first():
    real = Endpoint(name="a", url="https://x")
    assert banner(live(real), "file is broken") == "file is broken"
    assert "No endpoint" in banner(live(Endpoint(name="a", url="https://x", enabled=False)), "")
    assert (
        banner(live(real, Endpoint(name="b", url="https://y"), b="no key"), "")
        == "b is out of service: no key"
    )
    assert banner(live(real), "") == ""


def test_the_demo_answers_only_while_nothing_else_is_enabled():
    demo, real = Endpoint(name="d", url="demo:"), Endpoint(name="a", url="https://x")
    assert only_demo(live(demo))
    assert not only_demo(live(demo, real))
    assert not only_demo(live(demo, real, a="no key"))
    assert not only_demo(live(real))
    assert banner(live(demo), "") == ""


def test_a_snapshot_does_not_change_when_the_tally_goes_on():
    tally = Tally()
    config = live(Endpoint(name="a", url="https://x"))
    (target,) = config.targets.values()
    status = endpoint_status(target, HealthBook(lambda: 0.0), tally, 0, 0.0)
    tally.usage.output_tokens = 99
    assert status.usage.output_tokens == 0
