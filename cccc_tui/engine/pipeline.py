"""One exchange, step by step: read, detect, route, try the candidates, answer, book.

The decisions are elsewhere and pure (`detect`, `tags`, `select`, `policy`); here is the awaiting between them.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections.abc import Callable

import msgspec
from aiohttp import web

from cccc_tui.engine import failures
from cccc_tui.engine.attempt import AttemptFailed, open_answer
from cccc_tui.engine.book import Ledger
from cccc_tui.engine.calibrate import Calibration
from cccc_tui.engine.delivery import (
    TOKEN_SOURCE,
    answer_headers,
    deliver_stream,
    estimated_count,
    note_headers,
    read_answer,
)
from cccc_tui.engine.health import HealthBook
from cccc_tui.engine.intake import Refused, read_request
from cccc_tui.engine.kept import KeptResponses
from cccc_tui.engine.learn import Learned
from cccc_tui.engine.live import LiveConfig, Target
from cccc_tui.engine.prepare import Inbound, Prepared, prepare
from cccc_tui.engine.reply import ClientGone, KeepAlive, Reply
from cccc_tui.engine.routes import Routed, Router
from cccc_tui.engine.upstream import Upstream
from cccc_tui.routing.detect import Place
from cccc_tui.routing.policy import Action, Failure, Verdict, judge
from cccc_tui.routing.select import Candidate, Route
from cccc_tui.state.redact import redact_headers, redact_text
from cccc_tui.traffic.exchange import Attempt, Exchange, State
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
    upstream: Upstream
    health: HealthBook
    learned: Learned
    ledger: Ledger
    router: Router
    kept: KeptResponses
    calibration: Calibration
    hop_id: str
    """Id of this process, by which a request that comes back is known."""


async def handle(services: Services, request: web.BaseRequest, place: Place) -> web.StreamResponse:
    """Answers one request for a place that is proxied. Whatever happens, the exchange is booked as over."""
    ledger = services.ledger
    exchange = ledger.open(request.method, request.raw_path, request.headers.items())
    exchange.format = place.format
    run = _Run(services, request, place, exchange)
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
        self, services: Services, request: web.BaseRequest, place: Place, exchange: Exchange
    ) -> None:
        self.live = services.live()
        self.error = ""
        self.endpoint_id = ""
        self._services = services
        self._request = request
        self._place = place
        self._format: Format = place.format or "chat"
        self._exchange = exchange
        self._routed: Routed | None = None
        self._reply = Reply(request, exchange, services.ledger.ring.touch)
        self._counted: set[str] = set()
        """Endpoints whose health was told of this exchange: one exchange counts once."""
        self._auth_forms: dict[str, str] = {}
        """Endpoint id → the header form tried after its usual one was refused."""
        self._formats: dict[str, Format] = {}
        """Endpoint id → the format to ask in after it turned out not to speak the routed one."""

    async def answer(self) -> web.StreamResponse:
        services = self._services
        try:
            inbound = await read_request(
                self._request, self._place, self._exchange, self.live, services.hop_id
            )
            inbound = self._continued(inbound)
            route = self._route(inbound)
        except Refused as refused:
            return await self.refuse(refused.error)
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
            self.live, inbound.facts, exchange.tags, services.health.view(), services.learned.view(counted)
        )
        route, exchange.tags = routed.route, routed.tags
        services.ledger.routed(self._exchange, route)
        if not route.candidates and self._place.operation != "count_tokens":
            raise Refused(failures.no_endpoint(route))
        return route

    async def _try_all(self, inbound: Inbound, route: Route) -> web.StreamResponse:
        failed: list[tuple[Format, AttemptFailed]] = []
        for routed in route.candidates:
            for number in itertools.count(1):
                candidate = routed._replace(format=self._formats.get(routed.endpoint_id, routed.format))
                try:
                    return await self._attempt(inbound, candidate)
                except AttemptFailed as failure:
                    failed.append((candidate.format, failure))
                    verdict = self._judge(candidate, failure, number)
                if verdict.action != "retry":
                    break
                await asyncio.sleep(verdict.backoff_s)
            if verdict.action == "stop":
                break
        return await self._give_up(inbound, failed)

    async def _attempt(self, inbound: Inbound, candidate: Candidate) -> web.StreamResponse:
        """Asks one endpoint once and delivers its answer. Raises `AttemptFailed` while the client knows of nothing."""
        services, exchange = self._services, self._exchange
        target = self.live.targets[candidate.endpoint_id]
        self.endpoint_id = candidate.endpoint_id
        prepared = self._prepare(inbound, target, candidate)
        record = self._record(prepared, target)
        services.ledger.begin_attempt(exchange, candidate.endpoint_id, record)
        services.health.begin(candidate.endpoint_id)
        judged = False
        try:
            broken, response, final = await self._call(prepared, target, record)
            judged = True
            self._book_answer(candidate, record, broken)
            self._look_back(inbound, candidate, prepared, b"" if broken else final)
            return response
        except AttemptFailed as failure:
            judged = True
            record.error = failure.message
            raise
        finally:
            if not judged:
                services.health.abandon(candidate.endpoint_id)
            services.ledger.end_attempt(exchange, candidate.endpoint_id, record)

    def _prepare(self, inbound: Inbound, target: Target, candidate: Candidate) -> Prepared:
        services, endpoint_id = self._services, candidate.endpoint_id
        learned_auth = self._auth_forms.get(endpoint_id) or services.learned.auth_form(endpoint_id)
        try:
            return prepare(
                inbound,
                target,
                candidate,
                self.live.config,
                self._exchange,
                learned_auth,
                services.hop_id,
                services.learned.may_ask_usage(endpoint_id),
            )
        except ConversionRefused as refused:
            raise self._unsayable(target, candidate, refused) from None

    def _unsayable(self, target: Target, candidate: Candidate, refused: ConversionRefused) -> AttemptFailed:
        """The request has no form in the endpoint's format: an attempt that ended before it began."""
        now_s, why = self._clock(), str(refused)
        record = Attempt(
            endpoint=target.facts.name,
            url="",
            format=candidate.format,
            model=self._exchange.model,
            began_s=now_s,
            ended_s=now_s,
            error=why,
        )
        self._exchange.attempts.append(record)
        error = UpstreamError(
            status=400, error_class="invalid_request", message=why, code=refused.code, param=refused.param
        )
        return AttemptFailed(Failure(kind="bad_content", error=error), why, error)

    async def _call(
        self, prepared: Prepared, target: Target, record: Attempt
    ) -> tuple[AttemptFailed | None, web.StreamResponse, bytes]:
        """What broke it after its beginning, the response, and a Responses answer that a conversion made, whole."""
        session = self._services.upstream.session(target.endpoint.proxy, target.proxy_password)
        reader = prepared.translation.reader()
        answer = await open_answer(session, prepared.call, reader, record)
        try:
            note_headers(record, answer)
            headers = answer_headers(answer, self._exchange, prepared.is_converted)
            if self._place.operation == "count_tokens":
                headers[TOKEN_SOURCE] = "endpoint"
            if answer.is_stream and prepared.call.streamed:
                broken = await deliver_stream(answer, reader, headers, self._reply, self._exchange)
                return broken, await self._reply.finish(), reader.final
            scan = read_answer(answer, prepared, self._place.operation, self._exchange)
            if not prepared.call.streamed:
                return None, await self._reply.send(answer.status, headers, scan.body), scan.body
            await self._reply.begin(answer.status, headers)
            await self._reply.write(scan.body)
            return None, await self._reply.finish(), scan.final
        finally:
            answer.close()
            record.notes += reader.notes

    def _judge(self, candidate: Candidate, failed: AttemptFailed, number: int) -> Verdict:
        """What to do now; learning, health and the record are told."""
        services = self._services
        endpoint = self.live.targets[candidate.endpoint_id].endpoint
        verdict = judge(failed.failure, self.live.policy, number)
        other_form = services.learned.other_auth_form(candidate, failed.error, endpoint)
        if not self._exchange.attempts[-1].url:
            verdict = _lesson(
                "next", "the request cannot be said in its format; another endpoint may speak the client's"
            )
        elif other_form and candidate.endpoint_id not in self._auth_forms:
            self._auth_forms[candidate.endpoint_id] = other_form
            verdict = _lesson("retry", "the credential may be wanted in another header")
        elif self._place.operation != "generate":
            if self._place.operation == "count_tokens" and services.learned.refuses_counting(
                candidate, failed.error, self._exchange.id
            ):
                verdict = _lesson("next", "it does not count tokens (remembered)")
        elif number == 1 and services.learned.refuses_stream_options(
            candidate, failed.error, self._exchange.id
        ):
            verdict = _lesson("retry", "it does not know stream_options (remembered)")
        elif services.learned.refuses_responses(candidate, failed.error, endpoint, self._exchange.id):
            self._formats[candidate.endpoint_id] = "chat"
            verdict = _lesson("retry", "it does not speak Responses (remembered): asked in Chat")
        self._book_failure(candidate, failed, verdict)
        return verdict

    def _book_answer(self, candidate: Candidate, record: Attempt, broken: AttemptFailed | None) -> None:
        if broken is None:
            self._services.health.succeed(candidate.endpoint_id)
            if self._routed is not None and self._place.operation != "count_tokens":
                self._services.router.answered(self._routed, candidate)
            if form := self._auth_forms.get(candidate.endpoint_id):
                self._services.learned.learn_auth_form(candidate.endpoint_id, form, self._exchange.id)
            return
        record.error = self.error = broken.message
        self._book_failure(candidate, broken, judge(broken.failure, self.live.policy, 1))

    def _look_back(self, inbound: Inbound, candidate: Candidate, prepared: Prepared, final: bytes) -> None:
        """What a good answer is remembered for."""
        services, exchange = self._services, self._exchange
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
            for note in exchange.attempts[-1].notes:
                if note.endswith(REPAIRED):
                    log.info("#%d %s: %s", exchange.id, candidate.name, note)

    def _book_failure(self, candidate: Candidate, failed: AttemptFailed, verdict: Verdict) -> None:
        record = self._exchange.attempts[-1]
        record.error_class = failed.error.error_class if failed.error else failed.failure.kind
        record.verdict = f"{verdict.action}: {verdict.reason}"
        if verdict.counts_against:
            if candidate.endpoint_id in self._counted:
                verdict = msgspec.structs.replace(verdict, counts_against=False)
            self._counted.add(candidate.endpoint_id)
        self._services.health.fail(candidate.endpoint_id, verdict, failed.message)
        log.info("#%d %s: %s (%s)", self._exchange.id, candidate.name, failed.message, record.verdict)

    async def _give_up(
        self, inbound: Inbound, failed: list[tuple[Format, AttemptFailed]]
    ) -> web.StreamResponse:
        exchange, form = self._exchange, self._format
        if self._place.operation == "count_tokens":
            return await self._estimate(inbound)
        status, headers, body, self.error = failures.final_answer(form, failed, exchange.attempts)
        if self._reply.committed:
            return await self.refuse(failures.error_of(failed[-1][1]))
        return await self._reply.send(status, headers, body)

    async def _estimate(self, inbound: Inbound) -> web.StreamResponse:
        """A count for the model that would be asked; made aside, since Claude Code wants dozens at once."""
        services = self._services
        # The route of a compaction is that of an answer, and takes no turn in its pool.
        facts = msgspec.structs.replace(inbound.facts, operation="compact")
        routed = services.router.route(
            self.live, facts, self._exchange.tags, services.health.view(), services.learned.view()
        )
        first = next(iter(routed.route.candidates), None)
        factor = services.calibration.factor(first.endpoint_id, first.model) if first else None
        try:
            return await self._reply.send(200, *await asyncio.to_thread(estimated_count, inbound, factor))
        except ConversionRefused as refused:
            return await self.refuse(UpstreamError.of("invalid_request", str(refused)))

    def _record(self, prepared: Prepared, target: Target) -> Attempt:
        keeps_bodies = self._exchange.request_body is not None
        changed = bool(prepared.notes) or prepared.is_converted
        return Attempt(
            endpoint=target.facts.name,
            url=redact_text(prepared.call.url, ()),
            format=prepared.format,
            model=prepared.model,
            began_s=self._clock(),
            notes=prepared.notes,
            request_headers=redact_headers(prepared.call.headers.items()),
            sent_body=prepared.call.body if keeps_bodies and changed else None,
        )

    def _clock(self) -> float:
        return time.time() - self._exchange.began_at


def _lesson(action: Action, reason: str) -> Verdict:
    return Verdict(action=action, reason=reason, counts_against=False)
