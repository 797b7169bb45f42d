"""Responses requests into the neutral model.

Codex's surface is part of it: developer messages instead of instructions, all tools inside an input item
(`additional_tools`), namespaces, free-text tools, hosted shells, encrypted reasoning.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from cccc_tui.wire import compaction
from cccc_tui.wire.bridges import HOSTED
from cccc_tui.wire.model import (
    Cache,
    ConversionRefused,
    Media,
    OutputFormat,
    Part,
    Reasoning,
    Refusal,
    Request,
    Role,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolChoice,
    ToolKind,
    ToolResult,
    Turn,
    WebSearchTool,
)
from cccc_tui.wire.names import original_id
from cccc_tui.wire.origins import unwrap
from cccc_tui.wire.parts import decode, encode, is_unset, json_arguments, raw_text, split_data_url, try_decode
from cccc_tui.wire.thinking import EFFORTS

SHARED_FIELDS: Final = (
    "prompt_cache_key",
    "prompt_cache_retention",
    "prompt_cache_options",
    "safety_identifier",
    "moderation",
)
ECHOED_FIELDS: Final = (
    "instructions",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "reasoning",
    "text",
    "metadata",
    "temperature",
    "top_p",
    "max_output_tokens",
    "max_tool_calls",
    "previous_response_id",
    "prompt_cache_key",
    "safety_identifier",
    "store",
    "truncation",
    "user",
    "service_tier",
)
"""Request fields that the answer repeats."""

_RESULTS: Final = frozenset(
    f"{kind}_output" for kind in ("function_call", "custom_tool_call", "local_shell_call", "shell_call")
) | {"apply_patch_call_output"}
_NEEDS_STATE: Final = {
    "previous_response_id": "names an earlier answer",
    "conversation": "names a conversation",
    "prompt": "names a stored prompt",
}


class _Part(msgspec.Struct):
    type: str = ""
    text: str | None = None
    refusal: str | None = None
    image_url: str | None = None
    detail: str | None = None
    file_id: str | None = None
    file_data: str | None = None
    file_url: str | None = None
    filename: str | None = None
    stdout: str | None = None
    stderr: str | None = None
    prompt_cache_breakpoint: dict[str, str] | None = None


class _Tool(msgspec.Struct):
    type: str
    name: str = ""
    description: str | None = None
    parameters: msgspec.Raw = msgspec.Raw()
    strict: bool | None = None
    format: msgspec.Raw = msgspec.Raw()
    tools: list[_Tool] | None = None
    filters: dict[str, list[str] | None] | None = None
    user_location: dict[str, str | None] | None = None
    search_context_size: str | None = None
    external_web_access: bool | None = None


class _Item(msgspec.Struct):
    type: str = "message"
    id: str | None = None
    role: Role | Literal["developer"] | None = None
    content: str | list[_Part] | None = None
    call_id: str | None = None
    name: str | None = None
    namespace: str | None = None
    arguments: msgspec.Raw = msgspec.Raw()
    input: str | None = None
    output: str | list[_Part] | dict[str, msgspec.Raw] | None = None
    status: str | None = None
    summary: list[_Part] | None = None
    encrypted_content: str | None = None
    action: msgspec.Raw = msgspec.Raw()
    operation: msgspec.Raw = msgspec.Raw()
    tools: msgspec.Raw = msgspec.Raw()


class _Choice(msgspec.Struct):
    type: str
    name: str = ""
    namespace: str = ""
    mode: Literal["auto", "required"] = "auto"
    tools: list[_Choice] | None = None


class _Reasoning(msgspec.Struct):
    effort: str | None = None
    summary: str | None = None
    generate_summary: str | None = None


class _Format(msgspec.Struct):
    type: str
    name: str = ""
    description: str | None = None
    schema: msgspec.Raw = msgspec.Raw()
    strict: bool | None = None


class _Text(msgspec.Struct):
    format: _Format | None = None
    verbosity: str | None = None


class _Request(msgspec.Struct):
    input: str | list[_Item] | None = None
    model: str = ""
    instructions: str | None = None
    tools: list[_Tool] | None = None
    tool_choice: str | _Choice | None = None
    parallel_tool_calls: bool | None = None
    max_output_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    stream: bool | None = None
    reasoning: _Reasoning | None = None
    text: _Text | None = None
    user: str | None = None
    service_tier: str | None = None
    store: bool | None = None
    metadata: dict[str, str] | None = None
    background: bool | None = None
    previous_response_id: msgspec.Raw = msgspec.Raw()
    conversation: msgspec.Raw = msgspec.Raw()
    prompt: msgspec.Raw = msgspec.Raw()
    prompt_cache_key: msgspec.Raw = msgspec.Raw()
    prompt_cache_retention: msgspec.Raw = msgspec.Raw()
    prompt_cache_options: msgspec.Raw = msgspec.Raw()
    safety_identifier: msgspec.Raw = msgspec.Raw()
    moderation: msgspec.Raw = msgspec.Raw()


_decoder = msgspec.json.Decoder(_Request)
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])
_tools = msgspec.json.Decoder(list[_Tool])


def read_request(body: bytes, notes: list[str]) -> Request:
    """The request in neutral words; `notes` gets a line for each thing that is left out."""
    wire = decode(_decoder, body)
    for name, why in _NEEDS_STATE.items():
        if not is_unset(getattr(wire, name)):
            code = "previous_response_not_found" if name == "previous_response_id" else ""
            message = f"{name} {why} that is not kept here; send the conversation in `input`."
            raise ConversionRefused(message, code, name)
    reader = _Reader(notes)
    reader.read(wire)
    request = Request(wire.model, reader.turns, reader.tools, reader.web_search)
    request.max_tokens, request.temperature, request.top_p = (
        wire.max_output_tokens,
        wire.temperature,
        wire.top_p,
    )
    request.stream, request.store = bool(wire.stream), wire.store
    request.reasoning = _reasoning(wire.reasoning)
    _read_text(wire.text, request)
    request.user, request.service_tier = wire.user or "", wire.service_tier or ""
    request.metadata, request.parallel_calls = wire.metadata or {}, wire.parallel_tool_calls
    request.tool_choice = _choice(wire.tool_choice)
    request.openai = {name: raw for name in SHARED_FIELDS if not is_unset(raw := getattr(wire, name))}
    request.has_breakpoints = reader.has_breakpoints
    if reader.compacts:
        request.compacts, request.tool_choice, request.output = True, ToolChoice("none"), None
    if wire.background:
        notes.append("background dropped: the answer is given at once")
    return request


def repeated_fields(body: bytes) -> dict[str, msgspec.Raw]:
    """The request's fields that its answer repeats. Looked for once the answer comes: that costs a decoding."""
    fields = try_decode(_fields, body) or {}
    return {name: fields[name] for name in ECHOED_FIELDS if name in fields}


