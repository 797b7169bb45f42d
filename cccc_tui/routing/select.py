"""The route of a request: which endpoints may answer it, in which order, and why each stands where it stands.

CCCC's rules of tags and priorities, with groups, strategies and key pools on top. Two things are decided
differently. Health counts as well: an endpoint that is resting is left out with its reason. And a request that some
endpoint could still answer is never refused: when all that fit are resting, the least bad of them is tried (the
others are named as those to ask if nobody has answered), and when all are too small by an estimate, the first is, whose
own words an agent knows how to act on.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cccc_tui.routing.conditions import (
    HEALTHY,
    NO_HEALTH,
    NOTHING_LEARNED,
    Availability,
    HealthView,
    LearnedView,
    Quota,
)
from cccc_tui.routing.detect import RequestFacts
from cccc_tui.routing.endpoints import EndpointFacts, KeyFacts
from cccc_tui.routing.order import Moment, in_order, keys_in_order, order_note
from cccc_tui.routing.plan import RoutingTable
from cccc_tui.routing.slots import Bound, Candidate, LeftOut, Narrowest, Plan, Route, Slot, Tier

__all__ = [
    "Availability",
    "Bound",
    "Candidate",
    "EndpointFacts",
    "HealthView",
    "KeyFacts",
    "LearnedView",
    "LeftOut",
    "Plan",
    "Quota",
    "Route",
    "RoutingTable",
    "choose",
    "select",
]


class _Chance(NamedTuple):
    """One key of one slot, and what speaks against it now."""

    candidate: Candidate
    slot: Slot
    tier: int
    health: Availability
    too_small: str
    """Why the request does not fit into it; empty if it does."""
    note: str


def select(
    facts: RequestFacts,
    tags: Sequence[str],
    table: RoutingTable,
    health: HealthView = NO_HEALTH,
    now: float = 0.0,
    *,
    learned: LearnedView = NOTHING_LEARNED,
    bound: Bound | None = None,
    turn: int = 0,
) -> Route:
    """The route for a request. What is not in `health` or `learned` is healthy or not known."""
    plan = table.plan(facts, tags, table.aim(facts), learned)
    moment = Moment(health, now, turn, table.expiring_first)
    return choose(plan, facts, moment, learned, bound)


def choose(
    plan: Plan,
    facts: RequestFacts,
    at: Moment,
    learned: LearnedView = NOTHING_LEARNED,
    bound: Bound | None = None,
) -> Route:
    """The route that the plan gives at this moment."""
    if not _is_usual(plan, facts, at, learned):
        return _chosen(plan, facts, at, learned, bound)
    route = plan.routes.get(bound)
    if route is None:
        route = plan.routes[bound] = _chosen(plan, facts, at, learned, bound)
    return route


def _is_usual(plan: Plan, facts: RequestFacts, at: Moment, learned: LearnedView) -> bool:
    """Whether the plan alone decides: then nobody is judged anew for each request, however many there are."""
    health = at.health
    return (
        plan.is_fixed
        and not at.expiring_first
        and not (health.endpoints or health.keys or health.models or health.key_models)
        and _fits_all(plan, facts, learned)
    )


def _fits_all(plan: Plan, facts: RequestFacts, learned: LearnedView) -> bool:
    """Whether nothing that was learned keeps this request from any slot of the plan."""
    if not (learned.no_images or learned.no_tools or learned.context_tokens):
        return True
    known = plan.narrowest.get(id(learned))
    if known is None or known[0] is not learned:
        plan.narrowest.clear()
        known = plan.narrowest[id(learned)] = (learned, _narrowest(plan, learned))
    most = known[1]
    return (
        (most.images or not facts.has_images)
        and (most.tools or not facts.has_tools)
        and (most.tokens is None or facts.estimated_tokens <= most.tokens)
    )


def _narrowest(plan: Plan, learned: LearnedView) -> Narrowest:
    places = [
        (slot.endpoint.id, model) for tier in plan.tiers for slot in tier.slots for model in (slot.model, "")
    ]
    limits = [limit for place in places if (limit := learned.context_tokens.get(place))]
    return Narrowest(
        images=not any(place in learned.no_images for place in places),
        tools=not any(place in learned.no_tools for place in places),
        tokens=min(limits, default=None),
    )


def _chosen(plan: Plan, facts: RequestFacts, at: Moment, learned: LearnedView, bound: Bound | None) -> Route:
    chances = list(_chances(plan, facts, at, learned))
    fitting = [chance for chance in chances if not chance.too_small]
    chosen = [chance for chance in fitting if chance.health.usable]
    last_resort = ""
    if not chosen and chances:
        last_resort = "all that fit are resting" if fitting else "no other endpoint can take it"
        chosen = [min(fitting or chances, key=_badness)]
    if bound is not None:
        chosen = _bound_first(chosen, bound)
    candidates = tuple([_worded(chance, at.now, last_resort) for chance in chosen])
    if len(chosen) == len(chances):
        return Route(candidates, plan.left_out)
    taken = {id(chance.candidate) for chance in chosen}
    others = [chance for chance in chances if id(chance.candidate) not in taken]
    left_out = [
        LeftOut(_shown(chance), chance.too_small or _resting(chance.health, at.now)) for chance in others
    ]
    resting = sorted((chance for chance in others if _only_rests(chance)), key=_badness)
    return Route(
        candidates,
        (*dict.fromkeys(left_out), *plan.left_out),
        tuple([_worded(chance, at.now, "no other has answered") for chance in resting]),
    )


def _chances(plan: Plan, facts: RequestFacts, at: Moment, learned: LearnedView) -> Iterator[_Chance]:
    health = at.health
    watches_size = facts.operation != "count_tokens"
    teaches_size = bool(learned.no_images or learned.no_tools or learned.context_tokens)
    for number, tier in enumerate(plan.tiers):
        is_ordered = len(tier.slots) > 1 and tier.strategy != "priority"
        for slot in in_order(tier, at):
            endpoint = slot.endpoint
            known = health.endpoints.get(endpoint.id, HEALTHY)
            if health.models:
                known = _worse(known, health.models.get((endpoint.id, slot.model), HEALTHY))
            limited = watches_size and (slot.is_limited or teaches_size)
            too_small = _too_small(slot, facts, learned) if limited else ""
            note = order_note(slot, tier.strategy, at) if is_ordered else ""
            for candidate in _in_turn(slot, tier, at):
                own = _key_health(slot, candidate, health)
                if health.key_models:
                    place = (slot.endpoint.id, candidate.key_id, slot.model)
                    own = _worse(own, health.key_models.get(place, HEALTHY))
                yield _Chance(candidate, slot, number, _worse(known, own), too_small, note)


def _in_turn(slot: Slot, tier: Tier, at: Moment) -> Sequence[Candidate]:
    if len(slot.candidates) == 1:
        return slot.candidates
    by_key = {candidate.key_id: candidate for candidate in slot.candidates}
    return [by_key[key.id] for key in keys_in_order(slot.endpoint, tier.strategy, at)]


def _key_health(slot: Slot, candidate: Candidate, health: HealthView) -> Availability:
    if len(slot.candidates) > 1:
        key = next(key for key in slot.endpoint.keys if key.id == candidate.key_id)
        if key.out_of_service:
            reason = f"out of service: {key.out_of_service}"
            return Availability(usable=False, reason=reason, strain=math.inf)
    return health.keys.get((slot.endpoint.id, candidate.key_id), HEALTHY) if health.keys else HEALTHY


def _worse(one: Availability, other: Availability) -> Availability:
    """Of two that both must hold, the one that speaks against; of two resting, the one that lasts longer."""
    if one is other or other is HEALTHY:
        return one
    return max(one, other, key=lambda health: (not health.usable, health.back_at or 0.0, health.strain))


def _too_small(slot: Slot, facts: RequestFacts, learned: LearnedView) -> str:
    endpoint = slot.endpoint
    model, whole = (endpoint.id, slot.model), (endpoint.id, "")
    takes_none = endpoint.supports_images is False or model in learned.no_images or whole in learned.no_images
    if takes_none and facts.has_images:
        return "takes no images, and the request has some"
    if (model in learned.no_tools or whole in learned.no_tools) and facts.has_tools:
        return "takes no tools, and the request has some"
    known = learned.context_tokens
    limit = endpoint.context_tokens or known.get(model) or known.get(whole)
    if limit and facts.estimated_tokens > limit:
        return f"holds {limit:,} tokens, the request has about {facts.estimated_tokens:,}"
    return ""


def _only_rests(chance: _Chance) -> bool:
    return not chance.too_small and not chance.health.usable and chance.health.strain < math.inf


def _badness(chance: _Chance) -> tuple[float, float]:
    back_at = chance.health.back_at
    return chance.health.strain, math.inf if back_at is None else back_at


def _bound_first(chosen: list[_Chance], bound: Bound) -> list[_Chance]:
    """The conversation's own place moves to the front: of all, or of its equals where it may return."""
    own = next((chance for chance in chosen if _is_bound(chance, bound)), None)
    if own is None:
        return chosen
    own = own._replace(note="; ".join(filter(None, (own.note, "the conversation's prompt cache is there"))))
    rest = [chance for chance in chosen if not _is_bound(chance, bound) or chance.slot is not own.slot]
    if not bound.may_return:
        return [own, *rest]
    before = sum(chance.tier < own.tier for chance in rest)
    return [*rest[:before], own, *rest[before:]]


def _is_bound(chance: _Chance, bound: Bound) -> bool:
    return chance.candidate.endpoint_id == bound.endpoint_id and chance.candidate.key_id == bound.key_id


def _worded(chance: _Chance, now: float, last_resort: str) -> Candidate:
    if not chance.note and not last_resort:
        return chance.candidate
    said = [chance.candidate.reason, chance.note]
    if last_resort:
        against = chance.too_small or _resting(chance.health, now)
        said.append(f"{against}; tried all the same, since {last_resort}")
    return chance.candidate._replace(reason="; ".join(filter(None, said)))


def _shown(chance: _Chance) -> str:
    keys = chance.slot.endpoint.keys
    if len(keys) == 1:
        return chance.candidate.name
    name = next(key.name for key in keys if key.id == chance.candidate.key_id)
    return f"{chance.candidate.name} (key {name})"


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
