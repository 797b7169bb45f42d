"""Thoughts that open models write into their text, between `<think>` and `</think>` at its very beginning."""

from __future__ import annotations

from typing import Final, Literal

Piece = tuple[Literal["text", "thinking"], str]
_OPEN: Final = "<think>"
_CLOSE: Final = "</think>"


class ThinkTags:
    """Splits a text that streams; only a leading tag counts, since later ones are talk about tags."""

    def __init__(self) -> None:
        self._buffer = ""
        self._state: Literal["start", "thinking", "after", "text"] = "start"
        self._begun = False

    @property
    def is_plain(self) -> bool:
        """Whether nothing more can happen: the rest is text."""
        return self._state == "text"

    @property
    def is_thinking(self) -> bool:
        """Whether the text is a thought now, which may be held back and end in any piece."""
        return self._state == "thinking"

    def feed(self, text: str) -> list[Piece]:
        """The pieces that can be told by now."""
        self._buffer += text
        pieces: list[Piece] = []
        if self._state == "start":
            self._start()
        if self._state == "thinking":
            pieces.extend(self._thinking())
        if self._state == "after":
            self._buffer = self._buffer.lstrip()
            self._state = "text" if self._buffer else "after"
        if self._state == "text" and self._buffer:
            pieces.append(("text", self._buffer))
            self._buffer = ""
        return pieces

    def end(self) -> list[Piece]:
        """What was held back."""
        rest, self._buffer = self._buffer, ""
        if self._state == "thinking":
            return [("thinking", rest)] if rest.strip() else []
        return [("text", rest)] if rest else []

    def _start(self) -> None:
        head = self._buffer.lstrip()
        if head.startswith(_OPEN):
            self._state, self._buffer = "thinking", head[len(_OPEN) :]
        elif head and not _OPEN.startswith(head):
            self._state = "text"

    def _thinking(self) -> list[Piece]:
        """The thought so far, without the white space around it."""
        thought, close, rest = self._buffer.partition(_CLOSE)
        if not self._begun:
            thought = thought.lstrip()
        shown = thought if close else thought[: len(thought) - _overlap(thought)]
        shown = shown.rstrip()
        self._begun = self._begun or bool(shown)
        if close:
            self._state, self._buffer = "after", rest
        else:
            self._buffer = thought[len(shown) :]
        return [("thinking", shown)] if shown else []


def _overlap(text: str) -> int:
    """How many last characters may be the beginning of the closing tag."""
    return next((n for n in range(min(len(text), len(_CLOSE) - 1), 0, -1) if _CLOSE.startswith(text[-n:])), 0)