class _Reader:
    """Gathers items into turns: what the assistant did in a row is one turn, results in a row are another."""

    def __init__(self, notes: list[str]) -> None:
        self.notes = notes
        self.turns: list[Turn] = []
        self.tools: list[Tool] = []
        self.web_search: WebSearchTool | None = None
        self.has_breakpoints = False
        self.compacts = False
        self._open: Literal["assistant", "results", ""] = ""

    def read(self, wire: _Request) -> None:
        if wire.instructions:
            self.turns.append(Turn("system", [Text(wire.instructions)]))
        self.add_tools(wire.tools or [])
        if isinstance(wire.input, str):
            self.turns.append(Turn("user", [Text(wire.input)] if wire.input else []))
            return
        for item in wire.input or ():
            self.item(item)

    def item(self, item: _Item) -> None:
        if item.type == "message" or (item.type == "" and item.role):
            self.message(item)
        elif item.type in _RESULTS:
            self.result(item)
        elif item.type in ("additional_tools", "tool_search_output"):
            self.add_tools(decode(_tools, bytes(item.tools)) if item.tools else [])
            if item.type == "tool_search_output":
                self.search_result(item)
        elif (part := self.assistant_part(item)) is not None:
            self.append("assistant", part)
        elif item.type == compaction.TRIGGER:
            self.say(compaction.INSTRUCTION)
            self.compacts = True
        elif item.type in compaction.ITEM_TYPES and (said := compaction.opened(item.encrypted_content or "")):
            self.say(said)
        elif item.type == "item_reference":
            raise ConversionRefused(f"item_reference {item.id}: items are not kept; send the item itself.")
        else:
            self.notes.append(f"input item of type {item.type} dropped: no counterpart")

    def append(self, group: Literal["assistant", "results"], part: Part) -> None:
        if self._open != group:
            self._open = group
            self.turns.append(Turn("assistant" if group == "assistant" else "user", []))
        self.turns[-1].parts.append(part)

    def say(self, text: str) -> None:
        """Words that no client said."""
        self._open = ""
        self.turns.append(Turn("user", [Text(text)]))

    def message(self, item: _Item) -> None:
        parts = self.content(item.content)
        if item.role == "assistant":
            for part in parts:
                self.append("assistant", part)
            return
        self._open = ""
        self.turns.append(Turn("user" if item.role in ("user", None) else "system", list(parts)))

    def content(self, content: str | list[_Part] | None) -> list[Part]:
        if isinstance(content, str):
            return [Text(content)] if content else []
        return [part for wire in content or () if (part := self.part(wire)) is not None]

    def part(self, part: _Part) -> Part | None:
        cache = Cache() if part.prompt_cache_breakpoint is not None else None
        self.has_breakpoints = self.has_breakpoints or cache is not None
        if part.text is not None:
            return Text(part.text, cache) if part.text else None
        if part.refusal is not None:
            return Refusal(part.refusal)
        if part.type in ("input_image", "computer_screenshot"):
            media = Media("image", file_id=part.file_id or "", detail=part.detail or "", cache=cache)
            _locate(media, part.image_url or "")
            return media
        if part.type == "input_file":
            media = Media("document", file_id=part.file_id or "", name=part.filename or "", cache=cache)
            _locate(media, part.file_url or part.file_data or "")
            return media
        self.notes.append(f"content part of type {part.type or 'unknown'} dropped: no counterpart")
        return None

    def assistant_part(self, item: _Item) -> Part | None:
        call_id = original_id(item.call_id or item.id or "")
        match item.type:
            case "function_call":
                arguments = json_arguments(item.arguments)
                return ToolCall(call_id, item.name or "", arguments, namespace=item.namespace or "")
            case "custom_tool_call":
                namespace = item.namespace or ""
                return ToolCall(call_id, item.name or "", item.input or "", "custom", namespace)
            case "local_shell_call" | "shell_call":
                kind: ToolKind = "shell" if item.type == "shell_call" else "local_shell"
                return ToolCall(call_id, kind, raw_text(item.action) or "{}", kind)
            case "apply_patch_call":
                return ToolCall(call_id, "apply_patch", raw_text(item.operation) or "{}", "apply_patch")
            case "tool_search_call":
                return ToolCall(call_id, "tool_search", json_arguments(item.arguments), "tool_search")
            case "reasoning":
                return _thinking(item)
        return None

    def result(self, item: _Item) -> None:
        output = item.output
        content: list[Text | Media] = []
        if isinstance(output, str):
            content = [Text(output)] if output else []
        elif isinstance(output, list):
            for part in output:
                content.extend(self.output_part(part))
        elif output is not None:
            content = [Text(encode(output).decode())]
        call_id = original_id(item.call_id or item.id or "")
        kind: ToolKind = "custom" if item.type.startswith("custom") else "function"
        failed = item.type == "apply_patch_call_output" and item.status == "failed"
        self.append("results", ToolResult(call_id, content, failed, kind))

    def output_part(self, part: _Part) -> list[Text | Media]:
        if part.stdout is not None or part.stderr is not None:
            text = "\n".join(stream for stream in (part.stdout, part.stderr) if stream)
            return [Text(text)] if text else []
        read = self.part(part)
        return [read] if isinstance(read, Text | Media) else []

    def search_result(self, item: _Item) -> None:
        found = ", ".join(tool.name for tool in self.tools_of(item)) or "none"
        result = ToolResult(
            original_id(item.call_id or ""), [Text(f"Tools found: {found}")], kind="tool_search"
        )
        self.append("results", result)

    def tools_of(self, item: _Item) -> list[Tool]:
        wire = decode(_tools, bytes(item.tools)) if item.tools else []
        return [tool for entry in wire for tool in self.tool(entry)]

    def add_tools(self, wire: list[_Tool]) -> None:
        """The first definition of a name wins, so that tools found later only ever come behind."""
        known = {(tool.namespace, tool.name) for tool in self.tools}
        for entry in wire:
            for tool in self.tool(entry):
                if (tool.namespace, tool.name) not in known:
                    known.add((tool.namespace, tool.name))
                    self.tools.append(tool)

    def tool(self, tool: _Tool, namespace: str = "") -> list[Tool]:
        match tool.type:
            case "function":
                return [_function(tool, "function", namespace)]
            case "custom":
                return [_function(tool, "custom", namespace)]
            case "namespace":
                return [inner for entry in tool.tools or () for inner in self.tool(entry, tool.name)]
            case "tool_search" if tool.parameters:
                tool.name = "tool_search"
                return [_function(tool, "tool_search", "")]
            case "web_search" | "web_search_preview" | "web_search_2025_08_26":
                self.web_search = _web_search(tool)
                return []
        if tool.type in HOSTED:
            return [HOSTED[tool.type]]
        self.notes.append(f"tool of type {tool.type} dropped: only OpenAI runs it")
        return []


