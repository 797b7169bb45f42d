"""Secrets: a value that never prints itself, where it comes from, and how it is read.

A secret that cannot be read takes its own endpoint out of service and nothing else.
"""

from __future__ import annotations

import asyncio
import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from cccc_tui.config.problems import Mark, Problem

if TYPE_CHECKING:  # the schema imports SecretRef from here
    from cccc_tui.config.schema import Config, Endpoint

KEYRING_SERVICE = "cccc"

_MAX_SECRET_BYTES = 64 * 1024


class Secret:
    """A secret value. Its text is had by `reveal` alone: printing, logging or dumping it shows `***`."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The secret itself."""
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

    @property
    def name(self) -> str:
        """The variable, keyring entry or path; empty for a literal, which is nobody's to print."""
        return "" if self.kind == "literal" else self._spec.partition(":")[2].strip()


class SecretMissing(Exception):
    """A secret that is not there; its text is the sentence for a person."""


class Secrets(msgspec.Struct, frozen=True, kw_only=True):
    """Every secret that could be read, by endpoint name."""

    auth: dict[str, Secret] = {}
    keys: dict[tuple[str, int], Secret] = {}
    """Of endpoints with several keys: by endpoint name and the key's place in the list."""
    missing_keys: dict[tuple[str, int], str] = {}
    """Why a key could not be read, as a sentence."""
    proxy_passwords: dict[str, Secret] = {}
    out_of_service: dict[str, str] = {}
    """Endpoints whose secret could not be read, by name, with the reason."""
    problems: tuple[Problem, ...] = ()


def read_secret(ref: SecretRef) -> Secret:
    """The secret itself. May block (a keyring can ask its owner); raises `SecretMissing`."""
    text = _READERS[ref.kind](ref)
    if re.search(r"[\x00-\x1f\x7f]", text):
        raise SecretMissing(f"{_what(ref)} has a line break or control character in it")
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        raise SecretMissing(f"{_what(ref)} has characters in it that no HTTP header can carry") from None
    return Secret(text)


def read_secrets(config: Config, places: Mapping[str, Mark] | None = None, file: str = "") -> Secrets:
    """All secrets of the file, one after another; `places` and `file` of `Loaded` put lines to the problems.

    The keyring is not asked for disabled endpoints, and what they lack is no problem.
    """
    found = [(need, *_attempt(need.ref)) for need in _needs(config)]
    return _sorted_out(found, places or {}, file)


async def read_secrets_soon(
    config: Config, places: Mapping[str, Mark] | None = None, file: str = "", timeout_s: float = 5
) -> Secrets:
    """The same without blocking the loop; a secret that takes longer than `timeout_s` counts as missing."""
    needs = list(_needs(config))
    outcomes = await asyncio.gather(*(_attempt_soon(need.ref, timeout_s) for need in needs))
    found = [(need, *outcome) for need, outcome in zip(needs, outcomes, strict=True)]
    return _sorted_out(found, places or {}, file)


def looks_like_key(ref: SecretRef) -> bool:
    """Whether a literal is a real key rather than a placeholder such as `sk-xxxx` or `YOUR_TOKEN`."""
    text = ref._spec
    if ref.kind != "literal" or len(text) < 20 or re.search(r"(?i)x{4}|your|example|\s", text):
        return False
    return text.startswith("sk-") or bool(re.search(r"\d", text) and re.search(r"[A-Za-z]", text))


class _Need(NamedTuple):
    ref: SecretRef
    endpoint: str
    key: str
    of_proxy: bool
    counts: bool
    """Whether it is a problem when it is missing: the endpoint is enabled."""
    place: int | None = None
    """Of a key among several: its place in the list."""


_Outcome = tuple[Secret | None, str]
"""The secret, or the sentence that says why there is none."""


def _needs(config: Config) -> Iterator[_Need]:
    for index, endpoint in enumerate(config.endpoints):
        for need in _needs_of(endpoint, f"endpoints[{index}]"):
            if need.counts or need.ref.kind != "keyring":
                yield need


def _needs_of(endpoint: Endpoint, key: str) -> Iterator[_Need]:
    if endpoint.auth_value is not None:
        yield _Need(endpoint.auth_value, endpoint.name, f"{key}.auth_value", False, endpoint.enabled)
    for place, each in enumerate(endpoint.keys):
        yield _Need(each.value, endpoint.name, f"{key}.keys[{place}].value", False, endpoint.enabled, place)
    if endpoint.proxy is not None and endpoint.proxy.password is not None:
        yield _Need(endpoint.proxy.password, endpoint.name, f"{key}.proxy.password", True, endpoint.enabled)


def _attempt(ref: SecretRef) -> _Outcome:
    try:
        return read_secret(ref), ""
    except SecretMissing as missing:
        return None, str(missing)


