import pytest

from cccc_tui.config.schema import Config, Endpoint, ModelRewrite, RewriteRule, Tagger, Tagging
from cccc_tui.config.secrets import Secret
from cccc_tui.engine.live import compile_config, endpoint_id


def compiled(*endpoints: Endpoint, own_port: int = 8080, **more):
    return compile_config(
        Config(endpoints=endpoints, **more),
        auth={"a": Secret("sk-a")},
        proxy_passwords={},
        out_of_service={"broken": "its key is missing"},
        demo_base="http://127.0.0.1:9/demo",
        own_port=own_port,
    )


def test_an_endpoints_identity_holds_through_edits_of_all_but_name_and_address():
    one = Endpoint(name="a", url="https://x.example")
    assert endpoint_id(one) == endpoint_id(
        Endpoint(name="a", url="https://x.example", priority=7, enabled=False)
    )
    assert endpoint_id(one) != endpoint_id(Endpoint(name="a", url="https://y.example"))
    assert endpoint_id(one) != endpoint_id(Endpoint(name="b", url="https://x.example"))


def test_disabled_rewrite_rules_are_not_used():
    rules = (RewriteRule(source_pattern="*", target_model="m"),)
    on = compiled(Endpoint(name="a", url="https://x", model_rewrite=ModelRewrite(enabled=True, rules=rules)))
    off = compiled(
        Endpoint(name="a", url="https://x", model_rewrite=ModelRewrite(enabled=False, rules=rules))
    )
    assert next(iter(on.targets.values())).rules == (("*", "m"),)
    assert next(iter(off.targets.values())).rules == ()


def test_an_endpoint_out_of_service_keeps_its_reason_and_leaves_the_list_of_usable_ones():
    live = compiled(Endpoint(name="a", url="https://x"), Endpoint(name="broken", url="https://y"))
    assert [target.facts.name for target in live.in_service] == ["a"]
    assert live.endpoint_facts[1].out_of_service == "its key is missing"


@pytest.mark.parametrize("url", ["http://localhost:8080", "http://127.0.0.1:8080/v1", "http://[::1]:8080"])
def test_an_endpoint_with_our_own_address_is_out_of_service(url):
    assert "cccc's own" in compiled(Endpoint(name="a", url=url)).endpoint_facts[0].out_of_service
    assert compiled(Endpoint(name="a", url=url), own_port=8081).endpoint_facts[0].out_of_service == ""


def test_the_demo_speaks_every_format_at_the_address_where_it_runs():
    (target,) = compiled(Endpoint(name="demo", url="demo:")).targets.values()
    assert set(target.facts.formats) == {"anthropic", "chat", "responses"}
    assert target.url("chat", "generate").startswith("http://127.0.0.1:9/demo")


def test_only_enabled_builtin_taggers_run_and_none_when_tagging_is_off():
    taggers = (
        Tagger(name="on", builtin_type="model", tag="t", config={"expected_value": "x"}),
        Tagger(name="off", builtin_type="model", tag="t", enabled=False),
    )
    assert [rule.name for rule in compiled(tagging=Tagging(taggers=taggers)).taggers] == ["on"]
    assert compiled(tagging=Tagging(enabled=False, taggers=taggers)).taggers == ()


def test_secrets_are_known_for_redaction():
    assert compiled(Endpoint(name="a", url="https://x")).secrets == ("sk-a",)
