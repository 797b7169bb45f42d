"""What routing knows of the endpoints: their configuration, resolved into plain values."""

from __future__ import annotations

import msgspec

from cccc_tui.wire.model import Format


class KeyFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One credential of an endpoint."""

    id: str
    """Stable over restarts and edits of the other keys; says nothing of the secret."""
    name: str = ""
    """As shown; empty for the one key of an endpoint."""
    weight: float = 1.0
    out_of_service: str = ""
    """Why it cannot be used (its secret is missing); else empty."""


ONE_KEY = (KeyFacts(id="key"),)
"""The keys of an endpoint with one `auth_value`, or with none at all."""


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """What models of a name cost, in USD per million tokens."""

    model: str
    """Glob for the upstream's model name."""
    input_usd: float
    output_usd: float

    @property
    def blended_usd(self) -> float:
        """One figure to compare by: agents send about three times what they get, caches left aside."""
        return (3 * self.input_usd + self.output_usd) / 4


class Alias(msgspec.Struct, frozen=True, kw_only=True):
    """Another name for a model of an endpoint."""

    name: str
    """The upstream's name."""
    alias: str
    """The name that clients use."""
    fork: bool = False
    """Whether the upstream's name stays usable beside the alias."""


class Naming(msgspec.Struct, frozen=True, kw_only=True):
    """How an endpoint's models are called, and which of them it may be asked for."""

    rules: tuple[tuple[str, str], ...] = ()
    """(glob, target); the first that matches."""
    aliases: tuple[Alias, ...] = ()
    models: tuple[str, ...] = ()
    """Globs of the models that it serves, by the upstream's names; none means that it is not known."""
    excluded: tuple[str, ...] = ()
    """Globs of models that it must not be asked for; case does not count."""
    prefix: str = ""
    """`test` answers to `test/some-model`, and is asked for `some-model`."""
    default_model: str = ""
    """What is asked for in place of a model that cannot exist there; empty leaves the name alone."""
    families: tuple[str, ...] = ()
    """Makers whose models can exist there, `""` being names of no known maker; none means any."""


class EndpointFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What routing knows of an endpoint: its configuration, resolved."""

    id: str
    name: str
    formats: tuple[Format, ...]
    enabled: bool = True
    priority: int = 1
    """Lower comes first; equals are ordered by the strategy."""
    weight: float = 1.0
    """Share among equals, for the strategy `weighted`."""
    keys: tuple[KeyFacts, ...] = ONE_KEY
    """Its credentials, at least one; an endpoint without a credential has the one that sends nothing."""
    tags: tuple[str, ...] = ()
    supported_clients: tuple[str, ...] = ()
    """None means all."""
    out_of_service: str = ""
    """Why the configuration does not let it work (a missing secret); else empty."""
    count_tokens: bool = True
    is_demo: bool = False
    naming: Naming = Naming()
    context_tokens: int | None = None
    """Most tokens of a request that it can hold; None is not known."""
    supports_images: bool | None = None
    """None is not known."""
    prices: tuple[Price, ...] = ()
    """The first whose glob matches the upstream's model."""
