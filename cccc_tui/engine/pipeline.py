"""One exchange, step by step: read, detect, route, try the candidates, answer, book.

The decisions are elsewhere and pure (`detect`, `tags`, `select`, `policy`); here is the awaiting between them.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import random
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager

import msgspec
from aiohttp import web

from cccc_tui.engine import failures
from cccc_tui.engine.asking import Asking, Begun, Tools
from cccc_tui.engine.attempt import AttemptFailed
from cccc_tui.engine.calibrate import Calibration
from cccc_tui.engine.delivery import (
    TOKEN_SOURCE,
    answer_headers,
    deliver_stream,
    estimated_count,
    note_headers,
    read_answer,
)
from cccc_tui.engine.heads import ClientHead, ClientHeads
from cccc_tui.engine.intake import Refused, read_request
from cccc_tui.engine.judgement import Judgement
from cccc_tui.engine.kept import KeptResponses
from cccc_tui.engine.live import LiveConfig
from cccc_tui.engine.prepare import Inbound
from cccc_tui.engine.race import Race
from cccc_tui.engine.reply import ClientGone, KeepAlive, Reply
from cccc_tui.engine.rests import Rests
from cccc_tui.engine.routes import Routed, Router
from cccc_tui.routing.detect import Place
from cccc_tui.routing.policy import Verdict
from cccc_tui.routing.select import Candidate, Route
from cccc_tui.traffic.exchange import Exchange, State
from cccc_tui.wire.convert import ConversionRefused
from cccc_tui.wire.errors import UpstreamError, write_error
from cccc_tui.wire.model import Format
from cccc_tui.wire.repair import REPAIRED
from cccc_tui.wire.scan import break_event

log = logging.getLogger(__name__)


class Services(msgspec.Struct, kw_only=True):
    """What every exchange works with."""

    live: Callable[[], LiveConfig]
    """The configuration at this moment; an exchange asks once, when it begins."""
    tools: Tools
    router: Router
    kept: KeptResponses
    calibration: Calibration
    heads: ClientHeads = msgspec.field(default_factory=ClientHeads)


async def handle(services: Services, request: web.BaseRequest, place: Place) -> web.StreamResponse:
    """Answers one request for a place that is proxied. Whatever happens, the exchange is booked as over."""
    ledger = services.tools.ledger
    head = services.heads.of(request)
    exchange = ledger.open(request.method, request.raw_path, head.shown)
    exchange.format = place.format
    run = _Run(services, request, head, place, exchange)
    state: State = "failed"
    try:
        response = await run.answer()
        state = "failed" if run.error else "done"
        return response
    except asyncio.CancelledError:
        state = "cancelled"
        if exchange.id not in ledger.cancelled_by_user:
            run.error = "the client went away"
            raise
        run.error = "cancelled by the user"
        task = asyncio.current_task()
        assert task is not None
        task.uncancel()
        return await run.refuse(
            UpstreamError(status=499, error_class="cancelled", message="Cancelled in cccc.")
        )
    except ClientGone:
        state, run.error = "cancelled", "the client went away"
        raise asyncio.CancelledError from None
    except Exception as error:
        run.error = f"internal error: {error}"
        log.exception("exchange #%d failed inside cccc", exchange.id)
        message = "cccc failed inside; its log has the details."
        return await run.refuse(UpstreamError(status=500, error_class="server_error", message=message))
    finally:
        ledger.close(exchange, run.endpoint_id, state, run.error, run.live.config.logging)


class _Run:
    """The state of one exchange while it runs."""

    def __init__(
        self,
        services: Services,
        request: web.BaseRequest,
        head: ClientHead,
        place: Place,
        exchange: Exchange,
    ) -> None:
        self.live = services.live()
        self.error = ""
        self.endpoint_id = ""
        self._services = services
        self._request = request
        self._head = head
        self._place = place
        self._format: Format = place.format or "chat"
        self._exchange = exchange
        self._routed: Routed | None = None
        self._reply = Reply(request, exchange, services.tools.ledger.ring.touch)
        tools = services.tools
        self._judgement = Judgement(self.live, tools.health, tools.learned, exchange, place.operation)
        self._is_over = False
        """Whether no further endpoint is to be asked."""
        self._given_up: set[str] = set()
        """Endpoints that failed as a whole: their other keys would fail too."""
        is_wanted = place.operation == "generate"
        self._rests = Rests(tools.health, self._judgement, self.live.config.retry, is_wanted)

    async def answer(self) -> web.StreamResponse:
        services = self._services
        try:
            inbound = await read_request(
                self._request,
                self._head,
                self._place,
                self._exchange,
                self.live,
                services.tools.hop_id,
            )
            inbound = self._continued(inbound)
            return await self._answered(inbound, self._route(inbound))
        except Refused as refused:
            return await self.refuse(refused.error)

    async def _answered(self, inbound: Inbound, route: Route) -> web.StreamResponse:
        """The answer, with keep-alives while a stream has not begun. Raises `Refused` if no endpoint is left."""
        if not (inbound.facts.streamed and self._place.operation == "generate"):
            return await self._try_all(inbound, route)
        period_s = self.live.config.timeouts.keep_alive
        keep_alive = KeepAlive(self._reply, self._format, inbound.facts.client, period_s)
        try:
            return await self._try_all(inbound, route)
        finally:
            keep_alive.stop()

    async def refuse(self, error: UpstreamError) -> web.StreamResponse:
        """Ends the exchange with an error of ours, as a response or, once committed, as an event."""
        self.error = self.error or error.message
        if self._reply.committed:
            await self._reply.write(break_event(self._format, error, None))
            return await self._reply.finish()
        status, headers, body = write_error(self._format, error)
        return await self._reply.send(status, headers, body)

    def _continued(self, inbound: Inbound) -> Inbound:
        """With the whole conversation in it, where the request continues one that is kept here."""
        if inbound.facts.format != "responses":
            return inbound
        whole = self._services.kept.continued(inbound.document)
        if whole is None:
            return inbound
        return msgspec.structs.replace(inbound, document=whole, asked=inbound.document)

    def _route(self, inbound: Inbound) -> Route:
        services = self._services
        exchange = self._exchange
        counted = self._format if self._place.operation == "count_tokens" else None
        self._routed = routed = services.router.route(
            self.live,
            inbound.facts,
            exchange.tags,
            services.tools.health.view(),
            services.tools.learned.view(counted),
        )
        route, exchange.tags = routed.route, routed.tags
        services.tools.ledger.routed(self._exchange, route)
        if not route.candidates and self._place.operation != "count_tokens":
            raise Refused(failures.no_endpoint(route))
        return route

    async def _try_all(self, inbound: Inbound, route: Route) -> web.StreamResponse:
        """The answer of the first endpoint that has one; waits for one that is about to be back."""
        failed: list[AttemptFailed] = []
        while True:
            if not self._rests.is_resting(route):
                response = await self._try(inbound, route, failed)
                if response is not None:
                    return response
            response = await self._try_resting(inbound, route, failed)
            if response is not None:
                return response
            pause_s = None if self._is_over else self._rests.pause_s(route, self._clock())
            if pause_s is None:
                return await self._give_up(inbound, route, failed)
            log.info("#%d waits %.1f s for an endpoint to be back", self._exchange.id, pause_s)
            await asyncio.sleep(pause_s)
            route = self._route(inbound)

    async def _try(
        self, inbound: Inbound, route: Route, failed: list[AttemptFailed]
    ) -> web.StreamResponse | None:
        """Asks the candidates one after the other; None if none has answered."""
        candidates = route.candidates
        second = self._second(inbound, candidates)
        if second is not None:
            again: list[Candidate] = []
            response = await self._try_two(inbound, candidates[0], second, failed, again)
            if response is not None or self._is_over:
                return response
            candidates = (*again, *(each for each in candidates[1:] if each is not second))
        for place, candidate in enumerate(candidates):
            if candidate.endpoint_id in self._given_up:
                continue
            response = await self._try_one(inbound, candidate, self._is_last(candidates, place), failed)
            if response is not None or self._is_over:
                return response
        return None

    def _is_last(self, candidates: Sequence[Candidate], place: int) -> bool:
        """Whether no other endpoint comes after the candidate at this place."""
        endpoint_id = candidates[place].endpoint_id
        return all(
            each.endpoint_id == endpoint_id or each.endpoint_id in self._given_up
            for each in candidates[place + 1 :]
        )

    async def _try_resting(
        self, inbound: Inbound, route: Route, failed: list[AttemptFailed]
    ) -> web.StreamResponse | None:
        """Asks those that only rest, since nobody else has answered; each as often as a rest may be broken."""
        for candidate in self._rests.to_wake(route):
            if self._is_over:
                return None
            if candidate.endpoint_id in self._given_up or not self._rests.may_ask(candidate):
                continue
            route = route.forcing(candidate)
            self._services.tools.ledger.routed(self._exchange, route)
            response = await self._try_one(inbound, candidate, False, failed)
            if response is not None:
                return response
        return None

    async def _try_one(
        self, inbound: Inbound, routed: Candidate, is_last: bool, failed: list[AttemptFailed]
    ) -> web.StreamResponse | None:
        """Asks one endpoint, again where policy or a lesson says so; None if it has not answered."""
        for number in itertools.count(1):
            if failed and self._clock() > self.live.config.retry.deadline:
                self._is_over = True
                return None
            candidate = self._judgement.in_its_format(routed)
            try:
                async with self._asked(inbound, candidate, is_last) as begun:
                    return await self._deliver(inbound, begun)
            except AttemptFailed as failure:
                verdict = self._judged(candidate, failure, number, is_last, failed)
            if verdict.action != "retry":
                break
            await asyncio.sleep(verdict.backoff_s * random.uniform(0.5, 1.0))
        return None

    async def _try_two(
        self,
        inbound: Inbound,
        first: Candidate,
        second: Candidate,
        failed: list[AttemptFailed],
        again: list[Candidate],
    ) -> web.StreamResponse | None:
        """Asks the second endpoint too when the first is silent for a while; the first content wins.

        Those that should be asked once more, since their refusal has taught something, are put into `again`.
        """
        runners = [self._asked(inbound, candidate, False) for candidate in (first, second)]
        race = Race(runners, self.live.config.retry.hedge_after)
        try:
            async for candidate, outcome in race.outcomes((first, second)):
                try:
                    if isinstance(outcome, AttemptFailed):
                        raise outcome
                    async with race.won(outcome) as begun:
                        return await self._deliver(inbound, begun)
                except AttemptFailed as failure:
                    verdict = self._judged(candidate, failure, 1, False, failed)
                if self._is_over:
                    break
                if verdict.action == "retry":
                    again.append(candidate)
        finally:
            await race.close()
            for number, unheard in race.unheard:
                self._judgement.judge((first, second)[number], unheard, 1, is_last=False)
        return None

    def _judged(
        self,
        candidate: Candidate,
        failure: AttemptFailed,
        number: int,
        is_last: bool,
        failed: list[AttemptFailed],
    ) -> Verdict:
        failure.format = candidate.format
        failed.append(failure)
        verdict = self._judgement.judge(candidate, failure, number, is_last=is_last)
        self._is_over = verdict.action == "stop"
        if verdict.action == "next" and verdict.counts_against:
            self._given_up.add(candidate.endpoint_id)
        return verdict

    def _asked(
        self, inbound: Inbound, candidate: Candidate, is_last: bool
    ) -> AbstractAsyncContextManager[Begun]:
        self.endpoint_id = candidate.endpoint_id
        auth_form = self._judgement.auth_form(candidate.endpoint_id)
        tools = self._services.tools
        return Asking(tools, self.live, self._exchange, inbound, candidate, auth_form, may_wait=is_last)

    def _second(self, inbound: Inbound, candidates: Sequence[Candidate]) -> Candidate | None:
        """The endpoint that is asked too when the first is silent; None where that is not wanted."""
        if not self.live.config.retry.hedge_after or not inbound.facts.streamed:
            return None
        if self._place.operation != "generate":
            return None
        others = (each for each in candidates[1:] if each.endpoint_id != candidates[0].endpoint_id)
        return next(others, None)

    async def _deliver(self, inbound: Inbound, begun: Begun) -> web.StreamResponse:
        """Hands the answer to the client and books it. Raises `AttemptFailed` while the client knows of nothing."""
        exchange, prepared, answer = self._exchange, begun.prepared, begun.answer
        self.endpoint_id, exchange.endpoint = begun.candidate.endpoint_id, begun.candidate.name
        note_headers(begun.record, answer)
        headers = answer_headers(answer, exchange, prepared.is_converted, prepared.stripped)
        if self._place.operation == "count_tokens":
            headers[TOKEN_SOURCE] = "endpoint"
        if answer.is_stream and prepared.call.streamed:
            broken = await deliver_stream(answer, begun.reader, headers, self._reply, exchange, begun.record)
            response = await self._reply.finish()
            self._book_answer(inbound, begun, broken, b"" if broken else begun.reader.final)
            return response
        scan = read_answer(answer, prepared, self._place.operation, exchange, begun.record)
        if prepared.call.streamed:
            self._reply.begin(answer.status, headers)
            await self._reply.write(scan.body, is_last=True)
            response, final = await self._reply.finish(), scan.final
        else:
            response, final = await self._reply.send(answer.status, headers, scan.body), scan.body
        self._book_answer(inbound, begun, None, final)
        return response

    def _book_answer(
        self, inbound: Inbound, begun: Begun, broken: AttemptFailed | None, final: bytes
    ) -> None:
        if broken is not None:
            broken.record, broken.sent_body = begun.record, begun.prepared.call.body
            begun.record.error = self.error = broken.message
            self._judgement.broken(begun.candidate, broken)
        else:
            self._judgement.succeeded(begun.candidate, begun.record)
            if self._routed is not None and self._place.operation != "count_tokens":
                self._services.router.answered(self._routed, begun.candidate)
        self._look_back(inbound, begun, final)

    def _look_back(self, inbound: Inbound, begun: Begun, final: bytes) -> None:
        """What a good answer is remembered for."""
        services, exchange = self._services, self._exchange
        candidate, prepared = begun.candidate, begun.prepared
        if self._place.operation == "generate":
            services.calibration.observe(
                candidate.endpoint_id,
                prepared.model,
                prepared.format,
                prepared.call.body,
                exchange.usage,
                exchange.id,
            )
            if final and prepared.is_converted and self._format == "responses":
                services.kept.keep(inbound.asked or inbound.document, final)
        if self.live.config.validation.python_json_fixing.debug_logging:
            for note in (*begun.record.notes, *begun.reader.notes):
                if note.endswith(REPAIRED):
                    log.info("#%d %s: %s", exchange.id, candidate.name, note)

    async def _give_up(
        self, inbound: Inbound, route: Route, failed: list[AttemptFailed]
    ) -> web.StreamResponse:
        exchange, form = self._exchange, self._format
        if self._place.operation == "count_tokens":
            return await self._estimate(inbound)
        if not failed:
            first, out = self._rests.first_back(route)
            return await self.refuse(
                failures.resting(first.name, out.reason, out.error, out.back_at - time.time())
            )
        back_in_s = self._rests.back_in_s(route) if self._rests.all_are_out(route) else None
        status, headers, body, self.error = failures.final_answer(form, failed, exchange.attempts, back_in_s)
        if self._reply.committed:
            return await self.refuse(failures.error_of(failed[-1]))
        return await self._reply.send(status, headers, body)

    async def _estimate(self, inbound: Inbound) -> web.StreamResponse:
        """A count for the model that would be asked; made aside, since Claude Code wants dozens at once."""
        services = self._services
        # The route of a compaction is that of an answer, and takes no turn in its pool.
        facts = msgspec.structs.replace(inbound.facts, operation="compact")
        routed = services.router.route(
            self.live, facts, self._exchange.tags, services.tools.health.view(), services.tools.learned.view()
        )
        first = next(iter(routed.route.candidates), None)
        factor = services.calibration.factor(first.endpoint_id, first.model) if first else None
        try:
            return await self._reply.send(200, *await asyncio.to_thread(estimated_count, inbound, factor))
        except ConversionRefused as refused:
            return await self.refuse(UpstreamError.of("invalid_request", str(refused)))

    def _clock(self) -> float:
        return time.time() - self._exchange.began_at
