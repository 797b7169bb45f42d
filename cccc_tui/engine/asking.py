"""One endpoint asked once: request prepared, a place taken, sent, and the first content of the answer awaited.

`Asking` is a context for as long as the answer is being delivered; whatever happens, the attempt is on record, the
place is free again, the upstream call ends, and a trial of the endpoint's health is not left hanging.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from functools import lru_cache
from types import TracebackType
from typing import Final

import msgspec

from cccc_tui.engine.attempt import Answer, AnswerReader, AttemptFailed, open_answer
from cccc_tui.engine.book import Ledger
from cccc_tui.engine.health import HealthBook
from cccc_tui.engine.learn import Learned
from cccc_tui.engine.limits import Busy, Gates
from cccc_tui.engine.live import LiveConfig, Target
from cccc_tui.engine.prepare import Inbound, Prepared, prepare
from cccc_tui.engine.translate import UNUSED
from cccc_tui.engine.upstream import Upstream
from cccc_tui.routing.policy import Failure
from cccc_tui.routing.select import Candidate, Quota
from cccc_tui.state.redact import redact_text
from cccc_tui.traffic.exchange import Attempt, Exchange
from cccc_tui.wire.convert import ConversionRefused
from cccc_tui.wire.errors import UpstreamError
from cccc_tui.wire.quota import read_allowance, speaks_of_allowance, used_up
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


class Asking:
    """The context of one attempt. Entering it raises `AttemptFailed`; `may_wait` lets it queue for a place."""

    def __init__(
        self,
        tools: Tools,
        live: LiveConfig,
        exchange: Exchange,
        inbound: Inbound,
        candidate: Candidate,
        auth_form: str,
        may_wait: bool,
    ) -> None:
        self._tools = tools
        self._live = live
        self._exchange = exchange
        self._inbound = inbound
        self._candidate = candidate
        self._auth_form = auth_form
        self._may_wait = may_wait
        self._tells_of_health = inbound.facts.operation != "count_tokens"
        self._place: AbstractAsyncContextManager[None] | None = None
        """Among the requests that the endpoint's limits let in; None where there are no limits."""

    async def __aenter__(self) -> Begun:
        tools, exchange, candidate = self._tools, self._exchange, self._candidate
        target = self._live.targets[candidate.endpoint_id]
        self._prepared = prepared = self._prepare(target)
        await self._take_place(target)
        self._record = record = _record(exchange, target, prepared)
        tools.ledger.begin_attempt(exchange, candidate.endpoint_id, record)
        if self._tells_of_health:
            tools.health.begin(candidate.endpoint_id)
        self._reader = reader = prepared.translation.reader() if prepared.call.streamed else UNUSED
        try:
            line = tools.upstream.line(target.endpoint.proxy, target.proxy_password)
            self._answer = answer = await open_answer(line, prepared.call, reader, record)
        except BaseException as error:
            await self._end(error)
            raise
        _note_allowance(tools.health, candidate, answer.headers)
        return Begun(candidate=candidate, prepared=prepared, record=record, reader=reader, answer=answer)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._answer.close()
        await self._end(error)

    async def _take_place(self, target: Target) -> None:
        if not target.endpoint.limits.are_set:
            return
        self._place = self._tools.gates.entered(
            self._candidate.endpoint_id, target.endpoint.limits, self._may_wait
        )
        try:
            await self._place.__aenter__()
        except Busy as busy:
            message = f"{target.facts.name}: {busy}"
            error = UpstreamError.of("unavailable", message, retry_after_s=busy.retry_after_s)
            failed = AttemptFailed(Failure(kind="busy"), message, error)
            raise _unsent(self._exchange, self._candidate, failed) from None

    async def _end(self, error: BaseException | None) -> None:
        """Books how it ended."""
        tools, record, endpoint_id = self._tools, self._record, self._candidate.endpoint_id
        if isinstance(error, AttemptFailed):
            record.error = error.message
            error.record, error.sent_body = record, self._prepared.call.body
            if error.answer and error.error and self._tells_of_health:
                _note_allowance(tools.health, self._candidate, error.answer.headers, error.error)
        elif error is not None:
            if self._tells_of_health:  # no word about the endpoint: a trial is open again
                tools.health.abandon(endpoint_id)
            if isinstance(error, asyncio.CancelledError):
                self._note_cancelled(error)
        if self._reader.notes:
            record.notes += self._reader.notes
        tools.ledger.end_attempt(self._exchange, endpoint_id, record)
        if self._place is not None:
            await self._place.__aexit__(None, None, None)

    def _note_cancelled(self, cancelled: asyncio.CancelledError) -> None:
        """No fault of the endpoint's: a note, and no error."""
        is_lost = LOST in cancelled.args
        self._record.notes.append(LOST if is_lost else "given up before its answer was whole")
        if is_lost:
            _book_lost(self._tools.ledger, self._exchange, self._candidate, self._prepared)

    def _prepare(self, target: Target) -> Prepared:
        tools, candidate, inbound = self._tools, self._candidate, self._inbound
        model = candidate.model or inbound.facts.model
        taught = tools.learned.taught(candidate.endpoint_id, model, self._auth_form)
        try:
            return prepare(inbound, target, candidate, self._live, self._exchange, taught, tools.hop_id)
        except ConversionRefused as refused:
            message = str(refused)
            error = UpstreamError(
                status=400,
                error_class="invalid_request",
                message=message,
                code=refused.code,
                param=refused.param,
            )
            failed = AttemptFailed(Failure(kind="bad_content", error=error), message, error)
            raise _unsent(self._exchange, candidate, failed) from None


def _book_lost(ledger: Ledger, exchange: Exchange, candidate: Candidate, prepared: Prepared) -> None:
    """What it has read is paid for, though it never says how much that was: the estimate stands in."""
    tokens = estimate_tokens(prepared.format, prepared.call.body)
    ledger.book_lost(exchange, candidate.endpoint_id, candidate.name, prepared.model, tokens)


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
        url=_shown(prepared.call.url),
        format=prepared.format,
        model=prepared.model,
        began_s=time.time() - exchange.began_at,
        notes=prepared.notes,
        request_headers=prepared.call.head.shown,
        sent_body=prepared.call.body if keeps_bodies and changed else None,
    )


@lru_cache(maxsize=256)
def _shown(url: str) -> str:
    """An endpoint's URL as it is kept: a key may stand in it."""
    return redact_text(url)


def _note_allowance(
    health: HealthBook, candidate: Candidate, named: Mapping[str, str], error: UpstreamError | None = None
) -> None:
    allowance = used_up(error) if error else None
    now = time.time()
    if allowance is None and any(map(speaks_of_allowance, named)):
        allowance = read_allowance({name.lower(): value for name, value in named.items()}, now)
    if allowance:
        quota = Quota(allowance.remaining, now + allowance.resets_in_s)
        health.note_quota(candidate.endpoint_id, candidate.key_id, quota)
