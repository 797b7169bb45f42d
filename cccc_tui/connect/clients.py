"""What both clients have in common: where cccc is for them, which program is installed, who else they may point to."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec

from cccc_tui.config.schema import Server
from cccc_tui.connect.plan import ClientName, Finding, Plan
from cccc_tui.connect.records import find_record
from cccc_tui.locales import _

ANY_TOKEN = "cccc"
"""What a client shows as its credential. cccc takes it out, whatever it is, but the clients want one to be there."""

VERSION_TIMEOUT_S = 20.0

_TITLES: dict[ClientName, str] = {"claude": "Claude Code", "codex": "Codex"}

_USUAL_PORTS = {
    3456: "claude-code-router",
    4000: "LiteLLM",
    8317: "CLIProxyAPI",
    11434: "Ollama",
    15721: "CC Switch",
}
_PROXY_VARIABLES = ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")


class Gateway(NamedTuple):
    """Where a client finds cccc, and what it shows there."""

    url: str
    """Without the `/v1`."""
    token: str = ANY_TOKEN


class Program(NamedTuple):
    """A client as it is installed."""

    path: Path
    version: str
    """`2.1.329`; empty when it does not say, or was not asked yet."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a client is set up now."""

    client: ClientName
    program: Program | None
    path: Path
    """The configuration file that counts."""
    points_to: str
    """The address that the file names; empty if it names none."""
    is_connected: bool
    """Whether that is cccc."""
    can_undo: bool
    findings: tuple[Finding, ...] = ()


def title(client: ClientName) -> str:
    """The client's name for people."""
    return _TITLES[client]


def gateway_of(server: Server, token: str = ANY_TOKEN) -> Gateway:
    """Where cccc listens by its configuration."""
    host = f"[{server.host}]" if ":" in server.host else server.host
    return Gateway(f"http://{host}:{server.port}", token)


def installed(name: str) -> Program | None:
    """The installed program at once; its version only where it is known already."""
    found = shutil.which(name)
    return Program(Path(found), _version(_known.get(_said_by(found, "--version"), b""))) if found else None


def find_program(name: str) -> Program | None:
    """The installed program and its version. Starts it, so it may take a second; the second time it does not."""
    found = shutil.which(name)
    return Program(Path(found), _version(output_of(found, "--version"))) if found else None


Find = Callable[[str], Program | None]
"""How a program is looked for: `installed` or `find_program`."""


class _Said(NamedTuple):
    """An option of a program, as it was installed at that moment."""

    path: str
    changed_ns: int
    size: int
    option: str


_known: dict[_Said, bytes] = {}


def output_of(program: str | Path, option: str) -> bytes:
    """What the program says to that option; asked once for each installation. Empty where it does not start."""
    said = _said_by(program, option)
    if said not in _known:
        try:
            run = subprocess.run(
                [program, option],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=VERSION_TIMEOUT_S,
                check=False,
            )
        except (OSError, subprocess.SubprocessError):
            return b""  # it is there, but does not start: the person will see why
        _known[said] = run.stdout
    return _known[said]


def _said_by(program: str | Path, option: str) -> _Said:
    try:
        status = Path(program).stat()
    except OSError:
        return _Said(str(program), 0, 0, option)
    return _Said(str(program), status.st_mtime_ns, status.st_size, option)


def _version(output: bytes) -> str:
    found = re.search(rb"\d+\.\d+[\w.-]*", output)
    return found[0].decode() if found else ""


def points_at(url: str, gateway: Gateway) -> bool:
    """Whether both are the same host and port; `localhost` is 127.0.0.1."""
    return _place(url) == _place(gateway.url)


def whose(url: str) -> str:
    """The address without user and password, and the tool that usually listens there."""
    parts = urlsplit(url)
    shown = parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
    host, port = _place(url)
    tool = _USUAL_PORTS.get(port, "") if host == "127.0.0.1" else ""
    return f"{shown} ({tool})" if tool else shown


def about_program(client: ClientName, program: Program | None) -> Finding:
    """Which one is installed."""
    if program is None:
        words = _("{client} is not installed here, or not in PATH; the file is for when it is.")
        return Finding("info", words.format(client=title(client)))
    return Finding("info", f"{title(client)} {program.version}".rstrip() + f": {program.path}")


def about_proxies(env: Mapping[str, str], gateway: Gateway) -> Iterator[Finding]:
    """A proxy for all of the net catches the way to this computer too, unless NO_PROXY says otherwise."""
    named = next((name for name in _PROXY_VARIABLES if env.get(name)), "")
    host = urlsplit(gateway.url).hostname or ""
    exempt = {each.strip() for name in ("NO_PROXY", "no_proxy") for each in env.get(name, "").split(",")}
    if named and not exempt & {host, "*"}:
        words = _("{name} is set: the client would look for cccc behind that proxy. Add to NO_PROXY: {host}")
        yield Finding("warning", words.format(name=named, host=host))


def with_findings(plan: Plan, findings: Iterator[Finding]) -> Plan:
    return msgspec.structs.replace(plan, findings=(*plan.findings, *findings))


def can_undo(path: Path) -> bool:
    """Whether cccc has written that file and can take it back."""
    return find_record(path) is not None


def _place(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return url, 0
    return "127.0.0.1" if host == "localhost" else host, port or (443 if parts.scheme == "https" else 80)
