"""From a client's request to an endpoint's: model rewritten, parameters overridden, headers and credential changed.

Same format: only the top-level keys that must change are patched, every other byte stays.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import msgspec
from multidict import CIMultiDict, CIMultiDictProxy

from cccc_tui.config.schema import Timeouts
from cccc_tui.engine import headers
from cccc_tui.engine.access import is_nearby
from cccc_tui.engine.attempt import Call, Limits
from cccc_tui.engine.live import Target
from cccc_tui.engine.translate import SameFormat, Translation
from cccc_tui.routing.detect import RequestFacts
from cccc_tui.routing.rewrite import rewrite
from cccc_tui.wire.model import Format
from cccc_tui.wire.patch import Document, apply_overrides


class Inbound(msgspec.Struct, frozen=True, kw_only=True):
    """What the client sent."""

    headers: CIMultiDictProxy[str]
    query: str
    document: Document
    facts: RequestFacts


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


def prepare(
    inbound: Inbound,
    target: Target,
    form: Format,
    timeouts: Timeouts,
    clock: Callable[[], float],
    learned_auth: str,
    hop: str,
) -> Prepared:
    """The request for `target`, in the client's own format."""
    facts = inbound.facts
    model = rewrite(facts.model, target.rules) or facts.model
    notes = [f"model {facts.model} → {model}"] if model != facts.model else []
    changed = {"model": msgspec.json.encode(model)} if model != facts.model else {}
    body = inbound.document.edited(changed)
    if target.endpoint.parameter_overrides:
        body, overridden = apply_overrides(body, target.endpoint.parameter_overrides)
        notes += overridden
    operation = facts.operation
    return Prepared(
        call=Call(
            url=_with_query(target.url(form, operation), inbound.query),
            headers=_headers(inbound, target, form, learned_auth, hop),
            body=body,
            streamed=facts.streamed and operation == "generate",
            limits=limits_of(timeouts),
            clock=clock,
        ),
        client_format=facts.format,
        format=form,
        model=model,
        translation=SameFormat(form, facts.model if model != facts.model else None),
        notes=notes,
    )


def limits_of(timeouts: Timeouts) -> Limits:
    return Limits(
        connect=timeouts.tls_handshake,
        headers=timeouts.response_header,
        first_content=timeouts.first_content,
        stream_idle=timeouts.stream_idle,
        answer=timeouts.answer,
    )


def _headers(
    inbound: Inbound, target: Target, form: Format, learned_auth: str, hop: str
) -> CIMultiDict[str]:
    secret = target.auth.reveal() if target.auth else ""
    auth = headers.auth_headers(target.endpoint.auth_type, secret, form, learned_auth)
    upward = headers.upward(inbound.headers, form, target.endpoint.header_overrides, auth)
    # Providers need not know of us; another gateway nearby may be what leads a request back here.
    if is_nearby(urlsplit(target.endpoint.url or target.endpoint.url_openai).hostname or ""):
        upward[headers.HOP] = f"{inbound.headers.get(headers.HOP, '')} {hop}".strip()
    return upward


def _with_query(url: str, query: str) -> str:
    if not query:
        return url
    return f"{url}{'&' if '?' in url else '?'}{query}"
