"""The neutral conversation: what the three formats have in common, and the words that they share.

A format's module reads its bytes into these structs and writes them from these structs; none knows
another format. A field stands here only if two formats can say it, or if an agent breaks without it.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Literal, TypeAlias

import msgspec

Format = Literal["anthropic", "chat", "responses"]

FORMATS: tuple[Format, ...] = ("anthropic", "chat", "responses")


class Usage(msgspec.Struct, gc=False):
    """Tokens of one answer, as the provider counted them."""

    input_tokens: int = 0
    """Prompt tokens that were neither read from nor written to a cache."""
    output_tokens: int = 0
    """Answer tokens, reasoning included."""
    cache_read_tokens: int = 0
    """Prompt tokens served from the provider's cache."""
    cache_write_tokens: int = 0
    """Prompt tokens written to the provider's cache."""
    reasoning_tokens: int = 0
    """The part of the output that was reasoning, where the provider says so."""

    def add(self, other: Usage) -> None:
        self.input_tokens += other.input_tokens
        self.output_tokens += other.output_tokens
        self.cache_read_tokens += other.cache_read_tokens
        self.cache_write_tokens += other.cache_write_tokens
        self.reasoning_tokens += other.reasoning_tokens

    @property
    def total(self) -> int:
        return self.input_tokens + self.output_tokens + self.cache_read_tokens + self.cache_write_tokens


class ConversionRefused(Exception):
    """The request has no faithful form in the target format; the message is a sentence for the client."""

    def __init__(self, message: str, code: str = "", param: str = "") -> None:
        super().__init__(message)
        self.code = code
        """OpenAI's code for it, where clients act on one."""
        self.param = param


# --- parts of a turn -------------------------------------------------------------------------------


class Cache(msgspec.Struct, frozen=True):
    """A cache breakpoint behind a part, as the client set it."""

    ttl: str | None = None


class Citation(msgspec.Struct):
    """A web page that a stretch of the answer's text rests on."""

    url: str
    title: str = ""
    cited_text: str = ""
    start: int = 0
    """Index of the first character of the stretch, where the provider says so."""
    end: int = 0


class Text(msgspec.Struct):
    text: str
    cache: Cache | None = None
    citations: list[Citation] = []


class Refusal(msgspec.Struct):
    """The model's words for not answering."""

    text: str


class Media(msgspec.Struct):
    """An image, a document or a sound: inline (base64 or plain text), by address, or by a provider's id."""

    kind: Literal["image", "document", "audio"]
    media_type: str = ""
    data: str = ""
    """Base64."""
    text: str = ""
    """A document of plain text."""
    url: str = ""
    file_id: str = ""
    name: str = ""
    detail: str = ""
    """How closely the model should look: OpenAI's `low`, `high`, `auto`, `original`."""
    cache: Cache | None = None


class Blob(msgspec.Struct, frozen=True):
    """A provider's sealed reasoning, worth something only to the provider that made it (see origins.py)."""

    kind: Literal["signature", "redacted", "encrypted", "text", "summary"]
    """Anthropic's signature or redacted thinking, OpenAI's encrypted content, or the text alone; a `summary` is
    our own, of a conversation that was compacted."""
    data: str = ""
    origin: str | None = None
    """Who made it; None: the native provider of the client's format, in traffic that we did not convert."""
    id: str = ""
    """The provider's own id of the item (`rs_…`)."""


class Thinking(msgspec.Struct):
    text: str = ""
    blob: Blob | None = None


ToolKind = Literal["function", "custom", "local_shell", "shell", "apply_patch", "tool_search"]
"""`custom` takes free text; the last four are tools that Responses has items of their own for."""


class ToolCall(msgspec.Struct):
    id: str
    name: str
    arguments: str
    """JSON text; for a `custom` tool the free text itself."""
    kind: ToolKind = "function"
    namespace: str = ""
    cache: Cache | None = None


class ToolResult(msgspec.Struct):
    call_id: str
    content: list[Text | Media]
    is_error: bool = False
    kind: ToolKind = "function"
    cache: Cache | None = None


class WebSearch(msgspec.Struct):
    """One search that the provider ran by itself."""

    id: str
    query: str = ""
    sources: list[Citation] = []


Part: TypeAlias = Text | Media | Thinking | ToolCall | ToolResult | Refusal | WebSearch
Role = Literal["system", "user", "assistant"]


Forms: TypeAlias = dict[Hashable, Any]
"""What was made of a piece of a request that will be seen again (reuse.py), by what it depends on."""


class Turn(msgspec.Struct):
    role: Role
    parts: list[Part]
    name: str = ""
    """OpenAI's name of a participant."""
    forms: Forms | None = None
    """None: made for this request alone. A turn that has forms is shared, and never changed."""


# --- the request -----------------------------------------------------------------------------------


