from cccc_tui.config.schema import Config, Endpoint
from cccc_tui.engine.book import Tally
from cccc_tui.engine.health import EndpointHealth
from cccc_tui.engine.live import LiveConfig, compile_config
from cccc_tui.engine.snapshots import banner, endpoint_status, in_order


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
    config = live(Endpoint(name="a", url="https://x", **endpoint))
    return endpoint_status(next(iter(config.targets.values())), health, Tally(), now)


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
    assert "demo" in banner(live(Endpoint(name="d", url="demo:")), "")
    assert (
        banner(live(real, Endpoint(name="b", url="https://y"), b="no key"), "")
        == "b is out of service: no key"
    )
    assert banner(live(real), "") == ""


def test_a_snapshot_does_not_change_when_the_tally_goes_on():
    tally = Tally()
    config = live(Endpoint(name="a", url="https://x"))
    status = endpoint_status(next(iter(config.targets.values())), EndpointHealth(), tally, 0.0)
    tally.usage.output_tokens = 99
    assert status.usage.output_tokens == 0
