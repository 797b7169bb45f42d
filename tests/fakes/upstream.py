"""A provider under a test's control: a real HTTP server on loopback that answers by script.

    async with FakeUpstream(key="sk-endpoint") as upstream:
        upstream.answer(fails(529), says("Hello."))        # the first request, the second; then `standing`
        upstream.answer(lambda asked: says(asked.json["model"]))
        ...
        assert upstream.requests[0].header("x-api-key") == "sk-endpoint"

It speaks Anthropic Messages, OpenAI Chat Completions and OpenAI Responses by the path of the request, at any
path prefix. It refuses what a provider would refuse (`documented.py`) with a 500 that says why; what it
refused is in `failures`, and the fixture of `fixtures.py` fails the test for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Self

from aiohttp import web
from multidict import CIMultiDict

from tests.fakes.documented import problems
from tests.fakes.speech import Format, Json
from tests.fakes.steps import Finish, Head, Pause, Step, Wait, Write, fails, gives, moves, says

PATIENCE_S = 10.0
"""How long `arrived`, `cancelled` and the like wait before the test fails: never reached in a good run."""

MODELS = ("claude-fake", "gpt-fake")

_FORMS: dict[str, Format] = {"/messages": "anthropic", "/chat/completions": "chat", "/responses": "responses"}
_COUNT = "/messages/count_tokens"


class Refused(Exception):
    """Raised by a script function that does not accept the request: answered with 500, kept in `failures`."""


@dataclass
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    """Path with query string, byte for byte."""
    headers: list[tuple[str, str]]
    """Header lines as received: order and spelling kept."""
    body: bytes
    """As received, not decoded."""
    form: Format | None
    outcome: str = ""
    """`answered`, `cancelled` (the caller went away first), or empty while it runs."""
    _json: Json | None = field(default=None, repr=False)

    @property
    def json(self) -> Json:
        if self._json is None:
            self._json = json.loads(self.body)
        return self._json

    def header(self, name: str) -> str | None:
        """The first line of that name."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


Answering = Step | Callable[[Asked], Step]


