"""Reading a request: what must be refused at the door, and what the rest of the way needs to know of it."""

from __future__ import annotations

import logging
import time
from sys import intern

from aiohttp import web
from aiohttp.streams import StreamReader

from cccc_tui.engine.headers import lowered
from cccc_tui.engine.heads import ClientHead
from cccc_tui.engine.live import LiveConfig
from cccc_tui.engine.prepare import Inbound
from cccc_tui.engine.reply import kept_body
from cccc_tui.routing.detect import Place, facts_of
from cccc_tui.routing.tags import TagView, tags_of
from cccc_tui.traffic.exchange import Exchange
from cccc_tui.wire.errors import UpstreamError
from cccc_tui.wire.patch import Document, NotAnObject

log = logging.getLogger(__name__)

ENCODINGS = ("identity", "gzip", "deflate", "br", "zstd")


class Refused(Exception):
    """The request ends here, with an error of ours in the client's format."""

    def __init__(self, error: UpstreamError) -> None:
        super().__init__(error.message)
        self.error = error


async def read_request(
    request: web.BaseRequest,
    head: ClientHead,
    place: Place,
    exchange: Exchange,
    live: LiveConfig,
    hop_id: str,
) -> Inbound:
    """The request as the pipeline works with it; what was found is written on the exchange. Raises `Refused`."""
    _refuse_loop(head, hop_id)
    body = await _body(request, head.encoding, live)
    _keep(exchange, body, live)
    try:
        document = Document.read(body)
    except NotAnObject as error:
        message = f"The request body is not a JSON object: {error}"
        raise Refused(UpstreamError(status=400, error_class="invalid_request", message=message)) from None
    facts = facts_of(place, head.caller(place), document)
    if not facts.model:
        message = "The request names no model: `model` must be a non-empty string."
        raise Refused(UpstreamError(status=400, error_class="invalid_request", message=message))
    # The same words come with every request, and thousands of exchanges are kept.
    exchange.client, exchange.client_reason = facts.client, intern(facts.client_reason)
    exchange.model, exchange.session = intern(facts.model), intern(facts.session)
    exchange.streamed, exchange.thinking = facts.streamed, facts.thinking
    if live.taggers or live.tag_rules:
        headers = lowered(request.headers.items())
        view = TagView(path=request.path, headers=headers, query=dict(request.query), peek=document)
        late_at = time.monotonic() + live.config.tagging.pipeline_timeout
        tagged = tags_of(facts, view, live.taggers, live.tag_rules, lambda: time.monotonic() > late_at)
        exchange.tags = tagged.tags
        for note in tagged.notes:
            log.warning("#%d %s", exchange.id, note)
    return Inbound(head=head, query=request.rel_url.raw_query_string, document=document, facts=facts)


async def _body(request: web.BaseRequest, encoding: str, live: LiveConfig) -> bytes:
    if encoding not in ENCODINGS:
        message = f"The request body is encoded as {encoding!r}; understood are {', '.join(ENCODINGS)}."
        raise Refused(UpstreamError(status=415, error_class="invalid_request", message=message))
    try:
        return await _whole(request.content, live.max_body_bytes)
    except web.RequestPayloadError:
        # Where the next request begins is not known any more, and the server is not to wait for the rest of this one.
        request.protocol.close()
        request.content.feed_eof()
        message = (
            f"The request body cannot be read: it is cut off, or not {encoding} as its Content-Encoding says."
        )
        raise Refused(UpstreamError(status=400, error_class="invalid_request", message=message)) from None
    except web.HTTPRequestEntityTooLarge:
        message = (
            f"The request body is larger than {live.max_body_bytes / 1024 / 1024:g} MiB. "
            f"Raise `server.max_body_mb` in the configuration if that is meant."
        )
        raise Refused(UpstreamError(status=413, error_class="request_too_large", message=message)) from None
    except web.HTTPException as error:
        message = f"The request body cannot be read: {error.reason}"
        raise Refused(
            UpstreamError(status=error.status, error_class="invalid_request", message=message)
        ) from None


async def _whole(content: StreamReader, max_bytes: int) -> bytes:
    """The body as it came if it came in one piece: `BaseRequest.read` copies it twice. Raises as that does."""
    parts, size = [], 0
    while not content.at_eof():
        part = await content.readany()
        size += len(part)
        if size > max_bytes:
            raise web.HTTPRequestEntityTooLarge(max_size=max_bytes, actual_size=size)
        parts.append(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _keep(exchange: Exchange, body: bytes, live: LiveConfig) -> None:
    exchange.request_bytes = len(body)
    exchange.request_body = kept_body(live.config.logging.log_request_body)
    exchange.response_body = kept_body(live.config.logging.log_response_body)
    if exchange.request_body is not None:
        exchange.request_body.append(body)


def _refuse_loop(head: ClientHead, hop_id: str) -> None:
    if hop_id in head.hops:
        message = (
            "This request came back to the cccc that sent it: one of its endpoints leads here. "
            "Change that endpoint's URL."
        )
        raise Refused(UpstreamError(status=508, error_class="loop", message=message))
