"""From a client's request to an endpoint's: model rewritten, format converted, parameters, headers, credential.

The endpoint's own overrides come last, over a converted body too.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec
from multidict import CIMultiDict, CIMultiDictProxy

from cccc_tui.engine import headers
from cccc_tui.engine.access import is_nearby
from cccc_tui.engine.attempt import Call
from cccc_tui.engine.body import Asked, write_body
from cccc_tui.engine.heads import MOST_HEADS, ClientHead, Lines
from cccc_tui.engine.learn import Taught
from cccc_tui.engine.live import LiveConfig, Target
from cccc_tui.engine.translate import Translation
from cccc_tui.routing.detect import RequestFacts
from cccc_tui.routing.select import Candidate
from cccc_tui.traffic.exchange import Exchange
from cccc_tui.wire.adjust import adjust
from cccc_tui.wire.model import Format
from cccc_tui.wire.patch import Document, apply_overrides
from cccc_tui.wire.traits import without


class Inbound(msgspec.Struct, frozen=True, kw_only=True):
    """What the client sent."""

    head: ClientHead
    query: str
    document: Document
    facts: RequestFacts
    asked: Document | None = None
    """What really came, where `document` is the whole conversation that it continues."""


class _AskedAs(NamedTuple):
    """What besides the way decides about the head."""

    is_converted: bool
    auth_form: str
    """The header form of the credential that was learned; else empty."""
    hop: str


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """An upstream request and what was changed for it."""

    call: Call
    client_format: Format
    format: Format
    """Of the upstream request."""
    model: str
    translation: Translation
    """Makes the client's answer of the upstream's."""
    notes: list[str]
    stripped: tuple[str, ...] = ()
    """Of the notes, what the endpoint's own refusals have taught."""

    @property
    def is_converted(self) -> bool:
        return self.format != self.client_format


def prepare(
    inbound: Inbound,
    target: Target,
    candidate: Candidate,
    live: LiveConfig,
    exchange: Exchange,
    taught: Taught,
    hop: str,
) -> Prepared:
    """The request for `target` as the route says it. Raises `ConversionRefused` when it has no form there."""
    facts, form = inbound.facts, candidate.format
    model = candidate.model or facts.model
    notes = [f"model {facts.model} → {model}"] if model != facts.model else []
    is_converted = form != facts.format
    # What another format has no call for is asked of it as a conversation.
    url = target.url(form, "generate" if is_converted else facts.operation)
    host = _host(url)
    asked = Asked(
        facts, inbound.document, form, model, host, inbound.asked, taught.lacks, taught.seals, live.memo
    )
    body, translation, more = write_body(asked, target, live.config, exchange)
    notes += more
    stripped: list[str] = []
    if taught.lacks or taught.adjustments:
        body, stripped = _as_taught(body, taught)
        notes += [f"learned: {what}" for what in stripped]
    if target.endpoint.parameter_overrides:
        body, overridden = apply_overrides(body, target.endpoint.parameter_overrides)
        notes += overridden
    return Prepared(
        call=Call(
            url=url if is_converted else _with_query(url, inbound.query),
            head=_head(inbound, target, candidate, live, _AskedAs(is_converted, taught.auth_form, hop)),
            body=body,
            streamed=facts.streamed and facts.operation == "generate",
            limits=live.limits,
            clock=_since(exchange),
        ),
        client_format=facts.format,
        format=form,
        model=model,
        translation=translation,
        notes=notes,
        stripped=tuple(stripped),
    )


@lru_cache(maxsize=256)
def _host(url: str) -> str:
    return urlsplit(url).netloc


def _as_taught(body: bytes, taught: Taught) -> tuple[bytes, list[str]]:
    """The body as the endpoint wants it, and a sentence for each thing that was changed."""
    done: list[str] = []
    for trait in taught.lacks:
        body, note = without(body, trait)
        done += [note] if note else []
    if taught.adjustments:
        body, notes = adjust(body, taught.adjustments)
        done += notes
    return body, done


def _head(
    inbound: Inbound, target: Target, candidate: Candidate, live: LiveConfig, asked_as: _AskedAs
) -> Lines:
    """The head of the upstream request: one for all requests that come with the same head and go the same way."""
    key = (inbound.head, candidate.endpoint_id, candidate.key_id, candidate.format, asked_as)
    known = live.heads.get(key)
    if known is None:
        if len(live.heads) >= MOST_HEADS:
            live.heads.clear()
        known = live.heads[key] = Lines(_headers(inbound.head.headers, target, candidate, asked_as).items())
    return known


def _headers(
    client: CIMultiDictProxy[str], target: Target, candidate: Candidate, asked_as: _AskedAs
) -> CIMultiDict[str]:
    form, secret = candidate.format, target.secret(candidate.key_id)
    auth = headers.auth_headers(target.endpoint.auth_type, secret, form, asked_as.auth_form)
    upward = headers.upward(client, form, target.endpoint.header_overrides, auth, asked_as.is_converted)
    # Providers need not know of us; another gateway nearby may be what leads a request back here.
    if is_nearby(urlsplit(target.url(form, "generate")).hostname or ""):
        upward[headers.HOP] = f"{client.get(headers.HOP, '')} {asked_as.hop}".strip()
    return upward


def _since(exchange: Exchange) -> Callable[[], float]:
    began_at = exchange.began_at
    return lambda: time.time() - began_at


def _with_query(url: str, query: str) -> str:
    if not query:
        return url
    return f"{url}{'&' if '?' in url else '?'}{query}"