class FakeUpstream:
    """See the module."""

    def __init__(
        self, key: str | None = None, strict: bool = True, standing: Answering | None = None
    ) -> None:
        self.key = key
        """The only credential that may arrive; None takes any."""
        self.strict = strict
        """Whether requests that the API documents do not allow are refused."""
        self.standing: Answering = standing or says("Hello from the fake upstream.")
        """The answer when the script has no step left."""
        self.requests: list[Asked] = []
        self.failures: list[str] = []
        self.url = ""
        """Base URL, without `/v1`."""
        self._script: list[Answering] = []
        self._running: set[asyncio.Task[object]] = set()
        self._arrived, self._cancelled, self._answered = _Count(), _Count(), _Count()
        self._ended = _Count()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=1 << 30)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(
            app, handler_cancellation=True, auto_decompress=False, access_log=None, shutdown_timeout=1.0
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._running:
            task.cancel()
        assert self._runner
        await self._runner.cleanup()

    # ------------------------------------------------------------------------------------ for the test

    def answer(self, *steps: Answering) -> None:
        """Adds to the script: one step a request, in order of arrival. Counts and model lists take none."""
        self._script += steps

    def always(self, step: Answering) -> None:
        """Answers like this whenever the script is at its end."""
        self.standing = step

    @property
    def active(self) -> int:
        """Calls being answered now."""
        return len(self._running)

    async def arrived(self, number: int = 1) -> None:
        """Returns once so many requests have arrived, since the start."""
        await self._arrived.reaches(number)

    async def answered(self, number: int = 1) -> None:
        """Returns once so many calls were answered to their end, since the start."""
        await self._answered.reaches(number)

    async def idle(self) -> None:
        """Returns once no call is being answered: the end of one that its caller gave up takes a moment to arrive."""
        while self._running:
            await self._ended.reaches(self._ended.value + 1)

    async def listen_at(self, bound: socket.socket) -> None:
        """Answers at this socket too: an address that nobody answered at comes alive."""
        assert self._runner
        await web.SockSite(self._runner, bound).start()

    async def cancelled(self, number: int = 1) -> None:
        """Returns once so many calls were seen to be given up by the caller, since the start."""
        await self._cancelled.reaches(number)

    # -------------------------------------------------------------------------------------- the server

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.raw_headers]
        path = request.raw_path
        asked = Asked(request.method, path, headers, await request.read(), _form(path))
        self.requests.append(asked)
        self._arrived.up()
        task = asyncio.current_task()
        assert task
        self._running.add(task)
        try:
            response = await self._answer(request, asked)
            asked.outcome = "answered"
            self._answered.up()
            return response
        except (asyncio.CancelledError, ConnectionError):
            asked.outcome = "cancelled"
            self._cancelled.up()
            raise
        finally:
            self._running.discard(task)
            self._ended.up()

    async def _answer(self, request: web.Request, asked: Asked) -> web.StreamResponse:
        step = self._step(asked)
        number, form = len(self.requests), asked.form or "chat"
        said = asked.json if step.parts is not None else {}
        response: web.StreamResponse | None = None
        for move in moves(step, form, said, number):
            match move:
                case Head(status, lines):
                    response = web.StreamResponse(
                        status=status, headers=CIMultiDict([*lines, _request_id(number, form)])
                    )
                    await response.prepare(request)
                    _flush_every_write(request)
                case Write(data):
                    assert response
                    await response.write(data)
                case Pause(seconds):
                    await asyncio.sleep(seconds)
                case Wait(hold):
                    await hold.wait()
                case Finish(ending):
                    _end(request, ending)
        return response or web.StreamResponse()

    def _step(self, asked: Asked) -> Step:
        path = asked.path.partition("?")[0]
        if asked.method in ("GET", "HEAD") and path.endswith("/models"):
            return _models(asked)
        if asked.method != "POST" or asked.form is None or "/v1/v1/" in path:
            return fails(404, f"The fake upstream has nothing at {asked.method} {path}.")
        counting = path.endswith(_COUNT)
        if self.strict and (found := problems(asked.form, asked.headers, asked.body, self.key, counting)):
            return self._refuse(asked, "; ".join(found))
        if counting:
            return gives({"input_tokens": max(1, len(asked.body) // 4)})
        step = self._script.pop(0) if self._script else self.standing
        try:
            return step if isinstance(step, Step) else step(asked)
        except Refused as refusal:
            return self._refuse(asked, str(refusal))

    def _refuse(self, asked: Asked, why: str) -> Step:
        self.failures.append(f"{asked.method} {asked.path}: {why}")
        return fails(500, f"The fake upstream refuses: {why}")


def _form(path: str) -> Format | None:
    plain = path.partition("?")[0].rstrip("/")
    if plain.endswith(_COUNT):
        return "anthropic"
    return next((form for end, form in _FORMS.items() if plain.endswith(end)), None)


def _models(asked: Asked) -> Step:
    """The model list in the shape of the provider that the asker takes us for."""
    if asked.header("anthropic-version"):
        rows = [
            {"type": "model", "id": name, "display_name": name, "created_at": "2026-01-01T00:00:00Z"}
            for name in MODELS
        ]
        return gives({"data": rows, "has_more": False, "first_id": MODELS[0], "last_id": MODELS[-1]})
    rows = [{"id": name, "object": "model", "created": 1, "owned_by": "fake"} for name in MODELS]
    return gives({"object": "list", "data": rows})


def _request_id(number: int, form: Format) -> tuple[str, str]:
    return ("request-id" if form == "anthropic" else "x-request-id", f"req_fake_{number:04d}")


def _flush_every_write(request: web.Request) -> None:
    """Lets `write` return only when the system has the bytes: a reset comes after them and not instead."""
    if request.transport:
        request.transport.set_write_buffer_limits(high=0)


def _end(request: web.Request, ending: str) -> None:
    transport = request.transport
    if ending in ("whole", "clean") or transport is None:
        return
    if ending == "reset":
        # With a linger time of zero, closing a socket sends RST instead of FIN (socket(7)).
        transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        transport.abort()
    else:
        transport.close()


@contextlib.contextmanager
def refusing_url() -> Iterator[str]:
    """The URL of a port that refuses connections, and that nobody else can get in the meantime."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # bound, but nobody listens
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


@contextlib.asynccontextmanager
async def silent_url() -> AsyncIterator[str]:
    """The URL of a server that accepts connections and never says a word."""
    server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


class _Count:
    """A number that goes up, and that one can wait for."""

    def __init__(self) -> None:
        self.value = 0
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []

    def up(self) -> None:
        self.value += 1
        for number, future in self._waiting:
            if self.value >= number and not future.done():
                future.set_result(None)

    async def reaches(self, number: int) -> None:
        if self.value >= number:
            return
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((number, future))
        async with asyncio.timeout(PATIENCE_S):
            await future
