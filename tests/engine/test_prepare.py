import msgspec
import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from cccc_tui.config.schema import Config, Endpoint, ModelRewrite, RewriteRule
from cccc_tui.config.secrets import Secret
from cccc_tui.engine.heads import ClientHead
from cccc_tui.engine.learn import Taught
from cccc_tui.engine.live import compile_config
from cccc_tui.engine.prepare import Inbound, prepare
from cccc_tui.routing.detect import Place, detect
from cccc_tui.routing.rewrite import rewrite
from cccc_tui.routing.select import Candidate
from cccc_tui.traffic.exchange import Exchange
from cccc_tui.wire.adjust import Adjustment
from cccc_tui.wire.patch import Document

BODY = b'{"model":"big","messages":[{"role":"user","content":"hi"}], "temperature":1.0,"stream":true}'


NOTHING_TAUGHT = Taught()


def prepared(
    url: str = "https://api.example", query: str = "", form="anthropic", taught=NOTHING_TAUGHT, **endpoint
):
    config = Config(endpoints=(Endpoint(name="a", url=url, **endpoint),))
    live = compile_config(
        config, auth={"a": Secret("k")}, proxy_passwords={}, out_of_service={}, demo_base="", own_port=1
    )
    (target,) = live.targets.values()
    document = Document.read(BODY)
    facts = detect(Place("generate", "anthropic"), {}, document)
    headers = CIMultiDictProxy(CIMultiDict({"User-Agent": "claude-cli/2"}))
    inbound = Inbound(head=ClientHead(headers), query=query, document=document, facts=facts)
    exchange = Exchange(id=1, began_at=0.0, method="POST", path="/v1/messages")
    candidate = Candidate("id", "a", form, "", model=rewrite(facts.model, target.rules) or "")
    return prepare(inbound, target, candidate, live, exchange, taught, "hop-1")


def test_an_unchanged_request_is_the_very_same_bytes():
    request = prepared()
    assert request.call.body is BODY
    assert request.notes == []


def test_a_rewritten_model_changes_that_value_and_is_noted():
    rules = (RewriteRule(source_pattern="b*", target_model="small"),)
    request = prepared(model_rewrite=ModelRewrite(enabled=True, rules=rules))
    assert request.call.body == BODY.replace(b'"big"', b'"small"')
    assert request.model == "small"
    assert request.notes == ["model big → small"]


def test_overrides_are_applied_and_noted():
    request = prepared(parameter_overrides={"temperature": "", "top_k": "3"})
    assert b"temperature" not in request.call.body
    assert b'"top_k":3' in request.call.body
    assert len(request.notes) == 2


def test_the_query_string_goes_along():
    assert prepared(query="beta=true").call.url == "https://api.example/v1/messages?beta=true"


@pytest.mark.parametrize(("url", "told"), [("http://192.168.1.9:99", True), ("https://api.example", False)])
def test_only_neighbours_are_told_that_a_gateway_calls(url, told):
    assert ("x-cccc-hop" in prepared(url=url).call.head.by_name) is told


def test_the_endpoints_credential_is_put_in():
    assert prepared().call.head.by_name["x-api-key"] == "k"


def test_a_request_of_another_format_is_converted_and_leaves_its_own_headers_behind():
    request = prepared(
        form="chat", endpoint_type="openai", query="beta=true", parameter_overrides={"top_p": "0.5"}
    )
    sent = msgspec.json.decode(request.call.body)
    assert request.is_converted
    assert sent["messages"][-1]["content"] == "hi"
    assert sent["top_p"] == 0.5
    assert request.call.url == "https://api.example/v1/chat/completions"
    assert request.call.head.by_name["authorization"] == "Bearer k"
    assert "anthropic-version" not in request.call.head.by_name
    assert request.notes[0] == "anthropic → chat"


def test_what_the_endpoint_has_taught_is_done_and_noted():
    taught = Taught(adjustments=(Adjustment("temperature", "drop"),))
    request = prepared(taught=taught)
    assert request.call.body == BODY.replace(b', "temperature":1.0', b"")
    assert request.notes == ["learned: temperature left out"]
    assert request.stripped == ("temperature left out",)
