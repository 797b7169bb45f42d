"""Responses requests into the neutral model.

Codex's surface is part of it: developer messages instead of instructions, all tools inside an input item
(`additional_tools`), namespaces, free-text tools, hosted shells, encrypted reasoning.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from cccc_tui.wire import compaction
from cccc_tui.wire.forms import form_of, gathered, grouped
from cccc_tui.wire.model import (
    Cache,
    ConversionRefused,
    Forms,
    Media,
    OutputFormat,
    Part,
    Reasoning,
    Refusal,
    Request,
    Role,
    Text,
    Thinking,
    Toolbox,
    ToolCall,
    ToolChoice,
    ToolKind,
    ToolResult,
    Turn,
)
from cccc_tui.wire.names import original_id
from cccc_tui.wire.origins import unwrap
from cccc_tui.wire.parts import (
    NULL,
    Fields,
    decode,
    decode_but,
    decode_leniently,
    encode,
    is_unset,
    json_arguments,
    raw_text,
    split_data_url,
)
from cccc_tui.wire.responses.tools_in import WireTool, toolbox, united_tools, wire_tools
from cccc_tui.wire.reuse import Memo, Told
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


class _Settings(msgspec.Struct, kw_only=True):
    model: str = ""
    instructions: str | None = None
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


class _Request(_Settings, kw_only=True):
    input: str | list[_Item] | None = None
    tools: list[WireTool] | None = None


_decoder = msgspec.json.Decoder(_Request)
_LONG: Final = ("input", "tools")
_settings = msgspec.json.Decoder(_Settings)
_item = msgspec.json.Decoder(_Item)


def read_request(body: bytes, notes: list[str]) -> Request:
    """The request in neutral words; `notes` gets a line for each thing that is left out."""
    wire, reader = decode(_decoder, body), _Reader(notes)
    _refuse_state(wire)
    box = toolbox(wire.tools, notes)
    if isinstance(wire.input, str):
        told = Told[Turn | _Found]([], [Turn("user", [Text(wire.input)] if wire.input else [])])
    else:
        told = Told([], [reader.item(item) for item in wire.input or ()])
    return _request(wire, told, box, reader)


def read_pieces(fields: Fields, notes: list[str], memo: Memo) -> Request:
    """The same request, of which only that is read which the memo does not know."""
    wire, reader = decode_but(_settings, fields, _LONG), _Reader(notes)
    _refuse_state(wire)
    box = memo.read("responses tools", fields.get("tools", NULL), reader.tools_piece)
    told = memo.read_items("responses input", fields.get("input", NULL), reader.item_piece)
    return _request(wire, told, box, reader)


def _refuse_state(wire: _Settings) -> None:
    for name, why in _NEEDS_STATE.items():
        if not is_unset(getattr(wire, name)):
            code = "previous_response_not_found" if name == "previous_response_id" else ""
            message = f"{name} {why} that is not kept here; send the conversation in `input`."
            raise ConversionRefused(message, code, name)


def _request(wire: _Settings, told: Told[Turn | _Found], box: Toolbox, reader: _Reader) -> Request:
    request = Request(wire.model, *gathered(told, _turns))
    _put_instructions(wire.instructions, request)
    found = form_of(told.forms, "found", [], lambda: _found(told.known)) + _found(told.fresh)
    offered = united_tools([box, *[each.toolbox() for each in found]])
    request.tools, request.web_search, request.tool_forms = offered.tools, offered.web_search, offered.forms
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
        reader.notes.append("background dropped: the answer is given at once")
    return request


def repeated(fields: Fields) -> Fields:
    """The request's fields that its answer repeats."""
    return {name: fields[name] for name in ECHOED_FIELDS if name in fields}


class _Found(msgspec.Struct):
    """An item that brings tools."""

    box: Toolbox
    turn: Turn
    forms: Forms | None = None

    def toolbox(self) -> Toolbox:
        return msgspec.structs.replace(self.box, forms=self.forms)


def _found(pieces: Sequence[Turn | _Found]) -> list[_Found]:
    return [piece for piece in pieces if isinstance(piece, _Found)]