class Begun(msgspec.Struct):
    """Which turns of a request stood together in an earlier one, and what was made of them together."""

    first: int
    end: int
    """Of the one behind the last."""
    forms: Forms


class Tool(msgspec.Struct):
    name: str
    description: str = ""
    schema: msgspec.Raw = msgspec.Raw(b'{"type":"object","properties":{}}')
    kind: ToolKind = "function"
    namespace: str = ""
    strict: bool | None = None
    grammar: msgspec.Raw | None = None
    """The `format` of a custom tool, as the client wrote it."""
    cache: Cache | None = None


class WebSearchTool(msgspec.Struct):
    """The provider's own web search."""

    allowed_domains: list[str] = []
    blocked_domains: list[str] = []
    max_uses: int | None = None
    context_size: str = ""
    location: dict[str, str] = {}
    """`city`, `region`, `country`, `timezone`."""
    live: bool = True
    """False: only what the provider has in store (OpenAI's `external_web_access`)."""
    cache: Cache | None = None


class Toolbox(msgspec.Struct):
    """What a request's list of tools holds."""

    tools: list[Tool] = []
    web_search: WebSearchTool | None = None
    forms: Forms | None = None
    """As of a turn."""


class ToolChoice(msgspec.Struct):
    mode: Literal["auto", "required", "none", "tool"]
    name: str = ""
    namespace: str = ""
    allowed: list[str] = []
    """Names of the only tools that may be called now; empty: all."""


Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]


class Reasoning(msgspec.Struct):
    """How hard to think: switched off, an effort, a budget of tokens, or the model's own choice."""

    mode: Literal["off", "effort", "budget", "adaptive"]
    effort: Effort | None = None
    budget_tokens: int = 0
    summary: str = ""
    """OpenAI's `auto`, `concise` or `detailed`; empty: not asked for."""
    hidden: bool = False
    """Anthropic's `display: omitted`."""


class OutputFormat(msgspec.Struct):
    kind: Literal["text", "json", "json_schema"]
    name: str = ""
    description: str = ""
    schema: msgspec.Raw = msgspec.Raw()
    strict: bool | None = None


class Request(msgspec.Struct):
    model: str
    turns: list[Turn]
    """The system prompt is the leading turns of role `system`."""
    begun: Begun | None = None
    tools: list[Tool] = []
    web_search: WebSearchTool | None = None
    tool_choice: ToolChoice | None = None
    parallel_calls: bool | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    stop: list[str] = []
    stream: bool = False
    include_usage: bool = True
    """Whether the client wants usage in the stream (a question only Chat asks)."""
    reasoning: Reasoning | None = None
    output: OutputFormat | None = None
    verbosity: str = ""
    user: str = ""
    service_tier: str = ""
    """OpenAI's words: `auto`, `default`, `flex`, `scale`, `priority`, `fast`."""
    session_id: str = ""
    """What the client calls its conversation; the prompt cache's key."""
    store: bool | None = None
    metadata: dict[str, str] = {}
    openai: dict[str, msgspec.Raw] = {}
    """Fields that Chat and Responses spell alike and Anthropic lacks, as the client wrote them."""
    compacts: bool = False
    """Asked for is one compaction item, in which a summary of the conversation is kept (compaction.py)."""
    has_breakpoints: bool = False
    """The client placed cache breakpoints itself."""
    tool_forms: Forms | None = None
    """Of the tools, as of a turn."""


# --- how to convert --------------------------------------------------------------------------------


class ConvertOptions(msgspec.Struct, frozen=True):
    """What a conversion must know beside the two formats: facts about the upstream, no client's wish."""

    model: str = ""
    """The model to ask for; empty: the client's."""
    origin: str | None = ""
    """Who runs the upstream, for reasoning blobs: stays the same as long as it can read its own. None: the
    client's own format is spoken, and blobs stay bare."""
    genuine: bool = False
    """The upstream is the format's own provider (Anthropic, OpenAI), not a compatible one."""
    max_tokens_field_name: str = ""
    """What Chat calls its limit; empty: `max_completion_tokens` when genuine, else `max_tokens`."""
    default_max_tokens: int = 32_000
    """For Anthropic, which demands a limit, when the client gave none."""
    cache_breakpoints: bool = True
    """Place breakpoints for Anthropic when the client's format cannot."""
    leaked_calls: tuple[str, ...] = ()
    """Dialects of tool calls in plain text to recognise (leaked.py)."""
    repair_tools: tuple[str, ...] = ("*",)
    """Names of tools whose almost-JSON arguments are mended; `*`: all."""
    repair_attempts: int = 2
    """How many ways of mending are tried: as a Python literal, then by a parser that guesses."""
    session_id: str = ""
    """Stable per conversation; empty: the client's own, if it says one."""
    exchange_id: str = ""
    """Unique per exchange: the seed of ids that the upstream left out."""
    now_s: int = 0
    """Unix time of the exchange, for answers whose upstream says none."""
