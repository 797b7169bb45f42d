"""The connections to upstreams: one session and one line per distinct outbound proxy, kept alive between requests."""

from __future__ import annotations

from typing import Any

import aiohttp
from yarl import URL

from cccc_tui.config.schema import Proxy
from cccc_tui.config.secrets import Secret
from cccc_tui.engine.line import MAX_LINE_BYTES, READ_BYTES, Line, connector

_Way = tuple[str, str, str, str]
"""Kind, address, user and password of a proxy; all empty for none."""


class Upstream:
    """The client sessions of the engine. A reload of the configuration keeps them, and with them their connections."""

    def __init__(self, idle_connection_s: float) -> None:
        self._idle_s = idle_connection_s
        self._sessions: dict[_Way, aiohttp.ClientSession] = {}
        self._lines: dict[_Way, Line] = {}

    def session(self, proxy: Proxy | None, password: Secret | None = None) -> aiohttp.ClientSession:
        """The session for requests through `proxy`, or straight: for what is asked now and then."""
        return self._session(_way(proxy, password))

    def line(self, proxy: Proxy | None, password: Secret | None = None) -> Line:
        """The line for requests through `proxy`, or straight: for what agents ask."""
        way = _way(proxy, password)
        line = self._lines.get(way)
        if line is None:
            line = self._lines[way] = Line(self._session(way), _http_proxy(*way))
        return line

    async def close(self) -> None:
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()
        self._lines.clear()

    def _session(self, way: _Way) -> aiohttp.ClientSession:
        if way not in self._sessions:
            self._sessions[way] = self._open(*way)
        return self._sessions[way]

    def _open(self, kind: str, address: str, username: str, password: str) -> aiohttp.ClientSession:
        limits: dict[str, Any] = {"limit": 0, "keepalive_timeout": self._idle_s, "ttl_dns_cache": 60}
        settings: dict[str, Any] = {
            # Deadlines are the attempt's own (they depend on what has come); aiohttp's total would cut long streams.
            "timeout": aiohttp.ClientTimeout(total=None),
            "auto_decompress": True,
            "cookie_jar": aiohttp.DummyCookieJar(),
            "skip_auto_headers": ("User-Agent", "Accept"),
            "read_bufsize": READ_BYTES,
            "max_line_size": MAX_LINE_BYTES,
            "max_field_size": MAX_LINE_BYTES,
            "proxy": _http_proxy(kind, address, username, password),
        }
        if kind == "socks5":
            from aiohttp_socks import ProxyConnector, ProxyType

            host, _, port = address.rpartition(":")
            through_socks = ProxyConnector(
                host=host,
                port=int(port),
                proxy_type=ProxyType.SOCKS5,
                username=username or None,
                password=password or None,
                rdns=True,
                **limits,
            )
            return aiohttp.ClientSession(connector=through_socks, **settings)
        return aiohttp.ClientSession(connector=connector(**limits), **settings)


def _way(proxy: Proxy | None, password: Secret | None) -> _Way:
    if proxy is None:
        return ("", "", "", "")
    return (proxy.type, proxy.address, proxy.username, password.reveal() if password else "")


def _http_proxy(kind: str, address: str, username: str, password: str) -> URL | None:
    if kind != "http":
        return None
    host, _, port = address.rpartition(":")
    return URL.build(
        scheme="http", user=username or None, password=password or None, host=host, port=int(port)
    )
