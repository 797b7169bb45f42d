"""Secrets taken out of what is kept, shown, logged or exported: headers by their names, texts by their
shapes.

Of a secret that is long enough the last four characters stay, so that a person can tell which key it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote

MIN_LENGTH_FOR_TAIL = 16
"""Of a shorter secret four characters would tell too much."""

_NAMES = re.compile(
    r"^(x-api-key|api-?key|x-goog-api-key|cookie|set-cookie|x-auth|password)$|token|secret|-key$|auth"
)
_HARMLESS = re.compile(
    r"rate-?limit|tokens|-authenticate$|^idempotency-key$|^sec-websocket-|^access-control-|author$"
)
_SCHEMES = ("bearer", "basic", "token", "digest", "apikey", "api-key", "negotiate")

_SHAPES = tuple(
    # Each with what stays in front and the secret behind it.
    re.compile(shape, re.IGNORECASE)
    for shape in (
        r"\b(sk-(?:ant-|proj-|or-|svcacct-)?)([a-z0-9_\-]{12,})",
        r"\b(AIza|gh[pousr]_|github_pat_|xox[abprs]-|gsk_|xai-|hf_|pplx-)([a-z0-9_\-]{16,})",
        r"\b(bearer\s+)([a-z0-9._~+/\-]{6,}=*)",
        r"([?&;](?:[\w\-]*(?:key|token|secret|password|signature)|sig|auth)=)([^&;\s\"'<>#]+)",
        r"(\w://[^/\s:@\"']*:)([^/\s@\"']+)(?=@)",
    )
)

_HINT = re.compile(r"sk-|aiza|gh[pousr]_|github_pat_|xox|gsk_|xai-|hf_|pplx-|bearer|[?&;]|://")
"""What every shape needs: a line of the log, of which most hold no secret, is looked through once."""


def redact_headers(items: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The header lines with the values of secret ones blanked: `Bearer …a1b2`."""
    return tuple([_line(name, _blanked(name, value) if _is_secret(name) else value) for name, value in items])


def redact_text(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without these secrets, as they are and as a URL spells them, and without all that looks
    like one."""
    spellings = {
        spelling for secret in secrets if len(secret) >= 4 for spelling in (secret, quote(secret, safe=""))
    }
    for secret in sorted(spellings, key=len, reverse=True):
        text = text.replace(secret, _masked(secret))
    if not _HINT.search(text.lower()):
        return text
    for shape in _SHAPES:
        text = shape.sub(lambda found: found[1] + _masked(found[2]), text)
    return text


@lru_cache(maxsize=1024)
def _line(name: str, shown: str) -> tuple[str, str]:
    # Nearly the same lines come with every request: each held anew, they were half of what an exchange weighs.
    return name, shown


@lru_cache(maxsize=1024)
def _is_secret(name: str) -> bool:
    low = name.lower()
    return bool(_NAMES.search(low)) and not _HARMLESS.search(low)


def _blanked(name: str, value: str) -> str:
    if not value:
        return value
    if "cookie" in name.lower():
        return "…"  # its end is an attribute or one of several values
    scheme, space, secret = value.partition(" ")
    if not space or scheme.lower() not in _SCHEMES:
        return _masked(value)
    # The end of Basic is the end of a password, and as short as that may be.
    return f"{scheme} …" if scheme.lower() == "basic" else f"{scheme} {_masked(secret.strip())}"


def _masked(secret: str) -> str:
    return f"…{secret[-4:]}" if len(secret) >= MIN_LENGTH_FOR_TAIL else "…"
