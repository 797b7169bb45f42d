"""What endpoints taught us by their own answers, as far as a request needs it: facts in, adjustments out.

A fact has its evidence and an expiry; it is kept in the state database and never written into the configuration.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, cast, get_args

import msgspec

from cccc_tui.config.schema import Endpoint
from cccc_tui.engine.seals import SealBook
from cccc_tui.routing.lessons import Lesson
from cccc_tui.routing.select import Candidate, LearnedView
from cccc_tui.state.facts import Fact, FactStore
from cccc_tui.wire.adjust import Adjustment, Remedy
from cccc_tui.wire.errors import UpstreamError
from cccc_tui.wire.model import Format

WEEK_S = 7 * 24 * 3600.0

AUTH_FORM = "auth_form"
SPEAKS_RESPONSES = "speaks_responses"
COUNTS_TOKENS = "counts_tokens"
CONTEXT_TOKENS = "context_tokens"
PARAMETER = "param:"
"""Begins the name of a fact about a parameter; its path follows, and the value is `remedy` or `remedy=value`."""
LACKS = "lacks:"
"""Begins the name of a fact about something that a model does not have."""

REMEDIES: Final = get_args(Remedy)
VIEW_FOR_S = 60.0
"""Facts expire; what routing and requests see of them is made anew this often even if nothing was learned."""
MOST_TAUGHT = 1024
"""Model names come from clients."""


class Taught(msgspec.Struct, frozen=True, kw_only=True):
    """What an endpoint has taught about how to ask it for a model."""

    auth_form: str = ""
    adjustments: tuple[Adjustment, ...] = ()
    lacks: tuple[str, ...] = ()
    seals: SealBook | None = None
    """Who made which sealed thought."""


NOTHING_TAUGHT = Taught()


class Learned:
    """Reads and writes the facts of the state database, by the names that the engine acts on."""

    def __init__(self, store: FactStore, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._taught: dict[tuple[str, str], tuple[int, float, Taught]] = {}
        """By endpoint and model: revision of the facts, until when it holds, and what they teach."""
        self.seals = SealBook()
        self._views: dict[Format | None, tuple[int, float, LearnedView | None]] = {}

    def taught(self, endpoint_id: str, model: str, auth_form: str = "") -> Taught:
        """All that a request for this model must heed; `auth_form` if another one is to be tried."""
        key = (endpoint_id, model)
        revision, until, taught = self._taught.get(key, (-1, 0.0, NOTHING_TAUGHT))
        if revision != self._store.revision or self._clock() >= until:
            if len(self._taught) >= MOST_TAUGHT:
                self._taught.clear()
            taught = self._read(endpoint_id, model)
            self._taught[key] = (self._store.revision, self._clock() + VIEW_FOR_S, taught)
        return msgspec.structs.replace(taught, auth_form=auth_form) if auth_form else taught

    def _read(self, endpoint_id: str, model: str) -> Taught:
        return Taught(
            auth_form=self.auth_form(endpoint_id),
            adjustments=self.adjustments(endpoint_id, model),
            lacks=self.lacks(endpoint_id, model),
            seals=self.seals,
        )

    def adjustments(self, endpoint_id: str, model: str) -> tuple[Adjustment, ...]:
        """What to do with the parameters of every request for this model."""
        return tuple(
            adjustment
            for fact in self._store.at(endpoint_id, model)
            if fact.name.startswith(PARAMETER) and (adjustment := _adjustment(fact))
        )

    def lacks(self, endpoint_id: str, model: str) -> tuple[str, ...]:
        """Traits that the model turned out not to have."""
        return tuple(
            fact.name.removeprefix(LACKS)
            for fact in self._store.at(endpoint_id, model)
            if fact.name.startswith(LACKS)
        )

    def take(
        self, lesson: Lesson, endpoint_id: str, model: str, error: UpstreamError, exchange_id: int
    ) -> bool:
        """Remembers what a refusal has taught; whether that is news. What is known already did not help."""
        adjustment = lesson.adjustment
        if adjustment is None:
            name, value = f"{LACKS}{lesson.lacks}", "yes"
        else:
            name = f"{PARAMETER}{adjustment.path}"
            value = f"{adjustment.remedy}={adjustment.value}" if adjustment.value else adjustment.remedy
        known = next((fact for fact in self._store.at(endpoint_id, model) if fact.name == name), None)
        if known and (known.value == value or known.pinned):
            return False
        evidence = f"{error.status} {error.message}"[:300]
        self._store.learn(
            endpoint_id, model, name, value, evidence=evidence, exchange_id=exchange_id, ttl_s=WEEK_S
        )
        return True

    def auth_form(self, endpoint_id: str) -> str:
        """`api_key`, `auth_token`, or empty for the format's usual form."""
        return self._fact(endpoint_id, AUTH_FORM)

    def other_auth_form(self, candidate: Candidate, error: UpstreamError | None, endpoint: Endpoint) -> str:
        """The form to try when a credential was refused and its header may be why; else empty."""
        if error is None or error.status not in (401, 403):
            return ""
        if endpoint.auth_type != "auto" or candidate.format != "anthropic":
            return ""
        return "api_key" if self.auth_form(candidate.endpoint_id) == "auth_token" else "auth_token"

    def learn_auth_form(self, endpoint_id: str, form: str, exchange_id: int) -> None:
        evidence = "the usual form was refused, this one accepted"
        self._learn(endpoint_id, AUTH_FORM, form, evidence, exchange_id)

    def view(self, counted: Format | None = None) -> LearnedView:
        """What routing acts on; for a count of tokens also which endpoints do not count in that format."""
        revision, until, view = self._views.get(counted, (-1, 0.0, None))
        if view is None or revision != self._store.revision or self._clock() >= until:
            view = self._made(counted)
            self._views[counted] = (self._store.revision, self._clock() + VIEW_FOR_S, view)
        return view

    def _made(self, counted: Format | None) -> LearnedView:
        names: dict[str, Format] = {SPEAKS_RESPONSES: "responses"}
        if counted:
            names[f"{COUNTS_TOKENS}_{counted}"] = counted
        named = self._store.named
        return LearnedView(
            refused_formats=frozenset(
                (fact.endpoint_id, form)
                for name, form in names.items()
                for fact in named(name)
                if fact.value == "no"
            ),
            no_images=frozenset((fact.endpoint_id, fact.model) for fact in named(f"{LACKS}images")),
            no_tools=frozenset((fact.endpoint_id, fact.model) for fact in named(f"{LACKS}tools")),
            context_tokens={
                (fact.endpoint_id, fact.model): int(fact.value) for fact in named(CONTEXT_TOKENS)
            },
        )

    def learn_context(self, endpoint_id: str, model: str, error: UpstreamError, exchange_id: int) -> None:
        """Remembers how much the model holds, where an overflow says it: larger requests go elsewhere first."""
        if error.error_class == "context_overflow" and error.limit_tokens > 0:
            self._store.learn(
                endpoint_id,
                model,
                CONTEXT_TOKENS,
                error.limit_tokens,
                evidence=f"{error.status} {error.message}"[:300],
                exchange_id=exchange_id,
                ttl_s=WEEK_S,
            )

    def refuses_responses(
        self, candidate: Candidate, error: UpstreamError | None, endpoint: Endpoint, exchange_id: int
    ) -> bool:
        """Whether this failure says that the endpoint knows no Responses API; if so it is remembered."""
        is_open = endpoint.openai_preference == "auto" and candidate.format == "responses"
        if not is_open or error is None or error.status not in (404, 405, 501):
            return False
        if error.error_class == "model_not_found":
            return False
        evidence = f"{error.status} {error.message}"[:300]
        self._learn(candidate.endpoint_id, SPEAKS_RESPONSES, "no", evidence, exchange_id)
        return True

    def refuses_counting(self, candidate: Candidate, error: UpstreamError | None, exchange_id: int) -> bool:
        """Whether this failure of a count says that the endpoint has no counting; if so it is remembered."""
        if error is None or error.status not in (404, 405, 501) or error.error_class == "model_not_found":
            return False
        name = f"{COUNTS_TOKENS}_{candidate.format}"
        self._learn(candidate.endpoint_id, name, "no", f"{error.status} {error.message}"[:300], exchange_id)
        return True

    def _learn(self, endpoint_id: str, name: str, value: str, evidence: str, exchange_id: int) -> None:
        self._store.learn(
            endpoint_id, "", name, value, evidence=evidence, exchange_id=exchange_id, ttl_s=WEEK_S
        )

    def _fact(self, endpoint_id: str, name: str) -> str:
        fact = self._store.get(endpoint_id, "", name)
        return str(fact.value) if fact else ""


def _adjustment(fact: Fact) -> Adjustment | None:
    """None for a remedy that this version does not know: another one may have written the state."""
    remedy, _, value = str(fact.value).partition("=")
    if remedy not in REMEDIES:
        return None
    return Adjustment(fact.name.removeprefix(PARAMETER), cast(Remedy, remedy), value)
