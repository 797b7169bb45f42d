"""`GET /v1/models`: what the endpoints offer, merged, remembered for a while, in the shape that the asker reads."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable

import aiohttp
import msgspec
from aiohttp import web

from cccc_tui.engine.headers import auth_headers
from cccc_tui.engine.live import LiveConfig, Target
from cccc_tui.engine.upstream import Upstream
from cccc_tui.routing.endpoints import EndpointFacts
from cccc_tui.routing.naming import aliases_of, offers
from cccc_tui.wire.catalog import Asker, Model, merge, read_models, write_models
from cccc_tui.wire.model import Format

log = logging.getLogger(__name__)

FRESH_S = 300.0
PATIENCE_S = 5.0
MAX_LIST_BYTES = 4 * 1024 * 1024


class ModelLists:
    """The lists of all endpoints; one that does not answer keeps its last list, or the names its rules speak of."""

    def __init__(self, upstream: Upstream, clock: Callable[[], float] = time.time) -> None:
        self._upstream = upstream
        self._clock = clock
        self._lists: dict[str, tuple[float, list[Model]]] = {}

    async def answer(self, request: web.BaseRequest, live: LiveConfig) -> web.Response:
        """The merged list for this asker."""
        targets = _asked(live)
        lists = await asyncio.gather(*(self._list(target, live) for target in targets))
        groups = [Model(id=name, owned_by="cccc") for name in live.config.routing.groups]
        body = write_models(asker_of(request), merge(groups, *lists))
        return web.Response(body=body, content_type="application/json")

    async def _list(self, target: Target, live: LiveConfig) -> list[Model]:
        asked_at, known = self._lists.get(target.facts.id, (0.0, []))
        if self._clock() - asked_at < FRESH_S:
            return offered(target.facts, known, live.config.routing.force_prefix)
        try:
            async with asyncio.timeout(PATIENCE_S):
                known = await fetch_models(self._upstream, target, live.config.timeouts.tls_handshake)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            log.info("%s gave no list of models: %s", target.facts.name, error or "no answer in time")
        # A failure is remembered as well, so that a dead endpoint costs its time once in a while only.
        self._lists[target.facts.id] = (self._clock(), known)
        return offered(target.facts, known, live.config.routing.force_prefix)


async def fetch_models(upstream: Upstream, target: Target, connect_s: float) -> list[Model]:
    """What the endpoint itself lists. Raises `aiohttp.ClientError` and `ValueError`."""
    form: Format = target.facts.formats[0]
    headers = {
        "Accept": "application/json",
        **({"anthropic-version": "2023-06-01"} if form == "anthropic" else {}),
        **auth_headers(target.endpoint.auth_type, target.secret(), form),
        **{name: value for name, value in target.endpoint.header_overrides.items() if value},
    }
    session = upstream.session(target.endpoint.proxy, target.proxy_password)
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=connect_s)
    url = target.url(form, "models")
    async with session.get(url, headers=headers, timeout=timeout, allow_redirects=False) as response:
        response.raise_for_status()
        body = await response.content.read(MAX_LIST_BYTES)
        while len(body) < MAX_LIST_BYTES and (more := await response.content.read(MAX_LIST_BYTES)):
            body += more
    return read_models(body)


def asker_of(request: web.BaseRequest) -> Asker:
    """Who asks, by what only that client sends (Codex its version, Anthropic's clients the API version)."""
    if "client_version" in request.query:
        return "codex"
    return "anthropic" if "anthropic-version" in request.headers else "openai"


def _asked(live: LiveConfig) -> list[Target]:
    """Every endpoint in service; the demo only where it is alone, as for requests."""
    targets = live.in_service
    real = [target for target in targets if not target.facts.is_demo]
    return real or targets


def offered(facts: EndpointFacts, known: Iterable[Model], force_prefix: bool) -> list[Model]:
    """What clients may ask this endpoint for: its own list by the names that it goes under here.

    Aliases take their model's place (or stand beside it), excluded models are left out, and a prefix is added.
    """
    naming = facts.naming
    hidden = {alias.name for alias in naming.aliases if not alias.fork}
    models = [model for model in known if model.id not in hidden and offers(model.id, naming)]
    listed = {model.id for model in models}
    written = _plain((*naming.models, *(pattern for pattern, _ in naming.rules)))
    names = [*aliases_of(naming), *(name for name in written if name not in hidden)]
    models += [Model(id=name, owned_by=facts.name) for name in dict.fromkeys(names) if name not in listed]
    if not naming.prefix:
        return models
    prefixed = [msgspec.structs.replace(model, id=f"{naming.prefix}/{model.id}") for model in models]
    return prefixed if force_prefix else [*models, *prefixed]


def _plain(patterns: Iterable[str]) -> list[str]:
    return [pattern for pattern in patterns if not set(pattern) & set("*?[")]
