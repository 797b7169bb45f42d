"""Failures: how they are read from any provider, and how each reads in each format.

An error that is passed on in the upstream's own format goes verbatim, since agents match its text. What is
written here is our own errors and those of another format, phrased so that the agent does the right next
thing: an overflow starts its compaction, a wait is named where it should wait, and `x-should-retry: false`
ends retries that are in vain.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from cccc_tui.wire.error_bodies import (
    Said,
    read_body,
    read_value,
    request_id_in,
    reset_in_headers,
    wait_in_headers,
    wait_in_text,
)
from cccc_tui.wire.error_classes import STATUS, ErrorClass, classify
from cccc_tui.wire.model import Format
from cccc_tui.wire.phrases import Phrase

__all__ = [
    "ErrorClass",
    "UpstreamError",
    "error_in",
    "openai_error",
    "read_error",
    "write_error",
]

PATIENCE_S = 300.0
"""The longest wait that an agent is sent into; Codex would wait for hours without a word."""

_ANTHROPIC_TYPE: dict[ErrorClass, str] = {
    "authentication": "authentication_error",
    "permission": "permission_error",
    "billing": "billing_error",
    "quota": "rate_limit_error",
    "rate_limit": "rate_limit_error",
    "overloaded": "overloaded_error",
    "unavailable": "overloaded_error",
    "server_error": "api_error",
    "connection": "api_error",
    "broken_stream": "api_error",
    "bad_answer": "api_error",
    "loop": "api_error",
    "timeout": "timeout_error",
    "model_not_found": "not_found_error",
    "not_found": "not_found_error",
    "request_too_large": "request_too_large",
}
_OPENAI_TYPE: dict[ErrorClass, tuple[str, str | None]] = {
    "context_overflow": ("invalid_request_error", "context_length_exceeded"),
    "unsupported_parameter": ("invalid_request_error", "unsupported_parameter"),
    "authentication": ("authentication_error", "invalid_api_key"),
    "permission": ("permission_error", "permission_denied"),
    "billing": ("insufficient_quota", "insufficient_quota"),
    "quota": ("insufficient_quota", "insufficient_quota"),
    "rate_limit": ("rate_limit_error", "rate_limit_exceeded"),
    "overloaded": ("server_error", "server_is_overloaded"),
    "unavailable": ("server_error", "service_unavailable"),
    "server_error": ("server_error", "internal_server_error"),
    "connection": ("server_error", "upstream_unreachable"),
    "broken_stream": ("server_error", "stream_interrupted"),
    "bad_answer": ("server_error", "bad_upstream_answer"),
    "loop": ("server_error", "request_loop"),
    "timeout": ("server_error", "timeout"),
    "model_not_found": ("invalid_request_error", "model_not_found"),
    "not_found": ("invalid_request_error", "not_found"),
    "content_filter": ("invalid_request_error", "content_filter"),
    "request_too_large": ("invalid_request_error", "request_too_large"),
}
_ALWAYS_IN_VAIN: frozenset[ErrorClass] = frozenset(
    (
        "context_overflow",
        "invalid_request",
        "unsupported_parameter",
        "authentication",
        "permission",
        "billing",
        "model_not_found",
        "not_found",
        "content_filter",
        "request_too_large",
        "loop",
        "cancelled",
    )
)
_NUMBER = r"\(?`?([\d,]{3,12})"  # with an end: a text may be thousands of digits
_USED_THEN_LIMIT = tuple(
    Phrase(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        rf"{_NUMBER} tokens? > {_NUMBER}",
        rf"{_NUMBER}(?: tokens?)?\)?[^\d]{{0,60}}?exceeds?[^\d]{{0,60}}?{_NUMBER}",
        rf"contains {_NUMBER} tokens.{{0,80}}?too large for model with {_NUMBER}",
    )
)
_LIMIT_THEN_USED = tuple(
    Phrase(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        rf"(?:length|limit|window|size)(?: is| of|:)? {_NUMBER}.{{0,60}}?"
        rf"(?:requested|resulted in|contains|has|have|used)[^\d]{{0,30}}{_NUMBER}",
        rf"must be <= {_NUMBER}\D{{0,20}}given: {_NUMBER}",
    )
)


class UpstreamError(msgspec.Struct, frozen=True):
    """A failure as policy, screens and clients see it; also our own ones, which have no upstream."""

    status: int
    error_class: ErrorClass
    message: str
    type: str = ""
    """The provider's own type and code, where it named them."""
    code: str = ""
    param: str = ""
    request_id: str = ""
    """The upstream's."""
    retry_after_s: float | None = None
    """How long the upstream asks to wait."""
    used_tokens: int = 0
    """Of a context overflow, where the upstream says it."""
    limit_tokens: int = 0

    @classmethod
    def of(cls, error_class: ErrorClass, message: str, retry_after_s: float | None = None) -> UpstreamError:
        """An error of our own."""
        return cls(STATUS[error_class], error_class, message, retry_after_s=retry_after_s)


