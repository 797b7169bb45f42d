"""The connections to upstreams: one session per distinct outbound proxy, kept alive between requests."""

from __future__ import annotations

from typing import Any

import aiohttp
from yarl import URL

from cccc_tui.config.schema import Proxy
from cccc_tui.config.secrets import Secret


class Upstream:
    """The client sessions of the engine. A reload of the configuration keeps them, and with them their connections."""

    def __init__(self, idle_connection_s: float) -> None:
        self._idle_s = idle_connection_s
        self._sessions: dict[tuple[str, str, str, str], aiohttp.ClientSession] = {}

    def session(self, proxy: Proxy | None, password: Secret | None = None) -> aiohttp.ClientSession:
        """The session for requests through `proxy`, or straight."""
        key = (
            (proxy.type, proxy.address, proxy.username, password.reveal() if password else "")
            if proxy
            else ("", "", "", "")
        )
        if key not in self._sessions:
            self._sessions[key] = self._open(*key)
        return self._sessions[key]

    async def close(self) -> None:
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()

    def _open(self, kind: str, address: str, username: str, password: str) -> aiohttp.ClientSession:
        limits: dict[str, Any] = {"limit": 0, "keepalive_timeout": self._idle_s, "ttl_dns_cache": 60}
        settings: dict[str, Any] = {
            # Deadlines are the attempt's own (they depend on what has come); aiohttp's total would cut long streams.
            "timeout": aiohttp.ClientTimeout(total=None),
            "auto_decompress": True,
            "cookie_jar": aiohttp.DummyCookieJar(),
            "skip_auto_headers": ("User-Agent", "Accept"),
            # Large enough for one provider event; a stream is read as it comes, so this only bounds memory.
            "read_bufsize": 256 * 1024,
            "max_line_size": 64 * 1024,
            "max_field_size": 64 * 1024,
        }
        if kind == "socks5":
            from aiohttp_socks import ProxyConnector, ProxyType

            host, _, port = address.rpartition(":")
            connector = ProxyConnector(
                host=host,
                port=int(port),
                proxy_type=ProxyType.SOCKS5,
                username=username or None,
                password=password or None,
                rdns=True,
                **limits,
            )
            return aiohttp.ClientSession(connector=connector, **settings)
        if kind == "http":
            host, _, port = address.rpartition(":")
            settings["proxy"] = URL.build(
                scheme="http", user=username or None, password=password or None, host=host, port=int(port)
            )
        return aiohttp.ClientSession(connector=aiohttp.TCPConnector(**limits), **settings)