def _function(tool: _Tool, kind: ToolKind, namespace: str) -> Tool:
    read = Tool(tool.name, tool.description or "", kind=kind, namespace=namespace, strict=tool.strict)
    if kind != "custom" and not is_unset(tool.parameters):
        read.schema = tool.parameters
    if tool.format and kind == "custom":
        read.grammar = tool.format
    return read


def _web_search(tool: _Tool) -> WebSearchTool:
    location = {name: value for name, value in (tool.user_location or {}).items() if value and name != "type"}
    return WebSearchTool(
        (tool.filters or {}).get("allowed_domains") or [],
        context_size=tool.search_context_size or "",
        location=location,
        live=tool.external_web_access is not False,
    )


def _locate(media: Media, url: str) -> None:
    inline = split_data_url(url)
    if inline is not None:
        media.media_type, media.data = inline
    elif media.kind == "document" and url and "://" not in url:
        media.media_type, media.data = "application/pdf", url
    else:
        media.url = url


def _thinking(item: _Item) -> Thinking:
    text = "\n\n".join(part.text for part in item.summary or () if part.text)
    if not text and isinstance(item.content, list):
        text = "\n\n".join(part.text for part in item.content if part.text)
    sealed = item.encrypted_content
    return Thinking(text, unwrap(sealed, "encrypted", item.id or "") if sealed else None)


def _reasoning(wire: _Reasoning | None) -> Reasoning | None:
    if wire is None:
        return None
    effort = EFFORTS.get(wire.effort or "")
    summary = wire.summary or wire.generate_summary or ""
    if effort == "none":
        return Reasoning("off", effort)
    return Reasoning("effort" if effort else "adaptive", effort, summary=summary)


def _read_text(text: _Text | None, request: Request) -> None:
    if text is None:
        return
    request.verbosity = text.verbosity or ""
    found = text.format
    if found is None or found.type == "text":
        return
    if found.type == "json_schema":
        description = found.description or ""
        request.output = OutputFormat("json_schema", found.name, description, found.schema, found.strict)
    else:
        request.output = OutputFormat("json")


def _choice(choice: str | _Choice | None) -> ToolChoice | None:
    if choice is None:
        return None
    if isinstance(choice, str):
        modes: dict[str, Literal["auto", "required", "none"]] = {"required": "required", "none": "none"}
        return ToolChoice(modes.get(choice, "auto"))
    if choice.type == "allowed_tools":
        return ToolChoice(choice.mode, allowed=[tool.name or tool.type for tool in choice.tools or ()])
    return ToolChoice("tool", choice.name or choice.type, choice.namespace)