def _turns(pieces: Sequence[Turn | _Found]) -> list[Turn]:
    said = [piece if isinstance(piece, Turn) else piece.turn for piece in pieces]
    return grouped([turn for turn in said if turn.parts or turn.role != "assistant"], _group)


_NOTHING_SAID: Final = Turn("assistant", [])
"""Of an item that is in no turn."""


class _Reader:
    """Reads items and tools; remembers what the input says beside its turns."""

    def __init__(self, notes: list[str]) -> None:
        self.notes = notes
        self.has_breakpoints = False
        self.compacts = False

    def item_piece(self, raw: msgspec.Raw) -> tuple[Turn | _Found, bool]:
        fresh = _Reader([])
        piece = fresh.item(decode_leniently(_item, raw))
        return piece, self._takes(fresh)

    def tools_piece(self, raw: msgspec.Raw) -> tuple[Toolbox, bool]:
        fresh = _Reader([])
        box = toolbox(decode_leniently(wire_tools, raw), fresh.notes)
        return box, self._takes(fresh)

    def _takes(self, fresh: _Reader) -> bool:
        """Takes over what was said beside a piece; whether that is nothing."""
        self.notes += fresh.notes
        self.has_breakpoints = self.has_breakpoints or fresh.has_breakpoints
        self.compacts = self.compacts or fresh.compacts
        return not (fresh.notes or fresh.has_breakpoints or fresh.compacts)

    def item(self, item: _Item) -> Turn | _Found:
        if item.type == "message" or (item.type == "" and item.role):
            return self.message(item)
        if item.type in _RESULTS:
            return Turn("user", [self.result(item)])
        if item.type == "additional_tools":
            return _Found(self.toolbox_of(item), _NOTHING_SAID)
        if item.type == "tool_search_output":
            return self.search_result(item)
        if (part := self.assistant_part(item)) is not None:
            return Turn("assistant", [part])
        if item.type == compaction.TRIGGER:
            self.compacts = True
            return Turn("user", [Text(compaction.INSTRUCTION)])
        if item.type in compaction.ITEM_TYPES and (said := compaction.opened(item.encrypted_content or "")):
            return Turn("user", [Text(said)])
        if item.type == "item_reference":
            raise ConversionRefused(f"item_reference {item.id}: items are not kept; send the item itself.")
        self.notes.append(f"input item of type {item.type} dropped: no counterpart")
        return _NOTHING_SAID

    def message(self, item: _Item) -> Turn:
        parts = self.content(item.content)
        if item.role == "assistant":
            return Turn("assistant", parts)
        return Turn("user" if item.role in ("user", None) else "system", parts)

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

    def result(self, item: _Item) -> ToolResult:
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
        return ToolResult(call_id, content, failed, kind)

    def output_part(self, part: _Part) -> list[Text | Media]:
        if part.stdout is not None or part.stderr is not None:
            text = "\n".join(stream for stream in (part.stdout, part.stderr) if stream)
            return [Text(text)] if text else []
        read = self.part(part)
        return [read] if isinstance(read, Text | Media) else []

    def search_result(self, item: _Item) -> _Found:
        box = self.toolbox_of(item)
        found = ", ".join(tool.name for tool in box.tools) or "none"
        call_id = original_id(item.call_id or "")
        result = ToolResult(call_id, [Text(f"Tools found: {found}")], kind="tool_search")
        return _Found(box, Turn("user", [result]))

    def toolbox_of(self, item: _Item) -> Toolbox:
        return toolbox(decode(wire_tools, bytes(item.tools)) if item.tools else None, self.notes)


def _put_instructions(instructions: str | None, request: Request) -> None:
    if instructions:
        request.turns.insert(0, Turn("system", [Text(instructions)]))
        if request.begun is not None:
            request.begun.first += 1
            request.begun.end += 1


def _group(turn: Turn) -> str:
    """What the assistant did in a row is one turn, results in a row are another."""
    if turn.role == "assistant":
        return "assistant"
    return "results" if turn.parts and isinstance(turn.parts[0], ToolResult) else ""


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
