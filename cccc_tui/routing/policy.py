"""What a failure means: ask the same endpoint again, go to the next, or stop; and what it says of the
endpoint.

Agents retry on top of us (Claude Code 10 times, Codex up to 30), so our own second tries are few. The same
endpoint is asked again after a connection that was closed before a word of an answer, as happens to a
kept-alive connection that has just gone stale; where a rule of the user's says so; and when no other endpoint
is left and the failure may pass. Everything else goes to the next endpoint, and what the client did wrong goes
straight back to it, without a mark against anybody.

Two different marks: a *count* moves the endpoint's breaker ("it fails"), a *cool-down* keeps it out until a
moment ("it said when to come back", or its credential was refused). A failure may bring both.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, Protocol

import msgspec

from cccc_tui.wire.errors import ErrorClass, UpstreamError

FailureKind = Literal[
    "busy",
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
"""`busy`: a limit of ours kept the request from being sent; `status`: an HTTP error; `stream_error`: an error
event in a stream that began well; the others have no answer."""

Action = Literal["retry", "next", "stop"]
CoolScope = Literal["credential", "endpoint", "model", "model_of_key"]
"""`model`: nobody's key helps; `model_of_key`: rates are limited for each model and each account by themselves."""


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to an attempt."""

    kind: FailureKind
    error: UpstreamError | None = None
    """The upstream's own error, with `status` and `stream_error`."""
    sent: bool = False
    """Whether the upstream surely has the request, since it had begun to answer."""
    content_sent: bool = False
    """Whether the client already has content of this answer."""


class Pattern(Protocol):
    """What a text is looked through for."""

    def found_in(self, text: str) -> bool: ...


class ErrorRule(NamedTuple):
    """A rule of the user's for upstream errors."""

    statuses: tuple[int, ...]
    """None means every failure."""
    pattern: Pattern | None
    action: Action
    retries: int
    cool_s: float

    def fits(self, failure: Failure, message: str) -> bool:
        """Only failures are ever looked at, and of a stream its error event: never what an assistant has said."""
        status = failure.error.status if failure.error else 0
        if self.statuses and status not in self.statuses:
            return False
        return self.pattern is None or self.pattern.found_in(message)


class PolicySettings(msgspec.Struct, frozen=True, kw_only=True):
    """The switches of the `blacklist` section, those of `retry`, and how long cool-downs last."""

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
    """Start of the cool-down where the upstream names none; it doubles while it repeats."""
    overload_cool_s: float = 5.0
    max_cool_s: float = 3600.0
    """An upstream's own date is trusted no further: some are days away, and quotas are reset early."""
    missing_model_cool_s: float = 600.0
    attempts: int = 2
    """At one endpoint, when no other is left."""
    backoff_s: float = 0.5
    """Before the second attempt; it doubles from then on."""
    max_backoff_s: float = 8.0
    rules: tuple[ErrorRule, ...] = ()
    """The first that fits decides."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What to do, and what to remember."""

    action: Action
    reason: str
    """For a person: why."""
    counts_against: bool = False
    """Whether it moves the endpoint's breaker. An exchange counts once: by its first verdict that counts."""
    cool_s: float | None = None
    """How long the endpoint is left out from now; None for no cool-down."""
    cool_scope: CoolScope | None = None
    cool_doubles: bool = False
    """Whether `cool_s` is only a start, since the upstream named no time: repeated, it doubles."""
    cool_is_dated: bool = False
    """Whether the upstream named the time: before it, asking is in vain."""
    backoff_s: float = 0.0
    """How long to wait before a retry."""


Blame = Literal["client", "business", "config", "server", "stream"]
Cool = Literal["key", "quota", "rate", "overload", "model"]


class _Meaning(NamedTuple):
    """What a failure means before settings and circumstances."""

    action: Action
    blame: Blame
    reason: str
    cool: Cool | None = None


_CLIENT_FAULT = _Meaning("stop", "client", "the request is at fault; another endpoint would refuse it too")
_BAD_ADDRESS = _Meaning("next", "client", "nothing answers at this path of it; another endpoint may")
_SERVER_FAULT = _Meaning("next", "server", "it failed inside")
_KEY_REFUSED = _Meaning("next", "config", "its credential is refused", "key")
_NO_ANSWER = _Meaning("next", "stream", "what it sent is no answer")

_OF_KIND: dict[FailureKind, _Meaning] = {
    "busy": _Meaning("next", "client", "it is at a limit that the configuration sets"),
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
    "bad_content": _NO_ANSWER,
    "status": _SERVER_FAULT,
    "stream_error": _SERVER_FAULT,
}

