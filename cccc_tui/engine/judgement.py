"""What a failed attempt leads to: learning first, then policy; health and the attempt's record are told.

One object per exchange, since some conclusions hold only within it: which header form to try next, what has been
counted already, how many lessons one endpoint may teach before it is left.
"""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

import msgspec

from cccc_tui.engine.attempt import AttemptFailed
from cccc_tui.engine.health import HealthBook
from cccc_tui.engine.learn import Learned
from cccc_tui.engine.live import LiveConfig
from cccc_tui.engine.seals import is_refusal
from cccc_tui.routing.detect import Operation
from cccc_tui.routing.lessons import Lesson, lesson_of
from cccc_tui.routing.policy import Action, Verdict, judge
from cccc_tui.routing.select import Candidate
from cccc_tui.traffic.exchange import Attempt, Exchange
from cccc_tui.wire.adjust import has_path
from cccc_tui.wire.model import Format

log = logging.getLogger(__name__)

MOST_LESSONS = 8
"""An endpoint that refuses one parameter after another is left after so many."""

_HARMLESS_TO_LACK = ("developer_role", "system_role", "compaction", "thoughtless_turns")
"""Traits whose lack is made up for without losing anything."""


class Judgement:
    """The verdicts on the attempts of one exchange."""

    def __init__(
        self, live: LiveConfig, health: HealthBook, learned: Learned, exchange: Exchange, operation: Operation
    ) -> None:
        self._live, self._health, self._learned = live, health, learned
        self._exchange, self._operation = exchange, operation
        self._counted: set[str] = set()
        """Endpoints whose health was told of this exchange: one exchange counts once."""
        self._lessons: dict[str, int] = {}
        """Endpoint id → how many it has taught."""
        self._auth_forms: dict[str, str] = {}
        """Endpoint id → the header form tried after its usual one was refused."""
        self._formats: dict[str, Format] = {}
        """Endpoint id → the format to ask in after it turned out not to speak the routed one."""

    def auth_form(self, endpoint_id: str) -> str:
        """The header form to try instead of the one that was learned, or is usual; empty for none."""
        return self._auth_forms.get(endpoint_id, "")

    def in_its_format(self, candidate: Candidate) -> Candidate:
        """The candidate, asked in another format if it has turned out not to speak the routed one."""
        form = self._formats.get(candidate.endpoint_id)
        return candidate._replace(format=form) if form else candidate

    def key_in_pool(self, candidate: Candidate) -> str:
        """The key's id where its endpoint has others; without its only one an endpoint can do nothing."""
        return candidate.key_id if len(self._live.targets[candidate.endpoint_id].facts.keys) > 1 else ""

    def judge(self, candidate: Candidate, failed: AttemptFailed, number: int, *, is_last: bool) -> Verdict:
        """What to do after the `number`th attempt there."""
        verdict = self._learned_from(candidate, failed, is_last) or judge(
            failed.failure, self._live.policy, number, is_last=is_last, message=failed.message
        )
        if verdict.cool_scope == "credential" and self.key_in_pool(candidate):
            # The key is at fault, and rests for it: its endpoint has others.
            verdict = msgspec.structs.replace(verdict, counts_against=False)
        self.book_failure(candidate, failed, verdict)
        return verdict

    def broken(self, candidate: Candidate, failed: AttemptFailed) -> None:
        """Books an answer that broke off after its beginning."""
        self.book_failure(
            candidate, failed, judge(failed.failure, self._live.policy, 1, message=failed.message)
        )

    def succeeded(self, candidate: Candidate, record: Attempt) -> None:
        """Books a whole answer."""
        waited_s = None if record.first_content_s is None else record.first_content_s - record.began_s
        is_answer = self._operation == "generate"
        if self._operation != "count_tokens":
            self._health.succeed(
                candidate.endpoint_id,
                self.key_in_pool(candidate),
                candidate.model,
                waited_s if is_answer else None,
                asked_at=self._exchange.began_at + record.began_s,
            )
        if form := self._auth_forms.get(candidate.endpoint_id):
            self._learned.learn_auth_form(candidate.endpoint_id, form, self._exchange.id)

    def book_failure(self, candidate: Candidate, failed: AttemptFailed, verdict: Verdict) -> None:
        """Tells health and the attempt's record."""
        record = failed.record or self._exchange.attempts[-1]
        record.error_class = failed.error.error_class if failed.error else failed.failure.kind
        record.verdict = f"{verdict.action}: {verdict.reason}"
        log.info("#%d %s: %s (%s)", self._exchange.id, candidate.name, failed.message, record.verdict)
        if self._operation == "count_tokens":
            # Counting has limits, paths and faults of its own, and an estimate stands in: no word about answers.
            return
        if verdict.counts_against:
            if candidate.endpoint_id in self._counted:
                verdict = msgspec.structs.replace(verdict, counts_against=False)
            self._counted.add(candidate.endpoint_id)
        self._health.fail(
            candidate.endpoint_id,
            verdict,
            failed.message,
            self.key_in_pool(candidate),
            candidate.model,
            failed.error,
            asked_at=self._exchange.began_at + record.began_s,
        )

    def _learned_from(self, candidate: Candidate, failed: AttemptFailed, is_last: bool) -> Verdict | None:
        """The verdict if the failure is a lesson rather than a fault."""
        if failed.sent_body is None:
            reason = "the request cannot be said in its format; another endpoint may speak the client's"
            return None if failed.failure.kind == "busy" else _lesson("next", reason)
        endpoint_id, learned, exchange_id = candidate.endpoint_id, self._learned, self._exchange.id
        endpoint = self._live.targets[endpoint_id].endpoint
        other_form = learned.other_auth_form(candidate, failed.error, endpoint)
        if other_form and endpoint_id not in self._auth_forms:
            self._auth_forms[endpoint_id] = other_form
            return _lesson("retry", "the credential may be wanted in another header")
        if self._operation == "count_tokens":
            if learned.refuses_counting(candidate, failed.error, exchange_id):
                return _lesson("next", "it does not count tokens (remembered)")
            return None
        if self._operation == "generate" and learned.refuses_responses(
            candidate, failed.error, endpoint, exchange_id
        ):
            self._formats[endpoint_id] = "chat"
            return _lesson("retry", "it does not speak Responses (remembered): asked in Chat")
        return self._taught(candidate, failed, is_last, failed.sent_body)

    def _taught(
        self, candidate: Candidate, failed: AttemptFailed, is_last: bool, sent_body: bytes
    ) -> Verdict | None:
        """The verdict if the refusal names what the request must be without."""
        if failed.error is None or failed.failure.content_sent:
            return None
        endpoint_id, model = candidate.endpoint_id, candidate.model
        self._learned.learn_context(endpoint_id, model, failed.error, self._exchange.id)
        taught = self._lessons.get(endpoint_id, 0)
        if taught >= MOST_LESSONS:
            return None
        if is_refusal(failed.error) and self._learned.seals.refused(self._host(candidate), sent_body):
            self._lessons[endpoint_id] = taught + 1
            return _lesson("retry", "it refused a thought that another provider sealed: asked without it")
        lesson = lesson_of(failed.error, candidate.format, lambda path: has_path(sent_body, path))
        if lesson is None:
            return None
        if not self._learned.take(lesson, endpoint_id, model, failed.error, self._exchange.id):
            return None
        self._lessons[endpoint_id] = taught + 1
        if lesson.lacks and lesson.lacks not in _HARMLESS_TO_LACK and not is_last:
            return _lesson("next", f"{_lack(lesson)} (remembered); another endpoint may take it as it is")
        what = lesson.adjustment.sentence() if lesson.adjustment else _lack(lesson)
        return _lesson("retry", f"{what} (remembered)")

    def _host(self, candidate: Candidate) -> str:
        """Who runs the endpoint."""
        target = self._live.targets[candidate.endpoint_id]
        return urlsplit(target.url(candidate.format, "generate")).netloc


def _lack(lesson: Lesson) -> str:
    return f"the model lacks {lesson.lacks.replace('_', ' ')}"


def _lesson(action: Action, reason: str) -> Verdict:
    return Verdict(action=action, reason=reason, counts_against=False)
