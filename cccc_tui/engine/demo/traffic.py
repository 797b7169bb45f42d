"""Simulated agents for `cccc demo`: they ask the gateway all day long, so that there is something to watch.

They look like the real ones (User-Agent, format, growing conversations), and they do what real ones do: some
give up in the middle, some count tokens, some send nonsense.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Iterator
from typing import Any, Literal

import aiohttp
import msgspec

from cccc_tui.tasks import spawn

log = logging.getLogger(__name__)

Json = dict[str, Any]
Kind = Literal["claude-code", "codex", "openai-sdk", "anthropic-sdk", "other"]

_PROMPTS = (
    "Why does the test of the ring buffer fail on an empty ring?",
    "Rename the option --verbose to --log-level and keep the old name working.",
    "Write a regular expression for ISO 8601 dates, with tests.",
    "Explain what this stack trace means and where to look first.",
    "Add a dark theme to the settings page.",
    "Make the import of large files use less memory.",
    "Summarise the changes since the last release for the changelog.",
    "Which of these two queries is faster, and why?",
    "Run the demo task, please.",
)
_MODELS: dict[Kind, tuple[str, ...]] = {
    "claude-code": ("claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"),
    "codex": ("gpt-6.1-sol", "gpt-5.5"),
    "openai-sdk": ("gpt-5.5", "cccc-demo"),
    "anthropic-sdk": ("claude-sonnet-5-5",),
    "other": ("cccc-demo",),
}
_USER_AGENTS: dict[Kind, str] = {
    "claude-code": "claude-cli/2.1.329 (external, cli)",
    "codex": "codex_exec/0.169.0 (Debian 12.0.0; x86_64) xterm-256color (codex_exec; 0.169.0)",
    "openai-sdk": "OpenAI/Python 3.52.0",
    "anthropic-sdk": "Anthropic/Python 2.11.0",
    "other": "curl/8.14.1",
}
_SHARES: dict[Kind, int] = {"claude-code": 8, "codex": 5, "openai-sdk": 3, "anthropic-sdk": 2, "other": 1}
_TURNS = 6
"""Turns after which a simulated conversation ends and a new one begins."""

_CANCELLED_SHARE = 0.06
_COUNTING_SHARE = 0.06
_BROKEN_SHARE = 0.03

_SHELL: Json = {
    "name": "Bash",
    "description": "Runs a command.",
    "input_schema": {
        "type": "object",
        "properties": {"command": {"type": "string"}},
        "required": ["command"],
    },
}
_CODEX_SHELL: Json = {
    "type": "function",
    "name": "exec_command",
    "description": "Runs a command.",
    "parameters": {"type": "object", "properties": {"cmd": {"type": "string"}}, "required": ["cmd"]},
}


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One request to send."""

    kind: Kind
    path: str
    headers: dict[str, str]
    body: bytes
    given_up_after_s: float | None = None
    """When the agent loses its patience; None is never."""


