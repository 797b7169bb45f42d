"""`cccc doctor`: looks at everything that has to be right around cccc, and says what to do where it is not.

Each check is a function that returns its lines; none of them changes anything, and none may take long.
"""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import stat
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

import msgspec

from cccc_tui import __version__
from cccc_tui.config.addresses import is_demo
from cccc_tui.config.keystore import keyring_name
from cccc_tui.config.load import Loaded, load
from cccc_tui.config.paths import state_folder, user_config
from cccc_tui.config.schema import Config, Endpoint
from cccc_tui.config.secrets import SecretMissing, read_secrets
from cccc_tui.connect import claude, codex
from cccc_tui.connect.clients import Gateway, Standing, gateway_of, title, whose
from cccc_tui.connect.plan import PlanRefused
from cccc_tui.locales import _

Verdict = Literal["pass", "warn", "fail"]

REACH_TIMEOUT_S = 5.0
CLOCK_OFF_S = 120.0
"""From here on signatures and tokens of providers begin to fail."""
_MANY_ENDPOINTS = 16


class Line(msgspec.Struct, frozen=True):
    """One thing that was looked at."""

    check: str
    verdict: Verdict
    text: str
    remedy: str = ""
    """What to do; empty where all is well."""


class _Reached(NamedTuple):
    endpoint: Endpoint
    trouble: str
    clock_off_s: float | None


def examine(config_path: Path, env: Mapping[str, str]) -> tuple[Line, ...]:
    """All checks, in the order in which they are shown."""
    loaded = load(config_path)
    config = loaded.config or Config()
    gateway = gateway_of(config.server)
    checks: Sequence[tuple[str, Callable[[], Iterator[Line]]]] = (
        ("versions", _versions),
        ("paths", lambda: _paths(config_path)),
        ("configuration", lambda: _configuration(loaded)),
        ("permissions", lambda: _permissions(config_path)),
        ("port", lambda: _port(gateway, loaded)),
        ("keyring", _keyring),
        ("terminal", lambda: _terminal(env)),
        ("clients", lambda: _clients(gateway, env)),
        ("endpoints", lambda: _endpoints(config)),
    )
    return tuple(line for name, check in checks for line in _safely(name, check))


def _safely(name: str, check: Callable[[], Iterator[Line]]) -> list[Line]:
    """A check that fails is a line too: the other checks go on."""
    try:
        return list(check())
    except OSError as error:
        return [Line(name, "fail", str(error), _("Look at this file or folder: cccc cannot use it."))]


def _versions() -> Iterator[Line]:
    python = ".".join(map(str, sys.version_info[:3]))
    yield Line("versions", "pass", f"cccc {__version__}, Python {python}, {sys.platform}")


def _paths(config_path: Path) -> Iterator[Line]:
    state = state_folder()
    if not os.access(state, os.W_OK):
        yield Line("paths", "fail", _("{path} cannot be written").format(path=state), f"chmod u+w {state}")
    free_mb = shutil.disk_usage(state).free // 2**20
    if free_mb < 100:
        words = _("only {megabytes} MB are free for the state in {path}")
        yield Line("paths", "warn", words.format(megabytes=free_mb, path=state), _("Make room there."))
    words = _("configuration {config}, state {state}")
    yield Line("paths", "pass", words.format(config=config_path, state=state))


def _configuration(loaded: Loaded) -> Iterator[Line]:
    if not loaded.path.exists():
        words = _("there is no configuration yet")
        yield Line("configuration", "warn", words, _("Start `cccc`: it writes a first one."))
        return
    for problem in loaded.errors:
        yield Line(
            "configuration", "fail", problem.sentence(), _("Mend that line; `cccc check` reads it again.")
        )
    if loaded.config is None:
        return
    missing = read_secrets(loaded.config, loaded.places, str(loaded.path)).problems
    for problem in (*loaded.warnings, *missing):
        yield Line(
            "configuration", "warn", problem.sentence(), _("Mend that line; `cccc check` reads it again.")
        )
    enabled = [each.name for each in loaded.config.endpoints if each.enabled]
    if not [name for name in enabled if name != "demo"]:
        words = _("no endpoint of your own is enabled")
        yield Line(
            "configuration", "warn", words, _("Enable one on the Endpoints screen, or see `cccc import`.")
        )
    else:
        yield Line("configuration", "pass", _("enabled: {names}").format(names=", ".join(enabled)))


