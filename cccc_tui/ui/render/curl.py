"""An exchange as a curl command that repeats it. Blanked secrets stay blank: they become shell variables."""

from __future__ import annotations

import shlex

from cccc_tui.traffic.exchange import Exchange
from cccc_tui.wire.model import Format

BLANK = "***"
_LEFT_TO_CURL = frozenset(
    {"host", "content-length", "connection", "accept-encoding", "content-encoding", "transfer-encoding"}
)
_KEY_OF: dict[Format | None, str] = {"anthropic": "ANTHROPIC_API_KEY"}


def curl_command(exchange: Exchange, address: str) -> str:
    """The command, one argument a line; says in a comment when the body is not known whole."""
    parts = [f"curl -N -X {shlex.quote(exchange.method)} {shlex.quote(address + exchange.path)}"]
    for name, value in exchange.request_headers:
        if name.lower() not in _LEFT_TO_CURL:
            parts.append(f"-H {_header(name, value, exchange.format)}")
    body = exchange.request_body
    if body and body.size_bytes:
        parts.append(f"--data-binary {shlex.quote((body.head + body.tail).decode('utf-8', 'replace'))}")
    command = " \\\n  ".join(parts)
    if body and body.missing_bytes:
        return f"# {body.missing_bytes} bytes in the middle of the body were not kept\n{command}"
    return command


def _header(name: str, value: str, wire_format: Format | None) -> str:
    if BLANK not in value:
        return shlex.quote(f"{name}: {value}")
    before = value[: value.index(BLANK)]
    scheme = before if before.strip().lower() in ("bearer", "basic") else ""
    variable = _KEY_OF.get(wire_format, "OPENAI_API_KEY")
    return f'"{name}: {scheme}${variable}"'
