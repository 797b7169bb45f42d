"""The demo provider: a server on loopback that answers as providers do, good ones and bad ones.

The first part of the path picks a personality: `/flaky/v1/messages` fails about one time in three,
`/slow/...` takes its time; no such part is the quick and healthy one that stands behind the `demo:` endpoint.
"""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Literal

import msgspec
from aiohttp import web

from cccc_tui.engine.demo import speech
from cccc_tui.engine.demo.reply import reply
from cccc_tui.engine.demo.request import Unreadable, read
from cccc_tui.wire.model import Format

WORD_S = 0.02
"""Pace of one word: a person can see it run, nobody has to wait."""

MODELS = (
    "cccc-demo",
    "claude-fable-5-2",
    "claude-opus-5-5",
    "claude-sonnet-5-5",
    "claude-sonnet-4-6",
    "claude-haiku-5-5",
    "gpt-6.1-sol",
    "gpt-5.5",
    "gpt-5.4",
)

_CALLS: dict[str, Format] = {"/messages": "anthropic", "/chat/completions": "chat", "/responses": "responses"}
_COUNTS: dict[str, Format] = {"/messages/count_tokens": "anthropic", "/responses/input_tokens": "responses"}
_MAX_BODY_BYTES = 256 << 20

_BREAKS_AFTER = 3
"""A stream that breaks does so after one word in so many."""

Fault = Literal["overloaded", "error", "reset", "break"]
"""`overloaded`, `error`: a status; `reset`: the connection ends without an answer; `break`: in the middle."""


_STATUS: dict[Fault, int] = {"overloaded": 529, "error": 500}


class Personality(msgspec.Struct, frozen=True, kw_only=True):
    """How one demo endpoint behaves; times are multiples of the pace of a word."""

    first_content_words: float = 10
    word_words: float = 1
    failing_share: float = 0
    most_output_tokens: int | None = None
    """A Messages request that wants more is refused, as Anthropic does: something for cccc to learn."""


PERSONALITIES: dict[str, Personality] = {
    "": Personality(),
    "healthy": Personality(),
    "second": Personality(first_content_words=20, word_words=1.5),
    "flaky": Personality(first_content_words=15, failing_share=1 / 3, most_output_tokens=16_384),
    "slow": Personality(first_content_words=150, word_words=6),
}


class DemoProvider:
    """Serves from `start` to `stop`. A seed makes the flaky one fail the same way every time."""

    def __init__(self, config_path: Path, word_s: float = WORD_S, seed: int | None = None) -> None:
        self._config_path = config_path
        self._word_s = word_s
        self._random = random.Random(seed)
        self._answers = 0
        self._runner: web.AppRunner | None = None

    async def start(self) -> str:
        """Listens on a free port of loopback; returns the base URL."""
        app = web.Application(client_max_size=_MAX_BODY_BYTES)
        app.router.add_route("*", "/{path:.*}", self._handle)
        # A caller that is gone needs no more words: without this the handler would go on to the end.
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Ends what is still being answered, and listens no more. Does nothing before `start`."""
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        first, _, rest = request.path.strip("/").partition("/")
        personality = PERSONALITIES.get(first)
        path = f"/{rest}" if personality else request.path
        if request.method in ("GET", "HEAD"):
            return _asked_for_nothing(request, path)
        if form := _form(path, _COUNTS):
            return await _counted(request, form)
        if (form := _form(path, _CALLS)) and request.method == "POST":
            return await self._answer(request, form, personality or PERSONALITIES[""])
        return _error("chat", 404, f"The cccc demo has nothing at {request.method} {request.path}.")

    async def _answer(
        self, request: web.Request, form: Format, personality: Personality
    ) -> web.StreamResponse:
        try:
            asked = read(form, await request.read())
        except Unreadable as error:
            return _error(form, 400, str(error))
        most = personality.most_output_tokens
        if form == "anthropic" and most and (asked.max_tokens or 0) > most:
            refusal = "which is the maximum allowed number of output tokens for"
            return _error(form, 400, f"max_tokens: {asked.max_tokens} > {most}, {refusal} {asked.model}")
        fault = self._draw_fault(personality)
        await asyncio.sleep(personality.first_content_words * self._word_s)
        if fault in ("overloaded", "error"):
            return _error(form, _STATUS[fault], "The flaky demo endpoint fails on purpose.")
        if fault == "reset" or (fault == "break" and not asked.streamed):
            return _hang_up(request, web.Response())
        self._answers += 1
        answer = reply(asked, self._answers, self._config_path)
        if not asked.streamed:
            return web.Response(body=speech.document(form, answer), content_type="application/json")
        word_s = personality.word_words * self._word_s
        return await self._stream(request, form, answer, word_s, breaks=fault == "break")

    async def _stream(
        self, request: web.Request, form: Format, answer: speech.Answer, word_s: float, breaks: bool
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        clock = asyncio.get_running_loop().time
        began, said = clock(), 0
        for data, is_content in speech.beats(form, answer):
            if is_content:
                said += 1
                # Each word has its moment, so that a machine that wakes late does not slow the whole answer.
                await asyncio.sleep(max(0.0, began + said * word_s - clock()))
            if breaks and said > answer.output_tokens // _BREAKS_AFTER:
                return _hang_up(request, response)
            await response.write(data)
        return response

    def _draw_fault(self, personality: Personality) -> Fault | None:
        if self._random.random() >= personality.failing_share:
            return None
        faults: tuple[Fault, ...] = ("overloaded", "error", "reset", "break")
        return self._random.choice(faults)


def _form(path: str, table: dict[str, Format]) -> Format | None:
    return next((form for end, form in table.items() if path.rstrip("/").endswith(end)), None)


def _asked_for_nothing(request: web.Request, path: str) -> web.Response:
    """A GET: the model list, or a word on what this is."""
    if path.rstrip("/").endswith("/models"):
        body = msgspec.json.encode(_models(request))
        return web.Response(body=body, content_type="application/json")
    if _form(path, _CALLS):
        websocket = request.headers.get("Upgrade", "").lower() == "websocket"
        return _error("responses", 426 if websocket else 405, "The cccc demo answers POST requests here.")
    return web.Response(text="This is the demo provider of cccc.\n")


def _models(request: web.Request) -> dict[str, object]:
    if "anthropic-version" in request.headers:
        rows = [
            {"type": "model", "id": name, "display_name": name, "created_at": "2026-01-01T00:00:00Z"}
            for name in MODELS
        ]
        return {"data": rows, "has_more": False, "first_id": MODELS[0], "last_id": MODELS[-1]}
    entries = [
        {"id": name, "object": "model", "created": speech.CREATED_AT, "owned_by": "cccc"} for name in MODELS
    ]
    # Codex wants `models`; an empty one leaves its own catalog as it is.
    return {"object": "list", "data": entries, "models": []}


async def _counted(request: web.Request, form: Format) -> web.Response:
    try:
        tokens = read(form, await request.read()).input_tokens
    except Unreadable as error:
        return _error(form, 400, str(error))
    body: dict[str, object] = {"input_tokens": tokens}
    if form == "responses":
        body["object"] = "response.input_tokens"
    return web.Response(body=msgspec.json.encode(body), content_type="application/json")


def _error(form: Format, status: int, message: str) -> web.Response:
    body = speech.error_document(form, status, message)
    return web.Response(status=status, body=body, content_type="application/json")


def _hang_up(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """Drops the connection, as a provider in trouble does; the response is what aiohttp wants to hear."""
    if request.transport:
        request.transport.abort()
    return response
