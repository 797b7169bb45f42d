"""What a route is made of: slots (an endpoint asked for one model), tiers of equals, and the finished route."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

from cccc_tui.routing.conditions import LearnedView
from cccc_tui.routing.endpoints import EndpointFacts
from cccc_tui.wire.model import Format

Strategy = Literal["priority", "round-robin", "weighted", "fill-first", "lowest-latency", "lowest-cost"]
STRATEGIES: tuple[Strategy, ...] = get_args(Strategy)


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
    """Every endpoint: to be tried, in this order, or left out; one with several keys or models may be both."""

    candidates: tuple[Candidate, ...]
    left_out: tuple[LeftOut, ...]
    resting: tuple[Candidate, ...] = ()
    """Of those left out, the ones that only rest, the least bad first: somebody to ask when no candidate answered."""

    def forcing(self, candidate: Candidate) -> Route:
        """The route on which one that rests is asked all the same, after all the others."""
        left_out = tuple(left for left in self.left_out if left.name != candidate.name)
        return self._replace(candidates=(*self.candidates, candidate), left_out=left_out)


class Bound(NamedTuple):
    """Where a conversation went so far."""

    endpoint_id: str
    key_id: str
    may_return: bool = False
    """Whether a better place that is healthy again outranks it."""


class Slot(NamedTuple):
    """An endpoint that could answer, the model it would be asked for, and why it may be asked."""

    endpoint: EndpointFacts
    format: Format
    model: str
    reason: str
    weight: float
    cost_usd: float | None
    """What the model costs, as one figure to compare by."""
    is_limited: bool
    """Whether the configuration says that some requests are too large for it."""
    candidates: tuple[Candidate, ...]
    """One a key, with the reason as far as the configuration gives it."""


class Tier(NamedTuple):
    """Slots that are equals but for the strategy; all of a tier come before all of the next."""

    slots: tuple[Slot, ...]
    strategy: Strategy


class Narrowest(NamedTuple):
    """What every slot of a plan can take."""

    images: bool
    tools: bool
    tokens: int | None
    """None where no limit is known."""


class Plan(NamedTuple):
    """What the configuration alone says of requests of one kind."""

    pool: str
    """Names the requests that share turns and bindings."""
    tiers: tuple[Tier, ...]
    left_out: tuple[LeftOut, ...]
    is_fixed: bool
    """Whether neither a turn nor what is in a request changes the order."""
    narrowest: dict[int, tuple[LearnedView, Narrowest]]
    """By the identity of the last view of what was learned: what all slots can take by it."""
    routes: dict[Bound | None, Route]
    """Those that were made of it while nothing spoke for or against an endpoint, by where the conversation was."""
