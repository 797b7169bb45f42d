"""The scripted data of `FakeControl`: an endpoint in every state of health, an exchange in every state and
with every kind of end.
"""

from __future__ import annotations

import msgspec

from cccc_tui.engine.control import EndpointStatus, FactStatus, Health
from cccc_tui.traffic.exchange import Attempt, Body, Consideration, Exchange
from cccc_tui.wire.model import Format, Usage

NOW = 1767323045.0
"""2026-01-02 03:04:05 UTC."""

CONFIG_PATH = "/home/ada/.config/cccc/config.yaml"


def endpoint(name: str, health: Health, priority: int, **fields: object) -> EndpointStatus:
    """An endpoint that has done nothing yet, but for what is given."""
    plain = EndpointStatus(
        name=name,
        url=f"https://{name}.example.com",
        formats=("anthropic",),
        enabled=health != "disabled",
        priority=priority,
        tags=(),
        supported_clients=(),
        health=health,
        health_reason="",
        back_at=None,
        in_flight=0,
        requests=0,
        failures=0,
        first_content_ms=None,
        last_error="",
        last_used_at=None,
        usage=Usage(),
    )
    return msgspec.structs.replace(plain, **fields)


def fresh_endpoints() -> tuple[EndpointStatus, ...]:
    """What a first start has."""
    return (endpoint("anthropic", "untried", 1, url="https://api.anthropic.com"),)


def scripted_endpoints() -> tuple[EndpointStatus, ...]:
    """One endpoint in every state of health."""
    chat: tuple[Format, ...] = ("chat",)
    openai: tuple[Format, ...] = ("chat", "responses")
    return (
        endpoint(
            "anthropic-main",
            "healthy",
            1,
            url="https://api.anthropic.com",
            in_flight=2,
            requests=811,
            failures=4,
            first_content_ms=840.0,
            last_used_at=NOW - 2,
            usage=Usage(input_tokens=120_000, output_tokens=70_000, cache_read_tokens=2_600_000),
        ),
        endpoint(
            "openai-team",
            "healthy",
            2,
            url="https://api.openai.com/v1",
            formats=openai,
            in_flight=1,
            requests=302,
            failures=2,
            first_content_ms=1_260.0,
            last_used_at=NOW - 8,
            tags=("code",),
            usage=Usage(input_tokens=62_000, output_tokens=26_000, cache_read_tokens=314_000),
        ),
        endpoint(
            "relay-tokyo",
            "cooling",
            3,
            url="https://relay.example.jp/anthropic",
            requests=96,
            failures=11,
            health_reason="Rate limited (429): it asked to wait 90 s.",
            back_at=NOW + 42,
            first_content_ms=2_410.0,
            last_error="429 rate_limit_error: Number of request tokens has exceeded your per-minute limit",
            last_used_at=NOW - 48,
        ),
        endpoint(
            "local-llama",
            "failing",
            4,
            url="http://127.0.0.1:11434/v1",
            formats=chat,
            requests=31,
            failures=31,
            health_reason="Connection refused, 3 times in a row.",
            back_at=NOW + 21,
            last_error="Cannot connect to 127.0.0.1:11434: connection refused",
            last_used_at=NOW - 9,
        ),
        endpoint(
            "lab-gateway",
            "trial",
            5,
            formats=openai,
            in_flight=1,
            requests=8,
            failures=5,
            health_reason="One real request is finding out whether it is back.",
            first_content_ms=3_900.0,
            last_used_at=NOW - 1,
            supported_clients=("codex",),
        ),
        endpoint("new-arrival", "untried", 6, tags=("thinking", "long")),
        endpoint("spare-key", "disabled", 7),
        endpoint(
            "no-key",
            "misconfigured",
            8,
            health_reason="auth_value: the environment variable RELAY_KEY is not set.",
        ),
    )


