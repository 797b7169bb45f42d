"""Converted Responses answers that are kept, and the conversations that go on from them."""

import json

from cccc_tui.engine.kept import MAX_AGE_S, KeptResponses
from cccc_tui.wire.patch import Document
from tests.engine.conftest import endpoint
from tests.fakes.steps import says


def request(**fields) -> Document:
    return Document.read(json.dumps({"model": "m", **fields}).encode())


def response(response_id: str, text: str) -> bytes:
    part = {"type": "output_text", "text": text}
    item = {"type": "message", "role": "assistant", "content": [part]}
    return json.dumps({"id": response_id, "output": [item]}).encode()


def test_a_conversation_is_written_out_in_its_order():
    kept = KeptResponses()
    kept.keep(request(input="one"), response("resp_1", "uno"))
    kept.keep(
        request(input=[{"role": "user", "content": "two"}], previous_response_id="resp_1"),
        response("resp_2", "dos"),
    )
    whole = kept.continued(request(input="three", previous_response_id="resp_2"))
    assert whole is not None
    assert whole.raw("previous_response_id") is None
    words = ["one", "uno", "two", "dos", "three"]
    text = whole.body.decode()
    assert [text.index(word) for word in words] == sorted(text.index(word) for word in words)
    assert len(whole.value("input")) == 5


def test_what_is_unknown_forgotten_or_not_to_be_stored_continues_nothing():
    kept = KeptResponses()
    kept.keep(request(input="x", store=False), response("resp_1", "a"))
    assert kept.continued(request(input="y", previous_response_id="resp_1")) is None
    kept.keep(request(input="x"), response("resp_2", "a"))
    assert kept.forget("resp_2") and not kept.forget("resp_2")
    assert kept.continued(request(input="y", previous_response_id="resp_2")) is None
    assert kept.size_bytes == 0


def test_the_oldest_goes_first_and_takes_its_conversation_along():
    kept = KeptResponses(max_bytes=1000)
    kept.keep(request(input="x" * 300), response("resp_1", "a"))
    kept.keep(request(input="y", previous_response_id="resp_1"), response("resp_2", "b"))
    kept.keep(request(input="z" * 600), response("resp_3", "c"))
    assert kept.size_bytes <= 1000
    assert kept.response("resp_1") is None
    assert kept.continued(request(input="y", previous_response_id="resp_2")) is None
    assert kept.continued(request(input="y", previous_response_id="resp_3")) is not None


def test_an_answer_is_kept_for_a_day():
    now = [0.0]
    kept = KeptResponses(clock=lambda: now[0])
    kept.keep(request(input="x"), response("resp_1", "a"))
    now[0] = MAX_AGE_S
    assert kept.response("resp_1")
    now[0] += 1
    assert kept.response("resp_1") is None


async def test_a_client_continues_an_answer_of_an_upstream_that_keeps_none(start, upstream):
    gateway = await start(endpoint("one", upstream.url, "chat"))
    upstream.answer(says("The capital is Paris."), says("About two million."))
    for stream in (False, True):
        body = {"model": "m", "input": "Which capital?", "stream": stream}
        async with gateway.post("/v1/responses", json=body) as answer:
            text = await answer.text()
        last = json.loads(text.splitlines()[-2][6:])["response"] if stream else json.loads(text)
        upstream.answer(says("About two million."))
        body = {"model": "m", "input": "How many people?", "previous_response_id": last["id"]}
        async with gateway.post("/v1/responses", json=body) as answer:
            assert answer.status == 200
            assert (await answer.json())["previous_response_id"] == last["id"]
        said = [message["content"] for message in upstream.requests[-1].json["messages"]]
        assert said == ["Which capital?", last["output"][0]["content"][0]["text"], "How many people?"]
        async with gateway.client.get(f"{gateway.url}/v1/responses/{last['id']}") as answer:
            assert (await answer.json())["output"] == last["output"]
    async with gateway.client.delete(f"{gateway.url}/v1/responses/{last['id']}") as answer:
        assert (await answer.json())["deleted"] is True
    async with gateway.client.get(f"{gateway.url}/v1/responses/{last['id']}") as answer:
        assert answer.status == 404
        assert "not found" in (await answer.json())["error"]["message"]


async def test_an_unknown_previous_answer_is_refused_by_the_code_that_clients_act_on(start, upstream):
    gateway = await start(endpoint("one", upstream.url, "anthropic"))
    body = {"model": "m", "input": "And?", "previous_response_id": "resp_gone"}
    async with gateway.post("/v1/responses", json=body) as answer:
        assert answer.status == 400
        error = (await answer.json())["error"]
    assert (error["code"], error["param"]) == ("previous_response_not_found", "previous_response_id")
    assert upstream.requests == []


async def test_an_upstream_of_the_same_format_gets_the_id_as_it_is(start, upstream):
    gateway = await start(endpoint("one", upstream.url, "responses"))
    upstream.strict = False
    body = {"model": "m", "input": "And?", "previous_response_id": "resp_theirs"}
    async with gateway.post("/v1/responses", json=body) as answer:
        assert answer.status == 200
    assert upstream.requests[0].json["previous_response_id"] == "resp_theirs"
