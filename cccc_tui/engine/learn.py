"""What endpoints taught us by their own answers, as far as a request needs it: facts in, adjustments out.

A fact has its evidence and an expiry; it is kept in the state database and never written into the configuration.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from cccc_tui.config.schema import Endpoint
from cccc_tui.routing.select import Candidate, EndpointFacts, LearnedView
from cccc_tui.state.facts import FactStore
from cccc_tui.wire.errors import UpstreamError
from cccc_tui.wire.model import Format

WEEK_S = 7 * 24 * 3600.0

AUTH_FORM = "auth_form"
SPEAKS_RESPONSES = "speaks_responses"
COUNTS_TOKENS = "counts_tokens"
TAKES_STREAM_OPTIONS = "takes_stream_options"


class Learned:
    """Reads and writes the facts of the state database, by the names that the engine acts on."""

    def __init__(self, store: FactStore) -> None:
        self._store = store

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

    def adjusted(self, endpoints: Sequence[EndpointFacts]) -> Sequence[EndpointFacts]:
        """The endpoints with the formats that they turned out to speak."""
        return [
            msgspec.structs.replace(
                facts, formats=tuple(form for form in facts.formats if form != "responses")
            )
            if "responses" in facts.formats
            and "chat" in facts.formats
            and self._fact(facts.id, SPEAKS_RESPONSES) == "no"
            else facts
            for facts in endpoints
        ]

    def view(self, counted: Format | None = None) -> LearnedView:
        """What routing acts on; for a count of tokens also which endpoints do not count in that format."""
        names: dict[str, Format] = {SPEAKS_RESPONSES: "responses"}
        if counted:
            names[f"{COUNTS_TOKENS}_{counted}"] = counted
        refused = frozenset(
            (fact.endpoint_id, names[fact.name])
            for fact in self._store.list()
            if fact.name in names and fact.value == "no"
        )
        return LearnedView(refused_formats=refused)

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

    def counting(self, endpoints: Sequence[EndpointFacts], form: Format) -> Sequence[EndpointFacts]:
        """The endpoints without those that turned out not to count tokens in that format."""
        return [
            msgspec.structs.replace(facts, count_tokens=False)
            if self._fact(facts.id, f"{COUNTS_TOKENS}_{form}") == "no"
            else facts
            for facts in endpoints
        ]

    def refuses_counting(self, candidate: Candidate, error: UpstreamError | None, exchange_id: int) -> bool:
        """Whether this failure of a count says that the endpoint has no counting; if so it is remembered."""
        if error is None or error.status not in (404, 405, 501) or error.error_class == "model_not_found":
            return False
        name = f"{COUNTS_TOKENS}_{candidate.format}"
        self._learn(candidate.endpoint_id, name, "no", f"{error.status} {error.message}"[:300], exchange_id)
        return True

    def may_ask_usage(self, endpoint_id: str) -> bool:
        """Whether `stream_options` may be added to a Chat request of this endpoint."""
        return self._fact(endpoint_id, TAKES_STREAM_OPTIONS) != "no"

    def refuses_stream_options(
        self, candidate: Candidate, error: UpstreamError | None, exchange_id: int
    ) -> bool:
        """Whether this failure says that the endpoint does not know the option; if so it is remembered."""
        if error is None or error.status not in (400, 422) or candidate.format != "chat":
            return False
        text = f"{error.message} {error.param}"
        if not any(name in text for name in ("stream_options", "include_usage")):
            return False
        self._learn(candidate.endpoint_id, TAKES_STREAM_OPTIONS, "no", error.message[:300], exchange_id)
        return True

    def _learn(self, endpoint_id: str, name: str, value: str, evidence: str, exchange_id: int) -> None:
        self._store.learn(
            endpoint_id, "", name, value, evidence=evidence, exchange_id=exchange_id, ttl_s=WEEK_S
        )

    def _fact(self, endpoint_id: str, name: str) -> str:
        fact = self._store.get(endpoint_id, "", name)
        return str(fact.value) if fact else ""
