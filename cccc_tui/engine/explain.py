"""What would become of a request: its route and, for each endpoint on it, what would be sent, and nothing is sent.

Works on the same functions as a running engine, on a copy of the state that engines keep: what was learned, how
endpoints did, and where conversations live. Whose turn it is in a pool is known to a running engine alone.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl

import msgspec
from multidict import CIMultiDict, CIMultiDictProxy

from cccc_tui.config import load, secrets
from cccc_tui.engine.bindings import Bindings
from cccc_tui.engine.headers import lowered
from cccc_tui.engine.heads import ClientHead
from cccc_tui.engine.health import HealthBook
from cccc_tui.engine.learn import Learned
from cccc_tui.engine.live import LiveConfig, compile_config
from cccc_tui.engine.memory import FILE_NAME, Memory
from cccc_tui.engine.prepare import Inbound, prepare
from cccc_tui.engine.routes import Router
from cccc_tui.routing.detect import RequestFacts, detect, place
from cccc_tui.routing.slots import Candidate
from cccc_tui.routing.tags import TagView, tags_of
from cccc_tui.state.redact import redact_text
from cccc_tui.state.sqlite_file import copy_file
from cccc_tui.traffic.exchange import Exchange
from cccc_tui.wire.convert import ConversionRefused
from cccc_tui.wire.model import Format
from cccc_tui.wire.patch import Document, NotAnObject

PATHS: dict[Format, str] = {
    "anthropic": "/v1/messages",
    "chat": "/v1/chat/completions",
    "responses": "/v1/responses",
}
CLIENT_HEADERS = {
    "claude-code": {"user-agent": "claude-cli/2.0.0 (external, cli)", "x-app": "cli"},
    "codex": {"user-agent": "codex_exec/1.0", "originator": "codex_exec"},
    "anthropic-sdk": {"user-agent": "Anthropic/Python 1.0"},
    "openai-sdk": {"user-agent": "OpenAI/Python 1.0"},
    "other": {},
}
"""By what each client is known."""


class CannotExplain(Exception):
    """The question cannot be answered; the text says why, for a person."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A request that nobody sent."""

    body: bytes
    format: Format | None = None
    """None finds it out from the body."""
    path: str = ""
    """Path with query; empty is the format's own."""
    headers: Mapping[str, str] = {}


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One endpoint on the route, and what it would be asked."""

    endpoint: str
    key: str
    """Name of the key, where there are several."""
    reason: str
    format: Format
    model: str
    url: str
    changes: tuple[str, ...] = ()
    """What would be changed on the way: model, format, parameters."""
    refused: str = ""
    """Why the request has no form there; else empty."""


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """The answer."""

    client: str
    client_reason: str
    format: Format
    model: str
    agent: str
    session: str
    tokens: int
    """About how many input tokens, by the body's size."""
    tags: tuple[str, ...]
    rule: str
    profile: str
    steps: tuple[Step, ...]
    left_out: tuple[tuple[str, str], ...]
    """Endpoint and reason."""
    notes: tuple[str, ...] = ()


async def explain(config_path: Path, state_folder: Path, question: Question) -> Explanation:
    """What a running engine would do with the request at this moment. Raises `CannotExplain`."""
    live = await _live(config_path)
    with tempfile.TemporaryDirectory(prefix="cccc-explain-") as folder:
        await asyncio.to_thread(copy_file, state_folder / FILE_NAME, Path(folder) / FILE_NAME)
        memory = Memory(Path(folder))
        health, bindings = HealthBook(time.time), Bindings()
        await memory.open(health, bindings)
        try:
            return _explained(live, question, health, Learned(memory.facts), Router(bindings=bindings))
        finally:
            await memory.close()


