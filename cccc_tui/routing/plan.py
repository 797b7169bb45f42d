"""What the configuration alone says of a request: made once per kind of request, and looked up from then on.

A plan holds what no health and no turn can change: who fits, in which tiers, under which model name, and why the
others do not. `select` puts the moment to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from cccc_tui.routing.conditions import NOTHING_LEARNED, LearnedView
from cccc_tui.routing.detect import Operation, RequestFacts
from cccc_tui.routing.endpoints import EndpointFacts
from cccc_tui.routing.fitting import misfit, spoken_format
from cccc_tui.routing.naming import KnownNames, Named, named, price_of
from cccc_tui.routing.rules import NO_AIM, Aim, Rule, aim_of
from cccc_tui.routing.slots import Candidate, LeftOut, Plan, Slot, Strategy, Tier
from cccc_tui.wire.model import Format

_MOST_PLANS = 512
"""Model names come from clients: somebody who makes them up must not fill the memory."""


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One way in which a group answers."""

    endpoint: str = ""
    """Name; empty is every endpoint."""
    model: str = ""
    """Model to ask for; empty is the client's own."""
    weight: float | None = None
    """Share for the strategy `weighted`; None is the endpoint's own."""


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Several endpoints and models behind one name that clients ask for."""

    members: tuple[Member, ...]
    strategy: Strategy = "priority"
    fallbacks: tuple[str, ...] = ()
    """Groups that answer when no member can."""


class Wish(NamedTuple):
    """What plans differ by."""

    operation: Operation
    format: Format
    client: str
    model: str
    tags: tuple[str, ...]
    aim: Aim
    refused_formats: frozenset[tuple[str, Format]]


class RoutingTable:
    """A configuration, compiled for routing. Holds plans that were made, and nothing else that changes."""

    def __init__(
        self,
        endpoints: Sequence[EndpointFacts],
        *,
        groups: Mapping[str, Group] | None = None,
        rules: Sequence[Rule] = (),
        strategy: Strategy = "priority",
        expiring_first: bool = False,
        force_prefix: bool = False,
    ) -> None:
        self.endpoints = tuple(endpoints)
        self.groups = dict(groups or {})
        self.rules = tuple(rules)
        self.strategy: Strategy = strategy
        self.expiring_first = expiring_first
        self.demo_alone = all(endpoint.is_demo for endpoint in endpoints if endpoint.enabled)
        self.known = KnownNames(
            frozenset(one.naming.prefix for one in endpoints if one.enabled and one.naming.prefix),
            frozenset(alias.alias for one in endpoints if one.enabled for alias in one.naming.aliases),
            force_prefix,
        )
        self._plans: dict[Wish, Plan] = {}

    def aim(self, facts: RequestFacts) -> Aim:
        """Where the rules send the request."""
        return aim_of(facts, self.rules) if self.rules else NO_AIM

    def plan(
        self, facts: RequestFacts, tags: Sequence[str], aim: Aim, learned: LearnedView = NOTHING_LEARNED
    ) -> Plan:
        """The plan for requests like this one."""
        wish = Wish(
            facts.operation,
            facts.format,
            facts.client,
            facts.model,
            tuple(tags),
            aim,
            learned.refused_formats,
        )
        plan = self._plans.get(wish)
        if plan is None:
            if len(self._plans) >= _MOST_PLANS:
                self._plans.clear()
            plan = self._plans[wish] = _Planner(self, wish).plan()
        return plan


class _Planner:
    """Makes one plan."""

    def __init__(self, table: RoutingTable, wish: Wish) -> None:
        self._table = table
        self._wish = wish
        self._refused: dict[str, str] = {}
        """Endpoint id → why it is left out; the first reason stays."""
        self._taken: set[tuple[str, str]] = set()
        """(endpoint id, model) that stands in a tier."""

    def plan(self) -> Plan:
        wish, table = self._wish, self._table
        asked = wish.aim.model if wish.aim.model and not wish.aim.endpoint else wish.model
        group = wish.aim.group or (asked if asked in table.groups else "")
        tiers = tuple(self._group_tiers(group) if group else self._open_tiers(asked))
        used = {endpoint_id for endpoint_id, _ in self._taken}
        left_out = tuple(
            LeftOut(one.name, self._refused.get(one.id) or f"not in the group {group}")
            for one in table.endpoints
            if one.id not in used
        )
        pool = "|".join((group, wish.aim.endpoint, ",".join(wish.tags)))
        return Plan(pool, tiers, left_out, all(map(_is_fixed, tiers)), {}, {})

    def _open_tiers(self, asked: str) -> Iterable[Tier]:
        """All endpoints that fit: the rule's own first, then by tags and priority."""
        aim, tags = self._wish.aim, self._wish.tags
        tiers: dict[tuple[int, int, int], list[Slot]] = {}
        for endpoint in self._table.endpoints:
            is_aim = endpoint.name == aim.endpoint
            reasons = [self._aim_reason()] if is_aim or (aim.rule and not aim.endpoint) else []
            reasons.append(f"priority {endpoint.priority}")
            if is_aim and aim.model:
                found = Named((aim.model,))
            else:
                found = named(asked, endpoint.naming, self._table.known)
            slots = self._slots(endpoint, found, reasons, is_open=not is_aim)
            place = (0 if is_aim else 1, 0 if tags and endpoint.tags else 1, endpoint.priority)
            if slots:
                tiers.setdefault(place, []).extend(slots)
        return [Tier(tuple(slots), self._table.strategy) for _, slots in sorted(tiers.items())]

    def _group_tiers(self, first: str) -> Iterable[Tier]:
        """The group's members as one tier, then those of its fallbacks, each group once."""
        tiers: list[Tier] = []
        waiting, seen = [first], set()
        while waiting:
            name = waiting.pop(0)
            group = self._table.groups.get(name)
            if group is None or name in seen:
                continue
            seen.add(name)
            reason = f"group {name}" if name == first else f"group {name}, the fallback of {first}"
            reasons = [self._aim_reason(), reason] if self._wish.aim.rule else [reason]
            slots = [slot for member in group.members for slot in self._member(member, reasons)]
            if slots:
                tiers.append(Tier(tuple(slots), group.strategy))
            waiting = [*group.fallbacks, *waiting]
        return tiers

    def _member(self, member: Member, reasons: list[str]) -> Iterable[Slot]:
        endpoints = [one for one in self._table.endpoints if member.endpoint in ("", one.name)]
        for endpoint in sorted(endpoints, key=lambda one: one.priority):
            found = self._member_model(member, endpoint)
            yield from self._slots(endpoint, found, reasons, is_open=False, weight=member.weight)

    def _member_model(self, member: Member, endpoint: EndpointFacts) -> Named:
        if member.model and member.endpoint:
            return Named((member.model,))
        asked = member.model or self._wish.model
        if asked in self._table.groups:
            default = endpoint.naming.default_model
            return Named((default,)) if default else Named(refused=f"the group {asked} names no model for it")
        return named(asked, endpoint.naming, self._table.known, replace=not member.model)

    def _slots(
        self,
        endpoint: EndpointFacts,
        found: Named,
        reasons: list[str],
        *,
        is_open: bool,
        weight: float | None = None,
    ) -> list[Slot]:
        wish = self._wish
        formats = tuple(form for form in endpoint.formats if (endpoint.id, form) not in wish.refused_formats)
        refused = misfit(wish, endpoint, formats, demo_alone=self._table.demo_alone, by_tags=is_open)
        if refused or found.refused:
            self._refused.setdefault(endpoint.id, refused or found.refused)
            return []
        form = spoken_format(wish.format, formats)
        said = [
            *reasons,
            f"speaks {form}" if form == wish.format else f"converted from {wish.format} to {form}",
        ]
        if wish.tags and is_open:
            tagged = f"has the request's tag {', '.join(wish.tags)}"
            said.append(tagged if endpoint.tags else "untagged, takes any request")
        slots = []
        for model in found.models:
            if (endpoint.id, model) not in self._taken:
                self._taken.add((endpoint.id, model))
                slots.append(_slot(endpoint, form, model, self._with_model(said, model, found.note), weight))
        return slots

    def _with_model(self, said: list[str], model: str, note: str) -> str:
        if model == self._wish.model:
            return "; ".join(said)
        return "; ".join((*said, f"asked for {model}" + (f" ({note})" if note else "")))

    def _aim_reason(self) -> str:
        return f"rule {self._wish.aim.rule}"


def _is_fixed(tier: Tier) -> bool:
    is_in_order = len(tier.slots) == 1 or tier.strategy in ("priority", "fill-first")
    return is_in_order and not any(slot.is_limited or len(slot.candidates) > 1 for slot in tier.slots)


def _slot(endpoint: EndpointFacts, form: Format, model: str, reason: str, weight: float | None) -> Slot:
    pooled = len(endpoint.keys) > 1
    return Slot(
        endpoint=endpoint,
        format=form,
        model=model,
        reason=reason,
        weight=endpoint.weight if weight is None else weight,
        cost_usd=price_of(model, endpoint.prices),
        is_limited=endpoint.context_tokens is not None or endpoint.supports_images is False,
        candidates=tuple(
            Candidate(
                endpoint.id,
                endpoint.name,
                form,
                f"{reason}; key {key.name}" if pooled else reason,
                key.id,
                model,
            )
            for key in endpoint.keys
        ),
    )
