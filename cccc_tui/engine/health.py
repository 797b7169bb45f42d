"""Which endpoints, keys and models may be asked now: a breaker per endpoint, cool-downs, and what else routing weighs.

Kept by identity (ids, not objects), so a reload of the configuration forgets nothing. The breaker opens when every
counted exchange of the last window failed (and at least two did), or when some failed one after the other although the
window has seen better; it stays open for `check_interval`, and then lets one real request try; `recovery_threshold`
successes in a row close it. A cool-down is different: the upstream said when to
come back, its credential was refused, or it lacks a model, and nothing is known about its health. It holds for the
endpoint, for one key of a pool, for one model, or for one model asked with one key.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from typing import Literal, NamedTuple

import msgspec

from cccc_tui.routing.policy import Verdict
from cccc_tui.routing.select import Availability, HealthView, Quota
from cccc_tui.wire.errors import UpstreamError

WINDOW_S = 140.0
"""As in CCCC: what happened longer ago says nothing about now."""

STREAK = 3
"""Failures that open the breaker whatever came before, each of a request that was sent after the last one had failed:
an agent that repeats itself against an endpoint that has just died is a storm. What breaks side by side is one."""

MAX_DOUBLED_S = 1800.0
"""A cool-down whose length is only our guess grows no longer than this."""

FORCE_EVERY_S = 2.0
"""An endpoint that is out is tried all the same when no other is left, but not by every request of a storm."""

TRIAL_S = 60.0
"""A trial keeps other requests away no longer than this: a long answer may take minutes, and whatever became of a
request, no endpoint is left out because nobody said that it ended."""

SMOOTHING = 0.3
"""Weight of the newest time to first content in its running mean."""

State = Literal["untried", "closed", "open", "trial"]


class Place(NamedTuple):
    """What a cool-down holds for: an endpoint, one key of its pool, one model of it, or one model with one key."""

    endpoint_id: str
    key_id: str = ""
    model: str = ""


class EndpointHealth(msgspec.Struct, kw_only=True):
    """What is known of one place; keys and models only ever cool."""

    state: State = "untried"
    since: float = 0.0
    reason: str = ""
    """The failure that opened the breaker or began the cool-down, in a sentence."""
    error: UpstreamError | None = None
    """The same as the upstream said it; of it, a restart keeps the class and the sentence."""
    cool_until: float = 0.0
    cool_is_dated: bool = False
    """Whether the upstream itself named the end of the cool-down."""
    failed_last: float = 0.0
    """Moment of the last failure that opened the breaker or began or prolonged a cool-down."""
    open_until: float = 0.0
    cooled_in_a_row: int = 0
    """Cool-downs without a success between them; each one without a date of its own lasts twice as long."""
    successes_in_a_row: int = 0
    succeeded_at: float = 0.0
    failed_at: deque[float] = msgspec.field(default_factory=lambda: deque(maxlen=100))
    """Moments of the counted failures."""
    streak: int = 0
    """Counted failures one after the other since the last success."""
    forced_at: float = 0.0

    def is_out(self, now: float) -> bool:
        return now < self.back_at

    def is_on_trial(self, now: float) -> bool:
        """Whether one request is finding out how it does, and the others stay away meanwhile."""
        return self.state == "trial" and now - self.since < TRIAL_S

    @property
    def back_at(self) -> float:
        return max(self.cool_until, self.open_until if self.state == "open" else 0.0)

    @property
    def last_failure(self) -> float:
        """Moment of the last counted failure."""
        return self.failed_at[-1] if self.failed_at else 0.0

    @property
    def is_spotless(self) -> bool:
        """Whether nothing speaks against it, and nothing did lately."""
        return not (self.failed_at or self.cool_until or self.state in ("open", "trial"))

    def failures(self, now: float) -> int:
        """Counted ones in the window."""
        return sum(now - at <= WINDOW_S for at in self.failed_at)


class HealthBook:
    """Health of every place; a change is reported to `on_change`."""

    def __init__(
        self, clock: Callable[[], float], on_change: Callable[[Place, EndpointHealth], None] = lambda *_: None
    ) -> None:
        self._clock = clock
        self._on_change = on_change
        self._known: dict[Place, EndpointHealth] = {}
        self._spotted: dict[Place, EndpointHealth] = {}
        """Those of them that may not be spotless: every request asks for these, and most endpoints are well."""
        self._first_content_s: dict[str, float] = {}
        self._quota: dict[tuple[str, str], Quota] = {}
        self._spotless_view = HealthView(first_content_s=self._first_content_s, quota=self._quota)
        self.check_interval_s = 30.0
        self.recovery_threshold = 1

    @property
    def is_spotless(self) -> bool:
        """Whether nothing speaks against anything."""
        return not self._spotted

    def of(self, endpoint_id: str) -> EndpointHealth:
        return self._at(Place(endpoint_id))

    def cooling(self, endpoint_id: str) -> dict[Place, EndpointHealth]:
        """The keys and models of an endpoint that are out now."""
        now = self._clock()
        return {
            place: health
            for place, health in self._known.items()
            if place.endpoint_id == endpoint_id and place != Place(endpoint_id) and health.is_out(now)
        }

    def view(self) -> HealthView:
        """What routing needs to know: only places of which there is something to say."""
        if not self._spotted:
            return self._spotless_view
        now = self._clock()
        endpoints: dict[str, Availability] = {}
        keys: dict[tuple[str, str], Availability] = {}
        models: dict[tuple[str, str], Availability] = {}
        key_models: dict[tuple[str, str, str], Availability] = {}
        for place, health in list(self._spotted.items()):
            if health.is_spotless:
                del self._spotted[place]
            elif place.key_id and place.model:
                key_models[place] = _availability(health, now)
            elif place.key_id:
                keys[place.endpoint_id, place.key_id] = _availability(health, now)
            elif place.model:
                models[place.endpoint_id, place.model] = _availability(health, now)
            else:
                endpoints[place.endpoint_id] = _availability(health, now)
        return HealthView(
            endpoints=endpoints,
            keys=keys,
            models=models,
            key_models=key_models,
            first_content_s=self._first_content_s,
            quota=self._quota,
        )

    def begin(self, endpoint_id: str) -> None:
        """A request goes there now; if the endpoint was out and its time has come, this request is the trial."""
        health, now = self.of(endpoint_id), self._clock()
        is_over = health.state == "trial" and not health.is_on_trial(now)
        if is_over or (health.state == "open" and not health.is_out(now)):
            self._change(Place(endpoint_id), health, "trial", health.reason)

    def may_force(self, endpoint_id: str, key_id: str = "", model: str = "") -> bool:
        """Whether a request may try an endpoint that is out, because no other is left; that request is the one.

        Not before a moment that the upstream itself has named, and not every request of an agent's retries.
        """
        now = self._clock()
        out = [health for health in self._needed(endpoint_id, key_id, model) if health.is_out(now)]
        if any(health.cool_is_dated and now < health.cool_until for health in out):
            return False
        health = self.of(endpoint_id)
        if health.is_on_trial(now) or now - health.forced_at < FORCE_EVERY_S:
            return False
        health.forced_at = now
        return True

    def why_out(self, endpoint_id: str, key_id: str = "", model: str = "") -> EndpointHealth:
        """The place, of those that a request needs, that is out for longest."""
        if not self._spotted:
            return self.of(endpoint_id)
        known = self._needed(endpoint_id, key_id, model)
        return max((self.of(endpoint_id), *known), key=lambda health: health.back_at)

    def _needed(self, endpoint_id: str, key_id: str, model: str) -> list[EndpointHealth]:
        """What is known of all that a request needs there."""
        places = (Place(endpoint_id), *_parts(endpoint_id, key_id, model))
        return [health for place in places if (health := self._known.get(place))]

    def abandon(self, endpoint_id: str) -> None:
        """The request ended without a word about the endpoint (the client left): a trial is open again."""
        health = self.of(endpoint_id)
        if health.state == "trial":
            self._change(Place(endpoint_id), health, "open", health.reason)

    def succeed(
        self,
        endpoint_id: str,
        key_id: str = "",
        model: str = "",
        first_content_s: float | None = None,
        asked_at: float = math.inf,
    ) -> None:
        """Books an answer; what it took until its first content goes into the running mean.

        It says nothing against a failure that came after it was `asked_at`: a long answer that ends well does not end
        the rest that another request was told to keep meanwhile.
        """
        if first_content_s is not None:
            before = self._first_content_s.get(endpoint_id, first_content_s)
            self._first_content_s[endpoint_id] = before + SMOOTHING * (first_content_s - before)
        for part in _parts(endpoint_id, key_id, model) if self._spotted else ():
            if (cooled := self._known.get(part)) and asked_at >= cooled.failed_last:
                self._forget(part)
        place, health = Place(endpoint_id), self.of(endpoint_id)
        health.succeeded_at = self._clock()
        if asked_at >= health.last_failure:
            health.streak = 0
        if asked_at < health.failed_last:
            return
        health.successes_in_a_row += 1
        health.cooled_in_a_row = 0
        if health.cool_until:
            health.cool_until = 0.0
            self._on_change(place, health)
        if health.state == "closed":
            return
        if health.state == "untried" or health.successes_in_a_row >= self.recovery_threshold:
            health.failed_at.clear()
            self._change(place, health, "closed", "")
        elif health.state == "trial":
            # Not proven yet, but answering: the next request may go there at once.
            health.open_until = 0.0
            self._change(place, health, "open", health.reason)

    def fail(
        self,
        endpoint_id: str,
        verdict: Verdict,
        reason: str,
        key_id: str = "",
        model: str = "",
        error: UpstreamError | None = None,
        asked_at: float = math.inf,
    ) -> None:
        """Books a failure as policy judged it; a verdict that neither counts nor cools changes nothing.

        `key_id` is empty for an endpoint with one credential: without that it can do nothing at all. `asked_at` tells
        what failed side by side from what failed one after the other.
        """
        health, now = self.of(endpoint_id), self._clock()
        if verdict.cool_s is not None:
            self._cool(_cooled(verdict, Place(endpoint_id, key_id, model)), verdict, reason, error, now)
        if not verdict.counts_against:
            self.abandon(endpoint_id)
            return
        health.successes_in_a_row = 0
        health.streak += asked_at >= health.last_failure
        health.failed_at.append(now)
        self._spotted[Place(endpoint_id)] = health
        if health.state == "trial" or (health.state != "open" and _is_down(health, now)):
            health.open_until, health.error, health.failed_last = now + self.check_interval_s, error, now
            self._change(Place(endpoint_id), health, "open", reason)

    def answers(self, endpoint_id: str) -> None:
        """It was seen to be alive without a request being spent on it: the next one may be its trial at once."""
        health = self.of(endpoint_id)
        if health.state == "open":
            health.open_until = 0.0
            self._change(Place(endpoint_id), health, "open", health.reason)

    def note_quota(self, endpoint_id: str, key_id: str, quota: Quota) -> None:
        """What an answer's headers said of the credential's allowance."""
        self._quota[endpoint_id, key_id] = quota

    def quotas(self, endpoint_id: str) -> dict[str, Quota]:
        """By key id; those whose moment of renewal has passed say nothing any more."""
        now = self._clock()
        return {
            key_id: quota
            for (known, key_id), quota in self._quota.items()
            if known == endpoint_id and quota.resets_at > now
        }

    def reset(self, endpoint_id: str | None = None, key_id: str | None = None) -> None:
        """Forgets the failures of one endpoint with its keys and models, or of one key of it, or of all."""
        for place in list(self._known):
            if endpoint_id in (None, place.endpoint_id) and key_id in (None, place.key_id):
                self._forget(place)

    def restore(
        self,
        place: Place,
        state: State,
        reason: str,
        cool_until: float,
        open_until: float,
        in_a_row: int = 0,
        error: UpstreamError | None = None,
    ) -> None:
        """Takes up what was known before a restart."""
        self._known[place] = EndpointHealth(
            state=state,
            since=self._clock(),
            reason=reason,
            cool_until=cool_until,
            open_until=open_until,
            cooled_in_a_row=in_a_row,
            error=error,
        )
        self._spotted[place] = self._known[place]

    def _forget(self, place: Place) -> None:
        self._known.pop(place)
        self._spotted.pop(place, None)
        self._on_change(place, EndpointHealth(since=self._clock()))

    def _at(self, place: Place) -> EndpointHealth:
        health = self._known.get(place)
        if health is None:
            health = self._known[place] = EndpointHealth(since=self._clock())
        return health

    def _cool(
        self, place: Place, verdict: Verdict, reason: str, error: UpstreamError | None, now: float
    ) -> None:
        assert verdict.cool_s is not None
        health = self._at(place)
        if now >= health.cool_until:  # failures of requests that ran side by side are one cool-down
            health.cooled_in_a_row += 1
        cool_s = verdict.cool_s
        if verdict.cool_doubles:
            cool_s = min(cool_s * 2 ** (health.cooled_in_a_row - 1), MAX_DOUBLED_S)
        if now + cool_s > health.cool_until:
            health.cool_until, health.cool_is_dated = now + cool_s, verdict.cool_is_dated
        health.reason, health.error, health.failed_last = reason, error, now
        self._spotted[place] = health
        self._on_change(place, health)

    def _change(self, place: Place, health: EndpointHealth, state: State, reason: str) -> None:
        health.state, health.reason, health.since = state, reason, self._clock()
        if state != "closed":
            self._spotted[place] = health
        self._on_change(place, health)


def _cooled(verdict: Verdict, asked: Place) -> Place:
    match verdict.cool_scope:
        case "credential":
            return Place(asked.endpoint_id, asked.key_id)
        case "model":
            return Place(asked.endpoint_id, "", asked.model)
        case "model_of_key":
            return asked
    return Place(asked.endpoint_id)


def _parts(endpoint_id: str, key_id: str, model: str) -> list[Place]:
    """What a request needs of an endpoint besides itself, each once."""
    places = (
        Place(endpoint_id, key_id),
        Place(endpoint_id, "", model),
        Place(endpoint_id, key_id, model),
    )
    return [place for place in dict.fromkeys(places) if place.key_id or place.model]


def _is_down(health: EndpointHealth, now: float) -> bool:
    if health.streak >= STREAK:
        return True
    return health.failures(now) >= 2 and not (health.succeeded_at and now - health.succeeded_at <= WINDOW_S)


def _availability(health: EndpointHealth, now: float) -> Availability:
    out = health.is_out(now) or health.is_on_trial(now)
    back_at = health.back_at
    return Availability(
        usable=not out,
        reason=health.reason if out else "",
        back_at=back_at if out and back_at > now else None,
        strain=health.failures(now) + max(0.0, back_at - now),
    )