def _permissions(config_path: Path) -> Iterator[Line]:
    """Windows has no such mode bits."""
    if os.name != "posix":
        return
    own = (config_path, config_path.with_name(f"{config_path.name}.backup"), *_private_files())
    exposed = [path for path in own if path.is_file() and stat.S_IMODE(path.stat().st_mode) & 0o077]
    for path in exposed:
        text = _("{path} can be read by other users").format(path=path)
        yield Line("permissions", "warn", text, f"chmod 600 {path}")
    if not exposed:
        yield Line("permissions", "pass", _("nobody else can read what cccc keeps"))


def _private_files() -> Iterator[Path]:
    yield from (user_config().with_name(name) for name in ("keys.enc", "keys.json"))
    yield from (path for path in state_folder().rglob("*") if path.is_file())


def _port(gateway: Gateway, loaded: Loaded) -> Iterator[Line]:
    if loaded.config is None and loaded.path.exists():
        words = _("not looked at: the configuration does not say where cccc listens")
        yield Line("port", "warn", words, _("Mend the configuration first."))
        return
    config = loaded.config or Config()
    if _is_cccc(gateway):
        yield Line("port", "pass", _("cccc runs at {url}").format(url=gateway.url))
        return
    family = socket.AF_INET6 if ":" in config.server.host else socket.AF_INET
    with socket.socket(family) as probe:
        try:
            probe.bind((config.server.host, config.server.port))
        except OSError as error:
            words = _("{url} cannot be used: {reason}").format(url=gateway.url, reason=error.strerror)
            yield Line(
                "port", "fail", words, _("Choose another `server.port`, or end the program that has it.")
            )
            return
    yield Line("port", "pass", _("{url} is free; cccc does not run").format(url=gateway.url))


def _is_cccc(gateway: Gateway) -> bool:
    parts = urlsplit(gateway.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=REACH_TIMEOUT_S)
    try:
        connection.request("GET", "/health")
        answer = connection.getresponse()
        return answer.status == 200 and b'"cccc"' in answer.read(4096)
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _keyring() -> Iterator[Line]:
    try:
        name = keyring_name()
    except SecretMissing as missing:
        yield Line(
            "keyring", "warn", str(missing), _("Keys go into an encrypted file instead: cccc key set NAME")
        )
        return
    if name:
        yield Line("keyring", "pass", name)
    else:
        words = _("this system has no keyring; keys go into an encrypted file")
        yield Line("keyring", "pass", words)


def _terminal(env: Mapping[str, str]) -> Iterator[Line]:
    encoding = (sys.stdout.encoding or "").lower()
    kind = env.get("TERM", "")
    if kind in ("", "dumb"):
        words = _("TERM is {kind}: no control center can be drawn here").format(kind=kind or '""')
        yield Line("terminal", "warn", words, _("Use a terminal of its own, or `cccc --serve`."))
    elif "utf" not in encoding:
        words = _("{kind}, but its characters are {encoding}").format(kind=kind, encoding=encoding)
        yield Line("terminal", "warn", words, _("Set a UTF-8 locale, for example LANG=C.UTF-8."))
    else:
        size = shutil.get_terminal_size()
        yield Line("terminal", "pass", f"{kind}, {encoding}, {size.columns}x{size.lines}")


def _clients(gateway: Gateway, env: Mapping[str, str]) -> Iterator[Line]:
    looks: tuple[Callable[[], Standing], ...] = (
        lambda: claude.standing(claude.ClaudeChoice(gateway=gateway), env),
        lambda: codex.standing(codex.CodexChoice(gateway=gateway), env),
    )
    for look in looks:
        try:
            yield from _client(look())
        except PlanRefused as refused:
            yield Line(
                "clients", "fail", str(refused), _("Mend that file; the client does not read it either.")
            )


