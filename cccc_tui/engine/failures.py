"""What the client gets when no endpoint could answer: the last real upstream answer, or an error in its format.

Agents retry on top of us and act on status, text and a few headers, so the upstream's own words are kept wherever
they are in the client's format, and `x-cccc-attempts` says in one line what was tried.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import msgspec

from cccc_tui.engine.attempt import AttemptFailed
from cccc_tui.engine.headers import downward
from cccc_tui.routing.select import Route
from cccc_tui.traffic.exchange import Attempt
from cccc_tui.wire.error_classes import STATUS
from cccc_tui.wire.errors import ErrorClass, UpstreamError, is_in_vain, retry_headers, write_error
from cccc_tui.wire.model import Format

ATTEMPTS = "x-cccc-attempts"

_STATUS_OF_KIND: Mapping[str, tuple[int, ErrorClass]] = {
    "connect_timeout": (504, "timeout"),
    "header_timeout": (504, "timeout"),
    "content_timeout": (504, "timeout"),
    "stalled": (504, "timeout"),
    "refused": (502, "connection"),
    "dns": (502, "connection"),
    "tls": (502, "connection"),
    "reset": (502, "connection"),
    "broken_stream": (502, "connection"),
    "empty": (502, "bad_answer"),
    "bad_content": (502, "bad_answer"),
}


def final_answer(
    form: Format | None,
    failed: Sequence[AttemptFailed],
    attempts: Sequence[Attempt],
    back_in_s: float | None = None,
) -> tuple[int, dict[str, str], bytes, str]:
    """Status, headers and body for the client, and the sentence for the exchange.

    `back_in_s` says when somebody can be asked again, if nobody can now: where the upstream names no time, that is the
    agent's wait (Codex gives up at once on a 429 without one).
    """
    last = next((failure for failure in reversed(failed) if failure.error is not None), failed[-1])
    summary = {ATTEMPTS: attempts_line(attempts)}
    if last.answer and last.format == form and _is_json(last.answer.body):
        kept = {
            name: value
            for name, value in downward(last.answer.headers).items()
            if name.lower() not in ("retry-after", "x-should-retry")
        }
        headers = {**kept, **_advice(last, back_in_s), **summary}
        return last.answer.status, headers, last.answer.body, last.message
    status, headers, body = write_error(form, _with_wait(error_of(last), back_in_s))
    return status, {**headers, **summary}, body, last.message


def _advice(last: AttemptFailed, back_in_s: float | None) -> Mapping[str, str]:
    """The upstream's own where it gives some that an agent can follow, else ours."""
    error = error_of(last)
    said = last.answer.headers if last.answer else {}
    if "x-should-retry" in said:
        return {name: said[name] for name in ("x-should-retry", "retry-after") if name in said}
    return retry_headers(_with_wait(error, back_in_s))


def _with_wait(error: UpstreamError, back_in_s: float | None) -> UpstreamError:
    if error.retry_after_s is not None or back_in_s is None or is_in_vain(error):
        return error
    return msgspec.structs.replace(error, retry_after_s=max(1.0, back_in_s))


def error_of(failed: AttemptFailed) -> UpstreamError:
    """The failure as an error: the upstream's own, or one made of what happened on the way."""
    if failed.error is not None:
        return failed.error
    status, error_class = _STATUS_OF_KIND.get(failed.failure.kind, (502, "connection"))
    return UpstreamError(
        status=status, error_class=error_class, message=f"The upstream did not answer: {failed.message}."
    )


def resting(name: str, reason: str, error: UpstreamError | None, back_in_s: float) -> UpstreamError:
    """The best endpoint is out: its last error once more, without asking it, and when to come again."""
    wait_s = max(1.0, back_in_s)
    message = f"{name} is resting ({reason}) and is asked again in {math.ceil(wait_s)} s."
    if error is None:
        return UpstreamError.of("unavailable", message, retry_after_s=wait_s)
    return UpstreamError(
        status=error.status or STATUS[error.error_class],
        error_class=error.error_class,
        message=message,
        type=error.type,
        code=error.code,
        retry_after_s=wait_s,
    )


def no_endpoint(route: Route) -> UpstreamError:
    """Nobody could be asked: says for each endpoint why."""
    reasons = "; ".join(f"{left.name}: {left.reason}" for left in route.left_out)
    message = (
        f"No endpoint can answer this request. {reasons}."
        if reasons
        else "No endpoint is configured. Add one to the configuration file."
    )
    return UpstreamError(status=503, error_class="unavailable", message=message)


def attempts_line(attempts: Sequence[Attempt]) -> str:
    """All attempts in one header value, `name status class 0.21s, …`."""
    return ", ".join(
        f"{_ascii(attempt.endpoint)} {attempt.status or '-'} {attempt.error_class or 'ok'} "
        f"{(attempt.ended_s or attempt.began_s) - attempt.began_s:.2f}s"
        for attempt in attempts
    )


def _ascii(text: str) -> str:
    return text.encode("ascii", "replace").decode().replace("\n", " ")


def _is_json(body: bytes) -> bool:
    return body.lstrip()[:1] in (b"{", b"[")
