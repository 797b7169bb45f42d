"""Messages requests into the neutral model.

The billing header block of Claude Code is left out: it differs per conversation and would defeat every other
provider's prefix cache. What else is left out stands in dropped.py.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from cccc_tui.wire.bridges import TRAINED
from cccc_tui.wire.model import (
    Begun,
    Cache,
    Media,
    OutputFormat,
    Part,
    Reasoning,
    Request,
    Text,
    Thinking,
    Tool,
    Toolbox,
    ToolCall,
    ToolChoice,
    ToolResult,
    Turn,
    WebSearchTool,
)
from cccc_tui.wire.names import original_id
from cccc_tui.wire.origins import unwrap
from cccc_tui.wire.parts import (
    NULL,
    Fields,
    decode,
    decode_but,
    decode_leniently,
    raw_text,
    try_decode,
)
from cccc_tui.wire.reuse import Memo, Told
from cccc_tui.wire.thinking import EFFORTS

BILLING_HEADER: Final = "x-anthropic-billing-header"
_PLACEHOLDER_TOOL: Final = "DeferredToolPlaceholder"


class _CacheControl(msgspec.Struct):
    type: str = "ephemeral"
    ttl: str | None = None


class _Source(msgspec.Struct):
    type: str
    media_type: str | None = None
    data: str | None = None
    url: str | None = None
    file_id: str | None = None
    content: str | list[_Block] | None = None


class _Block(msgspec.Struct):
    type: str
    text: str | None = None
    thinking: str | None = None
    signature: str | None = None
    data: str | None = None
    id: str | None = None
    name: str | None = None
    input: msgspec.Raw = msgspec.Raw()
    tool_use_id: str | None = None
    content: str | list[_Block] | dict[str, msgspec.Raw] | None = None
    is_error: bool | None = None
    source: _Source | str | None = None
    title: str | None = None
    context: str | None = None
    tool_name: str | None = None
    file_id: str | None = None
    cache_control: _CacheControl | None = None


class _Effort(msgspec.Struct):
    effort: str | None = None
    format: _Format | None = None


class _Schema(msgspec.Struct, rename="camel"):
    additional_properties: bool | dict[str, msgspec.Raw] | None = None


class _Format(msgspec.Struct):
    type: str
    schema: msgspec.Raw = msgspec.Raw()


class _Message(msgspec.Struct):
    role: Literal["user", "assistant", "system"]
    content: str | list[_Block] | None = None
    output_config: _Effort | None = None


class _Tool(msgspec.Struct):
    name: str = ""
    type: str | None = None
    description: str | None = None
    input_schema: msgspec.Raw = msgspec.Raw()
    strict: bool | None = None
    defer_loading: bool | None = None
    cache_control: _CacheControl | None = None
    allowed_domains: list[str] | None = None
    blocked_domains: list[str] | None = None
    max_uses: int | None = None
    user_location: dict[str, str | None] | None = None


class _Choice(msgspec.Struct):
    type: Literal["auto", "any", "tool", "none"]
    name: str = ""
    disable_parallel_tool_use: bool | None = None


class _Thinking(msgspec.Struct):
    type: str
    budget_tokens: int | None = None
    display: str | None = None


class _Metadata(msgspec.Struct):
    user_id: str | None = None


class _Settings(msgspec.Struct, kw_only=True):
    model: str = ""
    tool_choice: _Choice | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    stop_sequences: list[str] | None = None
    stream: bool | None = None
    thinking: _Thinking | None = None
    output_config: _Effort | None = None
    output_format: _Format | None = None
    """The beta spelling of `output_config.format`."""
    metadata: _Metadata | None = None
    service_tier: str | None = None
    speed: str | None = None
    cache_control: _CacheControl | None = None


class _Request(_Settings, kw_only=True):
    messages: list[_Message]
    system: str | list[_Block] | None = None
    tools: list[_Tool] | None = None


class _Session(msgspec.Struct):
    session_id: str = ""


_decoder = msgspec.json.Decoder(_Request)
_LONG: Final = ("messages", "system", "tools")
_settings = msgspec.json.Decoder(_Settings)
_message = msgspec.json.Decoder(_Message)
_system = msgspec.json.Decoder(str | list[_Block] | None)
_tools = msgspec.json.Decoder(list[_Tool] | None)
_schema = msgspec.json.Decoder(_Schema)
_session = msgspec.json.Decoder(_Session)


def read_request(body: bytes, notes: list[str]) -> Request:
    """The request in neutral words; `notes` gets a line for each thing that is left out."""
    wire, reader = decode(_decoder, body), _Reader(notes)
    system, turns = reader.system(wire.system), [reader.turn(message) for message in wire.messages]
    return _request(wire, system, Told([], turns), reader.toolbox(wire.tools), reader)


def read_pieces(fields: Fields, notes: list[str], memo: Memo) -> Request:
    """The same request, of which only that is read which the memo does not know."""
    wire, reader = decode_but(_settings, fields, _LONG), _Reader(notes)
    system = memo.read("anthropic system", fields.get("system", NULL), reader.system_piece)
    told = memo.read_items("anthropic messages", fields.get("messages", NULL), reader.message_piece)
    toolbox = memo.read("anthropic tools", fields.get("tools", NULL), reader.tools_piece)
    return _request(wire, system, told, toolbox, reader)


def _request(wire: _Settings, system: Turn, told: Told[Turn], toolbox: Toolbox, reader: _Reader) -> Request:
    head = [system] if system.parts else []
    request = Request(wire.model, [*head, *told.known, *told.fresh])
    if told.forms is not None:
        request.begun = Begun(len(head), len(head) + len(told.known), told.forms)
    request.max_tokens = wire.max_tokens
    request.temperature, request.top_p, request.top_k = wire.temperature, wire.top_p, wire.top_k
    request.stop = wire.stop_sequences or []
    request.stream = bool(wire.stream)
    request.reasoning = _reasoning(wire, reader.configs)
    request.output = _output(wire)
    request.service_tier = _service_tier(wire)
    request.tools, request.web_search = toolbox.tools + reader.loaded_tools(), toolbox.web_search
    request.tool_forms = toolbox.forms
    _read_choice(wire.tool_choice, request)
    _read_user(wire, request)
    request.has_breakpoints = True
    return request


class _Reader:
    """Reads blocks and tools; remembers what the conversation says beside its turns."""

    def __init__(self, notes: list[str]) -> None:
        self.notes = notes
        self.configs: list[_Effort] = []
        """Of messages."""
        self._deferred: dict[str, Tool] = {}
        self._references: list[str] = []
        """Deferred tools that the conversation has loaded."""
        self._beside = len(notes)
        """How much was said that is in no turn and in no list of tools."""

    def _is_all(self) -> bool:
        """Whether nothing more was said beside since this was last asked."""
        before = self._beside
        self._beside = len(self.notes) + len(self.configs) + len(self._references) + len(self._deferred)
        return self._beside == before

    def system_piece(self, raw: msgspec.Raw) -> tuple[Turn, bool]:
        return self.system(decode_leniently(_system, raw)), True

    def message_piece(self, raw: msgspec.Raw) -> tuple[Turn, bool]:
        return self.turn(decode_leniently(_message, raw)), self._is_all()

    def tools_piece(self, raw: msgspec.Raw) -> tuple[Toolbox, bool]:
        return self.toolbox(decode_leniently(_tools, raw)), self._is_all()

    def system(self, system: str | list[_Block] | None) -> Turn:
        if isinstance(system, str):
            return Turn("system", [Text(system)] if system else [])
        parts: list[Part] = [
            Text(block.text, _cache(block.cache_control))
            for block in system or ()
            if block.text and not block.text.startswith(BILLING_HEADER)
        ]
        return Turn("system", parts)

    def turn(self, message: _Message) -> Turn:
        if message.output_config is not None:
            self.configs.append(message.output_config)
        return Turn(message.role, self.parts(message.content))

    def toolbox(self, wire: list[_Tool] | None) -> Toolbox:
        """The tools; deferred ones are set aside until the conversation loads them."""
        box = Toolbox()
        all_at_once = any([(tool.type or "").startswith("tool_search_tool") for tool in wire or ()])  # noqa: C419
        for wire_tool in wire or ():
            tool = _read_tool(wire_tool, box, self.notes)
            if tool is None:
                continue
            if wire_tool.defer_loading and not all_at_once:
                self._deferred[tool.name] = tool
            else:
                box.tools.append(tool)
        return box

    def loaded_tools(self) -> list[Tool]:
        """The deferred tools that were loaded, in that order."""
        names = dict.fromkeys(self._references) if self._references else ()
        return [self._deferred[name] for name in names if name in self._deferred]

    def parts(self, content: str | list[_Block] | None) -> list[Part]:
        if isinstance(content, str):
            return [Text(content)] if content else []
        parts: list[Part] = []
        for block in content or ():
            if block.type == "text":
                if block.text:
                    parts.append(Text(block.text, _cache(block.cache_control)))
            else:
                parts.extend(self._special(block))
        return parts

    def _special(self, block: _Block) -> list[Part]:
        match block.type:
            case "tool_use":
                arguments = raw_text(block.input) or "{}"
                return [ToolCall(original_id(block.id or ""), block.name or "", arguments)]
            case "tool_result":
                return [self._result(block)]
            case "thinking":
                blob = unwrap(block.signature or "", "signature") if block.signature else None
                return [Thinking(block.thinking or "", blob)]
            case "redacted_thinking":
                return [Thinking("", unwrap(block.data or "", "redacted"))]
        return list(self._content(block))

    def _result(self, block: _Block) -> ToolResult:
        content: list[Text | Media] = []
        if isinstance(block.content, str):
            content = [Text(block.content)] if block.content else []
        elif isinstance(block.content, list):
            content = [part for inner in block.content for part in self._content(inner)]
        return ToolResult(original_id(block.tool_use_id or ""), content, bool(block.is_error))

    def _content(self, block: _Block) -> list[Text | Media]:
        """Text, images and documents: what a message and a tool result may both hold."""
        match block.type:
            case "text":
                return [Text(block.text)] if block.text else []
            case "image":
                return [_media(block, "image")]
            case "document":
                return self._document(block)
            case "search_result":
                texts = [b.text for b in block.content if b.text] if isinstance(block.content, list) else []
                source = block.source if isinstance(block.source, str) else ""
                return [Text("\n".join([f"{block.title or ''} ({source})", *texts]))]
            case "tool_reference":
                self._references.append(block.tool_name or "")
                return [Text(f"Tool {block.tool_name} is now available.")]
        self.notes.append(f"content block of type {block.type} dropped: no counterpart")
        return []

    def _document(self, block: _Block) -> list[Text | Media]:
        source = block.source
        if isinstance(source, _Source) and source.type == "content":
            if isinstance(source.content, str):
                return [Text(source.content)]
            return [part for inner in source.content or () for part in self._content(inner)]
        context: list[Text | Media] = [Text(block.context)] if block.context else []
        return [*context, _media(block, "document")]


def _cache(control: _CacheControl | None) -> Cache | None:
    return Cache(control.ttl) if control is not None else None


def _media(block: _Block, kind: Literal["image", "document"]) -> Media:
    source = block.source if isinstance(block.source, _Source) else _Source("none")
    inline = source.type == "text"
    return Media(
        kind,
        source.media_type or "",
        data="" if inline else source.data or "",
        text=(source.data or "") if inline else "",
        url=source.url or "",
        file_id=source.file_id or "",
        name=block.title or "",
    )


def _reasoning(wire: _Settings, configs: list[_Effort]) -> Reasoning | None:
    """The latest word counts: a system message may carry an effort of its own (Claude Code does)."""
    said = [c.effort for c in (wire.output_config, *configs) if c is not None and c.effort]
    effort = EFFORTS.get(said[-1]) if said else None
    thinking = wire.thinking
    if thinking is None:
        return Reasoning("effort", effort) if effort else None
    hidden = thinking.display == "omitted"
    if thinking.type == "disabled":
        return Reasoning("off")
    if thinking.type == "enabled" and thinking.budget_tokens:
        return Reasoning("budget", effort, thinking.budget_tokens, "auto", hidden)
    return Reasoning("adaptive", effort, summary="auto", hidden=hidden)


def _output(wire: _Settings) -> OutputFormat | None:
    found = wire.output_config.format if wire.output_config else None
    found = found or wire.output_format
    if found is None or found.type != "json_schema":
        return None
    # OpenAI's strict mode takes closed objects only, and answers 400 to any other schema.
    closed = try_decode(_schema, bytes(found.schema))
    strict = closed is not None and closed.additional_properties is False
    return OutputFormat("json_schema", "output", schema=found.schema, strict=strict)


def _service_tier(wire: _Settings) -> str:
    if wire.speed == "fast":
        return "priority"
    return "default" if wire.service_tier == "standard_only" else ""


def _read_choice(choice: _Choice | None, request: Request) -> None:
    if choice is None:
        return
    if choice.disable_parallel_tool_use is not None:
        request.parallel_calls = not choice.disable_parallel_tool_use
    modes: dict[str, Literal["auto", "required", "none", "tool"]] = {"any": "required", "tool": "tool"}
    mode = modes.get(choice.type) or ("none" if choice.type == "none" else "auto")
    request.tool_choice = ToolChoice(mode, choice.name)


def _read_user(wire: _Settings, request: Request) -> None:
    """Claude Code's user id is a JSON text that names its session; that keys the prompt cache."""
    user_id = (wire.metadata.user_id if wire.metadata else None) or ""
    request.user = user_id
    if user_id.startswith("{"):
        try:
            request.session_id = _session.decode(user_id).session_id
        except msgspec.MsgspecError:
            return
    elif "_session_" in user_id:
        request.session_id = user_id.rpartition("_session_")[2]


def _read_tool(tool: _Tool, box: Toolbox, notes: list[str]) -> Tool | None:
    kind = tool.type or "custom"
    if kind == "custom":
        if tool.name == _PLACEHOLDER_TOOL:
            return None
        read = Tool(tool.name, tool.description or "", strict=tool.strict)
        if tool.input_schema:
            read.schema = tool.input_schema
        return read
    if kind.startswith("web_search"):
        location = {k: v for k, v in (tool.user_location or {}).items() if v and k != "type"}
        box.web_search = WebSearchTool(
            tool.allowed_domains or [], tool.blocked_domains or [], tool.max_uses, location=location
        )
        return None
    trained = next((TRAINED[name] for name in TRAINED if kind.startswith(name)), None)
    if trained is None:
        notes.append(f"tool {tool.name or kind} of type {kind} dropped: only Anthropic runs it")
        return None
    return Tool(tool.name or trained.name, trained.description, trained.schema)