NOTICES = (
    (11_000, "info", "server", "Listening on http://127.0.0.1:8080"),
    (10_990, "warning", "config", "no-key: auth_value: the environment variable RELAY_KEY is not set."),
    (7_200, "info", "config", "Reloaded: 2 changes (endpoints.openai-team.priority, logging.level)"),
    (600, "error", "config", "config.yaml:14: endpoints[2].prioritty is no key here. Did you mean priority?"),
    (300, "debug", "learn", "openai-team speaks responses: remembered"),
    (48, "warning", "health", "relay-tokyo: rate limited (429), waits 90 s"),
    (9, "error", "health", "local-llama: connection refused, 3 times in a row; left out for 30 s"),
    (5, "info", "pipeline", "#12 anthropic-main failed with 529, went on to relay-tokyo"),
)

REQUEST_BODY = (
    b'{"model":"claude-sonnet-4-5","max_tokens":32000,"stream":true,"system":[{"type":"text","te'
    b'xt":"You are an interactive CLI tool [v2] that helps users.","cache_control":{"type":"ephe'
    b'meral"}}],"messages":[{"role":"user","content":"Why does test_ring.py fail? \xe4\xb8\xad\xe6\x96\x87'
    b' too."},{"role":"assistant","content":[{"type":"tool_use","id":"toolu_01","name":"Read","i'
    b'nput":{"file_path":"tests/test_ring.py"}}]},{"role":"user","content":[{"type":"tool_result'
    b'","tool_use_id":"toolu_01","content":"def test_ring(): assert Ring(2)[0] == 1"}]}],"tools"'
    b':[{"name":"Read","description":"Reads a file","input_schema":{"type":"object","properties"'
    b':{"file_path":{"type":"string"}},"required":["file_path"]}}]}'
)

RESPONSE_BODY = (
    b'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_01","type":"messa'
    b'ge","role":"assistant","model":"claude-sonnet-4-5","content":[],"usage":{"input_tokens":12'
    b',"cache_read_input_tokens":18211}}}\n\nevent: content_block_start\ndata: {"type":"content_'
    b'block_start","index":0,"content_block":{"type":"text","text":""}}\n\nevent: content_block_'
    b'delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"'
    b'The ring is indexed by id, not by place: "}}\n\nevent: content_block_delta\ndata: {"type":'
    b'"content_block_delta","index":0,"delta":{"type":"text_delta","text":"use `Ring.get(1)`."}}'
    b'\n\nevent: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\nevent: mes'
    b'sage_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"out'
    b'put_tokens":412}}\n\nevent: message_stop\ndata: {"type":"message_stop"}\n\n'
)

REQUEST_HEADERS = (
    ("host", "127.0.0.1:8080"),
    ("user-agent", "claude-cli/2.0.14 (external, cli)"),
    ("x-api-key", "***"),
    ("anthropic-version", "2023-06-01"),
    ("content-type", "application/json"),
)

RESPONSE_HEADERS = (
    ("content-type", "text/event-stream; charset=utf-8"),
    ("request-id", "req_011CSHoEeqs5C35K2UUqR7Fy"),
    ("anthropic-ratelimit-requests-remaining", "3999"),
)

ROUTE = (
    Consideration("anthropic-main", 1, "healthy, first by priority"),
    Consideration("relay-tokyo", 2, "healthy, next by priority"),
    Consideration("openai-team", None, "speaks chat and responses, the request is anthropic"),
    Consideration("spare-key", None, "disabled"),
)


def fact(name: str, value: str = "drop", **fields: object) -> FactStatus:
    """Something that the first endpoint has taught, but for what is given."""
    plain = FactStatus(
        endpoint="anthropic-main",
        model="",
        name=name,
        value=value,
        evidence="400 it is not supported",
        exchange_id=0,
        first_seen=NOW - 7_200,
        last_seen=NOW - 600,
        expires_at=NOW + 597_600,
        pinned=False,
    )
    return msgspec.structs.replace(plain, **fields)


