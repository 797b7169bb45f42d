"""The route of a request: which endpoints are tried in which order, and for each one the reason, in words.

Pure: endpoints, health and clock come in as plain values. What an endpoint *is* (enabled, format, clients,
tags) decides whether it fits; how it *does* (health) decides among those that fit, and never refuses a
request that some endpoint could still answer: when all that fit are resting, the least bad of them is
tried.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cccc_tui.routing.conditions import HEALTHY, Availability, HealthView, LearnedView, Quota
from cccc_tui.routing.detect import RequestFacts
from cccc_tui.routing.endpoints import EndpointFacts, KeyFacts
from cccc_tui.routing.rewrite import rewrite
from cccc_tui.wire.model import Format

__all__ = [
    "Availability",
    "Candidate",
    "EndpointFacts",
    "HealthView",
    "KeyFacts",
    "LearnedView",
    "LeftOut",
    "Quota",
    "Route",
    "select",
]


class Candidate(NamedTuple):
    endpoint_id: str
    name: str
    format: Format
    """Format to ask it in; another one than the request's means conversion."""
    reason: str
    key_id: str = ""
    """Which of the endpoint's credentials."""
    model: str = ""
    """Model to ask for: groups, aliases, prefixes and rewrite rules are done."""


class LeftOut(NamedTuple):
    name: str
    reason: str


class Route(NamedTuple):
    """Every endpoint once: to be tried, in this order, or left out."""

    candidates: tuple[Candidate, ...]
    left_out: tuple[LeftOut, ...]


class _Fit(NamedTuple):
    """An endpoint that could answer, and where it stands."""

    endpoint: EndpointFacts
    place: tuple[int, int, int]
    """Tier by tags, then priority, then the order of the file."""
    health: Availability


_CONVERT_TO: dict[Format, tuple[Format, ...]] = {
    # Of several formats that an endpoint speaks, the one that can say the most of what the request says.
    "anthropic": ("anthropic", "responses", "chat"),
    "chat": ("chat", "responses", "anthropic"),
    "responses": ("responses", "anthropic", "chat"),
}


def select(
    facts: RequestFacts,
    tags: Sequence[str],
    endpoints: Sequence[EndpointFacts],
    health: HealthView,
    now: float,
    convertible: bool = False,
) -> Route:
    """The route for a request. What is not in `health` is healthy.

    `convertible` says whether requests can be turned into another format; if so, an endpoint's formats do not
    change its place, only what it is asked in.
    """
    fits: list[_Fit] = []
    left_out: dict[int, LeftOut] = {}
    demo_alone = all(endpoint.is_demo for endpoint in endpoints if endpoint.enabled)
    for order, endpoint in enumerate(endpoints):
        if reason := _misfit(facts, tags, endpoint, convertible, demo_alone):
            left_out[order] = LeftOut(endpoint.name, reason)
        else:
            tier = 0 if tags and endpoint.tags else 1
            fits.append(
                _Fit(endpoint, (tier, endpoint.priority, order), health.endpoints.get(endpoint.id, HEALTHY))
            )
    chosen = _chosen(fits)
    for fit in fits:
        if fit not in chosen:
            left_out[fit.place[2]] = LeftOut(fit.endpoint.name, _resting(fit.health, now))
    candidates = tuple(_candidate(fit, facts, tags, now) for fit in chosen)
    return Route(candidates, tuple(entry for _, entry in sorted(left_out.items())))


def _misfit(
    facts: RequestFacts, tags: Sequence[str], endpoint: EndpointFacts, convertible: bool, demo_alone: bool
) -> str:
    """Why the endpoint cannot answer this request, however healthy it is; empty if it can."""
    if not endpoint.enabled:
        return "disabled"
    if endpoint.is_demo and not demo_alone:
        return "the demo answers only while no other endpoint is enabled"
    if endpoint.out_of_service:
        return f"out of service: {endpoint.out_of_service}"
    return (
        _wrong_format(facts, endpoint, convertible)
        or _wrong_client(facts, endpoint)
        or _wrong_tags(tags, endpoint)
    )


def _wrong_format(facts: RequestFacts, endpoint: EndpointFacts, convertible: bool) -> str:
    native = facts.format in endpoint.formats
    if facts.operation == "count_tokens" and not endpoint.count_tokens:
        return "count_tokens is switched off for it"
    if native or (convertible and endpoint.formats and facts.operation in ("generate", "compact")):
        return ""
    spoken = _listed(endpoint.formats) or "no format"
    if convertible and facts.operation != "generate":
        return f"speaks {spoken}, and {facts.operation} cannot be converted from {facts.format}"
    return f"speaks {spoken}, the request is {facts.format}"


def _wrong_client(facts: RequestFacts, endpoint: EndpointFacts) -> str:
    if not endpoint.supported_clients or facts.client in endpoint.supported_clients:
        return ""
    return f"only for {_listed(endpoint.supported_clients)}, the client is {facts.client}"


def _wrong_tags(tags: Sequence[str], endpoint: EndpointFacts) -> str:
    """An untagged request takes untagged endpoints only; a tagged one those with all its tags, or with
    none."""
    if not endpoint.tags:
        return ""
    if not tags:
        return f"only for requests tagged {_listed(endpoint.tags)}, this one has no tag"
    missing = [tag for tag in tags if tag not in endpoint.tags]
    return f"lacks the request's tag {_listed(missing)}" if missing else ""


def _chosen(fits: Iterable[_Fit]) -> list[_Fit]:
    """Those that are usable, in order; if none is, the least bad one, rather than refusing."""
    in_order = sorted(fits, key=lambda fit: fit.place)
    usable = [fit for fit in in_order if fit.health.usable]
    return usable or sorted(in_order, key=_badness)[:1]


def _badness(fit: _Fit) -> tuple[float, float]:
    back_at = fit.health.back_at
    return fit.health.strain, math.inf if back_at is None else back_at


def _candidate(fit: _Fit, facts: RequestFacts, tags: Sequence[str], now: float) -> Candidate:
    endpoint, wanted = fit.endpoint, facts.format
    spoken = next(form for form in _CONVERT_TO[wanted] if form in endpoint.formats)
    reasons = [f"priority {endpoint.priority}", f"speaks {spoken}"]
    if spoken != wanted:
        reasons[-1] = f"converted from {wanted} to {spoken}"
    if tags:
        reasons.append(
            f"has the request's tag {_listed(tags)}" if endpoint.tags else "untagged, takes any request"
        )
    if not fit.health.usable:
        reasons.append(f"{_resting(fit.health, now)}; tried all the same, since all that fit are resting")
    model = rewrite(facts.model, endpoint.naming.rules) or facts.model
    return Candidate(endpoint.id, endpoint.name, spoken, "; ".join(reasons), endpoint.keys[0].id, model)


def _resting(health: Availability, now: float) -> str:
    reason = health.reason or "failing"
    if health.back_at is None:
        return reason
    return f"{reason}, back in {_span(max(0.0, health.back_at - now))}"


def _span(seconds: float) -> str:
    """A duration as people say it, rounded up: an endpoint is never back earlier than said."""
    if seconds <= 90:
        return f"{math.ceil(seconds)} s"
    return f"{math.ceil(seconds / 60)} min" if seconds <= 5400 else f"{math.ceil(seconds / 3600)} h"


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words)
