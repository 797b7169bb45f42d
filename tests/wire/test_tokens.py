import base64
import json
import struct

import pytest

from cccc_tui.wire.model import ConversionRefused
from cccc_tui.wire.tokens import estimate_tokens, tokens_of_text


def request(*content: object, **more: object) -> bytes:
    messages = [{"role": "user", "content": list(content)}]
    return json.dumps({"model": "m", "max_tokens": 9, "messages": messages, **more}).encode()


def text(words: str) -> dict[str, str]:
    return {"type": "text", "text": words}


def png(width: int, height: int) -> dict[str, object]:
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + struct.pack(">II", width, height)
    data = base64.b64encode(head + b"\0" * 64).decode()
    return {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}}


def test_english_is_about_a_token_a_word_and_chinese_about_one_a_character():
    assert 90 <= tokens_of_text("plain old words here " * 25) <= 150
    assert tokens_of_text("你好世界") == 4


def test_a_long_text_is_counted_by_samples_and_comes_out_alike():
    paragraph = "The quick brown fox jumps over the lazy dog. "
    few, many = tokens_of_text(paragraph * 100), tokens_of_text(paragraph * 2_000)
    assert many == pytest.approx(few * 20, rel=0.05)


def test_tools_count():
    tool = {
        "name": "read",
        "description": "Reads a file.",
        "input_schema": {"type": "object", "properties": {}},
    }
    assert estimate_tokens("anthropic", request(text("hi"), tools=[tool])) > estimate_tokens(
        "anthropic", request(text("hi"))
    )


def test_an_image_counts_by_its_pixels_up_to_a_limit():
    plain = estimate_tokens("anthropic", request(text("hi")))
    assert estimate_tokens("anthropic", request(text("hi"), png(750, 100))) - plain == 100
    assert estimate_tokens("anthropic", request(text("hi"), png(9_000, 9_000))) - plain == 1600


def test_what_was_learned_of_a_model_multiplies_and_the_answer_is_rounded_up():
    once = estimate_tokens("anthropic", request(text("some words to count")))
    assert estimate_tokens("anthropic", request(text("some words to count")), factor=1.5) >= once * 1.5


def test_every_format_is_counted():
    chat = json.dumps(
        {"model": "m", "messages": [{"role": "user", "content": "some words to count"}]}
    ).encode()
    responses = json.dumps({"model": "m", "input": "some words to count"}).encode()
    counts = {
        estimate_tokens("anthropic", request(text("some words to count"))),
        estimate_tokens("chat", chat),
        estimate_tokens("responses", responses),
    }
    assert max(counts) - min(counts) <= 4


def test_a_request_that_cannot_be_read_is_refused_in_words():
    with pytest.raises(ConversionRefused):
        estimate_tokens("anthropic", b'{"messages": 7}')
