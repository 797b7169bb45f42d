"""Sealed thoughts go back to the provider that made them and to no other, whatever a conversation goes through."""

from __future__ import annotations

import json

import pytest

from cccc_tui.engine.seals import MAX_SEALS, SealBook, is_refusal
from cccc_tui.wire.errors import UpstreamError
from tests.engine.conftest import PATHS, endpoint
from tests.fakes.speech import Text, Thinking
from tests.fakes.steps import Step, fails

SEALS = {"one": "c2VhbCBvZiB0aGUgZmlyc3Qgb25l", "two": "c2VhbCBvZiB0aGUgc2Vjb25kIG9uZQ=="}
REFUSALS = {
    "anthropic": "messages.1.content.0: Invalid `signature` in `thinking` block",
    "responses": "The encrypted content gAAA...c90= could not be verified. Reason: it could not be decrypted.",
}
FORMATS = pytest.mark.parametrize("form", ["anthropic", "responses"])


def sealed(by: str) -> Step:
    return Step(parts=(Thinking("Let me see.", SEALS[by]), Text(f"That was {by}.")))


class Talk:
    """A client that sends all that was said back, as both agents do."""

    def __init__(self, gateway, form: str, stream: bool) -> None:
        self.gateway, self.form, self.stream = gateway, form, stream
        self.turns: list = []

    async def say(self, text: str) -> int:
        self.turns.append({"role": "user", "content": text})
        name = "input" if self.form == "responses" else "messages"
        request = {"model": "m", "stream": self.stream, name: self.turns}
        request |= {"max_tokens": 99} if self.form == "anthropic" else {"store": False}
        async with self.gateway.post(PATHS[self.form], json=request) as answer:
            text = await answer.text()
            status = answer.status
        if status == 200:
            self._take(text)
        return status

    def _take(self, text: str) -> None:
        seal = next(seal for seal in SEALS.values() if seal in text)
        if self.form == "anthropic":
            thought = {"type": "thinking", "thinking": "Let me see.", "signature": seal}
            self.turns.append({"role": "assistant", "content": [thought, {"type": "text", "text": "Said."}]})
        else:
            self.turns.append({"type": "reasoning", "summary": [], "encrypted_content": seal})
            self.turns.append({"role": "assistant", "content": "Said."})


def seen(upstream) -> list[str]:
    """Whose seals its last request brought."""
    asked = json.dumps(upstream.requests[-1].json)
    return [name for name, seal in SEALS.items() if seal in asked]


@FORMATS
@pytest.mark.parametrize("stream", [False, True])
async def test_each_provider_gets_its_own_thoughts_back_when_a_conversation_goes_there_and_back(
    start, upstream, second, form, stream
):
    gateway = await start(endpoint("one", upstream.url, form), endpoint("two", second.url, form))
    upstream.always(sealed("one"))
    second.always(sealed("two"))
    talk = Talk(gateway, form, stream)
    for name, fake, own in (("one", upstream, []), ("two", second, []), ("one", upstream, ["one"])):
        for each in ("one", "two"):
            await gateway.engine.set_enabled(each, each == name)
        assert await talk.say("Go on") == 200
        assert seen(fake) == own
    assert len(upstream.requests) + len(second.requests) == 3, "nothing had to be refused first"
    assert "thoughts of another provider left out" in gateway.last.attempts[-1].notes


@pytest.mark.parametrize("thinking", ["enabled", "adaptive"])
async def test_a_tool_loop_that_moved_goes_on_without_the_thought_that_it_began_with(
    start, upstream, second, thinking
):
    """With a budget Anthropic wants a thought in front of the call that is answered: then it must not think."""
    gateway = await start(endpoint("one", upstream.url), endpoint("two", second.url))
    upstream.always(sealed("one"))
    second.always(sealed("two"))
    assert await Talk(gateway, "anthropic", False).say("Hello") == 200
    await gateway.engine.set_enabled("one", False)
    thought = {"type": "thinking", "thinking": "x", "signature": SEALS["one"]}
    call = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "done"}
    said = [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": [thought, call]},
        {"role": "user", "content": [result]},
    ]
    asked = {"type": "adaptive"} if thinking == "adaptive" else {"type": "enabled", "budget_tokens": 2000}
    tools = [{"name": "f", "input_schema": {"type": "object"}}]
    request = {"model": "m", "max_tokens": 9999, "messages": said, "thinking": asked, "tools": tools}
    async with gateway.post(PATHS["anthropic"], json=request) as answer:
        assert answer.status == 200
    sent = second.requests[-1].json
    assert sent["messages"][1]["content"] == [call]
    assert ("thinking" in sent) is (thinking == "adaptive")


