"""Secrets: a value that never prints itself, and where it comes from."""

from __future__ import annotations


class Secret:
    """A secret value. Its text is had by `reveal` alone: printing, logging or dumping it shows `***`."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)


class SecretRef:
    """A secret as the file names it: the literal itself, or where to read it."""

    __slots__ = ("_spec",)

    def __init__(self, spec: str) -> None:
        self._spec = spec

    def __repr__(self) -> str:
        """`env:NAME` and the like show where, a literal shows `***`."""
        return self._spec if self.kind != "literal" else "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SecretRef) and other._spec == self._spec

    def __hash__(self) -> int:
        return hash(self._spec)

    @property
    def kind(self) -> str:
        """`env`, `keyring`, `file` or `literal`."""
        head, colon, _ = self._spec.partition(":")
        return head if colon and head in ("env", "keyring", "file") else "literal"
