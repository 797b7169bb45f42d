"""Handing an upstream's answer to the client: from the first content on there is no way back."""

from __future__ import annotations

from collections.abc import Mapping

from cccc_tui.engine.attempt import Answer, AnswerReader, AttemptFailed
from cccc_tui.engine.failures import ATTEMPTS, attempts_line, error_of
from cccc_tui.engine.headers import downward
from cccc_tui.engine.prepare import Prepared
from cccc_tui.engine.reply import Reply
from cccc_tui.routing.detect import Operation
from cccc_tui.routing.policy import Failure, FailureKind
from cccc_tui.state.redact import redact_headers
from cccc_tui.traffic.exchange import Attempt, Exchange


async def deliver_stream(
    answer: Answer, reader: AnswerReader, reply: Reply, exchange: Exchange
) -> AttemptFailed | None:
    """Commits and streams on. Returns what broke it after the content began; the client has been told then."""
    await reply.begin(answer.status, _headers(answer, exchange))
    exchange.state = "streaming"
    if exchange.first_content_s is None:
        exchange.first_content_s = exchange.attempts[-1].first_content_s
    broken = None
    try:
        await reply.write(answer.pending)
        await answer.pass_on(reader, reply.write)
        await reply.write(reader.ending())
    except AttemptFailed as failure:
        broken = failure
        if not failure.told:
            await reply.write(reader.broken(error_of(failure)))
    finally:
        exchange.usage, exchange.stop_reason = reader.usage, reader.stop_reason
    return broken


def read_answer(
    answer: Answer, prepared: Prepared, operation: Operation, exchange: Exchange
) -> tuple[Mapping[str, str], bytes]:
    """Headers and body for the client of an answer that is not streamed. Raises `AttemptFailed` if it is none."""
    headers = _headers(answer, exchange)
    if operation != "generate":
        _require_json(answer.pending)
        return headers, answer.pending
    scan = prepared.translation.whole(answer.pending)
    if scan.error:
        failure = Failure(kind="stream_error", error=scan.error, sent=True)
        raise AttemptFailed(failure, scan.error.message, scan.error)
    if not scan.has_content:
        kind: FailureKind = "bad_content" if answer.pending.strip() else "empty"
        raise AttemptFailed(Failure(kind=kind, sent=True), scan.problem or "the answer is empty")
    exchange.usage, exchange.stop_reason = scan.usage, scan.stop_reason
    return headers, scan.body


def note_headers(record: Attempt, answer: Answer) -> None:
    """Keeps the upstream's headers on the attempt."""
    record.response_headers = redact_headers(answer.headers.items())
    for name in ("request-id", "x-request-id"):
        if value := answer.headers.get(name):
            record.upstream_request_id = value
            return


def _headers(answer: Answer, exchange: Exchange) -> dict[str, str]:
    headers = dict(downward(answer.headers))
    headers["x-cccc-endpoint"] = exchange.endpoint.encode("ascii", "replace").decode()
    if len(exchange.attempts) > 1:
        headers[ATTEMPTS] = attempts_line(exchange.attempts)
    return headers


def _require_json(body: bytes) -> None:
    if body.lstrip()[:1] not in (b"{", b"["):
        raise AttemptFailed(Failure(kind="bad_content", sent=True), "the answer is not JSON")
