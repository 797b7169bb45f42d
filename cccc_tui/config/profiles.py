"""Profiles: settings under a name, laid over the file while the profile is in use.

Mappings are merged key by key, lists are replaced whole. The shipped profiles stand for what people want of a gateway;
a profile of the same name in the file takes the shipped one's place.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from typing import Any, TypeVar

import msgspec

from cccc_tui.config.document import Entry, Mapping, Node, Scalar, Sequence, join
from cccc_tui.config.problems import Report, nearest
from cccc_tui.config.routing_checks import check_routing
from cccc_tui.config.schema import Config, Profile, Section
from cccc_tui.config.shape import fill

S = TypeVar("S", bound=Section)

_TO_CHEAP: dict[str, Any] = {"router-default": ["router-cheap"], "router-cheap": []}
_TO_DEFAULT: dict[str, Any] = {"router-cheap": ["router-default"], "router-default": []}
"""For files that have groups of these names; in others they mean nothing."""

SHIPPED: dict[str, Profile] = {
    "reliability": Profile(
        routing={"strategy": "priority", "fallbacks": _TO_CHEAP},
        retry={"attempts": 3, "wait_for_cool_down": "30s"},
        timeouts={"first_content": "60s", "check_interval": "60s", "recovery_threshold": 2},
    ),
    "balanced": Profile(
        routing={"fallbacks": _TO_CHEAP},
        retry={"attempts": 2},
        timeouts={"check_interval": "30s"},
    ),
    "cost": Profile(
        routing={
            "strategy": "lowest-cost",
            "prefer": "expiring-quota",
            "sticky": {"failback": "return-now"},
            "fallbacks": _TO_DEFAULT,
        },
        retry={"attempts": 1, "hedge_after": 0},
        timeouts={"check_interval": "10s"},
    ),
}


def profile_names(config: Config) -> list[str]:
    """Every profile that can be used, sorted."""
    return sorted({*SHIPPED, *config.profiles})


def with_profile(config: Config) -> Config:
    """The configuration as the profile in use makes it; a name that is not known changes nothing."""
    profile = config.profiles.get(config.profile) or SHIPPED.get(config.profile)
    return _laid_over(config, profile, "", Report("")) if profile else config


def check_profiles(config: Config, report: Report) -> None:
    """Reports a profile that is not known, and what is wrong in each."""
    names = profile_names(config)
    if config.profile and config.profile not in names:
        guess = nearest(config.profile, names)
        report.error("profile", f"there is no such profile; there are {', '.join(names)}", did_you_mean=guess)
    for name, profile in config.profiles.items():
        effective = _laid_over(config, profile, f"profiles.{name}", report)
        # What is wrong in the file itself is known by now, and would be said again for every profile.
        if profile.routing and not report.is_reported("routing"):
            check_routing(config, report, f"profiles.{name}.routing", effective.routing)


def _laid_over(config: Config, profile: Profile, key: str, report: Report) -> Config:
    changed = {
        name: _merged(getattr(config, name), overlay, join(key, name), report)
        for name in profile.__struct_fields__
        if (overlay := getattr(profile, name)) and name in config.__struct_fields__
    }
    return msgspec.structs.replace(config, **changed)


def _merged(base: S, overlay: MappingOf[str, Any], key: str, report: Report) -> S:
    """`base` with the overlay's values, each checked as if it stood in its own section."""
    filled = fill(type(base), _node(overlay, key, report), key, report)
    if filled is None:
        return base
    values: dict[str, Any] = {}
    for name, value in overlay.items():
        if name not in base.__struct_fields__ or value is None:
            continue
        old, new = getattr(base, name), getattr(filled, name)
        if isinstance(old, Section) and isinstance(value, dict):
            new = _merged(old, value, join(key, name), Report(""))  # reported already
        elif isinstance(old, dict) and isinstance(new, dict):
            new = old | new
        values[name] = new
    return msgspec.structs.replace(base, **values)


def _node(value: Any, key: str, report: Report) -> Node:
    """Plain values as the tree from which sections are filled."""
    at = report.place(key)
    if isinstance(value, dict):
        return Mapping(
            {
                str(name): Entry(
                    _node(each, join(key, str(name)), report), report.place(join(key, str(name)))
                )
                for name, each in value.items()
            },
            at,
        )
    if isinstance(value, list | tuple):
        return Sequence(tuple(_node(each, f"{key}[{i}]", report) for i, each in enumerate(value)), at)
    text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    return Scalar(text, value, at)
