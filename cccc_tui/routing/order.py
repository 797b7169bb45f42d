"""In which order equals are tried: the strategies, over plain values.

A turn is a number that counts the requests of a pool. Rotation takes it as it is; shares by weight are taken from
multiples of an irrational number, which spread evenly over any stretch of turns and never fall into step with each
other (a request every second turn still meets every key).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from cccc_tui.routing.conditions import HealthView, Quota
from cccc_tui.routing.endpoints import EndpointFacts, KeyFacts
from cccc_tui.routing.slots import Slot, Strategy, Tier

_GOLDEN = (math.sqrt(5) - 1) / 2
_SILVER = math.sqrt(2) - 1
_MEASURE_EVERY = 16
"""Of how many turns one goes to another endpoint than the fastest, so that the others are measured too."""
_LEFT = 0.02
"""A smaller share of a quota than this is as good as none."""

T = TypeVar("T")


class Moment(NamedTuple):
    """What the order depends on besides the configuration."""

    health: HealthView
    now: float
    turn: int = 0
    expiring_first: bool = False


def in_order(tier: Tier, at: Moment) -> Sequence[Slot]:
    """The slots of a tier in the order in which they are tried."""
    slots: Sequence[Slot] = tier.slots
    if len(slots) > 1:
        slots = _ORDERS[tier.strategy](slots, at)
        if at.expiring_first:
            slots = sorted(slots, key=lambda slot: _slot_urgency(slot, at))
    return slots


def keys_in_order(endpoint: EndpointFacts, strategy: Strategy, at: Moment) -> Sequence[KeyFacts]:
    """An endpoint's keys: by their weights in turn, or one after the other where the first is to be filled."""
    keys = endpoint.keys
    if len(keys) == 1:
        return keys
    if strategy != "fill-first":
        keys = tuple(_shared(keys, [key.weight for key in keys], at.turn * _SILVER % 1))
    if at.expiring_first:
        urgency = dict(zip((key.id for key in endpoint.keys), _quotas(endpoint, at), strict=True))
        keys = tuple(sorted(keys, key=lambda key: _urgency(urgency[key.id], at.now)))
    return keys


def order_note(slot: Slot, strategy: Strategy, at: Moment) -> str:
    """What the strategy went by, for the reason."""
    if strategy == "lowest-latency":
        seconds = at.health.first_content_s.get(slot.endpoint.id)
        return "not measured yet" if seconds is None else f"{seconds:.1f} s to the first content"
    if strategy == "lowest-cost":
        cost = slot.cost_usd
        return "price not known" if cost is None else f"${cost:.2f} per million tokens"
    return "" if strategy == "priority" else strategy


def _rotated(slots: Sequence[Slot], at: Moment) -> Sequence[Slot]:
    start = at.turn % len(slots)
    return (*slots[start:], *slots[:start])


def _weighted(slots: Sequence[Slot], at: Moment) -> Sequence[Slot]:
    return _shared(slots, [slot.weight for slot in slots], at.turn * _GOLDEN % 1)


def _fastest(slots: Sequence[Slot], at: Moment) -> Sequence[Slot]:
    """One that was never measured comes first: there is no other way to know it."""
    known = at.health.first_content_s
    fastest = sorted(slots, key=lambda slot: known.get(slot.endpoint.id, 0.0))
    if at.turn % _MEASURE_EVERY == _MEASURE_EVERY - 1:
        other = 1 + at.turn // _MEASURE_EVERY % (len(fastest) - 1)
        fastest.insert(0, fastest.pop(other))
    return fastest


def _cheapest(slots: Sequence[Slot], at: Moment) -> Sequence[Slot]:
    return sorted(slots, key=lambda slot: math.inf if slot.cost_usd is None else slot.cost_usd)


_ORDERS: dict[Strategy, Callable[[Sequence[Slot], Moment], Sequence[Slot]]] = {
    "priority": lambda slots, _: slots,
    "fill-first": lambda slots, _: slots,
    "round-robin": _rotated,
    "weighted": _weighted,
    "lowest-latency": _fastest,
    "lowest-cost": _cheapest,
}


def _shared(items: Sequence[T], weights: Sequence[float], draw: float) -> Sequence[T]:
    """The one whose share of the weights `draw` (0 to 1) falls into, then the others, heavier ones first."""
    point, first = draw * sum(weights), 0
    for index, weight in enumerate(weights):
        if weight > 0 and point >= 0:
            first = index
        point -= weight
        if point < 0:
            break
    others = sorted((i for i in range(len(items)) if i != first), key=lambda i: -weights[i])
    return [items[first], *(items[i] for i in others)]


def _quotas(endpoint: EndpointFacts, at: Moment) -> list[Quota | None]:
    return [at.health.quota.get((endpoint.id, key.id)) for key in endpoint.keys]


def _slot_urgency(slot: Slot, at: Moment) -> tuple[int, float]:
    """That of its most urgent key; one that never answered comes first: there is no other way to know it."""
    quotas = _quotas(slot.endpoint, at)
    if slot.endpoint.id not in at.health.first_content_s and not any(quotas):
        return -1, 0.0
    return min(_urgency(quota, at.now) for quota in quotas)


def _urgency(quota: Quota | None, now: float) -> tuple[int, float]:
    """What expires soonest is spent first; what is used up comes last."""
    if quota is None or quota.resets_at <= now:
        return 1, 0.0
    return (0, quota.resets_at) if quota.remaining > _LEFT else (2, quota.resets_at)
