"""Who may call. The listener is on loopback, so what is left to keep out are web pages in the user's own browser.

A page can reach 127.0.0.1 in two ways: by a cross-origin request, which carries its `Origin`, and by a host name of
its own that resolves to 127.0.0.1 (DNS rebinding), which shows in `Host`. Command-line clients send neither.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlsplit

from cccc_tui.config.addresses import is_loopback


def refusal(headers: Mapping[str, str], listening_host: str) -> str:
    """Why this request is refused, in a sentence; empty when it may pass."""
    return _refusal(headers.get("Host", ""), headers.get("Origin", ""), listening_host)


@lru_cache(maxsize=64)
def _refusal(named: str, origin: str, listening_host: str) -> str:
    host = _host_name(named)
    if host and not is_loopback(host) and host != listening_host:
        return (
            f"The Host header says {host!r}, which is not this computer's loopback address. "
            f"Call cccc by 127.0.0.1 or localhost."
        )
    if origin.startswith(("http://", "https://")) and not is_loopback(urlsplit(origin).hostname or ""):
        return f"Web pages of {origin} may not call cccc."
    return ""


@lru_cache(maxsize=256)
def is_nearby(host: str) -> bool:
    """Whether a host is this computer or one of a private network, where another gateway may stand."""
    name = host.strip("[]").lower()
    if is_loopback(name) or "." not in name or name.endswith((".local", ".internal", ".lan")):
        return True
    try:
        return ipaddress.ip_address(name).is_private
    except ValueError:
        return False


def _host_name(host: str) -> str:
    return urlsplit(f"//{host}").hostname or ""