def read_error(
    status: int, headers: Mapping[str, str], body: bytes, now: float | None = None
) -> UpstreamError:
    """The error of an answer with an error status; `now` (wall clock) turns moments into waits."""
    lowered = {name.lower(): value for name, value in headers.items()}
    said = read_body(body, now)
    said.message = said.message or f"The upstream answered {status} and did not say why"
    said.request_id = said.request_id or request_id_in(lowered)
    wait_s = wait_in_headers(lowered, now)
    error = _made(status, said, said.wait_s if wait_s is None else wait_s)
    if error.retry_after_s is None and error.error_class in ("rate_limit", "quota", "overloaded"):
        wait_s = wait_in_text(said.message)
        # Only here: these headers stand on every answer, whatever it failed for.
        wait_s = reset_in_headers(lowered, now) if wait_s is None else wait_s
        error = msgspec.structs.replace(error, retry_after_s=wait_s)
    return error


def error_in(value: Any, now: float | None = None, is_named: bool = False) -> UpstreamError | None:
    """The error that a decoded event, or an answer with status 200, carries; None for everything else.

    Only what stands where an error stands counts: an answer that talks about errors is an answer. `is_named`
    says that the event is called `error`, and so is one in whatever shape.
    """
    if not is_named and not (isinstance(value, dict) and _is_error(value)):
        return None
    said = read_value(value, now)
    said.message = said.message or "The upstream reported an error and did not say why"
    wait_s = wait_in_text(said.message) if said.wait_s is None else said.wait_s
    return _made(said.status, said, wait_s)


def _is_error(value: dict[str, Any]) -> bool:
    if value.get("type") in ("error", "response.failed"):
        return True
    if isinstance(value.get("response"), dict):
        return False
    base = value.get("base_resp")
    if isinstance(base, dict) and base.get("status_code"):
        return True
    return bool(value.get("error")) and isinstance(value["error"], str | dict | list)


def _made(status: int, said: Said, wait_s: float | None) -> UpstreamError:
    status = said.status if said.status and not 400 <= status <= 599 else status
    error_class = classify(status, said.type, said.code, said.message)
    used, limit = said.used_tokens, said.limit_tokens
    if error_class == "context_overflow" and not used:
        used, limit = _overflow(said.message)
    return UpstreamError(
        status=status or STATUS[error_class],
        error_class=error_class,
        message=said.message,
        type=said.type,
        code=said.code,
        param=said.param,
        request_id=said.request_id,
        retry_after_s=wait_s,
        used_tokens=used,
        limit_tokens=limit,
    )


def _overflow(message: str) -> tuple[int, int]:
    """Tokens used and allowed; zeros when the text does not say both."""
    for pattern in _USED_THEN_LIMIT:
        if found := pattern.search(message):
            return _int(found[1]), _int(found[2])
    for pattern in _LIMIT_THEN_USED:
        if found := pattern.search(message):
            return _int(found[2]), _int(found[1])
    return 0, 0


def _int(digits: str) -> int:
    return int(digits.replace(",", ""))


def write_error(format: Format | None, error: UpstreamError) -> tuple[int, dict[str, str], bytes]:  # noqa: A002
    """Status, headers and body of an error for a client; OpenAI's shape where there is no format."""
    status = STATUS["context_overflow"] if error.error_class == "context_overflow" else error.status
    headers = {"Content-Type": "application/json"} | retry_headers(error)
    if error.request_id:
        headers["request-id" if format == "anthropic" else "x-request-id"] = error.request_id
    shape = anthropic_error(error) if format == "anthropic" else {"error": openai_error(error)}
    return status, headers, msgspec.json.encode(shape)


def is_in_vain(error: UpstreamError) -> bool:
    """Whether asking the same again, now, would fail the same."""
    if error.retry_after_s is not None and error.retry_after_s > PATIENCE_S:
        return True
    is_open_end = error.error_class == "quota" and error.retry_after_s is None
    return is_open_end or error.error_class in _ALWAYS_IN_VAIN


def anthropic_error(error: UpstreamError) -> dict[str, Any]:
    """The error in the schema of the Messages API."""
    kind = _ANTHROPIC_TYPE.get(error.error_class, "invalid_request_error")
    said = {"type": kind, "message": _phrased(error)}
    return {"type": "error", "error": said, "request_id": error.request_id or None}


def openai_error(error: UpstreamError) -> dict[str, Any]:
    """The error in the schema of Chat Completions and Responses."""
    kind, code = _OPENAI_TYPE.get(error.error_class, ("invalid_request_error", None))
    if error.error_class not in ("context_overflow", "quota", "billing"):  # agents act on these three codes
        code = error.code or code
    return {"message": error.message, "type": kind, "param": error.param or None, "code": code}


def _phrased(error: UpstreamError) -> str:
    """The message, with the words from which Claude Code knows that it must compact."""
    if error.error_class != "context_overflow" or "prompt is too long:" in error.message:
        return error.message
    if error.used_tokens > error.limit_tokens > 0:
        return f"prompt is too long: {error.used_tokens} tokens > {error.limit_tokens} maximum"
    return f"prompt is too long: {error.message}"


def retry_headers(error: UpstreamError) -> dict[str, str]:
    """What tells an agent to wait, or to stop."""
    if is_in_vain(error):
        return {"x-should-retry": "false"}
    return {} if error.retry_after_s is None else {"Retry-After": str(math.ceil(error.retry_after_s))}
