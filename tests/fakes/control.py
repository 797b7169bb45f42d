"""A scripted engine for the control center's tests and pictures: every kind of endpoint and exchange, a
frozen clock.

The same moment and the same data every time, so that a picture of a screen changes only when the screen does.
Commands are recorded in `calls` and answered kindly; `outcome` changes the answer.
"""

from __future__ import annotations

import os
import time

import msgspec

from cccc_tui.engine.control import EndpointStatus, EngineStatus, Health, Outcome, TestResult
from cccc_tui.traffic.exchange import Attempt, Body, Consideration, Exchange
from cccc_tui.traffic.notices import Notices
from cccc_tui.traffic.rates import Rates
from cccc_tui.traffic.ring import Ring
from cccc_tui.wire.model import Format, Usage

NOW = 1767323045.0
"""2026-01-02 03:04:05 UTC."""

CONFIG_PATH = "/home/ada/.config/cccc/config.yaml"


def pin_timezone() -> None:
    """Local times in pictures are UTC."""
    os.environ["TZ"] = "UTC"
    time.tzset()


class FakeControl:
    """`Control` without an engine. `FakeControl(empty=True)` has seen no request yet."""

    def __init__(self, *, empty: bool = False) -> None:
        self.time = NOW
        self.calls: list[tuple[object, ...]] = []
        self.outcome = Outcome(done=True, message="Done.")
        self.changed_status: dict[str, object] = {}
        """Fields of `status()` that a test wants otherwise."""
        self.endpoint_list = list(fresh_endpoints() if empty else scripted_endpoints())
        self._ring = Ring()
        self._notices = Notices()
        self.time = NOW - 900
        self._rates = Rates(self.clock)
        self.time = NOW
        self._is_empty = empty
        if not empty:
            self._script()

    def clock(self) -> float:
        return self.time

    def advance(self, seconds: float) -> None:
        """Lets time pass; nothing else happens."""
        self.time += seconds

    def add(self, exchange: Exchange) -> None:
        """A new exchange comes in, or has come and gone."""
        self._ring.add(exchange)
        if exchange.is_over:
            self._ring.settle(exchange)

    def _script(self) -> None:
        for exchange in scripted_exchanges():
            self.add(exchange)
        for ago_s, level, source, text in NOTICES:
            self._notices.add(NOW - ago_s, level, source, text)  # type: ignore[arg-type]
        self.time = NOW - 900
        for second in range(900):
            self.time += 1
            self._rates.count("requests", _wave(second))
            self._rates.count("tokens", 900 * _wave(second + 3))
            self._rates.count("bytes", 4_000 * _wave(second + 3))
            self._rates.count("errors", int(second % 97 == 0))

    @property
    def traffic(self) -> Ring:
        return self._ring

    @property
    def notices(self) -> Notices:
        return self._notices

    @property
    def rates(self) -> Rates:
        return self._rates

    def status(self) -> EngineStatus:
        status = EngineStatus(
            version="0.1.0",
            address="http://127.0.0.1:8080",
            listening=True,
            banner="",
            config_path=CONFIG_PATH,
            started_at=NOW - 3 * 3600 - 125,
            in_flight=sum(not exchange.is_over for exchange in self._ring),
            requests_total=0 if self._is_empty else 1_248,
            requests_per_min=0 if self._is_empty else 14,
            errors_5min=0 if self._is_empty else 3,
            tokens_today=Usage()
            if self._is_empty
            else Usage(
                input_tokens=182_400,
                output_tokens=96_120,
                cache_read_tokens=2_914_000,
                cache_write_tokens=210_300,
                reasoning_tokens=31_000,
            ),
            loop_lag_ms=1.4,
            demo=False,
        )
        return msgspec.structs.replace(status, **self.changed_status)

    def endpoints(self) -> tuple[EndpointStatus, ...]:
        return tuple(self.endpoint_list)

    async def set_enabled(self, endpoint: str, enabled: bool) -> Outcome:
        self.calls.append(("set_enabled", endpoint, enabled))
        if self.outcome.done:
            health: Health = "untried" if enabled else "disabled"
            self._change(endpoint, enabled=enabled, health=health)
        return self.outcome

    async def move_endpoint(self, endpoint: str, places: int) -> Outcome:
        self.calls.append(("move_endpoint", endpoint, places))
        if self.outcome.done:
            index = self._index(endpoint)
            moved = self.endpoint_list.pop(index)
            self.endpoint_list.insert(max(0, index + places), moved)
        return self.outcome

    async def reset_endpoint(self, endpoint: str | None) -> Outcome:
        self.calls.append(("reset_endpoint", endpoint))
        return self.outcome

    async def test_endpoint(self, endpoint: str) -> tuple[TestResult, ...]:
        self.calls.append(("test_endpoint", endpoint))
        status = self.endpoint_list[self._index(endpoint)]
        return tuple(
            TestResult(
                endpoint=endpoint,
                ok=status.health == "healthy",
                format=each,
                status=200 if status.health == "healthy" else 503,
                elapsed_ms=412.0,
                model="claude-haiku-4-5" if each == "anthropic" else "gpt-5-mini",
                message="It answered: Hello!"
                if status.health == "healthy"
                else "It answered 503: overloaded.",
            )
            for each in status.formats
        )

    async def cancel_exchange(self, exchange_id: int) -> Outcome:
        self.calls.append(("cancel_exchange", exchange_id))
        exchange = self._ring.get(exchange_id)
        if self.outcome.done and exchange is not None:
            exchange.state, exchange.ended_s = "cancelled", self.time - exchange.began_at
            self._ring.settle(exchange)
        return self.outcome

    async def clear_traffic(self) -> Outcome:
        self.calls.append(("clear_traffic",))
        self._ring.clear()
        return self.outcome

    async def reload_config(self) -> Outcome:
        self.calls.append(("reload_config",))
        return self.outcome

    async def undo_edit(self) -> Outcome:
        self.calls.append(("undo_edit",))
        return self.outcome

    def _index(self, endpoint: str) -> int:
        return next(index for index, status in enumerate(self.endpoint_list) if status.name == endpoint)

    def _change(self, endpoint: str, **fields: object) -> None:
        index = self._index(endpoint)
        self.endpoint_list[index] = msgspec.structs.replace(self.endpoint_list[index], **fields)


