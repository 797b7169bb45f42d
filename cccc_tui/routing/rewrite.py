"""Model names that an endpoint calls otherwise: the first glob that matches gives the name to ask for.

A glob must match the whole name, and case counts. One deliberate departure from Go's `filepath.Match`,
after which CCCC's rules are made: `*` and `?` also match a slash, because `anthropic/claude-sonnet-4-5` is
one name and not a path. Sets read both ways, `[!abc]` and `[^abc]`.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from functools import lru_cache


def rewrite(model: str, rules: Sequence[tuple[str, str]]) -> str | None:
    """The target of the first (pattern, target) whose pattern matches; None leaves the name alone."""
    for pattern, target in rules:
        if matches(pattern, model):
            return target
    return None


def matches(pattern: str, text: str) -> bool:
    """Whether the glob (`*`, `?`, `[abc]`) matches the whole text, over line ends too."""
    return _compiled(pattern).match(text) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(fnmatch.translate(pattern.replace("[^", "[!")))
