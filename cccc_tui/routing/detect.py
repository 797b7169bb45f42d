"""What a request is: which operation in which format, from which client, in which session, thinking or not.

The path says the operation and the format, headers say the client (the body only where they are silent),
and of the body only small keys are decoded: `messages` and `tools` stay bytes unless somebody asks for what
is in them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal, NamedTuple

import msgspec

from cccc_tui.routing import needs
from cccc_tui.routing.peek import Peek, said_last
from cccc_tui.routing.session import named_session, session_by_content, session_in_body, user_id
from cccc_tui.wire.model import Format

__all__ = [
    "Agent",
    "Caller",
    "Client",
    "Operation",
    "Peek",
    "Place",
    "RequestFacts",
    "caller",
    "detect",
    "facts_of",
    "normal_path",
    "place",
]

Operation = Literal["generate", "count_tokens", "models", "compact"]
Client = Literal["claude-code", "codex", "openai-sdk", "anthropic-sdk", "other"]
Agent = Literal["main", "subagent", "title", "memory"]
"""Who asks within an agent: the main loop, a subagent, what names the session, what tidies the memory."""


class Place(NamedTuple):
    """Where a request was sent to."""

    operation: Operation
    format: Format | None
    """None where the path does not say it: a list of models is asked for by clients of every format."""


class RequestFacts(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """What routing knows of a request."""

    operation: Operation
    format: Format
    client: Client = "other"
    client_reason: str = ""
    """Why the client is thought to be that one, in words."""
    model: str = ""
    streamed: bool = False
    """As the body says; Claude Code sends `Accept: application/json` with its streams."""
    session: str = ""
    """Identifies the conversation; empty where nothing does."""
    thinking: bool = False
    thinking_budget: int | None = None
    """Tokens, where the request names them; adaptive thinking does not."""
    agent: Agent = "main"
    peek: Peek

    @property
    def is_background(self) -> bool:
        """Whether no person waits for the answer: an agent's chores, and what Claude Code gives its small model."""
        if self.agent in ("title", "memory"):
            return True
        return self.client == "claude-code" and self.agent == "main" and "haiku" in self.model

    @cached_property
    def has_images(self) -> bool:
        return needs.has_images(self.peek.body)

    @cached_property
    def has_tools(self) -> bool:
        """Whether the model is given tools. Decodes them, so only on demand."""
        return bool(self.peek.value("tools"))

    @cached_property
    def estimated_tokens(self) -> int:
        """About how many input tokens it is, by its bytes."""
        return needs.estimated_tokens(self.peek.body)

    @cached_property
    def asks_web_search(self) -> bool:
        """Whether the provider itself is to search the web. Decodes the tools, so only on demand."""
        return needs.asks_web_search(self.peek.value("tools"), self.peek.value("web_search_options"))

    @cached_property
    def last_user_text(self) -> str:
        """What the person said last. Decodes the whole conversation, so only on demand."""
        return said_last(self.peek)


_PLACES: dict[tuple[str, ...], tuple[str, Place]] = {
    ("messages",): ("POST", Place("generate", "anthropic")),
    ("messages", "count_tokens"): ("POST", Place("count_tokens", "anthropic")),
    ("chat", "completions"): ("POST", Place("generate", "chat")),
    ("responses",): ("POST", Place("generate", "responses")),
    ("responses", "compact"): ("POST", Place("compact", "responses")),
    ("responses", "input_tokens"): ("POST", Place("count_tokens", "responses")),
    ("models",): ("GET", Place("models", None)),
}
_FAMILIES = ("openai", "anthropic")


def normal_path(path: str) -> str:
    """The path as the API's own documents write it, `/v1/...`, without its query string.

    Base URLs are given with and without `/v1`, with a family in front or with the whole path already, and
    clients append theirs: `/v1/v1/messages`, `/anthropic/v1/messages` and `/v1/messages/v1/messages` are
    all the same. A path that means nothing to us only loses doubled and trailing slashes.
    """
    segments = _segments(path)
    known = _known(segments)
    return "/" + "/".join(("v1", *known) if known else segments)


