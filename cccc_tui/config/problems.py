"""What is wrong in a configuration file, so that a person can act on it: file, line, key, nearest valid word.

Checks report into a `Report`, which knows where each key stands; nobody stops at the first problem.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

import msgspec

Severity = Literal["error", "warning"]


class Mark(NamedTuple):
    """A place in the file, both counted from 1; 0 is unknown."""

    line: int = 0
    column: int = 0


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong, or that a person should know."""

    message: str
    severity: Severity = "error"
    """An error rejects the file; a warning never does."""
    file: str = ""
    line: int = 0
    """Counted from 1; 0 when the problem is the whole file."""
    column: int = 0
    key: str = ""
    """Dotted path, `endpoints[2].auth_type`."""
    did_you_mean: str = ""
    """The nearest valid word, if one is near."""
    endpoint: str = ""
    """Name of the endpoint that it concerns, if it concerns one."""
    disables: bool = False
    """Whether the endpoint is out of service until this is mended; the rest of the file is used."""

    def sentence(self) -> str:
        """`config.yaml:12: endpoints[0].prioritty: unknown key; did you mean "priority"?`"""
        place = f"{self.file}:{self.line}" if self.line else self.file
        guess = f'; did you mean "{self.did_you_mean}"?' if self.did_you_mean else ""
        return ": ".join(part for part in (place, self.key, self.message + guess) if part)


class Report:
    """Collects the problems of one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.places: dict[str, Mark] = {}
        """Where each key stands, by dotted path."""
        self._wrong: set[str] = set()
        """The keys of all errors, and the keys around them."""
        self.kept: dict[str, list[int]] = {}
        """Of a list with broken items: the original positions of the sound ones."""
        self.endpoint_names: dict[int, str] = {}
        """Names by position, as far as they can be read: a problem names its endpoint by them."""

    def item(self, key: str, index: int) -> str:
        """The path of what is now at `index` of the list `key`: broken items before it were left out."""
        kept = self.kept.get(key)
        return f"{key}[{kept[index] if kept else index}]"

    def error(self, key: str, message: str, at: Mark | None = None, did_you_mean: str = "") -> None:
        """Something that the file cannot be used with."""
        self._add("error", key, message, at or self.place(key), did_you_mean)

    def warn(self, key: str, message: str, at: Mark | None = None, did_you_mean: str = "") -> None:
        """Something that a person should know."""
        self._add("warning", key, message, at or self.place(key), did_you_mean)

    def disable(self, key: str, message: str) -> None:
        """Something that puts the endpoint of `key` out of service, and nothing else."""
        self._add("warning", key, message, self.place(key), "", disables=True)

    def place(self, key: str) -> Mark:
        """Where `key` stands, or else the nearest key around it."""
        while key and key not in self.places:
            key = _around(key)
        return self.places.get(key, Mark())

    def is_reported(self, key: str) -> bool:
        """Whether an error at `key` or inside it is known: what follows from it needs no second sentence."""
        return key in self._wrong

    def finished(self) -> tuple[Problem, ...]:
        """All problems in the order of the file, each with its endpoint's name."""
        named = (
            msgspec.structs.replace(each, endpoint=self._endpoint_of(each.key)) for each in self.problems
        )
        return tuple(sorted(named, key=lambda each: (each.line, each.column)))

    @property
    def has_errors(self) -> bool:
        return any(problem.severity == "error" for problem in self.problems)

    def _add(
        self, severity: Severity, key: str, message: str, at: Mark, did_you_mean: str, disables: bool = False
    ) -> None:
        if key and self.is_reported(key):
            return
        if severity == "error":
            self._note(key)
        self.problems.append(
            Problem(
                message=message,
                severity=severity,
                file=self.file,
                line=at.line,
                column=at.column,
                key=key,
                did_you_mean=did_you_mean,
                disables=disables,
            )
        )

    def _note(self, key: str) -> None:
        while key and key not in self._wrong:
            self._wrong.add(key)
            key = _around(key)

    def _endpoint_of(self, key: str) -> str:
        found = re.match(r"endpoints\[(\d+)\]", key)
        return self.endpoint_names.get(int(found[1]), "") if found else ""


def nearest(word: str, valid: Iterable[str]) -> str:
    """The valid word that `word` was probably meant to be; empty if none is near."""
    plain = {choice.lower().replace("-", "_"): choice for choice in valid}
    found = difflib.get_close_matches(word.lower().replace("-", "_"), plain, n=1, cutoff=0.6)
    return plain[found[0]] if found else ""


def _around(key: str) -> str:
    """The key that holds this one: `a[1].b` is in `a[1]`, that in `a`."""
    return key[: max(key.rfind("."), key.rfind("["), 0)]
