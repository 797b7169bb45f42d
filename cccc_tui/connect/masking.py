"""Hides what must not be read over a shoulder in a diff: values of secret keys, and whatever looks like a key."""

from __future__ import annotations

import re

_SECRET_WORDS = "token|secret|passw|api_?key|apikey|authorization|bearer|credential|cookie|private"
_NO_SECRETS = "env_key|_env_var|_tokens|max_|token_limit|_helper|timeout"
"""Keys whose names have such a word in them, and whose values name or count something."""

_PAIR = re.compile(
    rf"""(?ix)
    (?P<key>["']?[\w.-]*(?:{_SECRET_WORDS})[\w.-]*["']?)
    (?P<between>\s*[:=]\s*)
    (?P<quote>["'])(?P<value>[^"']+)(?P=quote)
    """
)
_LOOKS_SECRET = re.compile(
    r"""(?x)
    \b(?:sk|pk|rk|xox[abp]|gh[pousr]|github_pat|glpat|AIza)[-_]?[\w-]{12,}   # prefixes of providers
    | \beyJ[\w-]{10,}\.[\w-]+\.[\w-]*                                        # a JSON web token
    | (?<=Bearer\ )[^\s"']+
    | (?<=://)[^/\s:@"']+:[^/\s@"']+(?=@)                                    # user and password of an address
    """
)
_PARAMETER = re.compile(r"(?i)([?&](?:key|token|api_key|access_token|secret)=)[^&\s\"']+")
MASK = "***"


def masked(text: str) -> str:
    """The text with `***` in the place of secrets."""
    text = _PAIR.sub(_masked_pair, text)
    text = _PARAMETER.sub(rf"\g<1>{MASK}", text)
    return _LOOKS_SECRET.sub(MASK, text)


def _masked_pair(found: re.Match[str]) -> str:
    if re.search(rf"(?i){_NO_SECRETS}", found["key"]):
        return found[0]
    return f"{found['key']}{found['between']}{found['quote']}{MASK}{found['quote']}"
