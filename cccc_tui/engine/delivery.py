"""Handing an upstream's answer to the client: from the first content on there is no way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from cccc_tui.engine.attempt import Answer, AnswerReader, AttemptFailed
from cccc_tui.engine.calibrate import UNKNOWN
from cccc_tui.engine.failures import ATTEMPTS, attempts_line, error_of
from cccc_tui.engine.headers import downward
from cccc_tui.engine.prepare import Inbound, Prepared
from cccc_tui.engine.reply import Reply
from cccc_tui.engine.routes import ROUTE, route_line
from cccc_tui.routing.detect import Operation
from cccc_tui.routing.policy import Failure, FailureKind
from cccc_tui.state.redact import redact_headers
from cccc_tui.traffic.exchange import Attempt, Exchange
from cccc_tui.wire.answer_scan import AnswerScan, why_no_answer
from cccc_tui.wire.model import Usage
from cccc_tui.wire.tokens import estimate_tokens

TOKEN_SOURCE = "x-cccc-token-source"
"""Says who counted: `endpoint`, or an estimate of ours."""

STRIPPED = "x-cccc-stripped"
"""Says what was changed because the endpoint had refused it before."""


async def deliver_stream(
    answer: Answer,
    reader: AnswerReader,
    headers: Mapping[str, str],
    reply: Reply,
    exchange: Exchange,
    record: Attempt,
) -> AttemptFailed | None:
    """Commits and streams on. Returns what broke it after the content began; the client has been told then."""
    reply.begin(answer.status, headers)
    exchange.state = "streaming"
    if exchange.first_content_s is None:
        exchange.first_content_s = record.first_content_s
    broken = None
    try:
        await reply.write(answer.pending, answer.is_over)
        await answer.pass_on(reader, reply.write)
    except AttemptFailed as failure:
        broken = failure
        await reply.write(reader.broken(error_of(failure)))
    finally:
        exchange.usage, exchange.stop_reason = reader.usage, reader.stop_reason
    return broken


def read_answer(
    answer: Answer, prepared: Prepared, operation: Operation, exchange: Exchange, record: Attempt
) -> AnswerScan:
    """The client's answer of one that came in one piece, or was wanted so. Raises `AttemptFailed` if it is none."""
    if operation != "generate" and not prepared.is_converted:
        _require_json(answer.pending)
        return AnswerScan(answer.pending, Usage())
    if problem := why_no_answer(answer.pending):
        kind: FailureKind = "bad_content" if answer.pending.strip() else "empty"
        raise AttemptFailed(Failure(kind=kind, sent=True), problem)
    translation, wants_stream = prepared.translation, prepared.call.streamed
    if answer.is_stream:
        scan = translation.as_whole(answer.pending)
    else:
        scan = translation.as_stream(answer.pending) if wants_stream else translation.whole(answer.pending)
    if scan.error:
        failure = Failure(kind="stream_error", error=scan.error, sent=True)
        raise AttemptFailed(failure, scan.error.message, scan.error)
    if not scan.has_content:
        raise AttemptFailed(
            Failure(kind="bad_content", sent=True), scan.problem or "the answer has no content"
        )
    exchange.usage, exchange.stop_reason = scan.usage, scan.stop_reason
    record.notes += scan.notes
    return scan


def answer_headers(
    answer: Answer, exchange: Exchange, is_converted: bool, stripped: Sequence[str] = ()
) -> dict[str, str]:
    """The headers that the client gets with an answer."""
    headers = downward(answer.headers, is_converted)
    if answer.is_stream or is_converted:
        # A stream goes out under its own type, whatever is said here.
        headers["Content-Type"] = "application/json"
    headers["x-cccc-endpoint"] = exchange.endpoint.encode("ascii", "replace").decode()
    headers[ROUTE] = route_line(exchange)
    if stripped:
        headers[STRIPPED] = ", ".join(stripped).encode("ascii", "replace").decode()
    if len(exchange.attempts) > 1:
        headers[ATTEMPTS] = attempts_line(exchange.attempts)
    return headers


def estimated_count(inbound: Inbound, factor: float | None) -> tuple[dict[str, str], bytes]:
    """Headers and body of a count that no endpoint could make: an estimate, and marked as one.

    `factor` is what was learned of the model. Raises `ConversionRefused` for a request that cannot be read.
    """
    form = inbound.facts.format
    tokens = estimate_tokens(form, inbound.document.body, UNKNOWN if factor is None else factor)
    source = "estimate" if factor is None else f"estimate, learned factor {factor:.2f}"
    headers = {"Content-Type": "application/json", TOKEN_SOURCE: source}
    frame = {"object": "response.input_tokens"} if form == "responses" else {}
    return headers, msgspec.json.encode({**frame, "input_tokens": tokens})


def note_headers(record: Attempt, answer: Answer) -> None:
    """Keeps the upstream's headers on the attempt."""
    record.response_headers = redact_headers(answer.headers.items())
    for name in ("request-id", "x-request-id"):
        if value := answer.headers.get(name):
            record.upstream_request_id = value
            return


def _require_json(body: bytes) -> None:
    if body.lstrip()[:1] not in (b"{", b"["):
        raise AttemptFailed(Failure(kind="bad_content", sent=True), "the answer is not JSON")