@FORMATS
async def test_a_seal_of_before_is_left_out_once_it_is_refused_and_never_sent_again(start, upstream, form):
    gateway = await start(endpoint("one", upstream.url, form))
    talk = Talk(gateway, form, False)
    talk._take(SEALS["two"])
    talk.turns.insert(0, {"role": "user", "content": "Hello"})
    upstream.answer(fails(400, REFUSALS[form]))
    upstream.always(sealed("one"))
    assert await talk.say("Go on") == 200
    assert len(upstream.requests) == 2 and seen(upstream) == []
    assert await talk.say("Go on") == 200
    assert len(upstream.requests) == 3 and seen(upstream) == ["one"]


@FORMATS
async def test_a_request_without_a_seal_is_refused_once_and_not_asked_forever(start, upstream, form):
    gateway = await start(endpoint("one", upstream.url, form))
    upstream.always(fails(400, REFUSALS[form]))
    assert await Talk(gateway, form, False).say("Hello") == 400
    assert len(upstream.requests) == 1


def test_an_unsigned_thought_is_never_anthropic_s_own():
    body = b'{"messages":[{"content":[{"type":"thinking","thinking":"x","signature":""}]}]}'
    book = SealBook()
    assert book.foreign("api.anthropic.com", body) == frozenset(), (
        "nobody else has answered: nothing is looked for"
    )
    book.made("api.example.com", body)
    assert book.foreign("api.anthropic.com", body) == {""}
    assert book.foreign("api.example.com", body) == frozenset()


def test_an_unsigned_thought_of_before_is_left_out_once_it_is_refused():
    body = b'{"messages":[{"content":[{"type":"thinking","thinking":"x","signature":""}]}]}'
    book = SealBook()
    assert book.refused("api.anthropic.com", body)
    assert book.foreign("api.anthropic.com", body) == {""}


def test_redacted_thoughts_are_seals_too_and_pictures_are_none():
    book = SealBook()
    seal = "ZW5jcnlwdGVkIHRob3VnaHQ="
    book.made("a", b'{"type":"redacted_thinking","data":"%b"}' % seal.encode())
    request = b'{"type":"redacted_thinking", "data": "%b"},{"type":"base64","data":"iVBORw0KGgoAAAANSUhEUg"}'
    assert book.foreign("b", request % seal.encode()) == {seal}
    assert book.foreign("a", request % seal.encode()) == frozenset()


def test_the_oldest_seals_are_forgotten():
    book = SealBook()
    for number in range(MAX_SEALS + 5):
        book.made("a", b'"signature":"seal number %018d"' % number)
    assert len(book) == MAX_SEALS
    assert book.foreign("b", b'"signature":"seal number %018d"' % 1) == frozenset()
    assert book.foreign("b", b'"signature":"seal number %018d"' % 99_999)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (REFUSALS["anthropic"], ""),
        (REFUSALS["responses"], ""),
        ("x", "invalid_encrypted_content"),
        ("messages.3.content.1: Invalid signature in thinking block", ""),
        ("The encrypted content VPy0...8OA= could not be verified.", "thinking_signature_invalid"),
    ],
)
def test_a_refused_seal_is_known_by_its_words_or_its_code(message, code):
    assert is_refusal(UpstreamError(status=400, error_class="invalid_request", message=message, code=code))
    assert not is_refusal(UpstreamError(status=500, error_class="server_error", message=message, code=code))
