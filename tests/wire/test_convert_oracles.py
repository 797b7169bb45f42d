"""The official packages as judges: they parse all that we write, and their stream helpers put it together."""

from __future__ import annotations

import json

import anthropic
import anthropic.types as at
import httpx2
import openai
import openai.types.chat as ct
import openai.types.responses as rt
import pytest
from pydantic import TypeAdapter

from cccc_tui.wire.answers import as_events
from cccc_tui.wire.convert import StreamConverter, convert_request, convert_response
from cccc_tui.wire.events import Answer
from cccc_tui.wire.model import Blob, Citation, Refusal, Text, Thinking, ToolCall, Usage, WebSearch
from tests.fakes.conversations import OPTIONS, PAIRS, REFUSAL, request, upstream_body, upstream_stream
from tests.fakes.grammar import events_of

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
pairs = pytest.mark.parametrize(("source", "target"), PAIRS)
USAGE = Usage(10, 20, 30, 40, 5)
TEXT = [Text("Hello "), Text("world")]
THOUGHT = Thinking("Let me think.", Blob("signature", "c2ln", None))
CALLS = [
    ToolCall("call_1", "Bash", '{"command":"ls"}'),
    ToolCall("call_2", "Read", '{"path":"/a"}'),
    ToolCall("call_3", "Now", "{}"),
]
SEARCH = WebSearch("ws_1", "weather", [Citation("https://w.example", "W")])
CITED = Text("It is sunny.", citations=[Citation("https://w.example", "W", "sunny", 0, 5)])
ANSWERS = {
    "text": Answer("a1", "up", 7, [TEXT[0]], "end", usage=USAGE),
    "thought": Answer("a1", "up", 7, [THOUGHT, TEXT[0]], "end", usage=USAGE),
    "one call": Answer("a1", "up", 7, [CALLS[0]], "tool_use", usage=USAGE),
    "three calls": Answer("a1", "up", 7, [TEXT[0], *CALLS], "tool_use", usage=USAGE),
    "all": Answer("a1", "up", 7, [THOUGHT, SEARCH, CITED, *CALLS], "tool_use", usage=USAGE),
    "refusal": REFUSAL,
    "cut": Answer("a1", "up", 7, [TEXT[0]], "max_tokens", usage=USAGE),
    "filtered": Answer("a1", "up", 7, [TEXT[0]], "refusal", usage=USAGE),
    "stop word": Answer("a1", "up", 7, [TEXT[0]], "stop_sequence", "STOP", usage=USAGE),
    "nothing": Answer("a1", "up", 7, [], "end", usage=USAGE),
    "long": Answer("a1", "up", 7, [Text("word " * 5000)], "end", usage=USAGE),
}
every_answer = pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)

STREAM_EVENTS = {
    "anthropic": TypeAdapter(at.RawMessageStreamEvent),
    "chat": TypeAdapter(ct.ChatCompletionChunk),
    "responses": TypeAdapter(rt.ResponseStreamEvent),
}
WHOLE = {"anthropic": at.Message, "chat": ct.ChatCompletion, "responses": rt.Response}


def context(source, target):
    return convert_request(source, target, request(source), OPTIONS).context


def streamed(source, target, answer) -> bytes:
    converter = StreamConverter(context(source, target))
    return converter.feed(upstream_stream(target, answer)) + converter.end()


@pairs
@every_answer
def test_every_answer_validates_as_the_packages_type(source, target, answer):
    body = convert_response(context(source, target), upstream_body(target, answer)).body
    WHOLE[source].model_validate(json.loads(body), strict=False)


@pairs
@every_answer
def test_every_event_validates_as_the_packages_type(source, target, answer):
    for _, data in events_of(streamed(source, target, answer)):
        if data != "[DONE]":
            STREAM_EVENTS[source].validate_python(data)


def client_of(package, stream: bytes):
    """The package's client with a wire that answers every request with this stream."""

    def respond(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, content=stream, headers={"content-type": "text/event-stream"})

    http_client = httpx2.Client(transport=httpx2.MockTransport(respond))
    return package(api_key="k", base_url="http://up.example", http_client=http_client, max_retries=0)


