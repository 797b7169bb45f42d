"""How a front end reads and steers the engine: plain snapshots and commands, nothing else.

The control center, the command line and a remote front end see the engine through `Control` alone, so the same
screens run in the engine's process and attached to another one. Snapshots are cheap to make and never change
afterwards; `traffic` and `notices` are live but read-only to a front end. Commands never raise for a reason that a
person can act on: they return an `Outcome` that says it.
"""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

from cccc_tui.traffic.notices import Notices
from cccc_tui.traffic.rates import Rates
from cccc_tui.traffic.ring import Ring
from cccc_tui.wire.model import Format, Usage

Health = Literal["healthy", "untried", "cooling", "failing", "trial", "disabled", "misconfigured"]
"""`untried`: no answer yet; `cooling`: waits until a known moment (rate limit, refused key); `failing`: left out
after failures; `trial`: one real request is finding out; `misconfigured`: out of service by the configuration."""


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A picture of one moment."""


class EngineStatus(Snapshot, frozen=True, kw_only=True):
    version: str
    address: str
    """Base URL for clients, `http://127.0.0.1:8080`; empty while not listening."""
    listening: bool
    banner: str
    """A lasting condition that a person should know (configuration rejected, no usable endpoint); else empty."""
    config_path: str
    started_at: float
    in_flight: int
    requests_total: int
    requests_per_min: int
    """Over the last 60 s."""
    errors_5min: int
    """Exchanges that ended in an error over the last 5 minutes."""
    tokens_today: Usage
    """Since local midnight, restarts included."""
    loop_lag_ms: float
    """p95 of the event loop's delay over the last seconds."""
    demo: bool
    """Whether the built-in demo endpoint answers."""
    profile: str = ""
    """Profile in use; empty is the configuration as it stands."""
    profiles: tuple[str, ...] = ()
    """Every profile that can be used."""


class KeyStatus(Snapshot, frozen=True, kw_only=True):
    """One credential of an endpoint."""

    name: str
    back_at: float | None = None
    """Wall-clock moment until which it rests."""
    reason: str = ""
    """Why it rests, or cannot be used at all, in a sentence."""
    remaining: float | None = None
    """Share of its allowance that is left, 0 to 1, as the last answer's headers said."""
    resets_at: float | None = None
    """Wall-clock moment at which the allowance is whole again."""


class ModelStatus(Snapshot, frozen=True, kw_only=True):
    """A model that an endpoint is not asked for at the moment."""

    model: str
    back_at: float
    reason: str
    key: str = ""
    """Name of the key with which it is not asked for; empty where no key helps."""


class FactStatus(Snapshot, frozen=True, kw_only=True):
    """Something that an endpoint has taught."""

    endpoint: str
    """Its name; the id of one that is not in the configuration."""
    model: str
    """Model that it holds for; empty for the whole endpoint."""
    name: str
    value: str
    evidence: str
    """What the endpoint said."""
    exchange_id: int
    """Exchange in which it said so, 0 for a fact from elsewhere."""
    first_seen: float
    last_seen: float
    expires_at: float | None
    """Wall-clock moment from which it is found out anew; None for never."""
    pinned: bool


class EndpointStatus(Snapshot, frozen=True, kw_only=True):
    name: str
    url: str
    """Base URL or URLs, without credentials."""
    formats: tuple[Format, ...]
    enabled: bool
    priority: int
    tags: tuple[str, ...]
    supported_clients: tuple[str, ...]
    health: Health
    health_reason: str
    """Why it is not healthy, in a sentence; else empty."""
    back_at: float | None
    """Wall-clock moment at which it is tried again, where there is one."""
    in_flight: int
    requests: int
    """Attempts since start."""
    failures: int
    first_content_ms: float | None
    """Median time to first content of the last answers."""
    last_error: str
    last_used_at: float | None
    usage: Usage
    """Tokens since start."""
    queued: int = 0
    """Requests that wait for a place."""
    keys: tuple[KeyStatus, ...] = ()
    resting_models: tuple[ModelStatus, ...] = ()


class Outcome(Snapshot, frozen=True, kw_only=True):
    """What a command did."""

    done: bool
    message: str
    """A sentence for a person: what happened, or why not and what to do."""


class TestResult(Snapshot, frozen=True, kw_only=True):
    """What the test of an endpoint found."""

    __test__ = False  # not a test case, whatever pytest thinks of its name

    endpoint: str
    ok: bool
    format: Format | None
    status: int
    """HTTP status, 0 without an answer."""
    elapsed_ms: float
    model: str
    message: str
    """A sentence: what it answered, or what is wrong and what to do."""


class Control(Protocol):
    """The engine as a front end sees it."""

    @property
    def traffic(self) -> Ring: ...

    @property
    def notices(self) -> Notices: ...

    @property
    def rates(self) -> Rates: ...

    def status(self) -> EngineStatus: ...

    def endpoints(self) -> tuple[EndpointStatus, ...]:
        """In the order in which they are tried."""
        ...

    async def set_enabled(self, endpoint: str, enabled: bool) -> Outcome:
        """Written to the configuration file, comments kept, and applied at once."""
        ...

    async def move_endpoint(self, endpoint: str, places: int) -> Outcome:
        """Moves it up (negative) or down in the order; priorities are written to the file as 1…n."""
        ...

    async def set_profile(self, profile: str) -> Outcome:
        """Puts a profile into use, or none (empty): written to the file, applied at once, requests in flight go on."""
        ...

    async def undo_edit(self) -> Outcome:
        """Takes back the last change that was written to the configuration, unless the file was changed since."""
        ...

    async def reset_endpoint(self, endpoint: str | None) -> Outcome:
        """Forgets the failures of one endpoint, or of all."""
        ...

    async def test_endpoint(self, endpoint: str) -> tuple[TestResult, ...]:
        """Sends one tiny request per format, the way a client would. Does not count for its health."""
        ...

    @property
    def facts_revision(self) -> int:
        """Rises when `facts` may say something else: a look at it costs nothing, however many there are."""
        ...

    def facts(self) -> tuple[FactStatus, ...]:
        """What was learned, by endpoint, model and name."""
        ...

    async def pin_fact(self, endpoint: str, model: str, name: str, pinned: bool = True) -> Outcome:
        """Fixes a fact, so that it neither expires nor changes, or lets go of it."""
        ...

    async def undo_fact(self, endpoint: str, model: str, name: str) -> Outcome:
        """Forgets a fact; the next request is sent as if it had never been learned."""
        ...

    async def restore_fact(self, endpoint: str, model: str, name: str) -> Outcome:
        """Puts back a fact that `undo_fact` forgot, as it was; not if it was learned anew since."""
        ...

    def export_facts(self) -> str:
        """All facts with their evidence, as JSON for `import_facts` here or elsewhere. No credentials."""
        ...

    async def import_facts(self, text: str) -> Outcome:
        """Takes up exported facts about endpoints that are configured here; pinned ones of ours stay."""
        ...

    async def cancel_exchange(self, exchange_id: int) -> Outcome: ...

    async def clear_traffic(self) -> Outcome:
        """Drops finished exchanges from the ring."""
        ...

    async def reload_config(self) -> Outcome: ...
