"""What can be taken from another tool's configuration, and what cannot; and how such files say things."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from cccc_tui.config.document import parse, plain
from cccc_tui.config.problems import Report
from cccc_tui.connect.plan import PlanRefused, read_file
from cccc_tui.locales import _

SourceName = Literal["cccc", "claude-code-router", "cliproxyapi", "environment", "clients"]


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """One endpoint that can be taken."""

    values: dict[str, Any]
    """As in the configuration, without the key."""
    key: str = ""
    """The credential: a literal, or `env:NAME`; empty for none."""


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """Something that cannot be taken."""

    what: str
    why: str


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a source has."""

    source: SourceName
    place: str
    taken: tuple[Taken, ...] = ()
    left: tuple[Left, ...] = ()


Item = Taken | Left


def left(what: str, why: str) -> Left:
    """Something that cannot be taken, with the reason."""
    return Left(what=what, why=why)


def with_extras(
    values: dict[str, Any], rules: list[dict[str, str]], proxy: str, headers: dict[str, str]
) -> dict[str, Any]:
    """The values with rules, proxy and headers, where there are any."""
    result = dict(values)
    if rules:
        result["model_rewrite"] = {"enabled": True, "rules": rules}
    if headers:
        result["header_overrides"] = headers
    parts = urlsplit(proxy)
    if parts.hostname:
        kind = "socks5" if parts.scheme.startswith("socks") else "http"
        port = parts.port or (1080 if kind == "socks5" else 80)
        result["proxy"] = {"type": kind, "address": f"{parts.hostname}:{port}"}
        if parts.username and parts.password:
            result["proxy"] |= {"username": parts.username, "password": parts.password}
    return result


def reference(key: str) -> str:
    """`$NAME` and `${NAME}` are variables of the environment."""
    found = re.fullmatch(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?", key.strip())
    return f"env:{found[1]}" if found else key.strip()


def mappings(value: Any) -> Iterator[Mapping[str, Any]]:
    """The mappings of a list."""
    yield from (each for each in value if isinstance(each, Mapping)) if isinstance(value, list) else ()


def yaml_of(path: Path) -> dict[str, Any]:
    """What a YAML file says. Raises `PlanRefused`."""
    report = Report(str(path))
    try:
        text = (read_file(path) or b"").decode("utf-8-sig")
    except UnicodeDecodeError:
        reason = _("is not UTF-8 text")
        raise PlanRefused(f"{path}: {reason}") from None
    root = parse(text, report)
    if root is None:
        raise PlanRefused(report.finished()[0].sentence())
    data = plain(root)
    return data if isinstance(data, dict) else {}
