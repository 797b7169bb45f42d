"""Which endpoints may be asked now: a breaker and a cool-down per endpoint, kept by identity.

Identity is the endpoint's id and not its object, so a reload of the configuration forgets nothing. The breaker opens
when every counted exchange of the last window failed (and at least two did), stays open for `check_interval`, and then
lets one real request try; `recovery_threshold` successes in a row close it. A cool-down is different: the upstream
said when to come back (rate limit) or the credential was refused, and nothing is known about its health.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Literal

import msgspec

from cccc_tui.routing.policy import Verdict
from cccc_tui.routing.select import Availability, HealthView

WINDOW_S = 140.0
"""As in CCCC: what happened longer ago says nothing about now."""

MAX_DOUBLED_S = 1800.0
"""A cool-down whose length is only our guess grows no longer than this."""

State = Literal["untried", "closed", "open", "trial"]


class EndpointHealth(msgspec.Struct, kw_only=True):
    """What is known of one endpoint."""

    state: State = "untried"
    since: float = 0.0
    reason: str = ""
    """The failure that opened the breaker or began the cool-down, in a sentence."""
    cool_until: float = 0.0
    open_until: float = 0.0
    cooled_in_a_row: int = 0
    """Cool-downs without a success between them; each one without a date of its own lasts twice as long."""
    successes_in_a_row: int = 0
    recent: deque[tuple[float, bool]] = msgspec.field(default_factory=lambda: deque(maxlen=100))
    """Moment and success of the counted exchanges."""

    def is_out(self, now: float) -> bool:
        return now < max(self.cool_until, self.open_until if self.state == "open" else 0.0)


class HealthBook:
    """Health of every endpoint; a change is reported to `on_change` with the endpoint's id."""

    def __init__(
        self, clock: Callable[[], float], on_change: Callable[[str, EndpointHealth], None] = lambda *_: None
    ) -> None:
        self._clock = clock
        self._on_change = on_change
        self._known: dict[str, EndpointHealth] = {}
        self.check_interval_s = 30.0
        self.recovery_threshold = 1

    def of(self, endpoint_id: str) -> EndpointHealth:
        health = self._known.get(endpoint_id)
        if health is None:
            health = self._known[endpoint_id] = EndpointHealth(since=self._clock())
        return health

    def view(self) -> HealthView:
        """What routing needs to know: only endpoints of which there is something to say."""
        return HealthView(endpoints=self.availability())

    def availability(self) -> dict[str, Availability]:
        """How each endpoint does of which there is something to say."""
        now = self._clock()
        return {endpoint_id: _availability(health, now) for endpoint_id, health in self._known.items()}

    def begin(self, endpoint_id: str) -> None:
        """A request goes there now; if the endpoint was out and its time has come, this request is the trial."""
        health = self.of(endpoint_id)
        if health.state == "open" and not health.is_out(self._clock()):
            self._change(endpoint_id, health, "trial", health.reason)

    def abandon(self, endpoint_id: str) -> None:
        """The request ended without a word about the endpoint (the client left): a trial is open again."""
        health = self.of(endpoint_id)
        if health.state == "trial":
            self._change(endpoint_id, health, "open", health.reason)

    def succeed(self, endpoint_id: str) -> None:
        health = self.of(endpoint_id)
        health.recent.append((self._clock(), True))
        health.successes_in_a_row += 1
        health.cooled_in_a_row = 0
        health.cool_until = 0.0
        if health.state == "closed":
            return
        if health.state == "untried" or health.successes_in_a_row >= self.recovery_threshold:
            self._change(endpoint_id, health, "closed", "")
        elif health.state == "trial":
            # Not proven yet, but answering: the next request may go there at once.
            health.open_until = 0.0
            self._change(endpoint_id, health, "open", health.reason)

    def fail(self, endpoint_id: str, verdict: Verdict, reason: str) -> None:
        """Books a failure as policy judged it; a verdict that neither counts nor cools changes nothing."""
        health, now = self.of(endpoint_id), self._clock()
        if verdict.cool_s is not None:
            self._cool(endpoint_id, health, verdict, reason, now)
        if not verdict.counts_against:
            self.abandon(endpoint_id)
            return
        health.successes_in_a_row = 0
        health.recent.append((now, False))
        if health.state == "trial" or (health.state != "open" and _all_failed(health, now)):
            health.open_until = now + self.check_interval_s
            self._change(endpoint_id, health, "open", reason)

    def reset(self, endpoint_id: str | None = None) -> None:
        """Forgets the failures of one endpoint, or of all."""
        for known in [endpoint_id] if endpoint_id else list(self._known):
            self._known[known] = EndpointHealth(since=self._clock())
            self._on_change(known, self._known[known])

    def restore(
        self, endpoint_id: str, state: State, reason: str, cool_until: float, open_until: float
    ) -> None:
        """Takes up what was known before a restart."""
        self._known[endpoint_id] = EndpointHealth(
            state=state, since=self._clock(), reason=reason, cool_until=cool_until, open_until=open_until
        )

    def _cool(
        self, endpoint_id: str, health: EndpointHealth, verdict: Verdict, reason: str, now: float
    ) -> None:
        assert verdict.cool_s is not None
        if now >= health.cool_until:  # failures of requests that ran side by side are one cool-down
            health.cooled_in_a_row += 1
        cool_s = verdict.cool_s
        if verdict.cool_doubles:
            cool_s = min(cool_s * 2 ** (health.cooled_in_a_row - 1), MAX_DOUBLED_S)
        health.cool_until = max(health.cool_until, now + cool_s)
        health.reason = reason
        self._on_change(endpoint_id, health)

    def _change(self, endpoint_id: str, health: EndpointHealth, state: State, reason: str) -> None:
        health.state, health.reason, health.since = state, reason, self._clock()
        self._on_change(endpoint_id, health)


def _all_failed(health: EndpointHealth, now: float) -> bool:
    window = [succeeded for at, succeeded in health.recent if now - at <= WINDOW_S]
    return len(window) >= 2 and not any(window)


def _availability(health: EndpointHealth, now: float) -> Availability:
    out = health.is_out(now) or health.state == "trial"
    back_at = max(health.cool_until, health.open_until)
    failures = sum(not succeeded for at, succeeded in health.recent if now - at <= WINDOW_S)
    return Availability(
        usable=not out,
        reason=health.reason if out else "",
        back_at=back_at if out and back_at > now else None,
        strain=failures + max(0.0, back_at - now),
    )
