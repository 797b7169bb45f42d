"""How endpoints do at this moment and what they taught us, as far as it decides where a request goes.

Plain values that the engine hands to routing; whatever is missing in a mapping is healthy or unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from cccc_tui.wire.model import Format


class Availability(msgspec.Struct, frozen=True, kw_only=True):
    """How an endpoint, one of its keys or one of its models does at this moment."""

    usable: bool = True
    reason: str = ""
    """Why it is not usable, in a sentence."""
    back_at: float | None = None
    """Wall-clock moment at which it may be tried again, where there is one."""
    strain: float = 0.0
    """How bad it is compared with others, 0 for healthy."""


HEALTHY = Availability()


class Quota(NamedTuple):
    """What is left of a credential's allowance."""

    remaining: float
    """Share that is left, 0 to 1."""
    resets_at: float
    """Wall-clock moment at which it is whole again."""


class HealthView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that speaks for or against an endpoint now."""

    endpoints: Mapping[str, Availability] = {}
    """By endpoint id."""
    keys: Mapping[tuple[str, str], Availability] = {}
    """By endpoint id and key id."""
    models: Mapping[tuple[str, str], Availability] = {}
    """By endpoint id and the upstream's model name."""
    key_models: Mapping[tuple[str, str, str], Availability] = {}
    """By endpoint id, key id and the upstream's model name."""
    first_content_s: Mapping[str, float] = {}
    """By endpoint id: running mean of the time to the first content."""
    quota: Mapping[tuple[str, str], Quota] = {}
    """By endpoint id and key id."""


class LearnedView(msgspec.Struct, frozen=True, kw_only=True):
    """What endpoints taught us by their own answers, as far as routing acts on it."""

    refused_formats: frozenset[tuple[str, Format]] = frozenset()
    """(endpoint id, format) that it turned out not to speak although the configuration leaves it open."""
    no_images: frozenset[tuple[str, str]] = frozenset()
    """(endpoint id, model) that takes no images; model empty for all of the endpoint."""
    no_tools: frozenset[tuple[str, str]] = frozenset()
    """(endpoint id, model) that takes no tools; model empty for all of the endpoint."""
    context_tokens: Mapping[tuple[str, str], int] = {}
    """Most tokens by (endpoint id, model); model empty for all of the endpoint."""


NO_HEALTH = HealthView()
NOTHING_LEARNED = LearnedView()
