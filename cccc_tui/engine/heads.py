"""Heads of messages, with what follows from them alone worked out once.

An agent sends the same lines with every request, so a head is read, judged and redacted when it comes for the first
time, and known again afterwards. Only the length of the body is another one each time: it is told with the body.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from aiohttp import web
from multidict import CIMultiDictProxy

from cccc_tui.engine.headers import HOP, lowered
from cccc_tui.routing.detect import Caller, Place, caller
from cccc_tui.state.redact import redact_headers

MOST_HEADS = 128
_LENGTH = frozenset((b"Content-Length", b"content-length"))
_RawLines = tuple[tuple[bytes, bytes], ...]


class Lines:
    """Header lines in their order."""

    def __init__(self, items: Iterable[tuple[str, str]]) -> None:
        self.items = tuple(items)

    @cached_property
    def shown(self) -> tuple[tuple[str, str], ...]:
        """With secrets blanked."""
        return redact_headers(self.items)

    @cached_property
    def written(self) -> list[str]:
        """As they stand in a message."""
        return [f"{name}: {value}" for name, value in self.items]

    @cached_property
    def by_name(self) -> dict[str, str]:
        """By lower-case name; of several lines of one name the last."""
        return lowered(self.items)


class ClientHead(Lines):
    """What a client said in front of a body, but for its length."""

    def __init__(self, headers: CIMultiDictProxy[str]) -> None:
        super().__init__(line for line in headers.items() if line[0].lower() != "content-length")
        self.headers = headers
        self.encoding = headers.get("Content-Encoding", "identity").strip().lower()
        self.hops = headers.get(HOP, "").split()
        """The cccc processes that it has come through."""
        self._callers: dict[Place, Caller] = {}

    def caller(self, place: Place) -> Caller:
        """Who asks, as far as it is said here."""
        found = self._callers.get(place)
        if found is None:
            found = self._callers[place] = caller(place, self.by_name)
        return found


class ClientHeads:
    """The heads that came lately; only so many, for what is in them comes from clients."""

    def __init__(self) -> None:
        self._known: dict[_RawLines, ClientHead] = {}

    def of(self, request: web.BaseRequest) -> ClientHead:
        lines = tuple([line for line in request.raw_headers if line[0] not in _LENGTH])
        head = self._known.get(lines)
        if head is None:
            if len(self._known) >= MOST_HEADS:
                self._known.clear()
            head = self._known[lines] = ClientHead(request.headers)
        return head
