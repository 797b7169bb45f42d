"""Tool names and call ids in the alphabet and length that a target accepts, and back again.

Everything here depends on the name alone (never on a counter that a longer conversation would
move), so that a converted history keeps its bytes from turn to turn.
"""

from __future__ import annotations

import re
from hashlib import sha256

import msgspec

from cccc_tui.wire.model import Tool, ToolKind

NAME_LIMIT = 64
ID_LIMIT = 64
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ID = re.compile(r"[A-Za-z0-9_-]+")
_NOT_NAME = re.compile(r"[^A-Za-z0-9_-]")
_ESCAPE_PREFIX = "cccc-"


def digest(text: str, length: int = 16) -> str:
    """The first hex digits of the text's SHA-256."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:length]


def wire_name(name: str, namespace: str = "") -> str:
    """The one flat name of a tool: `namespace__name`, shortened with a digest when it must be."""
    full = f"{namespace}__{name}" if namespace else name
    if _NAME.fullmatch(full):
        return full
    return f"{_NOT_NAME.sub('_', full)[: NAME_LIMIT - 9]}_{digest(full, 8)}"


class ToolRef(msgspec.Struct, frozen=True):
    """A tool as its client knows it."""

    name: str
    kind: ToolKind = "function"
    namespace: str = ""


class NameMap:
    """Wire names of one request's tools, in both directions."""

    def __init__(self, tools: list[Tool]) -> None:
        self._tools: dict[str, Tool] = {}
        self._wire: dict[tuple[str, str], str] = {}
        self.is_plain = True
        """Whether a wire name follows from the tool's own name, whatever other tools there are."""
        for tool in tools:
            self.add(tool)

    def add(self, tool: Tool) -> str:
        """The tool's wire name; a name that another tool has already taken gets a digest."""
        key = (tool.namespace, tool.name)
        known = self._wire.get(key)
        if known is not None:
            return known
        wire = wire_name(tool.name, tool.namespace)
        if wire in self._tools:
            self.is_plain = False
            wire = f"{wire[: NAME_LIMIT - 9]}_{digest('/'.join(key), 8)}"
        self._wire[key] = wire
        self._tools[wire] = tool
        return wire

    def to_wire(self, name: str, namespace: str = "") -> str:
        """The wire name, of a tool that the request no longer lists too."""
        return self._wire.get((namespace, name)) or wire_name(name, namespace)

    def from_wire(self, wire: str) -> ToolRef:
        """The client's tool; a name that the model made up comes back as it is."""
        tool = self._tools.get(wire)
        return ToolRef(wire) if tool is None else ToolRef(tool.name, tool.kind, tool.namespace)


def anthropic_id(call_id: str) -> str:
    """A call id in Anthropic's alphabet; `original_id` restores what it was (`functions.Bash:0`)."""
    if _ID.fullmatch(call_id):
        return call_id
    escaped = "".join(c if (c.isascii() and c.isalnum()) or c == "_" else _escape(c) for c in call_id)
    return _ESCAPE_PREFIX + escaped


def openai_id(call_id: str) -> str:
    """The id that the upstream gave, or one short enough for OpenAI."""
    if call_id.startswith(_ESCAPE_PREFIX):
        call_id = original_id(call_id)
    if len(call_id) <= ID_LIMIT:
        return call_id
    return f"{call_id[: ID_LIMIT - 17]}_{digest(call_id)}"


def original_id(call_id: str) -> str:
    """Undoes `anthropic_id`."""
    if not call_id.startswith(_ESCAPE_PREFIX):
        return call_id
    escaped = call_id.removeprefix(_ESCAPE_PREFIX).encode()
    raw = re.sub(rb"-([0-9a-f]{2})", lambda match: bytes([int(match[1], 16)]), escaped)
    return raw.decode("utf-8", "replace")


def made_id(prefix: str, *seed: object) -> str:
    """An id in the shape that the client expects, the same for the same seed."""
    return prefix + digest("\0".join(map(str, seed)), 24)


def reshaped_id(prefix: str, upstream_id: str, seed: str) -> str:
    """The upstream's id of an answer under the client's prefix (`chatcmpl-7x` becomes `msg_7x`)."""
    if upstream_id.startswith(prefix):
        return upstream_id
    _, _, tail = upstream_id.replace("-", "_", 1).partition("_")
    tail = _NOT_NAME.sub("", tail or upstream_id)
    return prefix + tail if tail else made_id(prefix, seed)


def _escape(char: str) -> str:
    return "".join(f"-{byte:02x}" for byte in char.encode("utf-8", "surrogatepass"))
