"""What a failure means: ask the same endpoint again, go to the next, or stop; and what it says of the
endpoint.

Agents retry on top of us (Claude Code 10 times, Codex up to 30), so our own second tries are few. The same
endpoint is asked again only after a connection that was closed before a word of an answer, as happens to a
kept-alive connection that has just gone stale. Everything else goes to the next endpoint, and what the
client did wrong goes straight back to it, without a mark against anybody.

Two different marks: a *count* moves the endpoint's breaker ("it fails"), a *cool-down* keeps it out until a
moment ("it said when to come back", or its credential was refused). A failure may bring both.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, Protocol

import msgspec

FailureKind = Literal[
    "refused",
    "dns",
    "tls",
    "connect_timeout",
    "header_timeout",
    "content_timeout",
    "stalled",
    "reset",
    "broken_stream",
    "empty",
    "bad_content",
    "status",
    "stream_error",
]
"""`status`: an HTTP error; `stream_error`: an error event in a stream that began well; the others have
no answer."""

Action = Literal["retry", "next", "stop"]
CoolScope = Literal["credential", "endpoint"]


class UpstreamFault(Protocol):
    """What policy reads of an upstream's error."""

    @property
    def status(self) -> int: ...
    @property
    def error_class(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def retry_after_s(self) -> float | None: ...


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to an attempt."""

    kind: FailureKind
    error: UpstreamFault | None = None
    """The upstream's own error, with `status` and `stream_error`."""
    sent: bool = False
    """Whether the request may have reached the upstream."""
    content_sent: bool = False
    """Whether the client already has content of this answer."""


class PolicySettings(msgspec.Struct, frozen=True, kw_only=True):
    """The switches of the `blacklist` section, and how long cool-downs last."""

    enabled: bool = True
    """Off: no failure leaves an endpoint out, not even one that said when to come back."""
    auto_blacklist: bool = True
    """Off: only what the upstream itself asks for (rate limit, quota, overload) leaves it out."""
    business_error_safe: bool = True
    """Refusals that concern the account or the request do not count."""
    config_error_safe: bool = False
    """Refused credentials neither count nor cool; wrong addresses do not count."""
    server_error_safe: bool = False
    """5xx answers, time-outs and broken connections do not count."""
    sse_validation_safe: bool = False
    """Broken streams and answers that are none do not count."""
    refused_key_cool_s: float = 600.0
    quota_cool_s: float = 1800.0
    rate_limit_cool_s: float = 5.0
    """Start of the cool-down where the upstream names none; whoever keeps health doubles it while it
    repeats."""
    overload_cool_s: float = 5.0
    max_cool_s: float = 3600.0
    """An upstream's own date is trusted no further: quotas are reset early, and some dates are days
    away."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What to do, and what to remember."""

    action: Action
    reason: str
    """For a person: why."""
    counts_against: bool = False
    """Whether it moves the endpoint's breaker. One exchange counts once, whatever its attempts."""
    cool_s: float | None = None
    """How long the endpoint is left out from now; None for no cool-down."""
    cool_scope: CoolScope | None = None
    cool_doubles: bool = False
    """Whether `cool_s` is only a start, since the upstream named no time: repeated ones should last
    longer."""
    backoff_s: float = 0.0
    """How long to wait before a retry."""


Blame = Literal["client", "business", "config", "server", "stream"]
Cool = Literal["key", "quota", "rate", "overload"]


class _Meaning(NamedTuple):
    """What a failure means before settings and circumstances."""

    action: Action
    blame: Blame
    reason: str
    cool: Cool | None = None


_CLIENT_FAULT = _Meaning(
    "stop", "client", "the request itself is refused; another endpoint would refuse it too"
)
_SERVER_FAULT = _Meaning("next", "server", "the upstream failed inside")
_REFUSAL = _Meaning("next", "business", "the upstream refuses, for a reason of its own")
_NO_MODEL = _Meaning("next", "client", "it has no such model; another endpoint may")
_BAD_ADDRESS = _Meaning("next", "client", "nothing answers at this path; another endpoint may")
_KEY_REFUSED = _Meaning("next", "config", "its credential is refused", "key")
_QUOTA = _Meaning("next", "business", "its account has run out of credit or quota", "quota")
_RATE_LIMIT = _Meaning("next", "business", "it limits the rate", "rate")
_OVERLOADED = _Meaning("next", "server", "it is overloaded", "overload")
_TIMEOUT = _Meaning("next", "server", "it took too long")

_OF_KIND: dict[FailureKind, _Meaning] = {
    "refused": _Meaning("next", "server", "nothing accepts connections at its address"),
    "dns": _Meaning("next", "config", "its host name does not resolve"),
    "tls": _Meaning("next", "config", "no secure connection to it"),
    "connect_timeout": _Meaning("next", "server", "connecting took too long"),
    "header_timeout": _Meaning("next", "server", "no answer in time"),
    "content_timeout": _Meaning("next", "server", "no content in time"),
    "stalled": _Meaning("next", "server", "the answer stood still"),
    "reset": _Meaning("next", "server", "the connection was closed before an answer"),
    "broken_stream": _Meaning("next", "stream", "the answer broke off"),
    "empty": _Meaning("next", "stream", "the answer is empty"),
    "bad_content": _Meaning("next", "stream", "the answer is not what was asked for"),
    "status": _SERVER_FAULT,
    "stream_error": _SERVER_FAULT,
}

_OF_CLASS: dict[str, _Meaning] = {
    "context_overflow": _Meaning(
        "stop", "client", "the conversation is too long for the model; the agent compacts it"
    ),
    "content_filter": _Meaning("stop", "client", "the content is refused"),
    "request_too_large": _CLIENT_FAULT,
    "invalid_request": _CLIENT_FAULT,
    "model_not_found": _NO_MODEL,
    "authentication": _KEY_REFUSED,
    "permission": _KEY_REFUSED,
    "billing": _QUOTA,
    "quota": _QUOTA,
    "rate_limit": _RATE_LIMIT,
    "overloaded": _OVERLOADED,
    "timeout": _TIMEOUT,
    "connection": _SERVER_FAULT,
    "server_error": _SERVER_FAULT,
}

_OF_STATUS: dict[int, _Meaning] = {
    400: _CLIENT_FAULT,
    401: _KEY_REFUSED,
    402: _QUOTA,
    403: _KEY_REFUSED,
    404: _CLIENT_FAULT,
    408: _TIMEOUT,
    409: _CLIENT_FAULT,
    413: _CLIENT_FAULT,
    422: _CLIENT_FAULT,
    429: _RATE_LIMIT,
    504: _TIMEOUT,
    529: _OVERLOADED,
}


def judge(failure: Failure, settings: PolicySettings, attempt_number: int) -> Verdict:
    """The verdict on a failed attempt, the `attempt_number`th (from 1) of this exchange at this
    endpoint."""
    meaning = _meaning(failure)
    if failure.content_sent:
        reason = (
            f"{meaning.reason}; the client already has a part of the answer, so nobody else may go on with it"
        )
        return _verdict("stop", reason, meaning, failure, settings)
    if failure.kind == "reset" and attempt_number <= 1:
        return Verdict(
            action="retry", reason=f"{meaning.reason}; a kept-alive connection may have gone stale"
        )
    return _verdict(meaning.action, meaning.reason, meaning, failure, settings)


def _meaning(failure: Failure) -> _Meaning:
    error = failure.error
    if error is None or failure.kind not in ("status", "stream_error"):
        return _OF_KIND[failure.kind]
    if error.status in (404, 405) and not error.type and not error.code:
        # No API says this but some web server in front of it: our paths are right, so the address is not.
        return _BAD_ADDRESS
    return _OF_CLASS.get(error.error_class) or _of_status(error)


def _of_status(error: UpstreamFault) -> _Meaning:
    fallback = _SERVER_FAULT if error.status >= 500 else _REFUSAL
    return _OF_STATUS.get(error.status, fallback)


def _verdict(
    action: Action, reason: str, meaning: _Meaning, failure: Failure, settings: PolicySettings
) -> Verdict:
    cool_s = _cool_s(meaning.cool, failure, settings)
    named = failure.error is not None and failure.error.retry_after_s is not None
    return Verdict(
        action=action,
        reason=reason,
        counts_against=_counts(meaning, settings),
        cool_s=cool_s,
        cool_scope=None if cool_s is None else "endpoint" if meaning.cool == "overload" else "credential",
        cool_doubles=cool_s is not None and meaning.cool in ("rate", "overload") and not named,
    )


def _counts(meaning: _Meaning, settings: PolicySettings) -> bool:
    # A limited or overloaded endpoint said so itself and cools down for it: that is no breakdown.
    if meaning.cool in ("rate", "overload") or not settings.enabled or not settings.auto_blacklist:
        return False
    match meaning.blame:
        case "client":
            return False
        case "business":
            return not settings.business_error_safe
        case "config":
            return not settings.config_error_safe
        case "server":
            return not settings.server_error_safe
        case "stream":
            return not settings.sse_validation_safe


def _cool_s(cool: Cool | None, failure: Failure, settings: PolicySettings) -> float | None:
    if cool is None or not settings.enabled:
        return None
    if cool == "key":
        is_safe = settings.config_error_safe or not settings.auto_blacklist
        return None if is_safe else settings.refused_key_cool_s
    named = failure.error.retry_after_s if failure.error else None
    if named is not None:
        return min(max(named, 1.0), settings.max_cool_s)
    usual = {
        "quota": settings.quota_cool_s,
        "rate": settings.rate_limit_cool_s,
        "overload": settings.overload_cool_s,
    }
    return usual[cool]
