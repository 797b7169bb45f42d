"""The listener: one port, every path either proxied, answered quietly, or refused with the list of what exists.

aiohttp's low-level server is used instead of its application: there are a handful of places, found by one dictionary
look-up, and nothing of sessions, middlewares or signals is wanted on the way.
"""

from __future__ import annotations

import asyncio
import errno
import functools
import re
from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http_parser import RawRequestMessage
from aiohttp.streams import StreamReader
from aiohttp.web_protocol import RequestHandler

from cccc_tui import __version__
from cccc_tui.engine.access import refusal
from cccc_tui.engine.kept import KeptResponses
from cccc_tui.routing import detect
from cccc_tui.routing.detect import Place
from cccc_tui.wire.errors import ErrorClass, UpstreamError, write_error
from cccc_tui.wire.model import Format

Handler = Callable[[web.BaseRequest, Place], Awaitable[web.StreamResponse]]

EXISTING = (
    "POST /v1/messages, POST /v1/messages/count_tokens, POST /v1/chat/completions, POST /v1/responses, "
    "POST /v1/responses/compact, POST /v1/responses/input_tokens, GET /v1/responses/{id}, GET /v1/models, "
    "GET /health, GET /ready"
)
_QUIET = ("/api/hello", "/api/event_logging", "/v1/traces", "/v1/metrics", "/v1/logs", "/favicon.ico")


_RESPONSE_PATH = re.compile(r"/responses/(resp_[\w-]+)$")


class AddressInUse(Exception):
    """Somebody else listens there."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What the server's own answers need to know of the engine."""

    host: Callable[[], str]
    max_body_bytes: Callable[[], int]
    ready: Callable[[], bool]
    health: Callable[[], dict[str, object]]
    kept: KeptResponses


class _Connection(RequestHandler):
    """A client's connection. What is no HTTP is refused as clients read refusals, and the connection ends."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        super().handle_error(
            request, status, exc, message
        )  # logs it, and closes what has begun to be answered
        said = "cccc failed inside; its log has the details." if status >= 500 else message or str(exc)
        error_class: ErrorClass = "server_error" if status >= 500 else "invalid_request"
        error = UpstreamError(status=status, error_class=error_class, message=said.strip())
        refusal = _error(_place("POST", request.path), error)
        refusal.force_close()
        return refusal


class _Connections(web.Server):
    def __call__(self) -> RequestHandler:
        return _Connection(self, loop=self._loop, **self._kwargs)


class Server:
    """Listens on one address at a time; `move` re-binds without touching connections that are open."""

    def __init__(self, proxied: Handler, models: Handler, facts: Facts) -> None:
        self._proxied = proxied
        self._models = models
        self._facts = facts
        self._runner: web.ServerRunner | None = None
        self._site: web.TCPSite | None = None

    async def start(self, host: str, port: int) -> None:
        """Raises `AddressInUse`, or OSError for an address that cannot be had otherwise."""
        self._loop = asyncio.get_running_loop()
        # A client that leaves cancels its handler, and with it the upstream call.
        server = _Connections(
            self._handle, request_factory=self._request, handler_cancellation=True, access_log=None
        )
        self._runner = web.ServerRunner(server, shutdown_timeout=1.0)
        await self._runner.setup()
        await self.move(host, port)

    async def move(self, host: str, port: int) -> None:
        """Listens on another address; the old one is given up only when the new one is there."""
        assert self._runner is not None
        site = web.TCPSite(self._runner, host, port, backlog=1024)
        try:
            await site.start()
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise AddressInUse from error
            raise
        old, self._site = self._site, site
        if old is not None:
            await old.stop()

    @property
    def port(self) -> int:
        """The port really bound, which matters when 0 was asked for."""
        if self._runner is None or not self._runner.addresses:
            return 0
        return int(self._runner.addresses[-1][1])

    async def stop_listening(self) -> None:
        if self._site is not None:
            await self._site.stop()
            self._site = None

    async def close(self) -> None:
        """Cuts what is still open."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _request(
        self,
        message: RawRequestMessage,
        payload: StreamReader,
        protocol: RequestHandler,
        writer: AbstractStreamWriter,
        task: asyncio.Task[None],
    ) -> web.BaseRequest:
        limit = self._facts.max_body_bytes()
        return web.BaseRequest(message, payload, protocol, writer, task, self._loop, client_max_size=limit)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        place = _place(request.method, request.path)
        if reason := refusal(request.headers, self._facts.host()):
            return _error(place, UpstreamError(status=403, error_class="permission", message=reason))
        if place is None:
            return self._own_answer(request)
        if place.operation == "models":
            return await self._models(request, place)
        return await self._proxied(request, place)

    def _own_answer(self, request: web.BaseRequest) -> web.StreamResponse:
        path, method = request.path, request.method
        if path == "/health":
            return _json(200, self._facts.health())
        if path == "/ready":
            is_ready = self._facts.ready()
            return _json(200 if is_ready else 503, {"ready": is_ready})
        if path == "/" and method in ("GET", "HEAD"):
            return _json(200, {"name": "cccc", "version": __version__, "endpoints": EXISTING.split(", ")})
        if path.startswith(_QUIET):
            # Telemetry and start-up probes of the clients: nothing to say, and nothing to log.
            return web.Response(status=200 if method in ("GET", "HEAD") else 202)
        if method == "GET" and "websocket" in request.headers.get("Upgrade", "").lower():
            return _no_websocket()
        if found := _RESPONSE_PATH.search(path):
            return self._kept_response(method, found[1])
        return _not_found(request)

    def _kept_response(self, method: str, response_id: str) -> web.StreamResponse:
        """An answer that a conversion made, as its client may ask for it later, or take it back."""
        kept = self._facts.kept
        if method == "DELETE" and kept.forget(response_id):
            return _json(200, {"id": response_id, "object": "response", "deleted": True})
        body = kept.response(response_id) if method == "GET" else None
        if body is not None:
            return web.Response(body=body, content_type="application/json")
        message = (
            f"Response with id '{response_id}' not found. Kept here are, for a day, the answers that were "
            "converted for a client that did not say `store: false`."
        )
        return _error(Place("generate", "responses"), UpstreamError.of("not_found", message))


@functools.lru_cache(maxsize=256)
def _place(method: str, path: str) -> Place | None:
    return detect.place(method, path)


def _no_websocket() -> web.Response:
    # Codex falls back to HTTP at once and silently on a 426; any other status costs it seven tries.
    return web.Response(
        status=426, headers={"Upgrade": "HTTP/1.1"}, text="WebSocket is not spoken here; use HTTP."
    )


def _not_found(request: web.BaseRequest) -> web.Response:
    known = _place("POST", request.path) or _place("GET", request.path)
    if known:
        message = f"{request.path} does not take {request.method}. There are: {EXISTING}."
        error = UpstreamError(status=405, error_class="not_found", message=message)
    else:
        message = f"There is no {request.method} {request.path} here. There are: {EXISTING}."
        error = UpstreamError(status=404, error_class="not_found", message=message)
    form: Format | None = "anthropic" if "anthropic-version" in request.headers else None
    return _error(known or (Place(operation="generate", format=form) if form else None), error)


def _error(place: Place | None, error: UpstreamError) -> web.Response:
    status, headers, body = write_error(place.format if place else None, error)
    return web.Response(status=status, headers=headers, body=body)


def _json(status: int, value: object) -> web.Response:
    return web.Response(status=status, body=msgspec.json.encode(value), content_type="application/json")
