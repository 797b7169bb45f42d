"""One endpoint asked once: request prepared, a place taken, sent, and the first content of the answer awaited.

`asked` is a context for as long as the answer is being delivered; whatever happens, the attempt is on record, the
place is free again, the upstream call ends, and a trial of the endpoint's health is not left hanging.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import msgspec

from cccc_tui.engine.attempt import Answer, AnswerReader, AttemptFailed, open_answer
from cccc_tui.engine.book import Ledger
from cccc_tui.engine.health import HealthBook
from cccc_tui.engine.learn import Learned
from cccc_tui.engine.limits import Busy, Gates
from cccc_tui.engine.live import LiveConfig, Target
from cccc_tui.engine.prepare import Inbound, Prepared, prepare
from cccc_tui.engine.upstream import Upstream
from cccc_tui.routing.policy import Failure
from cccc_tui.routing.select import Candidate, Quota
from cccc_tui.state.redact import redact_headers, redact_text
from cccc_tui.traffic.exchange import Attempt, Exchange
from cccc_tui.wire.convert import ConversionRefused
from cccc_tui.wire.errors import UpstreamError
from cccc_tui.wire.quota import read_allowance
from cccc_tui.wire.tokens import estimate_tokens

LOST: Final = "another endpoint began to answer first"
"""The message of a cancellation that a race gives to its losers."""


class Tools(msgspec.Struct, kw_only=True):
    """What every attempt works with."""

    upstream: Upstream
    health: HealthBook
    learned: Learned
    ledger: Ledger
    gates: Gates
    hop_id: str
    """Id of this process, by which a request that comes back is known."""


class Begun(msgspec.Struct, kw_only=True):
    """An endpoint that has begun to answer."""

    candidate: Candidate
    prepared: Prepared
    record: Attempt
    reader: AnswerReader
    answer: Answer


@asynccontextmanager
async def asked(
    tools: Tools,
    live: LiveConfig,
    exchange: Exchange,
    inbound: Inbound,
    candidate: Candidate,
    auth_form: str,
    may_wait: bool,
) -> AsyncIterator[Begun]:
    """Raises `AttemptFailed`, also for what fails inside the context; `may_wait` lets it queue for a place."""
    target = live.targets[candidate.endpoint_id]
    prepared = _prepared(tools, live, exchange, inbound, candidate, auth_form)
    try:
        async with (
            tools.gates.entered(candidate.endpoint_id, target.endpoint.limits, may_wait),
            _attempted(tools, exchange, target, candidate, prepared) as begun,
        ):
            yield begun
    except Busy as busy:
        message = f"{target.facts.name}: {busy}"
        error = UpstreamError.of("unavailable", message, retry_after_s=busy.retry_after_s)
        raise _unsent(exchange, candidate, AttemptFailed(Failure(kind="busy"), message, error)) from None


@asynccontextmanager
async def _attempted(
    tools: Tools, exchange: Exchange, target: Target, candidate: Candidate, prepared: Prepared
) -> AsyncIterator[Begun]:
    record = _record(exchange, target, prepared)
    tools.ledger.begin_attempt(exchange, candidate.endpoint_id, record)
    tools.health.begin(candidate.endpoint_id)
    is_judged = False
    reader = prepared.translation.reader()
    try:
        line = tools.upstream.line(target.endpoint.proxy, target.proxy_password)
        answer = await open_answer(line, prepared.call, reader, record)
        _note_allowance(tools.health, candidate, answer)
        try:
            yield Begun(candidate=candidate, prepared=prepared, record=record, reader=reader, answer=answer)
        finally:
            answer.close()
        is_judged = True
    except AttemptFailed as failure:
        is_judged = True
        record.error = failure.message
        failure.record, failure.sent_body = record, prepared.call.body
        raise
    except asyncio.CancelledError as cancelled:
        # No fault of the endpoint's: a note, and no error.
        is_lost = LOST in cancelled.args
        record.notes.append(LOST if is_lost else "given up before its answer was whole")
        if is_lost:
            _book_lost(tools.ledger, exchange, candidate, prepared)
        raise
    finally:
        record.notes += reader.notes
        if not is_judged:
            tools.health.abandon(candidate.endpoint_id)
        tools.ledger.end_attempt(exchange, candidate.endpoint_id, record)


def _book_lost(ledger: Ledger, exchange: Exchange, candidate: Candidate, prepared: Prepared) -> None:
    """What it has read is paid for, though it never says how much that was: the estimate stands in."""
    tokens = estimate_tokens(prepared.format, prepared.call.body)
    ledger.book_lost(exchange, candidate.endpoint_id, candidate.name, prepared.model, tokens)


def _prepared(
    tools: Tools,
    live: LiveConfig,
    exchange: Exchange,
    inbound: Inbound,
    candidate: Candidate,
    auth_form: str,
) -> Prepared:
    endpoint_id = candidate.endpoint_id
    taught = tools.learned.taught(endpoint_id, candidate.model or inbound.facts.model, auth_form)
    try:
        return prepare(
            inbound, live.targets[endpoint_id], candidate, live.config, exchange, taught, tools.hop_id
        )
    except ConversionRefused as refused:
        message = str(refused)
        error = UpstreamError(
            status=400, error_class="invalid_request", message=message, code=refused.code, param=refused.param
        )
        failed = AttemptFailed(Failure(kind="bad_content", error=error), message, error)
        raise _unsent(exchange, candidate, failed) from None


def _unsent(exchange: Exchange, candidate: Candidate, failed: AttemptFailed) -> AttemptFailed:
    """An attempt that ended before anything was sent, with its place among the others."""
    now_s = time.time() - exchange.began_at
    failed.record = Attempt(
        endpoint=candidate.name,
        url="",
        format=candidate.format,
        model=candidate.model or exchange.model,
        began_s=now_s,
        ended_s=now_s,
        error=failed.message,
    )
    exchange.attempts.append(failed.record)
    return failed


def _record(exchange: Exchange, target: Target, prepared: Prepared) -> Attempt:
    keeps_bodies = exchange.request_body is not None
    changed = bool(prepared.notes) or prepared.is_converted
    return Attempt(
        endpoint=target.facts.name,
        url=redact_text(prepared.call.url, ()),
        format=prepared.format,
        model=prepared.model,
        began_s=time.time() - exchange.began_at,
        notes=prepared.notes,
        request_headers=redact_headers(prepared.call.headers.items()),
        sent_body=prepared.call.body if keeps_bodies and changed else None,
    )


def _note_allowance(health: HealthBook, candidate: Candidate, answer: Answer) -> None:
    now = time.time()
    headers = {name.lower(): value for name, value in answer.headers.items()}
    if allowance := read_allowance(headers, now):
        quota = Quota(allowance.remaining, now + allowance.resets_in_s)
        health.note_quota(candidate.endpoint_id, candidate.key_id, quota)