_OF_CLASS: dict[ErrorClass, _Meaning] = {
    "context_overflow": _Meaning("stop", "client", "the conversation is too long for the model"),
    "invalid_request": _CLIENT_FAULT,
    "unsupported_parameter": _CLIENT_FAULT,
    "authentication": _KEY_REFUSED,
    "permission": _KEY_REFUSED,
    "billing": _Meaning("next", "business", "its account must be paid for", "quota"),
    "quota": _Meaning("next", "business", "its quota is used up", "quota"),
    "rate_limit": _Meaning("next", "business", "it limits the rate", "rate"),
    "overloaded": _Meaning("next", "server", "it is overloaded", "overload"),
    "server_error": _SERVER_FAULT,
    "timeout": _Meaning("next", "server", "it took too long"),
    "connection": _Meaning("next", "server", "what stands before it cannot reach it"),
    "broken_stream": _Meaning("next", "stream", "its answer broke off"),
    "bad_answer": _NO_ANSWER,
    "model_not_found": _Meaning("next", "client", "it has no such model; another endpoint may", "model"),
    "not_found": _CLIENT_FAULT,
    "content_filter": _Meaning("stop", "client", "the content is refused"),
    "request_too_large": _CLIENT_FAULT,
    "conflict": _CLIENT_FAULT,
    "loop": _Meaning("next", "config", "it leads back to cccc"),
    "unavailable": _SERVER_FAULT,
    "cancelled": _Meaning("next", "server", "it gave up"),
}


_MAY_PASS: frozenset[str] = frozenset(
    ("server_error", "overloaded", "connection", "timeout", "broken_stream", "bad_answer", "unavailable")
)
_KINDS_THAT_PASS: frozenset[FailureKind] = frozenset(
    ("refused", "reset", "broken_stream", "empty", "bad_content")
)


def judge(
    failure: Failure,
    settings: PolicySettings,
    attempt_number: int,
    *,
    is_last: bool = False,
    message: str = "",
) -> Verdict:
    """The verdict on an attempt of an exchange, its `attempt_number`th (from 1) at this endpoint.

    `is_last` says that no other endpoint is left to be asked; `message` is what the rules of the user search.
    """
    meaning = _meaning(failure)
    if failure.content_sent:
        reason = f"{meaning.reason}; the client has a part of the answer, which nobody else can go on with"
        return _verdict("stop", reason, meaning, failure, settings)
    if rule := next((rule for rule in settings.rules if rule.fits(failure, message)), None):
        return _by_rule(rule, meaning, failure, settings, attempt_number)
    if failure.kind == "reset" and not failure.sent and attempt_number <= 1:
        reason = f"{meaning.reason}; a kept-alive connection may have gone stale"
        return Verdict(action="retry", reason=reason)
    if is_last and attempt_number < settings.attempts and _may_pass(failure):
        reason = f"{meaning.reason}; no other endpoint is left, and it may pass"
        return Verdict(action="retry", reason=reason, backoff_s=_backoff_s(settings, attempt_number))
    return _verdict(meaning.action, meaning.reason, meaning, failure, settings)


def _may_pass(failure: Failure) -> bool:
    """Whether the same request may succeed a moment later. A named wait is kept, and long waits are the agent's."""
    error = failure.error
    if error is None:
        return failure.kind in _KINDS_THAT_PASS
    return error.error_class in _MAY_PASS and error.retry_after_s is None


def _backoff_s(settings: PolicySettings, attempt_number: int) -> float:
    return float(min(settings.backoff_s * 2 ** (attempt_number - 1), settings.max_backoff_s))


def _by_rule(
    rule: ErrorRule, meaning: _Meaning, failure: Failure, settings: PolicySettings, attempt_number: int
) -> Verdict:
    if rule.action == "retry" and attempt_number <= rule.retries:
        reason = f"{meaning.reason}; a rule of yours says: again"
        return Verdict(action="retry", reason=reason, backoff_s=_backoff_s(settings, attempt_number))
    action: Action = "next" if rule.action == "retry" else rule.action
    verdict = _verdict(action, f"{meaning.reason}; by a rule of yours", meaning, failure, settings)
    if not rule.cool_s:
        return verdict
    return msgspec.structs.replace(verdict, cool_s=rule.cool_s, cool_scope="endpoint", cool_doubles=False)


def _meaning(failure: Failure) -> _Meaning:
    error = failure.error
    if error is None:
        return _OF_KIND[failure.kind]
    if error.error_class == "not_found" and not error.type and not error.code:
        # No API says it so, but some web server in front: our paths are right, so its address is not.
        return _BAD_ADDRESS
    return _OF_CLASS[error.error_class]


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
        cool_scope=None if cool_s is None else _SCOPE.get(meaning.cool or "rate", "credential"),
        cool_doubles=cool_s is not None and meaning.cool in ("rate", "overload") and not named,
        cool_is_dated=cool_s is not None and named,
    )


_SCOPE: dict[Cool, CoolScope] = {"overload": "endpoint", "model": "model", "rate": "model_of_key"}


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
    if cool == "model":
        return settings.missing_model_cool_s if settings.auto_blacklist else None
    named = failure.error.retry_after_s if failure.error else None
    if named is not None:
        return min(max(named, 1.0), settings.max_cool_s)
    usual = {
        "quota": settings.quota_cool_s,
        "rate": settings.rate_limit_cool_s,
        "overload": settings.overload_cool_s,
    }
    return usual[cool]