class Conversation:
    """A simulated agent session: each turn repeats what was said before, as agents do."""

    def __init__(self, kind: Kind, chance: random.Random) -> None:
        self.kind = kind
        self.model = chance.choice(_MODELS[kind])
        self.session = f"{chance.getrandbits(32):08x}-0000-4000-8000-{chance.getrandbits(48):012x}"
        self._chance = chance
        self._said: list[tuple[str, str]] = []

    @property
    def is_over(self) -> bool:
        return len(self._said) >= 2 * _TURNS

    def next_request(self) -> Request:
        """The request of the next turn, good or not."""
        self._said.append(("user", self._chance.choice(_PROMPTS)))
        draw = self._chance.random()
        request = self._counting() if self._counts(draw) else self._asking(is_broken=draw > 1 - _BROKEN_SHARE)
        self._said.append(("assistant", "Done. The tests pass, and the change is on its branch."))
        return request

    def _counts(self, draw: float) -> bool:
        return self.kind == "claude-code" and draw < _COUNTING_SHARE

    def _counting(self) -> Request:
        body = {"model": self.model, "messages": self._messages(), "tools": [_SHELL]}
        return self._request("/v1/messages/count_tokens?beta=true", body)

    def _asking(self, is_broken: bool) -> Request:
        match self.kind:
            case "claude-code" | "anthropic-sdk":
                path, body = "/v1/messages", self._messages_body()
            case "codex":
                path, body = "/v1/responses", self._responses_body()
            case "openai-sdk" | "other":
                path, body = "/v1/chat/completions", self._chat_body()
        if is_broken:
            body = {key: value for key, value in body.items() if key not in ("messages", "input")}
        patience = self._chance.uniform(0.3, 1.5) if self._chance.random() < _CANCELLED_SHARE else None
        return self._request(f"{path}?beta=true" if self.kind == "claude-code" else path, body, patience)

    def _request(self, path: str, body: Json, given_up_after_s: float | None = None) -> Request:
        headers = {"User-Agent": _USER_AGENTS[self.kind], "Content-Type": "application/json"}
        headers["Authorization"] = "Bearer demo"
        if "/messages" in path:
            headers["anthropic-version"] = "2023-06-01"
        if self.kind == "claude-code":
            headers |= {"X-Claude-Code-Session-Id": self.session, "x-app": "cli"}
        if self.kind == "codex":
            headers |= {"session-id": self.session, "originator": "codex_exec", "Accept": "text/event-stream"}
        return Request(
            kind=self.kind,
            path=path,
            headers=headers,
            body=msgspec.json.encode(body),
            given_up_after_s=given_up_after_s,
        )

    def _messages(self) -> list[Json]:
        return [{"role": role, "content": text} for role, text in self._said]

    def _messages_body(self) -> Json:
        body: Json = {"model": self.model, "max_tokens": 32000, "messages": self._messages()}
        if self.kind == "anthropic-sdk":
            return body | {"stream": self._chance.random() < 0.5}
        user = msgspec.json.encode(
            {"device_id": "demo", "account_uuid": "", "session_id": self.session}
        ).decode()
        body |= {"system": "You are a simulated agent.", "tools": [_SHELL], "metadata": {"user_id": user}}
        return body | {"thinking": {"type": "adaptive"}, "stream": True}

    def _responses_body(self) -> Json:
        items = [
            {"type": "message", "role": role, "content": [{"type": _TEXT_KIND[role], "text": text}]}
            for role, text in self._said
        ]
        body: Json = {
            "model": self.model,
            "input": items,
            "tools": [_CODEX_SHELL],
            "store": False,
            "stream": True,
        }
        return body | {"reasoning": {"summary": "auto"}, "prompt_cache_key": self.session}

    def _chat_body(self) -> Json:
        body: Json = {"model": self.model, "messages": self._messages()}
        if self._chance.random() < 0.6:
            body |= {"stream": True, "stream_options": {"include_usage": True}}
        return body


_TEXT_KIND = {"user": "input_text", "assistant": "output_text"}


def requests(chance: random.Random, conversations: int = 5) -> Iterator[Request]:
    """Requests without end, of several conversations that go on side by side."""
    running: list[Conversation] = []
    kinds, shares = list(_SHARES), list(_SHARES.values())
    while True:
        running = [conversation for conversation in running if not conversation.is_over]
        if len(running) < conversations:
            running.append(Conversation(chance.choices(kinds, shares)[0], chance))
        yield chance.choice(running).next_request()


class DemoTraffic:
    """Sends simulated requests from `start` to `stop`, at most `at_once` at the same time."""

    def __init__(self, pace_s: float = 0.7, at_once: int = 6, seed: int | None = None) -> None:
        self._pace_s = pace_s
        self._at_once = at_once
        self._chance = random.Random(seed)
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None

    async def start(self, base_url: str) -> None:
        """Begins to call the gateway at `base_url` (without `/v1`)."""
        self._session = aiohttp.ClientSession(base_url, timeout=aiohttp.ClientTimeout(total=120))
        self._begin(self._run(self._session), "demo traffic")

    async def stop(self) -> None:
        """Ends all simulated agents, in the middle of their requests if need be."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session:
            await self._session.close()
            self._session = None

    async def _run(self, session: aiohttp.ClientSession) -> None:
        for request in requests(self._chance):
            # One task is this loop itself. When all agents are busy, this one's turn is simply left out.
            if len(self._tasks) <= self._at_once:
                self._begin(_send(session, request), f"demo {request.kind}")
            await asyncio.sleep(self._pace_s * self._chance.uniform(0.4, 1.6))

    def _begin(self, work: Any, name: str) -> None:
        task = spawn(work, name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _send(session: aiohttp.ClientSession, request: Request) -> None:
    """One request, read to its end or given up. What fails is seen in the control center, as it should be."""
    try:
        async with asyncio.timeout(request.given_up_after_s):
            async with session.post(request.path, data=request.body, headers=request.headers) as response:
                async for _ in response.content.iter_any():
                    pass
    except TimeoutError:
        log.debug("simulated %s gave up", request.kind)
    except aiohttp.ClientError as error:
        log.debug("simulated %s: %s", request.kind, error)