@pytest.mark.parametrize("target", ["chat", "responses"])
@every_answer
def test_anthropics_helper_puts_a_stream_together(target, answer):
    whole = convert_response(context("anthropic", target), upstream_body(target, answer)).body
    expected = at.Message.model_validate(json.loads(whole))
    client = client_of(anthropic.Anthropic, streamed("anthropic", target, answer))
    messages = [{"role": "user", "content": "hi"}]
    with client.messages.stream(model="m", max_tokens=9, messages=messages) as stream:
        final = stream.get_final_message()
    assert [_plain(block) for block in final.content] == [_plain(block) for block in expected.content]
    assert final.stop_reason == expected.stop_reason
    assert final.usage.output_tokens == expected.usage.output_tokens
    assert final.usage.cache_read_input_tokens == expected.usage.cache_read_input_tokens


def _plain(block):
    return {k: v for k, v in block.to_dict().items() if k not in ("parsed_output", "id", "tool_use_id")}


@pytest.mark.parametrize("target", ["anthropic", "responses"])
@every_answer
def test_openais_chat_helper_puts_a_stream_together(target, answer):
    whole = convert_response(context("chat", target), upstream_body(target, answer)).body
    expected = ct.ChatCompletion.model_validate(json.loads(whole)).choices[0]
    client = client_of(openai.OpenAI, streamed("chat", target, answer))
    with client.chat.completions.stream(model="m", messages=[{"role": "user", "content": "hi"}]) as stream:
        if answer.stop == "max_tokens":
            with pytest.raises(openai.LengthFinishReasonError):
                stream.get_final_completion()
            return
        if expected.finish_reason == "content_filter":
            with pytest.raises(openai.ContentFilterFinishReasonError):
                stream.get_final_completion()
            return
        final = stream.get_final_completion().choices[0]
    assert (final.message.content or None) == expected.message.content
    assert final.message.refusal == expected.message.refusal
    assert final.finish_reason == expected.finish_reason
    assert _calls(final) == _calls(expected)


def _calls(choice):
    return [
        (call.id, call.function.name, json.loads(call.function.arguments or "{}"))
        for call in choice.message.tool_calls or ()
    ]


@pytest.mark.parametrize("target", ["anthropic", "chat"])
@every_answer
def test_openais_responses_helper_puts_a_stream_together(target, answer):
    whole = convert_response(context("responses", target), upstream_body(target, answer)).body
    expected = rt.Response.model_validate(json.loads(whole))
    client = client_of(openai.OpenAI, streamed("responses", target, answer))
    with client.responses.stream(model="m", input="hi") as stream:
        kinds = [event.type for event in stream]
        if expected.status == "incomplete":
            assert kinds[-1] == "response.incomplete"
            return
        final = stream.get_final_response()
    assert final.output_text == expected.output_text
    assert [item.type for item in final.output] == [item.type for item in expected.output]
    assert final.usage == expected.usage
    assert final.status == expected.status == "completed"


@pairs
def test_a_failure_in_mid_stream_reaches_the_packages_clients_as_their_error(source, target):
    events = upstream_stream(target, ANSWERS["text"])
    converter = StreamConverter(context(source, target))
    stream = converter.feed(events[: len(events) // 2]) + converter.end()
    if source == "anthropic":
        client = client_of(anthropic.Anthropic, stream)
        messages = [{"role": "user", "content": "hi"}]
        with (
            pytest.raises(anthropic.APIStatusError),
            client.messages.stream(model="m", max_tokens=9, messages=messages) as events_in,
        ):
            events_in.until_done()
    elif source == "chat":
        client = client_of(openai.OpenAI, stream)
        with (
            pytest.raises(openai.APIError),
            client.chat.completions.stream(
                model="m", messages=[{"role": "user", "content": "hi"}]
            ) as events_in,
        ):
            events_in.until_done()
    else:
        client = client_of(openai.OpenAI, stream)
        with client.responses.stream(model="m", input="hi") as events_in:
            assert [event.type for event in events_in][-1] == "response.failed"


def test_the_answers_of_this_test_cover_every_kind_of_event():
    kinds = {type(event).__name__ for answer in ANSWERS.values() for event in as_events(answer)}
    assert kinds == {
        "Start", "BlockStart", "Delta", "Sealed", "Cited", "BlockStop", "Searched", "Used", "Stop",
    }  # fmt: skip


def test_refusals_are_words_not_errors():
    answer = Answer("r", "up", 7, [Refusal("No.")], "refusal", usage=USAGE)
    body = convert_response(context("chat", "responses"), upstream_body("responses", answer)).body
    choice = json.loads(body)["choices"][0]
    assert (choice["message"]["refusal"], choice["finish_reason"]) == ("No.", "stop")
