"""Regular expressions that a user writes. One like `(a+)+$` may look at a text for years: each look has an end here."""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import regex

log = logging.getLogger(__name__)

LONGEST_S = 0.05
"""The proxy stands still while one looks."""


class BadPattern(ValueError):
    """It is no regular expression; the message says why and where."""


class Pattern:
    """Raises `BadPattern`."""

    def __init__(self, written: str, ignores_case: bool = False) -> None:
        self._written = written
        self._compiled = _compiled(written, ignores_case)

    def found_in(self, text: str) -> bool:
        """Whether it fits anywhere; what takes too long to tell does not, and the log says so."""
        try:
            return self._compiled.search(text, timeout=LONGEST_S) is not None
        except TimeoutError:
            log.warning(
                "the pattern %r takes longer than %.0f ms for one text and counts as not found; "
                "repetitions within repetitions make it slow",
                self._written,
                LONGEST_S * 1000,
            )
            return False


@lru_cache(maxsize=64)
def _compiled(written: str, ignores_case: bool) -> regex.Pattern[str]:
    import regex

    try:
        return regex.compile(written, regex.IGNORECASE if ignores_case else 0)
    except regex.error as error:
        raise BadPattern(str(error)) from None
