import anthropic
import httpx2
import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cccc_tui.engine.demo.speech import SIGNATURE, Answer, Call, Thought, Words, beats, document, pieces

PARTS = (Thought("Let me see."), Words("Here is  a call.\n"), Call("Bash", {"command": 'echo "hi"'}))


def answer(*parts, stop="tools", include_usage=True):
    return Answer(
        parts=parts or PARTS,
        model="m",
        number=3,
        stop=stop,
        input_tokens=20,
        cached_tokens=5,
        include_usage=include_usage,
    )


def transport(form, said):
    """What the official clients see: the answer of a server, without a server."""

    def respond(request: httpx2.Request) -> httpx2.Response:
        if b'"stream":true' in request.content.replace(b" ", b""):
            stream = b"".join(beat.data for beat in beats(form, said))
            return httpx2.Response(200, content=stream, headers={"content-type": "text/event-stream"})
        return httpx2.Response(
            200, content=document(form, said), headers={"content-type": "application/json"}
        )

    return httpx2.Client(transport=httpx2.MockTransport(respond))


@given(st.text())
def test_the_pieces_of_a_text_are_the_text(text):
    assert "".join(pieces(text)) == text


@pytest.mark.parametrize("streamed", [False, True])
def test_the_official_anthropic_client_understands_the_answer(streamed):
    client = anthropic.Anthropic(
        api_key="k", base_url="http://x", http_client=transport("anthropic", answer())
    )
    ask = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "x"}]}
    if streamed:
        with client.messages.stream(**ask) as stream:
            message = stream.get_final_message()
    else:
        message = client.messages.create(**ask)
    thought, words, call = message.content
    assert (thought.thinking, thought.signature) == ("Let me see.", SIGNATURE)
    assert words.text == "Here is  a call.\n"
    assert (call.name, call.input) == ("Bash", {"command": 'echo "hi"'})
    assert message.stop_reason == "tool_use"
    assert (message.usage.input_tokens, message.usage.cache_read_input_tokens) == (20, 5)
    assert message.usage.output_tokens == answer().output_tokens


@pytest.mark.parametrize("streamed", [False, True])
def test_the_official_openai_client_understands_the_chat_answer(streamed):
    client = openai.OpenAI(api_key="k", base_url="http://x/v1", http_client=transport("chat", answer()))
    ask = {"model": "m", "messages": [{"role": "user", "content": "x"}]}
    if streamed:
        with client.chat.completions.stream(**ask, stream_options={"include_usage": True}) as stream:
            completion = stream.get_final_completion()
    else:
        completion = client.chat.completions.create(**ask)
    choice = completion.choices[0]
    assert choice.message.content == "Here is  a call.\n"
    assert choice.message.tool_calls[0].function.arguments == '{"command":"echo \\"hi\\""}'
    assert choice.finish_reason == "tool_calls"
    assert completion.usage.prompt_tokens == 25
    assert completion.usage.prompt_tokens_details.cached_tokens == 5


@pytest.mark.parametrize("streamed", [False, True])
def test_the_official_openai_client_understands_the_response(streamed):
    client = openai.OpenAI(api_key="k", base_url="http://x/v1", http_client=transport("responses", answer()))
    if streamed:
        with client.responses.stream(model="m", input="x") as stream:
            response = stream.get_final_response()
    else:
        response = client.responses.create(model="m", input="x")
    reasoning, message, call = response.output
    assert reasoning.summary[0].text == "Let me see."
    assert message.content[0].text == "Here is  a call.\n"
    assert (call.name, call.arguments) == ("Bash", '{"command":"echo \\"hi\\""}')
    assert response.status == "completed"
    assert (response.usage.input_tokens, response.usage.input_tokens_details.cached_tokens) == (25, 5)


@pytest.mark.parametrize(
    ("form", "sign"),
    [
        ("anthropic", b'"stop_reason":"max_tokens"'),
        ("chat", b'"finish_reason":"length"'),
        ("responses", b'"incomplete_details":{"reason":"max_output_tokens"}'),
    ],
)
def test_an_answer_that_ran_into_its_limit_says_so(form, sign):
    said = answer(Words("Too"), stop="length")
    assert sign in document(form, said)
    assert sign in b"".join(beat.data for beat in beats(form, said))


def test_a_chat_stream_has_usage_only_when_it_was_asked_for():
    def stream(include_usage):
        return b"".join(beat.data for beat in beats("chat", answer(include_usage=include_usage)))

    assert b'"usage"' in stream(True)
    assert b'"usage"' not in stream(False)
    assert stream(False).endswith(b"data: [DONE]\n\n")


def test_an_omitted_thought_keeps_its_signature_and_shows_no_text():
    said = answer(Thought(""), Words("Hi"), stop="end")
    stream = b"".join(beat.data for beat in beats("anthropic", said))
    assert b"thinking_delta" not in stream
    assert SIGNATURE.encode() in stream
    assert b"summary_text" not in b"".join(beat.data for beat in beats("responses", said))