def scripted_facts() -> list[FactStatus]:
    """What endpoints have taught: the lesson of a request that is kept, of one that is not, one fixed by a person."""
    return [
        fact(
            "auth_form",
            "auth_token",
            evidence="the usual form was refused, this one accepted",
            exchange_id=1_200,
            first_seen=NOW - 1_300_000,
            last_seen=NOW - 1_300_000,
            pinned=True,
        ),
        fact(
            "param:temperature",
            model="claude-opus-4-5",
            evidence="400 `temperature` is deprecated for this model.",
            exchange_id=5,
            first_seen=NOW - 232,
            last_seen=NOW - 232,
            expires_at=NOW + 604_568,
        ),
        fact("counts_tokens_responses", "no", endpoint="local-llama", evidence="404 page not found"),
        fact(
            "lacks:images",
            "yes",
            endpoint="local-llama",
            model="qwen3-coder:30b",
            evidence="500 this model does not support image input; it is a text model",
            exchange_id=812,
            expires_at=NOW + 3_000,
        ),
        fact(
            "param:max_output_tokens",
            "most=8192",
            endpoint="local-llama",
            model="qwen3-coder:30b",
            evidence="400 max_output_tokens is too large: 64000. This model supports at most 8192 tokens",
        ),
        fact(
            "context_tokens",
            "200000",
            endpoint="relay-tokyo",
            model="claude-sonnet-4-5",
            evidence="400 prompt is too long: 215431 tokens > 200000 maximum",
        ),
        fact(
            "speaks_responses",
            "no",
            endpoint="relay-tokyo",
            evidence="404 Not Found",
            first_seen=NOW - 172_800,
            expires_at=None,
        ),
    ]


def body(data: bytes, keep_bytes: int = 65_536) -> Body:
    """A body as the engine keeps it."""
    kept = Body(keep_bytes)
    kept.append(data)
    return kept


def exchange(number: int, ago_s: float, **fields: object) -> Exchange:
    """A finished turn of Claude Code, but for what is given; its one attempt asks for the same model."""
    plain = Exchange(
        id=number,
        began_at=NOW - ago_s,
        method="POST",
        path="/v1/messages?beta=true",
        client="claude-code",
        client_reason="User-Agent claude-cli/2.0.14",
        format="anthropic",
        model="claude-sonnet-4-5",
        session="5f1c02aa-session",
        streamed=True,
        state="done",
        status=200,
        endpoint="anthropic-main",
        route=ROUTE,
        usage=Usage(input_tokens=12, output_tokens=412, cache_read_tokens=18_211),
        stop_reason="end_turn",
        first_content_s=0.84,
        ended_s=6.31,
        request_headers=REQUEST_HEADERS,
        response_headers=RESPONSE_HEADERS,
        request_body=body(REQUEST_BODY),
        response_body=body(RESPONSE_BODY),
        request_bytes=len(REQUEST_BODY),
        response_bytes=len(RESPONSE_BODY),
    )
    made = msgspec.structs.replace(plain, **fields)
    if "attempts" not in fields and made.endpoint:
        made.attempts = [
            attempt(
                made.endpoint,
                model=made.model,
                format=made.format,
                status=made.status,
                error=made.error,
                first_content_s=made.first_content_s,
                ended_s=made.ended_s,
            )
        ]
    return made


def attempt(name: str, **fields: object) -> Attempt:
    """An attempt that went well, but for what is given."""
    plain = Attempt(
        endpoint=name,
        url=f"https://{name}.example.com/v1/messages",
        format="anthropic",
        model="claude-sonnet-4-5",
        began_s=0.004,
        sent_s=0.061,
        headers_s=0.52,
        first_content_s=0.84,
        ended_s=6.31,
        status=200,
        request_headers=(("x-api-key", "***"), ("anthropic-version", "2023-06-01")),
        response_headers=RESPONSE_HEADERS,
        upstream_request_id="req_011CSHoEeqs5C35K2UUqR7Fy",
    )
    return msgspec.structs.replace(plain, **fields)


def _failed(name: str, status: int, error: str, error_class: str, verdict: str, **times: float) -> Attempt:
    return attempt(
        name,
        status=status,
        error=error,
        error_class=error_class,
        verdict=verdict,
        first_content_s=None,
        response_headers=(("content-type", "application/json"), ("retry-after", "90")),
        **times,
    )


