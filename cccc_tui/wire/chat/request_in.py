"""Chat Completions requests into the neutral model, with the extensions that agents and servers agree on:
`reasoning_content` (DeepSeek, Kimi, GLM, vLLM), `reasoning` and `reasoning_details` (OpenRouter)."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from cccc_tui.wire.forms import gathered, grouped
from cccc_tui.wire.model import (
    Cache,
    Media,
    OutputFormat,
    Part,
    Reasoning,
    Refusal,
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
    is_unset,
    split_data_url,
)
from cccc_tui.wire.reuse import Memo, Told
from cccc_tui.wire.thinking import EFFORTS

SHARED_FIELDS: Final = (
    "prompt_cache_key",
    "prompt_cache_retention",
    "prompt_cache_options",
    "safety_identifier",
    "moderation",
)
"""Fields that Chat and Responses spell and mean alike."""

_NOT_CARRIED: Final = (
    "audio",
    "frequency_penalty",
    "logit_bias",
    "logprobs",
    "modalities",
    "prediction",
    "presence_penalty",
    "seed",
    "top_logprobs",
)


class _ImageUrl(msgspec.Struct):
    url: str
    detail: str | None = None


class _File(msgspec.Struct):
    file_data: str | None = None
    file_id: str | None = None
    filename: str | None = None


class _Audio(msgspec.Struct):
    data: str
    format: str = "wav"


class _Breakpoint(msgspec.Struct):
    mode: str = "explicit"


class _Part(msgspec.Struct):
    type: str
    text: str | None = None
    image_url: _ImageUrl | str | None = None
    file: _File | None = None
    input_audio: _Audio | None = None
    refusal: str | None = None
    prompt_cache_breakpoint: _Breakpoint | None = None


class _Function(msgspec.Struct):
    name: str = ""
    arguments: str | None = None


class _Custom(msgspec.Struct):
    name: str = ""
    input: str = ""


class _Call(msgspec.Struct):
    id: str = ""
    type: str | None = None
    function: _Function | None = None
    custom: _Custom | None = None


class _Detail(msgspec.Struct):
    type: str = ""
    text: str | None = None
    summary: str | None = None
    signature: str | None = None
    data: str | None = None


class _Message(msgspec.Struct):
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[_Part] | None = None
    name: str | None = None
    tool_calls: list[_Call] | None = None
    function_call: _Function | None = None
    tool_call_id: str | None = None
    refusal: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    reasoning_details: list[_Detail] | None = None


class _Definition(msgspec.Struct):
    name: str
    description: str | None = None
    parameters: msgspec.Raw = msgspec.Raw()
    strict: bool | None = None


class _CustomDefinition(msgspec.Struct):
    name: str
    description: str | None = None
    format: msgspec.Raw = msgspec.Raw()


class _Tool(msgspec.Struct):
    type: str = "function"
    function: _Definition | None = None
    custom: _CustomDefinition | None = None


class _Named(msgspec.Struct):
    name: str = ""


class _ToolReference(msgspec.Struct):
    function: _Named | None = None
    custom: _Named | None = None


class _Allowed(msgspec.Struct):
    mode: Literal["auto", "required"] = "auto"
    tools: list[_ToolReference] = []


class _Choice(msgspec.Struct):
    type: str = "function"
    function: _Named | None = None
    custom: _Named | None = None
    allowed_tools: _Allowed | None = None


class _JsonSchema(msgspec.Struct):
    name: str = "output"
    description: str | None = None
    schema: msgspec.Raw = msgspec.Raw(b"{}")
    strict: bool | None = None


class _ResponseFormat(msgspec.Struct):
    type: str
    json_schema: _JsonSchema | None = None


class _StreamOptions(msgspec.Struct):
    include_usage: bool | None = None


class _Place(msgspec.Struct):
    approximate: dict[str, str | None] | None = None


class _SearchOptions(msgspec.Struct):
    search_context_size: str | None = None
    user_location: _Place | None = None


class _Settings(msgspec.Struct, kw_only=True):
    model: str = ""
    tool_choice: str | _Choice | None = None
    functions: list[_Definition] | None = None
    function_call: str | _Named | None = None
    parallel_tool_calls: bool | None = None
    max_completion_tokens: int | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    n: int | None = None
    stop: str | list[str] | None = None
    stream: bool | None = None
    stream_options: _StreamOptions | None = None
    reasoning_effort: str | None = None
    response_format: _ResponseFormat | None = None
    verbosity: str | None = None
    user: str | None = None
    service_tier: str | None = None
    store: bool | None = None
    metadata: dict[str, str] | None = None
    web_search_options: _SearchOptions | None = None
    prompt_cache_key: msgspec.Raw = msgspec.Raw()
    prompt_cache_retention: msgspec.Raw = msgspec.Raw()
    prompt_cache_options: msgspec.Raw = msgspec.Raw()
    safety_identifier: msgspec.Raw = msgspec.Raw()
    moderation: msgspec.Raw = msgspec.Raw()
    audio: msgspec.Raw = msgspec.Raw()
    frequency_penalty: msgspec.Raw = msgspec.Raw()
    logit_bias: msgspec.Raw = msgspec.Raw()
    logprobs: msgspec.Raw = msgspec.Raw()
    modalities: msgspec.Raw = msgspec.Raw()
    prediction: msgspec.Raw = msgspec.Raw()
    presence_penalty: msgspec.Raw = msgspec.Raw()
    seed: msgspec.Raw = msgspec.Raw()
    top_logprobs: msgspec.Raw = msgspec.Raw()


class _Request(_Settings, kw_only=True):
    messages: list[_Message]
    tools: list[_Tool] | None = None


_decoder = msgspec.json.Decoder(_Request)
_LONG: Final = ("messages", "tools")
_settings = msgspec.json.Decoder(_Settings)
_message = msgspec.json.Decoder(_Message)
_tools = msgspec.json.Decoder(list[_Tool] | None)


def read_request(body: bytes, notes: list[str]) -> Request:
    """The request in neutral words; `notes` gets a line for each thing that is left out."""
    wire = decode(_decoder, body)
    told = Told([], list(map(_turn, wire.messages)))
    return _request(wire, told, _toolbox(wire.tools, notes), notes)


def read_pieces(fields: Fields, notes: list[str], memo: Memo) -> Request:
    """The same request, of which only that is read which the memo does not know."""
    wire = decode_but(_settings, fields, _LONG)
    told = memo.read_items("chat messages", fields.get("messages", NULL), _message_piece)

    def tools(raw: msgspec.Raw) -> tuple[Toolbox, bool]:
        count = len(notes)
        toolbox = _toolbox(decode_leniently(_tools, raw), notes)
        return toolbox, len(notes) == count

    return _request(wire, told, memo.read("chat tools", fields.get("tools", NULL), tools), notes)


def _message_piece(raw: msgspec.Raw) -> tuple[Turn, bool]:
    turn = _turn(decode_leniently(_message, raw))
    return turn, not _has_breakpoint(turn)


def _request(wire: _Settings, told: Told[Turn], toolbox: Toolbox, notes: list[str]) -> Request:
    request = Request(wire.model, *gathered(told, lambda turns: grouped(turns, _group)))
    request.max_tokens = wire.max_completion_tokens or wire.max_tokens
    request.temperature, request.top_p, request.top_k = wire.temperature, wire.top_p, wire.top_k
    request.stop = [wire.stop] if isinstance(wire.stop, str) else wire.stop or []
    request.stream = bool(wire.stream)
    request.include_usage = wire.stream_options is not None and bool(wire.stream_options.include_usage)
    request.reasoning = _reasoning(wire.reasoning_effort)
    request.output = _output(wire.response_format)
    request.verbosity, request.user = wire.verbosity or "", wire.user or ""
    request.service_tier, request.store = wire.service_tier or "", wire.store
    request.metadata = wire.metadata or {}
    request.parallel_calls = wire.parallel_tool_calls
    _read_tools(toolbox, wire.functions, request)
    if wire.web_search_options is not None:
        request.web_search, request.tool_forms = _web_search(wire.web_search_options), None
    _read_choice(wire, request)
    _read_extras(wire, request, notes)
    if (wire.n or 1) > 1:
        notes.append(f"n={wire.n} dropped: one answer is made")
    return request


def _turn(message: _Message) -> Turn:
    parts: list[Part] = list(_contents(message.content))
    match message.role:
        case "tool" | "function":
            call_id = original_id(message.tool_call_id or message.name or "")
            return Turn("user", [ToolResult(call_id, _contents(message.content))])
        case "assistant":
            return Turn("assistant", _assistant(message, parts), message.name or "")
        case "user":
            return Turn("user", parts, message.name or "")
    return Turn("system", parts, message.name or "")


def _group(turn: Turn) -> str:
    """Results in a row are one turn."""
    return "results" if turn.parts and isinstance(turn.parts[0], ToolResult) else ""


def _contents(content: str | list[_Part] | None) -> list[Text | Media]:
    if isinstance(content, str):
        return [Text(content)] if content else []
    return [read for part in content or () if (read := _content(part)) is not None]


def _content(part: _Part) -> Text | Media | None:
    cache = Cache() if part.prompt_cache_breakpoint is not None else None
    if part.image_url is not None:
        image = part.image_url if isinstance(part.image_url, _ImageUrl) else _ImageUrl(part.image_url)
        media = Media("image", detail=image.detail or "", cache=cache)
        _locate(media, image.url)
        return media
    if part.file is not None:
        media = Media("document", file_id=part.file.file_id or "", name=part.file.filename or "", cache=cache)
        _locate(media, part.file.file_data or "")
        return media
    if part.input_audio is not None:
        return Media("audio", f"audio/{part.input_audio.format}", part.input_audio.data, cache=cache)
    text = part.text or part.refusal
    return Text(text, cache) if text else None


def _locate(media: Media, url: str) -> None:
    inline = split_data_url(url)
    if inline is not None:
        media.media_type, media.data = inline
    elif media.kind == "document" and "://" not in url:
        media.media_type, media.data = "application/pdf", url
    else:
        media.url = url


def _assistant(message: _Message, parts: list[Part]) -> list[Part]:
    if message.refusal:
        parts.append(Refusal(message.refusal))
    for call in message.tool_calls or ():
        if call.custom is not None:
            parts.append(ToolCall(original_id(call.id), call.custom.name, call.custom.input, "custom"))
        elif call.function is not None:
            arguments = call.function.arguments or "{}"
            parts.append(ToolCall(original_id(call.id), call.function.name, arguments))
    if message.function_call is not None:
        name = message.function_call.name
        parts.append(ToolCall(name, name, message.function_call.arguments or "{}"))
    return [*_thoughts(message), *parts]


def _thoughts(message: _Message) -> list[Part]:
    """The sealed thoughts that we handed out, else the bare text."""
    sealed: list[Part] = []
    for detail in message.reasoning_details or ():
        if detail.signature:
            sealed.append(Thinking(detail.text or "", unwrap(detail.signature, "signature")))
        elif detail.data:
            sealed.append(Thinking(detail.text or detail.summary or "", unwrap(detail.data, "encrypted")))
    text = message.reasoning_content or message.reasoning
    return sealed or ([Thinking(text)] if text else [])


def _reasoning(effort: str | None) -> Reasoning | None:
    known = EFFORTS.get(effort or "")
    if known is None:
        return None
    return Reasoning("off", known) if known == "none" else Reasoning("effort", known)


def _output(found: _ResponseFormat | None) -> OutputFormat | None:
    if found is None:
        return None
    if found.type == "json_schema" and found.json_schema is not None:
        schema = found.json_schema
        description = schema.description or ""
        return OutputFormat("json_schema", schema.name, description, schema.schema, schema.strict)
    return OutputFormat("json") if found.type == "json_object" else OutputFormat("text")


def _toolbox(wire: list[_Tool] | None, notes: list[str]) -> Toolbox:
    box = Toolbox()
    for tool in wire or ():
        if tool.function is not None:
            box.tools.append(_function(tool.function))
        elif tool.custom is not None:
            grammar = tool.custom.format if tool.custom.format else None
            description = tool.custom.description or ""
            box.tools.append(Tool(tool.custom.name, description, kind="custom", grammar=grammar))
        else:
            notes.append(f"tool of type {tool.type} dropped: no counterpart")
    return box


def _read_tools(toolbox: Toolbox, functions: list[_Definition] | None, request: Request) -> None:
    request.tools, request.tool_forms = toolbox.tools, toolbox.forms
    if functions:
        request.tools, request.tool_forms = [*toolbox.tools, *map(_function, functions)], None


def _web_search(options: _SearchOptions) -> WebSearchTool:
    place = options.user_location.approximate if options.user_location else None
    location = {name: value for name, value in (place or {}).items() if value}
    return WebSearchTool(context_size=options.search_context_size or "", location=location)


def _function(definition: _Definition) -> Tool:
    tool = Tool(definition.name, definition.description or "", strict=definition.strict)
    if definition.parameters:
        tool.schema = definition.parameters
    return tool


def _read_choice(wire: _Settings, request: Request) -> None:
    choice = wire.tool_choice
    if choice is None and wire.function_call is not None:
        called = wire.function_call
        choice = called if isinstance(called, str) else _Choice("function", called)
    if isinstance(choice, str):
        modes: dict[str, Literal["auto", "required", "none"]] = {"required": "required", "none": "none"}
        request.tool_choice = ToolChoice(modes.get(choice, "auto"))
    elif choice is not None and choice.allowed_tools is not None:
        named = [tool.function or tool.custom or _Named() for tool in choice.allowed_tools.tools]
        request.tool_choice = ToolChoice(choice.allowed_tools.mode, allowed=[tool.name for tool in named])
    elif choice is not None:
        request.tool_choice = ToolChoice("tool", (choice.function or choice.custom or _Named()).name)


def _read_extras(wire: _Settings, request: Request, notes: list[str]) -> None:
    request.openai = {name: raw for name in SHARED_FIELDS if not is_unset(raw := getattr(wire, name))}
    dropped = [name for name in _NOT_CARRIED if not is_unset(getattr(wire, name))]
    if dropped:
        notes.append(f"{', '.join(dropped)} dropped: no counterpart")
    request.has_breakpoints = any(turn.forms is None and _has_breakpoint(turn) for turn in request.turns)


def _has_breakpoint(turn: Turn) -> bool:
    """Asked of what was read now: a turn that the memo knows has none."""
    return any(getattr(part, "cache", None) is not None for part in turn.parts)
