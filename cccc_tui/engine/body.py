"""The body of an upstream request, and with it what will make the client's answer of the upstream's.

Same format: only the top-level keys that must change are patched, every other byte stays. Another format: the body
is converted.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple

import msgspec

from cccc_tui.config.schema import Config
from cccc_tui.engine.live import Target
from cccc_tui.engine.seals import SealBook
from cccc_tui.engine.translate import Compacted, Converted, Maker, SameFormat, Translation
from cccc_tui.routing.detect import RequestFacts
from cccc_tui.traffic.exchange import Exchange
from cccc_tui.wire.compaction import in_words, is_triggered, triggered
from cccc_tui.wire.convert import ConvertOptions, convert_request, drop_foreign_reasoning
from cccc_tui.wire.model import Format
from cccc_tui.wire.patch import Document
from cccc_tui.wire.reuse import Memo
from cccc_tui.wire.traits import with_thoughts

_GENUINE: Final = ("api.anthropic.com", "api.openai.com")


class Asked(NamedTuple):
    """A client's request and what it is asked as."""

    facts: RequestFacts
    document: Document
    form: Format
    """Of the upstream request."""
    model: str
    host: str
    """Who runs the upstream."""
    sent: Document | None = None
    """What the client sent, where `document` is the whole conversation that it continues."""
    lacks: tuple[str, ...] = ()
    """Traits that the model turned out not to have."""
    seals: SealBook | None = None
    memo: Memo | None = None


class Written(NamedTuple):
    body: bytes
    translation: Translation
    """Makes the client's answer of the upstream's."""
    notes: list[str]

    def changed(self, body: bytes, note: str) -> Written:
        """With another body; the same where that is none."""
        return self if body is self.body else self._replace(body=body, notes=[*self.notes, note])


def write_body(asked: Asked, target: Target, config: Config, exchange: Exchange) -> Written:
    """Raises `ConversionRefused` for a request that has no form there."""
    options = partial(_options, asked, target, config, exchange)
    if asked.form == asked.facts.format:
        written = _patched(asked, options, bool(target.endpoint.leaked_tool_calls))
    else:
        written = _converted(asked, options())
    if asked.seals is not None and (foreign := asked.seals.foreign(asked.host, written.body)):
        # Bare seals that this provider did not make: nothing in themselves tells them apart.
        body = drop_foreign_reasoning(asked.form, written.body, asked.host, foreign)
        written = written.changed(body, "thoughts of another provider left out")
    if asked.form == "chat" and "thoughtless_turns" in asked.lacks:
        written = written.changed(*with_thoughts(written.body))
    return written


def _converted(asked: Asked, options: ConvertOptions) -> Written:
    facts, document = asked.facts, asked.document
    compacts = facts.operation == "compact"
    client = triggered(document.body) if compacts else document.body
    request = convert_request(
        facts.format, asked.form, client, options, asked.memo, None if compacts else document.fields
    )
    context = request.context
    if asked.sent is not None:
        context = msgspec.structs.replace(context, asked=asked.sent.body)
    translation = Compacted(context, document.body) if compacts else Converted(context)
    return Written(request.body, translation, [f"{facts.format} → {asked.form}", *request.notes])


def _patched(asked: Asked, options: Callable[[], ConvertOptions], leaks_calls: bool) -> Written:
    facts, document, form = asked.facts, asked.document, asked.form
    is_renamed = asked.model != facts.model
    edits = {"model": msgspec.json.encode(asked.model)} if is_renamed else {}
    usage_option = _usage_option(asked) if form == "chat" and facts.streamed else b""
    if usage_option:
        edits["stream_options"] = usage_option
    body = drop_foreign_reasoning(form, document.edited(edits) if edits else document.body, asked.host)
    if form == "chat" and leaks_calls and facts.operation == "generate":
        # What a model leaks is found by reading its answer, so the answer is written anew; the request is not.
        native = msgspec.structs.replace(options(), origin=None)
        return Written(body, Converted(convert_request(form, form, document.body, native).context), [])
    if "compaction" in asked.lacks and is_triggered(document):
        return _compacted_in_words(document, body, options())
    maker = Maker(asked.seals, asked.host) if asked.seals is not None else None
    same = SameFormat(form, facts.model if is_renamed else None, document.body, bool(usage_option), maker)
    return Written(body, same, ["usage asked for"] if usage_option else [])


def _compacted_in_words(document: Document, body: bytes, options: ConvertOptions) -> Written:
    """The summary that the model is asked for, in the one item that Codex waits for."""
    native = msgspec.structs.replace(options, origin=None)
    context = convert_request("responses", "responses", document.body, native).context
    return Written(in_words(Document.read(body)), Converted(context), ["compaction asked for in words"])


def _usage_option(asked: Asked) -> bytes:
    """The `stream_options` with which Chat says what a stream cost; empty where they are there."""
    said = asked.document.value("stream_options")
    options = said if isinstance(said, dict) else {}
    if options.get("include_usage") is True:
        return b""
    return msgspec.json.encode({**options, "include_usage": True})


def _options(asked: Asked, target: Target, config: Config, exchange: Exchange) -> ConvertOptions:
    fixing = config.validation.python_json_fixing
    return ConvertOptions(
        model=asked.model,
        origin=asked.host,
        genuine=asked.host in _GENUINE,
        max_tokens_field_name=target.endpoint.max_tokens_field_name,
        leaked_calls=target.endpoint.leaked_tool_calls,
        repair_tools=fixing.target_tools if fixing.enabled else (),
        repair_attempts=fixing.max_attempts,
        session_id=exchange.session,
        exchange_id=f"{int(exchange.began_at * 1000):x}{exchange.id:x}",
        now_s=int(exchange.began_at),
    )