def _codex(number: int, ago_s: float, **fields: object) -> Exchange:
    given: dict[str, object] = {
        "path": "/v1/responses",
        "client": "codex",
        "client_reason": "User-Agent codex_exec/0.72.0",
        "format": "responses",
        "model": "gpt-5.1-codex",
        "endpoint": "openai-team",
        "thinking": True,
        "usage": Usage(input_tokens=2_310, output_tokens=988, cache_read_tokens=9_600, reasoning_tokens=640),
    }
    return exchange(number, ago_s, **(given | fields))


def scripted_exchanges() -> list[Exchange]:
    """Every state and every kind of end, oldest first."""
    overloaded = _failed(
        "anthropic-main", 529, "overloaded_error: Overloaded", "overloaded", "next: overloaded", ended_s=0.7
    )
    limited = _failed(
        "relay-tokyo",
        429,
        "rate_limit_error: too many tokens",
        "rate_limited",
        "next: cools 90 s",
        ended_s=0.9,
    )
    refused = _failed("local-llama", 0, "connection refused", "connect", "next: unreachable", ended_s=0.01)
    refused.model, refused.format = "qwen3-coder:30b", "responses"
    refused.notes = ["model: gpt-5.1-codex → qwen3-coder:30b"]
    none: dict[str, object] = {"first_content_s": None, "stop_reason": "", "usage": Usage()}
    return [
        exchange(
            1,
            412,
            path="/v1/messages/count_tokens",
            streamed=False,
            usage=Usage(input_tokens=18_223),
            ended_s=0.21,
        ),
        exchange(
            2, 371, model="claude-haiku-4-5", ended_s=1.02, usage=Usage(input_tokens=301, output_tokens=22)
        ),
        _codex(3, 344, ended_s=14.8),
        exchange(
            4,
            290,
            status=400,
            error="invalid_request_error: max_tokens: Field required",
            ended_s=0.12,
            **none,
        ),
        exchange(5, 233, thinking=True, model="claude-opus-4-5", ended_s=41.7, tags=("thinking",)),
        exchange(
            6,
            181,
            path="/v1/chat/completions",
            client="openai-sdk",
            format="chat",
            model="gpt-5-mini",
            streamed=False,
        ),
        exchange(7, 140, state="cancelled", ended_s=3.4, error="The client went away.", stop_reason=""),
        exchange(
            8,
            97,
            state="failed",
            status=429,
            error="All 2 endpoints failed.",
            attempts=[overloaded, limited],
            ended_s=1.64,
            **none,
        ),
        _codex(9, 71, ended_s=22.06, status=200),
        exchange(10, 58, state="failed", error="The stream broke after 2.1 KB.", ended_s=9.9, stop_reason=""),
        _codex(
            11,
            44,
            state="failed",
            status=502,
            endpoint="local-llama",
            error="connection refused",
            attempts=[refused],
            ended_s=0.02,
            **none,
        ),
        exchange(
            12,
            31,
            endpoint="relay-tokyo",
            attempts=[overloaded, attempt("relay-tokyo", began_s=0.71)],
            ended_s=8.2,
        ),
        exchange(
            13,
            19,
            client="other",
            path="/v1/unknown/[path]",
            format=None,
            model="",
            status=404,
            error="No such path.",
            endpoint="",
            route=(),
            ended_s=0.002,
            **none,
        ),
        exchange(
            14,
            12.4,
            state="streaming",
            ended_s=None,
            stop_reason="",
            usage=Usage(input_tokens=12, output_tokens=180),
        ),
        _codex(
            15, 6.2, state="waiting", status=0, ended_s=None, response_body=None, response_bytes=0, **none
        ),
        exchange(
            16,
            0.3,
            state="routing",
            status=0,
            endpoint="",
            ended_s=None,
            attempts=[],
            response_body=None,
            **none,
        ),
    ]
