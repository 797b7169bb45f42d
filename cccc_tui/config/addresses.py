"""Which formats an endpoint speaks, and the URL of each call to it.

The one place that knows how a base URL, a `path_prefix` and a format become an address. People paste
all kinds of base URLs (with and without `/v1`, with the whole path of one call), so all of them lead to
the same place, and nothing is ever doubled.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import Literal
from urllib.parse import SplitResult, urlsplit, urlunsplit

from cccc_tui.config.schema import Endpoint

Format = Literal["anthropic", "chat", "responses"]
Operation = Literal["generate", "count_tokens", "models", "compact"]

DEMO_URL = "demo:"

_OPENAI_CALLS: dict[str, Format] = {"/chat/completions": "chat", "/responses": "responses"}
_ANTHROPIC_TAIL = re.compile(r"(/v1)?(/messages(/count_tokens)?)?$")
_VERSION = re.compile(r"v\d+((alpha|beta)\d*)?")

_PATHS: dict[tuple[Format, Operation], str] = {
    ("anthropic", "generate"): "/v1/messages",
    ("anthropic", "count_tokens"): "/v1/messages/count_tokens",
    ("anthropic", "models"): "/v1/models",
    ("chat", "generate"): "/chat/completions",
    ("chat", "models"): "/models",
    ("responses", "generate"): "/responses",
    ("responses", "count_tokens"): "/responses/input_tokens",
    ("responses", "models"): "/models",
    ("responses", "compact"): "/responses/compact",
}
"""What is asked where; a pair that is missing does not exist in that API."""


def is_demo(endpoint: Endpoint) -> bool:
    """Whether the built-in demo provider answers for it."""
    return endpoint.url == DEMO_URL


def formats(endpoint: Endpoint) -> tuple[Format, ...]:
    """The formats that the endpoint speaks, as far as the configuration tells."""
    if is_demo(endpoint):
        return ("anthropic", "chat", "responses")
    anthropic: tuple[Format, ...] = ("anthropic",) if anthropic_url(endpoint) else ()
    return anthropic + (_openai_formats(endpoint) if openai_url(endpoint) else ())


def anthropic_url(endpoint: Endpoint) -> str:
    """Base URL for Anthropic Messages; empty if there is none."""
    if endpoint.url:
        return endpoint.url if endpoint.endpoint_type != "openai" else ""
    return endpoint.url_anthropic


def openai_url(endpoint: Endpoint) -> str:
    """Base URL for the OpenAI formats; empty if there is none."""
    if endpoint.url:
        return endpoint.url if endpoint.endpoint_type == "openai" else ""
    return endpoint.url_openai


def fixed_openai_format(endpoint: Endpoint) -> Format | None:
    """The one OpenAI format whose whole path stands in `path_prefix` or in the URL."""
    for text in (endpoint.path_prefix, urlsplit(openai_url(endpoint)).path):
        for call, format_ in _OPENAI_CALLS.items():
            if text.rstrip("/").endswith(call):
                return format_
    return None


def request_url(
    endpoint: Endpoint, format_: Format, operation: Operation = "generate", base: str = ""
) -> str:
    """The URL of a call. `base` stands in for the endpoint's own URL: the demo provider has none of its own.

    Raises `ValueError` for a call that the format does not have, and where the endpoint has no URL for it.
    """
    path = _PATHS.get((format_, operation))
    if path is None:
        raise ValueError(f"there is no {operation} in the {format_} format")
    url = base or (anthropic_url(endpoint) if format_ == "anthropic" else openai_url(endpoint))
    if not url or (is_demo(endpoint) and not base):
        raise ValueError(f"the endpoint {endpoint.name} has no URL for the {format_} format")
    parts = urlsplit(url)
    if format_ == "anthropic":
        return _with_path(parts, _ANTHROPIC_TAIL.sub("", parts.path.rstrip("/"), count=1) + path)
    return _with_path(parts, _openai_root(parts.path, "" if base else endpoint.path_prefix) + path)


def points_at(url: str, port: int) -> bool:
    """Whether `url` is this machine's own `port`: a request there would come back to us."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    own = parts.port or (443 if parts.scheme == "https" else 80)
    return own == port and (is_loopback(host) or host in ("0.0.0.0", "::"))


@lru_cache(maxsize=256)
def is_loopback(host: str) -> bool:
    """Whether `host` can be reached from this machine alone."""
    if host.lower() == "localhost" or host.lower().endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _openai_formats(endpoint: Endpoint) -> tuple[Format, ...]:
    if fixed := fixed_openai_format(endpoint):
        return (fixed,)
    match endpoint.openai_preference:
        case "responses":
            return ("responses",)
        case "chat_completions":
            return ("chat",)
    return ("chat", "responses")


def _openai_root(path: str, prefix: str) -> str:
    """What stands before `/chat/completions`.

    Without a prefix the version is put in, unless the path has one (`/v1`, `/api/paas/v4`,
    `/v1beta/openai`) or is the whole path of a call. A prefix says it all: `/` is "no version at all".
    """
    base = path.rstrip("/")
    if prefix:
        stem = _without_call("/" + prefix.strip("/")).rstrip("/")
        return _joined(_without_call(base), stem)
    stem = _without_call(base)
    return stem if stem != base or _is_versioned(stem) else f"{stem}/v1"


def _without_call(path: str) -> str:
    for call in _OPENAI_CALLS:
        path = path.removesuffix(call)
    return path


def _joined(base: str, prefix: str) -> str:
    """`/api/v1` and `/v1` are `/api/v1`: what the base already ends with is not put there again."""
    return base if base.endswith(prefix) else base + prefix


def _is_versioned(path: str) -> bool:
    last = path.split("/")[-2:]
    return bool(_VERSION.fullmatch(last[-1]) or (last[-1] == "openai" and _VERSION.fullmatch(last[0])))


def _with_path(parts: SplitResult, path: str) -> str:
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))
