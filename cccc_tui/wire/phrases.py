"""Patterns for what providers write into their errors."""

from __future__ import annotations

import re


class Phrase:
    """A pattern that is compiled when a text is first held against it.

    There are dozens, and nothing but an error needs them: compiled at import they would take a tenth of a start.
    """

    __slots__ = ("_compiled", "_flags", "_pattern")

    def __init__(self, pattern: str, flags: re.RegexFlag = re.IGNORECASE) -> None:
        self._pattern, self._flags = pattern, flags
        self._compiled: re.Pattern[str] | None = None

    def search(self, text: str) -> re.Match[str] | None:
        """As `re.Pattern.search`."""
        if self._compiled is None:
            self._compiled = re.compile(self._pattern, self._flags)
        return self._compiled.search(text)