async def _attempt_soon(ref: SecretRef, timeout_s: float) -> _Outcome:
    """In a daemon thread: a keyring that never answers must hold up neither the loop nor the exit."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[_Outcome] = loop.create_future()

    def settle(outcome: _Outcome) -> None:
        if not answer.done():
            answer.set_result(outcome)

    def work() -> None:
        outcome = _attempt(ref)
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, outcome)

    threading.Thread(target=work, name="cccc-secret", daemon=True).start()
    try:
        return await asyncio.wait_for(answer, timeout_s)
    except TimeoutError:
        return None, f"{_what(ref)} did not answer within {timeout_s:g} s"


def _sorted_out(
    found: list[tuple[_Need, Secret | None, str]], places: Mapping[str, Mark], file: str
) -> Secrets:
    auth: dict[str, Secret] = {}
    keys: dict[tuple[str, int], Secret] = {}
    passwords: dict[str, Secret] = {}
    for need, secret, _ in found:
        if secret is not None and need.place is not None:
            keys[need.endpoint, need.place] = secret
        elif secret is not None:
            (passwords if need.of_proxy else auth)[need.endpoint] = secret
    with_keys = {endpoint for endpoint, _ in keys}
    judged = [
        (complaint, problem)
        for need, secret, complaint in found
        if need.counts and (problem := _problem_with(need, secret, complaint, with_keys, places, file))
    ]
    return Secrets(
        auth=auth,
        keys=keys,
        missing_keys={
            (need.endpoint, need.place): complaint
            for need, secret, complaint in found
            if secret is None and need.place is not None
        },
        proxy_passwords=passwords,
        out_of_service={problem.endpoint: complaint for complaint, problem in judged if problem.disables},
        problems=tuple(problem for _complaint, problem in judged),
    )


def _problem_with(
    need: _Need,
    secret: Secret | None,
    complaint: str,
    with_keys: set[str],
    places: Mapping[str, Mark],
    file: str,
) -> Problem | None:
    if secret is not None:
        warning = _exposed(need.ref)
        return _problem(need, warning, places, file, disables=False) if warning else None
    if need.place is not None and need.endpoint in with_keys:
        message = f"{complaint}: this key is not used until it is there"
        return _problem(need, message, places, file, disables=False)
    message = f'{complaint}: the endpoint "{need.endpoint}" is out of service until it is there'
    return _problem(need, message, places, file, disables=True)


def _problem(need: _Need, message: str, places: Mapping[str, Mark], file: str, disables: bool) -> Problem:
    at = places.get(need.key, Mark())
    return Problem(
        message=message,
        severity="warning",
        file=file,
        line=at.line,
        column=at.column,
        key=need.key,
        endpoint=need.endpoint,
        disables=disables,
    )


def _exposed(ref: SecretRef) -> str:
    """A warning when a secret's file can be read by others; Windows has no such mode bits."""
    if ref.kind != "file" or os.name != "posix":
        return ""
    path = Path(ref.name).expanduser()
    try:
        exposed = path.stat().st_mode & 0o077
    except OSError:
        return ""  # gone since it was read: the next read says so
    return f"{path} can be read by other users: chmod 600 {path}" if exposed else ""


def _what(ref: SecretRef) -> str:
    match ref.kind:
        case "env":
            return f"the environment variable {ref.name}"
        case "keyring":
            return f'the keyring entry "{ref.name}" of "{KEYRING_SERVICE}"'
        case "file":
            return f"the file {ref.name}"
    return "the value"


def _from_environment(ref: SecretRef) -> str:
    value = os.environ.get(ref.name, "").strip()
    if not value:
        raise SecretMissing(f"{_what(ref)} is {'empty' if ref.name in os.environ else 'not set'}")
    return value


def _from_file(ref: SecretRef) -> str:
    path = Path(ref.name).expanduser()
    if path.exists() and not path.is_file():
        raise SecretMissing(f"{path} is not a file")
    try:
        with path.open("rb") as file:
            text = file.read(_MAX_SECRET_BYTES).decode("utf-8").rstrip("\r\n")
    except FileNotFoundError:
        raise SecretMissing(f"{_what(ref)} is not there") from None
    except OSError as error:
        raise SecretMissing(f"{_what(ref)} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SecretMissing(f"{_what(ref)} is not text") from None
    if not text:
        raise SecretMissing(f"{_what(ref)} is empty")
    return text


def _from_keyring(ref: SecretRef) -> str:
    import keyring  # slow to import, and needed by few
    import keyring.errors

    from cccc_tui.config.keystore import find_key  # which makes secrets of what it reads

    stored = find_key(ref.name)
    if stored is not None:
        return stored.reveal()
    try:
        value = keyring.get_password(KEYRING_SERVICE, ref.name)
    except keyring.errors.NoKeyringError:
        raise SecretMissing(f"{_what(ref)} cannot be read: this system has no keyring") from None
    except keyring.errors.KeyringLocked:
        raise SecretMissing(f"{_what(ref)} cannot be read: the keyring is locked") from None
    except Exception as error:  # backends raise errors of their own libraries (D-Bus, Windows)
        raise SecretMissing(f"{_what(ref)} cannot be read: {type(error).__name__}") from error
    if not value:
        raise SecretMissing(f"{_what(ref)} is not there: cccc key set {ref.name}")
    return value


_READERS: dict[str, Callable[[SecretRef], str]] = {
    "env": _from_environment,
    "keyring": _from_keyring,
    "file": _from_file,
    "literal": lambda ref: ref._spec,
}
