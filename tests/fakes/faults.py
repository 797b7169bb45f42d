"""Everything that can go wrong upstream, and what must come of it: one row a fault.

A row says how the endpoint behaves and what is expected: whether another endpoint is asked, what the client gets when
there is none, how often a lone endpoint is asked, whether its breaker counts, and for how long it is left out.
`tests/engine/test_faults.py` holds the engine to it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Literal

from tests.fakes.steps import Step, counts, fails, nothing, page, resets, says

CHECK_INTERVAL_S = 30.0
"""How long an open breaker keeps an endpoint out."""

DEADLINE_S = 3.0
"""Deadline of the attempt in faults that are silences. The test puts the loop's clock forward instead of waiting."""

QUICK_BACKOFF = {"backoff": 0.01, "max_backoff": 0.01}

Address = Literal["", "refused", "tls", "dns"]


@dataclass(frozen=True)
class Fault:
    name: str
    step: Step | None = None
    """The upstream's answer; None for an endpoint that is not even reached."""
    address: Address = ""
    goes_on: bool = True
    """Whether the next endpoint is asked; else the client gets the error at once."""
    status: int = 502
    """What the client gets when no endpoint has an answer."""
    says: str = ""
    """Words of the upstream that the client must get."""
    error_class: str = ""
    """How the attempt is labelled."""
    asks: int = 1
    """How often a lone endpoint is asked for one request."""
    counts: bool = True
    """Whether it moves the breaker."""
    cool_s: float = 0.0
    """How long the endpoint is left out after one exchange; 0 if no cool-down."""
    is_dated: bool = False
    """Whether the upstream itself named the moment of its return."""
    in_vain: bool = False
    """Whether the agent is told not to ask again."""
    fact: str = ""
    """Name of what is learned."""
    cured: bool = False
    """Whether the same endpoint is asked again at once, even though there is another one."""
    times_out: tuple[str, ...] = ()
    """The deadlines of the configuration that end it."""
    asks_by_form: dict[str, int] = field(default_factory=dict)

    def asks_of(self, form: str) -> int:
        return self.asks_by_form.get(form, self.asks)

    @property
    def out_s(self) -> float:
        """How long the endpoint is out, once it is out."""
        return self.cool_s or (CHECK_INTERVAL_S if self.counts else 0.0)

    @property
    def exchanges_until_out(self) -> int:
        return 0 if not self.out_s else 1 if self.cool_s else 2


class _Never(asyncio.Event):
    """Never set, and of no particular loop: the rows outlive each test's."""

    async def wait(self) -> Literal[True]:
        await asyncio.get_running_loop().create_future()
        return True


_NEVER = _Never()


UNSUPPORTED = "Unsupported parameter: 'temperature' is not supported with this model."

BEFORE_CONTENT: tuple[Fault, ...] = (
    Fault("connection-refused", address="refused", error_class="refused", asks=2),
    Fault("tls-error", address="tls", error_class="tls"),
    Fault("dns-failure", address="dns", error_class="dns"),
    Fault("reset-before-headers", resets(), error_class="reset", asks=2, cured=True),
    Fault(
        "time-out-before-headers",
        says("late").held(_NEVER),
        status=504,
        error_class="header_timeout",
        times_out=("response_header", "answer"),
    ),
    Fault(
        "silence-after-headers",
        says("late").held(_NEVER, at="head"),
        status=504,
        error_class="content_timeout",
        times_out=("first_content", "answer"),
    ),
    Fault(
        "400-unsupported-parameter",
        fails(400, UNSUPPORTED, code="unsupported_parameter"),
        status=400,
        says=UNSUPPORTED,
        in_vain=True,
        error_class="unsupported_parameter",
        asks=2,
        counts=False,
        goes_on=False,
        fact="param:temperature",
        cured=True,
    ),
    Fault(
        "400-client-fault",
        fails(400, "messages: at least one message is required"),
        status=400,
        says="at least one message is required",
        in_vain=True,
        error_class="invalid_request",
        counts=False,
        goes_on=False,
    ),
    Fault(
        "401",
        fails(401, "invalid key"),
        status=401,
        says="invalid key",
        in_vain=True,
        error_class="authentication",
        cool_s=600,
        asks_by_form={"anthropic": 2},
    ),
    Fault(
        "402",
        fails(402, "Please top up"),
        status=402,
        says="Please top up",
        in_vain=True,
        error_class="billing",
        counts=False,
        cool_s=1800,
    ),
    Fault(
        "403",
        fails(403, "not for you"),
        status=403,
        says="not for you",
        in_vain=True,
        error_class="permission",
        cool_s=600,
        asks_by_form={"anthropic": 2},
    ),
    Fault(
        "404-model",
        fails(404, "The model `some-model` does not exist", code="model_not_found"),
        status=404,
        says="does not exist",
        in_vain=True,
        error_class="model_not_found",
        counts=False,
        cool_s=600,
    ),
    Fault("408", fails(408, "too slow"), status=408, says="too slow", error_class="timeout", asks=2),
    Fault(
        "413",
        fails(413, "too much"),
        status=413,
        says="too much",
        in_vain=True,
        error_class="request_too_large",
        counts=False,
        goes_on=False,
    ),
    Fault(
        "429-with-retry-after",
        fails(429, "slow down").with_headers(("Retry-After", "7")),
        status=429,
        says="slow down",
        error_class="rate_limit",
        counts=False,
        cool_s=7,
        is_dated=True,
    ),
    Fault(
        "429-without",
        fails(429, "slow down"),
        status=429,
        says="slow down",
        error_class="rate_limit",
        counts=False,
        cool_s=5,
    ),
    Fault("500", fails(500, "we broke"), status=500, says="we broke", error_class="server_error", asks=2),
    Fault("502-html", page(502), status=502, says="Bad Gateway", error_class="server_error", asks=2),
    Fault(
        "503",
        fails(503, "down"),
        status=503,
        says="down",
        error_class="overloaded",
        asks=2,
        counts=False,
        cool_s=5,
    ),
    Fault(
        "529",
        fails(529, "Overloaded"),
        status=529,
        says="Overloaded",
        error_class="overloaded",
        asks=2,
        counts=False,
        cool_s=5,
    ),
    Fault(
        "200-with-error-body",
        fails(200, "it broke", kind="api_error"),
        status=500,
        says="it broke",
        error_class="server_error",
        asks=2,
    ),
    Fault("200-with-empty-body", nothing(), error_class="empty", asks=2),
    Fault("200-html-page", page(200), error_class="bad_content", asks=2),
    Fault(
        "truncated-gzip",
        says("compressed").encoded("gzip").ended(30),
        error_class="empty",
        asks=2,
    ),
)
"""Nothing of these reaches a client while another endpoint can answer."""

WITHIN_CONTENT: tuple[Fault, ...] = (
    Fault(
        "silence-mid-stream",
        counts(30).held(_NEVER, at=20),
        status=504,
        error_class="content_timeout",
        times_out=("stream_idle", "answer"),
    ),
    Fault("reset-mid-stream", counts(30).reset(20), error_class="bad_content", asks=2),
    Fault("cut-without-terminal-event", counts(30).ended(20), error_class="bad_content", asks=2),
)
"""A client that streams has seen content; one that does not sees an answer that never became whole."""
