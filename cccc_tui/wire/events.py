"""The neutral answer, whole and as a stream.

A stream is one `Start`, then blocks, then one `Stop` or `Failed`. A block is known by a key that its reader
chose; blocks may overlap (Chat and Responses interleave parallel calls), and each writer puts them in the
order that its format demands.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from cccc_tui.wire.errors import UpstreamError
from cccc_tui.wire.model import Blob, Citation, Part, ToolCall, Usage, WebSearch

StopReason = Literal["end", "max_tokens", "stop_sequence", "tool_use", "refusal", "pause", "context_overflow"]
BlockKind = Literal["text", "thinking", "refusal", "tool"]


class Answer(msgspec.Struct):
    """A whole answer."""

    id: str = ""
    model: str = ""
    created_s: int = 0
    parts: list[Part] = []
    stop: StopReason = "end"
    stop_sequence: str | None = None
    usage: Usage = msgspec.field(default_factory=Usage)
    error: UpstreamError | None = None


class Client(msgspec.Struct):
    """What the writer of an answer must know of the client's request."""

    model: str = ""
    """The model as the client called it."""
    seed: str = ""
    """For ids that the upstream left out: differs between exchanges."""
    now_s: int = 0
    include_usage: bool = True
    compacts: bool = False
    """One compaction item is wanted and nothing else."""
    echo: dict[str, msgspec.Raw] = {}
    """Request fields that a Responses answer repeats."""


class Start(msgspec.Struct):
    id: str = ""
    model: str = ""
    created_s: int = 0
    usage: Usage | None = None


class BlockStart(msgspec.Struct):
    key: int
    kind: BlockKind
    call: ToolCall | None = None
    """Of a tool block: id, name and kind; the arguments follow as deltas."""


class Delta(msgspec.Struct):
    """More of a block: text, thought, or arguments."""

    key: int
    text: str


class Sealed(msgspec.Struct):
    """The blob of a thinking block, before its end."""

    key: int
    blob: Blob


class Cited(msgspec.Struct):
    key: int
    citation: Citation


class BlockStop(msgspec.Struct):
    key: int


class Searched(msgspec.Struct):
    """A whole web search: a block of its own, without deltas."""

    key: int
    search: WebSearch


class Used(msgspec.Struct):
    """Running totals: a later one replaces an earlier one."""

    usage: Usage


class Stop(msgspec.Struct):
    reason: StopReason
    sequence: str | None = None


class Failed(msgspec.Struct):
    """The upstream gave up, or was cut off."""

    error: UpstreamError


StreamEvent: TypeAlias = (
    Start | BlockStart | Delta | Sealed | Cited | BlockStop | Searched | Used | Stop | Failed
)