def _client(found: Standing) -> Iterator[Line]:
    name = f"{title(found.client)} {found.program.version if found.program else ''}".strip()
    remedy = _("To lead it to cccc: cccc connect {client}").format(client=found.client)
    if found.is_connected:
        yield Line("clients", "pass", _("{client} asks cccc").format(client=name))
    elif found.points_to:
        words = _("{client} asks {place}").format(client=name, place=whose(found.points_to))
        yield Line("clients", "warn", words, remedy)
    elif found.program:
        yield Line("clients", "warn", _("{client} asks its own provider").format(client=name), remedy)
    else:
        yield Line("clients", "pass", _("{client} is not installed").format(client=name))
    for finding in found.findings:
        if finding.level == "warning" and (found.is_connected or found.points_to):
            own = _("Mend this by hand: cccc connect leaves it as it is.")
            yield Line("clients", "warn", f"{title(found.client)}: {finding.text}", own)


def _endpoints(config: Config) -> Iterator[Line]:
    """Whether the enabled ones can be reached, and whether their clocks agree with ours."""
    asked = [each for each in config.endpoints if each.enabled and not is_demo(each)][:_MANY_ENDPOINTS]
    if not asked:
        return
    with ThreadPoolExecutor(len(asked), thread_name_prefix="cccc-doctor") as pool:
        reached = list(pool.map(_reach, asked))
    for each in reached:
        name, url = each.endpoint.name, _url(each.endpoint)
        if each.trouble:
            words = _("{name} ({url}) is out of reach: {reason}")
            text = words.format(name=name, url=whose(url), reason=each.trouble)
            yield Line("endpoints", "fail", text, _("Check its address, your network, and its `proxy`."))
        else:
            yield Line("endpoints", "pass", _("{name} ({url}) is in reach").format(name=name, url=whose(url)))
    yield from _clock([each.clock_off_s for each in reached if each.clock_off_s is not None])


def _clock(differences_s: list[float]) -> Iterator[Line]:
    if not differences_s:
        return
    off_s = min(differences_s, key=abs)
    if abs(off_s) > CLOCK_OFF_S:
        words = _("this computer's clock is {seconds:.0f} s off").format(seconds=off_s)
        yield Line("clock", "warn", words, _("Set the clock; NTP does it by itself."))
    else:
        yield Line("clock", "pass", _("the clock is right"))


def _url(endpoint: Endpoint) -> str:
    return endpoint.url or endpoint.url_anthropic or endpoint.url_openai


def _reach(endpoint: Endpoint) -> _Reached:
    """A bare connection and one unauthenticated HEAD: no key is sent, no token is spent."""
    if endpoint.proxy is not None:
        host, _colon, port = endpoint.proxy.address.rpartition(":")
        return _Reached(endpoint, _connects(host, int(port) if port.isdigit() else 0), None)
    parts = urlsplit(_url(endpoint))
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=REACH_TIMEOUT_S)
    try:
        connection.request("HEAD", parts.path or "/")
        answer = connection.getresponse()
        return _Reached(endpoint, "", _clock_difference(answer.getheader("Date")))
    except (OSError, http.client.HTTPException) as error:
        return _Reached(endpoint, str(error) or type(error).__name__, None)
    finally:
        connection.close()


def _connects(host: str, port: int) -> str:
    try:
        socket.create_connection((host.strip("[]"), port), REACH_TIMEOUT_S).close()
    except OSError as error:
        return str(error)
    return ""


def _clock_difference(date: str | None) -> float | None:
    """How far our clock is ahead of the one that answered."""
    try:
        theirs = parsedate_to_datetime(date or "")
    except ValueError:
        return None
    return (datetime.now(UTC) - theirs).total_seconds() if theirs.tzinfo else None