def _wave(second: int) -> int:
    """Requests of one second: a slow swell with bursts, the same every time."""
    swell = (1, 3, 2, 0, 1, 2, 4, 2)[second // 20 % 8]
    return swell // 2 * (second * 7919 % 13 == 0) + (second * 31 % 7 == 0) * (second % 60 < 12 * swell)


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
    b'{"model":"claude-sonnet-4-5","max_tokens":32000,"stream":true,"system":[{"type":"text","text":"You are an '
    b'interactive CLI tool [v2] that helps users.","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user",'
    b'"content":"Why does test_ring.py fail? \xe4\xb8\xad\xe6\x96\x87 too."},{"role":"assistant","content":[{"type":'
    b'"tool_use","id":"toolu_01","name":"Read","input":{"file_path":"tests/test_ring.py"}}]},{"role":"user","content":'
    b'[{"type":"tool_result","tool_use_id":"toolu_01","content":"def test_ring(): assert Ring(2)[0] == 1"}]}],'
    b'"tools":[{"name":"Read","description":"Reads a file","input_schema":{"type":"object","properties":{"file_path":'
    b'{"type":"string"}},"required":["file_path"]}}]}'
)

RESPONSE_BODY = (
    b'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_01","type":"message","role":"assistant",'
    b'"model":"claude-sonnet-4-5","content":[],"usage":{"input_tokens":12,"cache_read_input_tokens":18211}}}\n\n'
    b'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text",'
    b'"text":""}}\n\nevent: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":'
    b'"text_delta","text":"The ring is indexed by id, not by place: "}}\n\nevent: content_block_delta\ndata: {"type":'
    b'"content_block_delta","index":0,"delta":{"type":"text_delta","text":"use `Ring.get(1)`."}}\n\n'
    b'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\nevent: message_delta\ndata: '
    b'{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":412}}\n\n'
    b'event: message_stop\ndata: {"type":"message_stop"}\n\n'
)

ERROR_429 = (
    b'{"type":"error","error":{"type":"rate_limit_error","message":"Number of request tokens has exceeded your '
    b'per-minute limit"}}'
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


def body(data: bytes, keep_bytes: int = 65_536) -> Body:
    """A body as the engine keeps it."""
    kept = Body(keep_bytes)
    kept.append(data)
    return kept


def exchange(number: int, ago_s: float, **fields: object) -> Exchange:
    """A finished turn of Claude Code, but for what is given."""
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
        attempts=[attempt("anthropic-main")],
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
    return msgspec.structs.replace(plain, **fields)


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
        "attempts": [attempt("openai-team", format="responses", model="gpt-5.1-codex")],
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
