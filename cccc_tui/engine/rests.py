"""The rests of endpoints as one exchange meets them: whom it may wake, for whom it waits, and when the next is back.

A rest is broken only when nobody else is left, and not by every request of an agent's storm; one that ends within
`retry.wait_for_cool_down` is waited for, since an agent would wait longer.
"""

from __future__ import annotations

import time

from cccc_tui.config.schema import Retry
from cccc_tui.engine.health import EndpointHealth, HealthBook
from cccc_tui.engine.judgement import Judgement
from cccc_tui.routing.select import Candidate, Route

_SURELY_BACK_S = 0.01
"""So much later than the moment itself, which a clock may reach a little early."""


class Rests:
    """Of one exchange that is to generate an answer; everything else neither waits nor wakes."""

    def __init__(self, health: HealthBook, judgement: Judgement, retry: Retry, is_wanted: bool) -> None:
        self._health = health
        self._judgement = judgement
        self._retry = retry
        self._is_wanted = is_wanted
        self._paused_s = 0.0

    def is_resting(self, route: Route) -> bool:
        """Whether even the best candidate is out, and this request is not the one that may try it all the same."""
        if not self._is_wanted or not route.candidates or self._health.is_spotless:
            return False
        return not self.may_ask(route.candidates[0])

    def to_wake(self, route: Route) -> tuple[Candidate, ...]:
        """Those left out only because they rest; `may_ask` says at its turn whether each may be asked."""
        return route.resting if self._is_wanted else ()

    def may_ask(self, candidate: Candidate) -> bool:
        """Whether it is not out, or is, and this request may try it all the same."""
        if not self._why_out(candidate).is_out(time.time()):
            return True
        key_id = self._judgement.key_in_pool(candidate)
        return self._health.may_force(candidate.endpoint_id, key_id, candidate.model)

    def pause_s(self, route: Route, elapsed_s: float) -> float | None:
        """How long to wait for the next candidate to be back; None where waiting is for the agent to do.

        What is returned counts as waited.
        """
        if not self._is_wanted:
            return None
        pause_s = self.back_in_s(route)
        if pause_s is None or self._paused_s + pause_s > self._retry.wait_for_cool_down:
            return None
        if elapsed_s + pause_s >= self._retry.deadline:
            return None
        self._paused_s += pause_s + _SURELY_BACK_S
        return pause_s + _SURELY_BACK_S

    def back_in_s(self, route: Route) -> float | None:
        """Until the next of those that are out is back; None where none is."""
        now = time.time()
        waits = [health.back_at - now for _, health in self._all(route)]
        return min((wait_s for wait_s in waits if wait_s > 0), default=None)

    def first_back(self, route: Route) -> tuple[Candidate, EndpointHealth]:
        """Who may be asked again first, and why not before."""
        return min(self._all(route), key=lambda pair: pair[1].back_at)

    def all_are_out(self, route: Route) -> bool:
        """Whether nobody could be asked again at this moment."""
        now = time.time()
        return all(health.is_out(now) for _, health in self._all(route))

    def _all(self, route: Route) -> list[tuple[Candidate, EndpointHealth]]:
        return [(each, self._why_out(each)) for each in (*route.candidates, *route.resting)]

    def _why_out(self, candidate: Candidate) -> EndpointHealth:
        key_id = self._judgement.key_in_pool(candidate)
        return self._health.why_out(candidate.endpoint_id, key_id, candidate.model)
