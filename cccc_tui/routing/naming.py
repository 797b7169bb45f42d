"""What an endpoint calls the model that a client asks for: prefix, alias, rule, or the name as it is.

In this order, and the first that speaks decides. A name that cannot exist at the endpoint (a Claude model at OpenAI's
own address) becomes the endpoint's default model. CCCC went by the client instead, so that a Codex user's own model
name became `gpt-5` wherever it was sent; here the endpoint decides, tagged or not.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from cccc_tui.routing.endpoints import Naming, Price
from cccc_tui.routing.rewrite import matches, rewrite


class Named(NamedTuple):
    """The models to ask an endpoint for: the first, then the others of the pool."""

    models: tuple[str, ...] = ()
    note: str = ""
    """How the name came to be, if it is not the client's."""
    refused: str = ""
    """Why the endpoint cannot be asked for it; else empty."""


class KnownNames(NamedTuple):
    """Names that mean something only at some endpoints."""

    prefixes: frozenset[str] = frozenset()
    aliases: frozenset[str] = frozenset()
    force_prefix: bool = False
    """Whether a name without a prefix reaches only endpoints without one."""


_FAMILIES = (
    ("claude", re.compile(r"(?:anthropic[./])?claude", re.IGNORECASE)),
    ("gpt", re.compile(r"(?:openai/)?(?:chatgpt|gpt|codex|o\d)(?:[-.:\d]|$)", re.IGNORECASE)),
    ("gemini", re.compile(r"(?:google/|models/)?gemini", re.IGNORECASE)),
)


def family(model: str) -> str:
    """`claude`, `gpt`, `gemini`, or empty for a name that says nothing of its maker."""
    return next((name for name, pattern in _FAMILIES if pattern.match(model)), "")


def named(asked: str, naming: Naming, known: KnownNames, *, replace: bool = True) -> Named:
    """What the endpoint is to be asked for when the client wants `asked`.

    Without `replace` it is that model or none: nothing stands in for one that cannot exist there.
    """
    plain, refused = _without_prefix(asked, naming, known)
    if refused:
        return Named(refused=refused)
    found = _found(plain, naming, known, replace)
    if found.refused:
        return found
    models = tuple(model for model in found.models if not _is_excluded(model, plain, naming))
    if not models:
        return Named(refused=f"{found.models[0]} is excluded there")
    if not found.note and plain != asked:
        return Named(models, f"prefix {naming.prefix}/")
    return Named(models, found.note)


def offers(model: str, naming: Naming) -> bool:
    """Whether the endpoint may be asked for its model of that name."""
    is_served = not naming.models or any(_matches(pattern, model) for pattern in naming.models)
    return is_served and not _is_excluded(model, model, naming)


def aliases_of(naming: Naming) -> list[str]:
    """The aliases under which the endpoint answers, each once."""
    found = (each.alias for each in naming.aliases if not _is_excluded(each.name, each.alias, naming))
    return list(dict.fromkeys(found))


def price_of(model: str, prices: Collection[Price]) -> float | None:
    """What the model costs there, as one figure; None is not known."""
    return next((price.blended_usd for price in prices if matches(price.model, model)), None)


def _without_prefix(asked: str, naming: Naming, known: KnownNames) -> tuple[str, str]:
    head, slash, rest = asked.partition("/")
    if slash and rest and head in known.prefixes:
        if head == naming.prefix:
            return rest, ""
        return "", f"{asked} is asked for by the prefix of another endpoint"
    if naming.prefix and known.force_prefix:
        return "", f"takes only names that begin with {naming.prefix}/"
    return asked, ""


def _found(plain: str, naming: Naming, known: KnownNames, replace: bool) -> Named:
    pool = tuple(alias.name for alias in naming.aliases if alias.alias == plain)
    if pool:
        return Named(pool, f"alias of {', '.join(pool)}")
    if (target := rewrite(plain, naming.rules)) is not None:
        return Named((target,), "model_rewrite" if target != plain else "")
    if any(alias.name == plain and not alias.fork for alias in naming.aliases):
        return Named(refused=f"{plain} is known there by its alias only")
    return _by_default(plain, naming, known, replace)


def _by_default(plain: str, naming: Naming, known: KnownNames, replace: bool) -> Named:
    maker = family(plain)
    is_listed = any(_matches(pattern, plain) for pattern in naming.models)
    if plain in known.aliases and not maker and not is_listed:
        return Named(refused=f"{plain} is an alias that other endpoints have")
    if naming.families and maker not in naming.families and not is_listed:
        if not replace:
            return Named(refused=f"{plain} cannot exist there")
        if naming.default_model:
            return Named((naming.default_model,), f"{plain} cannot exist there")
    if naming.models and not is_listed:
        return Named(refused=f"does not serve {plain}")
    return Named((plain,))


def _is_excluded(model: str, plain: str, naming: Naming) -> bool:
    return any(_matches(pattern, name) for pattern in naming.excluded for name in (model, plain))


def _matches(pattern: str, model: str) -> bool:
    return matches(pattern.lower(), model.lower())