def place(method: str, path: str) -> Place | None:
    """What is asked for, by method and path (a query string may follow); None if it is nothing of ours."""
    known = _known(_segments(path))
    if known is None:
        return None
    wanted, found = _PLACES[known]
    return found if method == wanted or (wanted == "GET" and method == "HEAD") else None


def _known(segments: tuple[str, ...]) -> tuple[str, ...] | None:
    if segments and segments[0] in _FAMILIES:
        segments = segments[1:]
    rest = tuple(segment for segment in segments if segment != "v1")
    while rest not in _PLACES:
        # A base URL that already was a whole path stands in front of what the client appended to it.
        front = max((len(known) for known in _PLACES if known == rest[: len(known)]), default=0)
        if not front:
            return None
        rest = rest[front:]
    return rest


def _segments(path: str) -> tuple[str, ...]:
    return tuple(segment for segment in path.partition("?")[0].split("/") if segment)


class Caller(NamedTuple):
    """Who asks, as far as the headers say it."""

    client: Client | None
    """None where the body may say it."""
    reason: str
    session: str
    """The conversation's name; empty where it has none here."""
    request_id: str
    """With Codex its thread; with anybody else another one for each request."""
    credential: str
    """Tells callers of the same words apart."""
    speaks_anthropic: bool
    as_claude: Agent | None
    """The agent, if this is Claude Code and the headers say it."""
    as_codex: Agent | None


def caller(place: Place, headers: Mapping[str, str]) -> Caller:
    """`headers` have lower-case names."""
    client, reason = _agent_by_headers(headers) or _sdk_by_headers(place, headers) or (None, "")
    return Caller(
        client=client,
        reason=reason,
        session=named_session(headers),
        request_id=headers.get("x-client-request-id", ""),
        credential=headers.get("authorization") or headers.get("x-api-key") or "",
        speaks_anthropic="anthropic-version" in headers,
        as_claude=_agent_of_claude(headers),
        as_codex=_agent_of_codex(headers),
    )


def detect(place: Place, headers: Mapping[str, str], peek: Peek) -> RequestFacts:
    """Everything that routing wants to know. `headers` have lower-case names."""
    return facts_of(place, caller(place, headers), peek)


def facts_of(place: Place, asker: Caller, peek: Peek) -> RequestFacts:
    """The same of a caller that is known."""
    client, reason = asker.client, asker.reason
    if client is None:
        client, reason = _agent_by_body(peek) or ("other", "no header or field of a client that we know")
    thinks, budget = _thinking(peek)
    return RequestFacts(
        operation=place.operation,
        format=place.format or _format_of_asker(asker, client),
        client=client,
        client_reason=reason,
        model=peek.text("model") or "",
        streamed=peek.flag("stream"),
        session="" if place.operation == "models" else _session(client, asker, peek),
        thinking=thinks,
        thinking_budget=budget,
        agent=_agent(client, asker, peek),
        peek=peek,
    )


def _format_of_asker(asker: Caller, client: Client) -> Format:
    """Of a request whose path serves every format: Anthropic's clients always send their version header."""
    if asker.speaks_anthropic or client in ("claude-code", "anthropic-sdk"):
        return "anthropic"
    return "responses" if client == "codex" else "chat"


def _session(client: Client, asker: Caller, peek: Peek) -> str:
    if asker.session:
        return asker.session
    if client == "codex" and asker.request_id:
        return asker.request_id
    return session_in_body(peek) or session_by_content(asker.credential, peek)


