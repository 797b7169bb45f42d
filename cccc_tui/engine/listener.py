"""Where the engine listens: the address that was asked for, the server on it, and who has it if it cannot be had."""

from __future__ import annotations

import asyncio
import logging

import aiohttp

from cccc_tui.config.schema import Config
from cccc_tui.engine.server import AddressInUse, Server

log = logging.getLogger(__name__)


class ListenRefused(Exception):
    """The address cannot be had; the message is a sentence for a person."""


class Listener:
    """Keeps a server on the address of the configuration; `host` and `port` win over that."""

    def __init__(self, host: str | None, port: int | None) -> None:
        self._wanted = host, port
        self._address = "", 0
        self._server: Server | None = None

    @property
    def host(self) -> str:
        return self._address[0]

    @property
    def port(self) -> int:
        """The port really bound, which matters when 0 was asked for; before the start the one to be asked for."""
        return (self._server.port if self._server else 0) or self._address[1]

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def aim(self, config: Config) -> None:
        """Settles the address before the start: what is configured is compared with it."""
        self._address = self._address_in(config)

    async def start(self, server: Server) -> None:
        """Raises `ListenRefused`."""
        host, port = self._address
        try:
            await server.start(host, port)
        except AddressInUse:
            raise ListenRefused(await _who_listens(host, port)) from None
        except OSError as error:
            reason = error.strerror or error
            message = f"Cannot listen on {host}:{port}: {reason}. Change `server` or use --port."
            raise ListenRefused(message) from None
        self._server = server

    async def move(self, config: Config) -> None:
        """Re-binds when host or port changed. Raises OSError."""
        host, port = self._address_in(config)
        if (host, port) == self._address or self._server is None:
            return
        try:
            await self._server.move(host, port)
        except AddressInUse:
            raise OSError(await _who_listens(host, port)) from None
        self._address = host, port
        log.info("listening on %s", self.url)

    def _address_in(self, config: Config) -> tuple[str, int]:
        host, port = self._wanted
        return (
            config.server.host if host is None else host,
            config.server.port if port is None else port,
        )


async def _who_listens(host: str, port: int) -> str:
    """A sentence about the program that has our port."""
    who = "another program"
    try:
        async with (
            asyncio.timeout(2),
            aiohttp.ClientSession() as session,
            session.get(f"http://{host}:{port}/health") as response,
        ):
            answer = await response.json(content_type=None)
        if isinstance(answer, dict) and answer.get("name") == "cccc":
            who = f"another cccc (version {answer.get('version')}, process {answer.get('pid')})"
    except (aiohttp.ClientError, TimeoutError, ValueError, OSError):
        log.debug("who listens on %s:%d does not say", host, port)
    return f"Port {port} on {host} is in use by {who}. Stop that, or choose another with --port or `server.port`."
