"""The curl command: it can be run, and has no secret in it."""

import shlex

from cccc_tui.traffic.exchange import Body, Exchange
from cccc_tui.ui.render.curl import curl_command


def exchange(body: bytes = b'{"text":"it\'s"}', keep: int = 1_000, **fields) -> Exchange:
    kept = Body(keep)
    kept.append(body)
    headers = (
        ("Host", "x"),
        ("Content-Type", "application/json"),
        ("x-api-key", "***"),
        ("authorization", "Bearer ***"),
    )
    plain = {
        "id": 1,
        "began_at": 0,
        "method": "POST",
        "path": "/v1/messages?beta=true",
        "format": "anthropic",
    }
    return Exchange(**(plain | {"request_headers": headers, "request_body": kept} | fields))


def test_the_command_parses_into_the_request():
    words = shlex.split(curl_command(exchange(), "http://127.0.0.1:8080").replace("\\\n", " "))
    assert words[:5] == ["curl", "-N", "-X", "POST", "http://127.0.0.1:8080/v1/messages?beta=true"]
    assert words[words.index("--data-binary") + 1] == '{"text":"it\'s"}'
    assert "Content-Type: application/json" in words
    assert not any(word.lower().startswith("host:") for word in words)


def test_a_blanked_secret_becomes_a_variable():
    command = curl_command(exchange(), "http://h")
    assert "***" not in command
    assert '"x-api-key: $ANTHROPIC_API_KEY"' in command
    assert '"authorization: Bearer $ANTHROPIC_API_KEY"' in command
    assert "$OPENAI_API_KEY" in curl_command(exchange(format="chat"), "http://h")


def test_a_body_that_was_not_kept_whole_is_said():
    assert curl_command(exchange(b"x" * 500, keep=100), "http://h").startswith("# ")


def test_a_request_without_a_body_sends_none():
    assert "--data" not in curl_command(exchange(request_body=None, method="GET"), "http://h")