def _agent_by_headers(headers: Mapping[str, str]) -> tuple[Client, str] | None:
    user_agent = headers.get("user-agent", "")
    if "x-claude-code-session-id" in headers:
        return "claude-code", "header X-Claude-Code-Session-Id"
    if user_agent.startswith(("claude-cli/", "claude-code/")):
        return "claude-code", _by_user_agent(user_agent)
    if headers.get("x-app") == "cli":
        return "claude-code", "header x-app: cli"
    originator = headers.get("originator", "")
    if originator.lower().startswith("codex"):
        return "codex", f"header originator: {originator}"
    if user_agent.lower().startswith("codex"):
        return "codex", _by_user_agent(user_agent)
    if name := next((name for name in headers if name.startswith("x-codex-")), None):
        return "codex", f"header {name}"
    return None


def _sdk_by_headers(place: Place, headers: Mapping[str, str]) -> tuple[Client, str] | None:
    """The SDKs say `AsyncOpenAI/Python 3.1`; programs that put their own name there keep the other
    headers."""
    user_agent = headers.get("user-agent", "")
    product = user_agent.partition("/")[0].lower()
    language = headers.get("x-stainless-lang", "")
    if "anthropic" in product:
        return "anthropic-sdk", _by_user_agent(user_agent)
    if "openai" in product:
        return "openai-sdk", _by_user_agent(user_agent)
    if language and (place.format == "anthropic" or "anthropic-version" in headers):
        return "anthropic-sdk", f"header x-stainless-lang: {language} on an Anthropic path"
    if language:
        return "openai-sdk", f"header x-stainless-lang: {language} on an OpenAI path"
    return None


def _agent_by_body(peek: Peek) -> tuple[Client, str] | None:
    """For agents behind another gateway, which keeps the body but not the headers."""
    keys = peek.keys()
    user = user_id(peek) if "metadata" in keys else ""
    if "_session_" in user or ("device_id" in user and "session_id" in user):
        return "claude-code", "metadata.user_id as Claude Code writes it"
    metadata = peek.value("client_metadata") if "client_metadata" in keys else None
    if isinstance(metadata, dict) and any(str(key).startswith("x-codex-") for key in metadata):
        return "codex", "client_metadata as Codex writes it"
    return None


def _by_user_agent(user_agent: str) -> str:
    return f"User-Agent {user_agent.partition(' (')[0][:60]}"


def _agent(client: Client, asker: Caller, peek: Peek) -> Agent:
    if client == "claude-code":
        return asker.as_claude or ("title" if _asks_for_title(peek.value("output_config")) else "main")
    if client == "codex":
        return asker.as_codex or ("title" if _asks_for_title(peek.value("text")) else "main")
    return "main"


def _agent_of_claude(headers: Mapping[str, str]) -> Agent | None:
    is_subagent = (
        "x-claude-code-agent-id" in headers or headers.get("x-claude-code-request-class") == "subagent"
    )
    return "subagent" if is_subagent else None


def _agent_of_codex(headers: Mapping[str, str]) -> Agent | None:
    kind = headers.get("x-openai-subagent", "")
    if kind == "memory_consolidation" or headers.get("x-openai-memgen-request") == "true":
        return "memory"
    return "subagent" if kind or "x-codex-parent-thread-id" in headers else None


def _asks_for_title(output: Any) -> bool:
    """Both agents name a session by a request of its own, for JSON with nothing but a title in it."""
    match output:
        case {"format": {"schema": {"properties": {"title": _, **others}}}}:
            return not others
    return False


_THINKING = frozenset(("thinking", "reasoning", "reasoning_effort"))


def _thinking(peek: Peek) -> tuple[bool, int | None]:
    if _THINKING.isdisjoint(peek.keys()):
        return False, None
    match peek.value("thinking"):
        case {"type": "enabled", "budget_tokens": int(budget)}:
            return True, budget
        case {"type": "enabled" | "adaptive"}:
            return True, None
    match peek.value("reasoning"):
        case {"effort": "none"} | {"enabled": False}:
            return False, None
        case {"max_tokens": int(budget)}:
            return True, budget
        case {**settings} if settings:
            return True, None
    return peek.text("reasoning_effort") not in (None, "none"), None