def _explained(
    live: LiveConfig, question: Question, health: HealthBook, learned: Learned, router: Router
) -> Explanation:
    inbound = _inbound(question)
    facts = inbound.facts
    view = TagView(
        path=_path(question, facts.format),
        headers=lowered(question.headers.items()),
        query=dict(parse_qsl(inbound.query)),
        peek=inbound.document,
    )
    tagged = tags_of(facts, view, live.taggers, live.tag_rules)
    routed = router.route(live, facts, tagged.tags, health.view(), learned.view())
    return Explanation(
        client=facts.client,
        client_reason=facts.client_reason,
        format=facts.format,
        model=facts.model,
        agent=facts.agent,
        session=facts.session,
        tokens=facts.estimated_tokens,
        tags=routed.tags,
        rule=live.table.aim(facts).rule,
        profile=live.config.profile,
        steps=tuple(_step(live, inbound, candidate, learned) for candidate in routed.route.candidates),
        left_out=tuple((each.name, each.reason) for each in routed.route.left_out),
        notes=tagged.notes,
    )


def _step(live: LiveConfig, inbound: Inbound, candidate: Candidate, learned: Learned) -> Step:
    target = live.targets[candidate.endpoint_id]
    exchange = Exchange(id=0, began_at=time.time(), method="POST", path="", session=inbound.facts.session)
    keys = target.facts.keys
    url, changes, refused = "", [], ""
    try:
        taught = learned.taught(candidate.endpoint_id, candidate.model or inbound.facts.model)
        prepared = prepare(inbound, target, candidate, live, exchange, taught, "explain")
        url, changes = redact_text(prepared.call.url, live.secrets), prepared.notes
    except ConversionRefused as error:
        refused = str(error)
    return Step(
        endpoint=candidate.name,
        key=next(key.name for key in keys if key.id == candidate.key_id) if len(keys) > 1 else "",
        reason=candidate.reason,
        format=candidate.format,
        model=candidate.model,
        url=url,
        changes=tuple(changes),
        refused=refused,
    )


def _inbound(question: Question) -> Inbound:
    try:
        document = Document.read(question.body)
    except NotAnObject as error:
        raise CannotExplain(f"The request is not a JSON object: {error}") from None
    form = question.format or _format_of(document)
    found = place("POST", _path(question, form))
    if found is None:
        raise CannotExplain(f"Nothing is served at {_path(question, form)}.")
    facts: RequestFacts = detect(found, lowered(question.headers.items()), document)
    if not facts.model:
        raise CannotExplain("The request names no model: `model` must be a non-empty string.")
    query = _path(question, form).partition("?")[2]
    headers = CIMultiDictProxy(CIMultiDict(question.headers))
    return Inbound(head=ClientHead(headers), query=query, document=document, facts=facts)


def _path(question: Question, form: Format) -> str:
    return question.path or PATHS[form]


def _format_of(document: Document) -> Format:
    """Responses have `input`; of the two with `messages`, Anthropic's says `system` beside them, or needs
    `max_tokens` and has none of Chat's roles."""
    keys = document.keys()
    if "input" in keys:
        return "responses"
    if "system" in keys or "anthropic_version" in keys:
        return "anthropic"
    messages = document.value("messages")
    roles = {each.get("role") for each in messages if isinstance(each, dict)} if messages else set()
    return "anthropic" if "max_tokens" in keys and not roles & {"system", "developer", "tool"} else "chat"


async def _live(config_path: Path) -> LiveConfig:
    loaded = await asyncio.to_thread(load.load, config_path)
    if loaded.config is None:
        raise CannotExplain("\n".join(problem.sentence() for problem in loaded.errors))
    found = await secrets.read_secrets_soon(loaded.config, loaded.places, str(loaded.path))
    return compile_config(
        loaded.config,
        auth=found.auth,
        keys=found.keys,
        missing_keys=found.missing_keys,
        proxy_passwords=found.proxy_passwords,
        out_of_service={**loaded.out_of_service, **found.out_of_service},
        demo_base="http://127.0.0.1:0/demo",
        own_port=loaded.config.server.port,
    )
