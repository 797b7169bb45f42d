"""Converted Responses answers, kept for a while: what `previous_response_id` and `GET /v1/responses/{id}` ask for.

Upstreams of other formats keep nothing, so we must. A conversation is a chain: each answer is kept with its own
input and the id of the one before it, and no item is held twice. What is oldest goes first, by count, size and
age; a chain that has lost a link is forgotten as a whole, and the client is told so.
"""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from collections.abc import Callable

import msgspec

from cccc_tui.wire.history import continued, input_items, output_items
from cccc_tui.wire.patch import Document

MAX_COUNT = 1_000
MAX_BYTES = 64 * 1024 * 1024
MAX_AGE_S = 24 * 3600.0
_ID = re.compile(rb'\{"id":"([\w-]+)"')
"""As an answer of our own begins. To read all of it would take long: it repeats the tools of its request."""


class Kept(msgspec.Struct, frozen=True):
    """One answer."""

    previous_id: str
    input: bytes
    """The request's own `input`, as JSON."""
    response: bytes
    """The answer, as JSON."""
    kept_at: float

    @property
    def size_bytes(self) -> int:
        return len(self.input) + len(self.response)


class KeptResponses:
    """The answers by their ids."""

    def __init__(self, clock: Callable[[], float] = time.time, max_bytes: int = MAX_BYTES) -> None:
        self._clock = clock
        self._max_bytes = max_bytes
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self.size_bytes = 0

    def keep(self, request: Document, response: bytes) -> None:
        """Keeps an answer, unless its client asked for it not to be stored."""
        if request.raw("store") == b"false":
            return
        response_id = _id_of(response)
        if not response_id:
            return
        self.forget(response_id)
        previous_id = request.text("previous_response_id") or ""
        kept = Kept(previous_id, request.raw("input") or b"[]", response, self._clock())
        self._kept[response_id] = kept
        self.size_bytes += kept.size_bytes
        self._make_room()

    def response(self, response_id: str) -> bytes | None:
        """An answer as it was given."""
        kept = self._find(response_id)
        return kept.response if kept else None

    def forget(self, response_id: str) -> bool:
        """Whether there was one."""
        kept = self._kept.pop(response_id, None)
        self.size_bytes -= kept.size_bytes if kept else 0
        return kept is not None

    def continued(self, request: Document) -> Document | None:
        """The request as a whole conversation; None if it continues nothing that is kept whole."""
        chain = self._chain(request.text("previous_response_id") or "")
        if not chain:
            return None
        earlier = [
            item for kept in chain for item in (*input_items(kept.input), *output_items(kept.response))
        ]
        return Document.read(continued(request, earlier))

    def _chain(self, response_id: str) -> list[Kept]:
        """From the first answer to this one; empty if a link is gone."""
        chain: list[Kept] = []
        while response_id and len(chain) <= len(self._kept):
            kept = self._find(response_id)
            if kept is None:
                return []
            self._kept.move_to_end(response_id, last=True)
            chain.append(kept)
            response_id = kept.previous_id
        return chain[::-1]

    def _find(self, response_id: str) -> Kept | None:
        kept = self._kept.get(response_id)
        if kept is not None and self._clock() - kept.kept_at > MAX_AGE_S:
            self.forget(response_id)
            return None
        return kept

    def _make_room(self) -> None:
        while self._kept and (self.size_bytes > self._max_bytes or len(self._kept) > MAX_COUNT):
            self.forget(next(iter(self._kept)))


def _id_of(response: bytes) -> str:
    found = _ID.match(response)
    return found[1].decode() if found else Document.read(response).text("id") or ""
