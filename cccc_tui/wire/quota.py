"""What an answer's headers say of the credential's allowance: how much is left, and when it is whole again.

Sources: Anthropic's `anthropic-ratelimit-*` (and the unified ones of subscriptions), OpenAI's `x-ratelimit-*`, and
`x-codex-*` of ChatGPT accounts. Of several limits the one with the least left counts: it is the one that ends first.
A refusal for its rate or quota says it too, by `Retry-After` or in its body (`resets_at`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from cccc_tui.wire.error_bodies import until
from cccc_tui.wire.errors import UpstreamError


class Allowance(NamedTuple):
    """The scarcest limit of a credential."""

    remaining: float
    """Share that is left, 0 to 1."""
    resets_in_s: float


def read_allowance(headers: Mapping[str, str], now: float) -> Allowance | None:
    """`headers` with lower-case names; None where nothing is said."""
    return min(_allowances(headers, now), default=None)


def used_up(error: UpstreamError) -> Allowance | None:
    """What a refusal says of the allowance, wherever it names the moment: nothing is left until then."""
    if error.error_class not in ("rate_limit", "quota") or error.retry_after_s is None:
        return None
    return Allowance(0.0, error.retry_after_s)


@lru_cache(maxsize=1024)
def speaks_of_allowance(name: str) -> bool:
    """Whether a header of this name may say something of it. Answers have the same names again and again."""
    low = name.lower()
    return "ratelimit-" in low or low.startswith("x-codex-")


def _allowances(headers: Mapping[str, str], now: float) -> Iterator[Allowance]:
    for name, value in headers.items():
        if name.startswith("anthropic-ratelimit-unified-") and name.endswith("-utilization"):
            yield from _allowance(_inverse(value, 1), headers.get(name.replace("utilization", "reset")), now)
        elif name.startswith("x-codex-") and name.endswith("-used-percent"):
            stem = name.removesuffix("used-percent")
            when = headers.get(f"{stem}reset-after-seconds") or headers.get(f"{stem}reset-at")
            yield from _allowance(_inverse(value, 100), when, now)
        elif "ratelimit-" in name and "remaining" in name:
            limit = _number(headers.get(name.replace("remaining", "limit")))
            left = _number(value)
            if limit and left is not None:
                yield from _allowance(left / limit, headers.get(name.replace("remaining", "reset")), now)


def _allowance(remaining: float | None, when: str | None, now: float) -> Iterator[Allowance]:
    resets_in_s = until(when, now) if when else None
    if remaining is not None and resets_in_s is not None:
        yield Allowance(min(max(remaining, 0.0), 1.0), resets_in_s)


def _inverse(used: str, whole: float) -> float | None:
    number = _number(used)
    return None if number is None else 1 - number / whole


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
