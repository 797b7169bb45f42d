"""One client request with its answer, and the attempts it took: plain attributes that the engine writes.

The engine sets attributes and calls `Ring.touch`; nothing here formats, locks or notifies. Times are
wall-clock seconds (`began_at`) and offsets from it in seconds (`*_s`); an offset is None until it happens.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import msgspec

from cccc_tui.wire.model import Format, Usage

State = Literal["routing", "waiting", "streaming", "done", "failed", "cancelled"]
"""`routing`: no attempt yet; `waiting`: sent upstream, no content yet; `streaming`: content flows;
`done`: answered whole (a status of 4xx that the client caused included); `failed`: ended by an error;
`cancelled`: the client went away."""

Headers = tuple[tuple[str, str], ...]
"""Header lines in order, with secrets already blanked."""


class Consideration(NamedTuple):
    """Where one endpoint stands in a route, and why."""

    endpoint: str
    place: int | None
    """1 is tried first; None is left out."""
    reason: str


class Body:
    """A body as it went by: whole up to a limit, then its head and its tail, as both ends tell the most."""

    __slots__ = ("_ends", "_keep", "_only", "size_bytes")

    def __init__(self, keep_bytes: int) -> None:
        self._keep = keep_bytes
        self._only = b""
        """A body that came in one piece and fits, as it came: nothing is copied."""
        self._ends: _Ends | None = None
        self.size_bytes = 0

    def append(self, chunk: bytes) -> None:
        is_first = not self.size_bytes
        self.size_bytes += len(chunk)
        if is_first and len(chunk) <= self._keep:
            self._only = chunk
            return
        if self._ends is None:
            self._ends = _Ends(self._keep)
            self._ends.append(self._only)
            self._only = b""
        self._ends.append(chunk)

    @property
    def kept_bytes(self) -> int:
        return len(self._only) + (len(self._ends.head) + len(self._ends.tail) if self._ends else 0)

    @property
    def missing_bytes(self) -> int:
        return self.size_bytes - self.kept_bytes

    @property
    def head(self) -> bytes:
        return bytes(self._ends.head) if self._ends else self._only

    @property
    def tail(self) -> bytes:
        """What follows the head, after `missing_bytes` that were not kept."""
        return bytes(self._ends.tail) if self._ends else b""


class _Ends:
    """Head and tail of a body that comes in pieces; each at most half of what is kept."""

    __slots__ = ("_head_limit", "_tail_limit", "head", "tail")

    def __init__(self, keep_bytes: int) -> None:
        self._head_limit = keep_bytes // 2
        self._tail_limit = keep_bytes - keep_bytes // 2
        self.head = bytearray()
        self.tail = bytearray()

    def append(self, chunk: bytes) -> None:
        room = self._head_limit - len(self.head)
        if room >= len(chunk):
            self.head += chunk
            return
        if room > 0:
            self.head += chunk[:room]
        limit = self._tail_limit
        # Of a large chunk only its end is copied, and not what lies between.
        self.tail += chunk[max(room, len(chunk) - limit, 0) :]
        if len(self.tail) > limit:
            # Cut to half of what fits: cutting a little with each chunk would move the whole tail each time.
            del self.tail[: len(self.tail) - (limit + 1) // 2]


class Attempt(msgspec.Struct, kw_only=True, gc=False):
    """One upstream try."""

    endpoint: str
    url: str
    format: Format
    model: str = ""
    """Model asked for upstream."""
    began_s: float = 0.0
    sent_s: float | None = None
    """Connected and request written."""
    headers_s: float | None = None
    first_content_s: float | None = None
    ended_s: float | None = None
    status: int = 0
    """HTTP status of the upstream; 0 while there is none."""
    error: str = ""
    """Why it failed, in a sentence; empty while it has not."""
    error_class: str = ""
    """The class that policy saw, `overloaded` and the like."""
    verdict: str = ""
    """What policy made of it: `retry`, `next` or `stop`, with the reason."""
    notes: list[str] = []
    """What was changed on the way: rewritten model, overridden or stripped parameters."""
    request_headers: Headers = ()
    response_headers: Headers = ()
    upstream_request_id: str = ""
    sent_body: bytes | None = None
    """The request as sent upstream, when it differs from the client's and bodies are kept."""


class Exchange(msgspec.Struct, kw_only=True, gc=False):
    """One client request with its answer.

    Nothing in it or in its attempts leads back to it, so the collector of cycles need not look at the thousands that
    are kept.
    """

    id: int
    began_at: float
    method: str
    path: str
    """Path with query string, as the client sent it."""
    client: str = "other"
    client_reason: str = ""
    """Why the client is thought to be that one."""
    format: Format | None = None
    model: str = ""
    """Model that the client asked for."""
    session: str = ""
    streamed: bool = False
    thinking: bool = False
    tags: tuple[str, ...] = ()
    state: State = "routing"
    status: int = 0
    """HTTP status sent to the client; 0 while there is none."""
    error: str = ""
    endpoint: str = ""
    """Endpoint that answered, or the one being asked."""
    route: tuple[Consideration, ...] = ()
    attempts: list[Attempt] = []
    usage: Usage = msgspec.field(default_factory=Usage)
    stop_reason: str = ""
    first_content_s: float | None = None
    ended_s: float | None = None
    request_headers: Headers = ()
    response_headers: Headers = ()
    request_body: Body | None = None
    response_body: Body | None = None
    request_bytes: int = 0
    response_bytes: int = 0
    booked_bytes: int = 0
    """What the ring has booked as its size."""

    @property
    def is_over(self) -> bool:
        return self.state in ("done", "failed", "cancelled")

    @property
    def kept_bytes(self) -> int:
        """Rough size in memory, by which the ring is bounded."""
        size_bytes = 2048 + 1024 * len(self.attempts)
        for body in (self.request_body, self.response_body):
            if body is not None:
                size_bytes += body.kept_bytes
        for attempt in self.attempts:
            if attempt.sent_body is not None:
                size_bytes += len(attempt.sent_body)
        return size_bytes
