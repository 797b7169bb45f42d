"""Responses requests out of the neutral model.

The system prompt becomes `instructions`; each part of a turn becomes an item in its place, so that nothing is
reordered. Nothing is stored at the provider unless the client asked for it, hence reasoning comes encrypted.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import msgspec

from cccc_tui.wire.forms import form_of, form_of_head, forms_of
from cccc_tui.wire.model import (
    ConversionRefused,
    ConvertOptions,
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
    ToolResult,
    Turn,
    WebSearchTool,
)
from cccc_tui.wire.names import NameMap, digest, openai_id
from cccc_tui.wire.origins import made_by
from cccc_tui.wire.parts import (
    Array,
    data_url,
    encode,
    encode_around,
    error_text,
    has_media,
    joined,
    leading_system,
    paragraphs,
    placeholder,
    plain_text,
    put,
    try_decode,
)
from cccc_tui.wire.thinking import openai_effort

Object = dict[str, Any]
_MIN_OUTPUT_TOKENS: Final = 16
_USER_LIMIT: Final = 64
_KEY_LIMIT: Final = 64
_object = msgspec.json.Decoder(dict[str, Any])


def write_request(request: Request, options: ConvertOptions, names: NameMap, notes: list[str]) -> bytes:
    """The request as Responses bytes."""
    writer = _Writer(options, names, notes)
    head = leading_system(request.turns)
    instructions = form_of_head(request, head, "instructions", notes, _instructions)
    payload: Object = {"model": options.model or request.model}
    if instructions:
        payload["instructions"] = instructions
    items = writer.items(request, head)
    if not items and not instructions:
        raise ConversionRefused("The request has no message to answer.")
    payload["input"] = items
    if tools := form_of(
        request.tool_forms, ("responses", options.genuine), notes, partial(writer.tools, request)
    ):
        payload["tools"] = tools
        _put_choice(payload, request, names)
    _put_sampling(payload, request, notes)
    _put_rest(payload, request, options)
    if request.stream:
        payload["stream"] = True
    return encode_around(payload)


def _instructions(turns: list[Turn]) -> msgspec.Raw:
    text = paragraphs(turns)
    return msgspec.Raw(encode(text) if text else b"")


class _Writer:
    def __init__(self, options: ConvertOptions, names: NameMap, notes: list[str]) -> None:
        self.options = options
        self.names = names
        self.notes = notes
        self.custom_ids: set[str] = set()

    def items(self, request: Request, start: int) -> Array:
        # The result of a free-text call is written by what its call was, and that stands in another turn.
        has_customs = any(forms_of(request, start, "has customs", [], _has_customs))
        key = f"responses {self.options.origin!r}" if self.names.is_plain and not has_customs else None
        return Array(filter(None, forms_of(request, start, key, self.notes, self.written)))

    def written(self, turn: Turn) -> bytes:
        return b",".join(map(encode, self.turn(turn)))

    def tools(self, request: Request) -> Array:
        tools = [self.tool(tool) for tool in request.tools]
        if request.web_search is not None and self.options.genuine:
            tools.append(_web_search(request.web_search, self.notes))
        elif request.web_search is not None:
            self.notes.append("web search tool dropped: only OpenAI itself runs it")
        return Array([encode(tools)[1:-1]] if tools else [])

    def turn(self, turn: Turn) -> list[Object]:
        """The turn's items; what is text or media is gathered into messages between the other items."""
        items: list[Object] = []
        content: list[Object] = []
        for part in turn.parts:
            if isinstance(part, (Text, Refusal, Media)):
                content.append(self.part(part, turn.role))
                continue
            if content:
                items.append(_message(content, turn.role))
                content = []
            items.extend(self.item(part))
        if content:
            items.append(_message(content, turn.role))
        return items

    def item(self, part: Part) -> list[Object]:
        match part:
            case ToolCall():
                return [self.call(part)]
            case ToolResult():
                return [self.result(part)]
            case Thinking():
                return self.thinking(part)
        self.notes.append("web search of another provider dropped from the history")
        return []

    def call(self, call: ToolCall) -> Object:
        item: Object = {"type": "function_call"}
        if call.kind == "custom":
            item["type"] = "custom_tool_call"
            self.custom_ids.add(call.id)
        item["call_id"] = openai_id(call.id)
        item["name"] = self.names.to_wire(call.name)
        item["input" if call.kind == "custom" else "arguments"] = call.arguments
        return item

    def result(self, result: ToolResult) -> Object:
        is_custom = result.call_id in self.custom_ids
        kind = "custom_tool_call_output" if is_custom else "function_call_output"
        output: str | list[Object] = error_text(joined(result.content), result.is_error)
        if has_media(result.content):
            parts = [Text(error_text("", True)), *result.content] if result.is_error else result.content
            output = [self.part(part, "user") for part in parts]
        return {"type": kind, "call_id": openai_id(result.call_id), "output": output}

    def thinking(self, part: Thinking) -> list[Object]:
        blob = part.blob
        if blob is None or not made_by(blob, self.options.origin):
            return []
        summary = [{"type": "summary_text", "text": part.text}] if part.text else []
        item: Object = {"type": "reasoning"}
        put(item, id=blob.id)
        if blob.kind == "encrypted":
            return [item | {"summary": summary, "encrypted_content": blob.data}]
        if blob.kind == "text" and part.text:
            return [item | {"summary": [], "content": [{"type": "reasoning_text", "text": part.text}]}]
        return []

    def part(self, part: Text | Refusal | Media, role: Role) -> Object:
        if isinstance(part, Media):
            return self.media(part)
        if role == "assistant":
            if isinstance(part, Refusal):
                return {"type": "refusal", "refusal": part.text}
            return {"type": "output_text", "text": part.text}
        return {"type": "input_text", "text": part.text}

    def media(self, media: Media) -> Object:
        if media.kind == "image" and (media.data or media.url):
            return {"type": "input_image", "image_url": data_url(media), "detail": media.detail or "auto"}
        text = plain_text(media)
        if text is not None:
            return {"type": "input_text", "text": f"{media.name}\n{text}" if media.name else text}
        if media.kind == "document" and media.url:
            return {"type": "input_file", "file_url": media.url}
        if media.kind == "document" and media.data:
            name = media.name or "document.pdf"
            return {"type": "input_file", "filename": name, "file_data": data_url(media)}
        return {"type": "input_text", "text": placeholder(media, self.notes)}

    def tool(self, tool: Tool) -> Object:
        item: Object = {"type": "custom" if tool.kind == "custom" else "function"}
        item["name"] = self.names.to_wire(tool.name)
        if tool.description:
            item["description"] = tool.description
        if tool.kind == "custom":
            put(item, format=_flat_grammar(tool))
            return item
        item["parameters"] = tool.schema
        item["strict"] = bool(tool.strict)
        return item


def _has_customs(turn: Turn) -> bool:
    return any([isinstance(part, ToolCall) and part.kind == "custom" for part in turn.parts])  # noqa: C419


def _message(content: list[Object], role: Role) -> Object:
    return {"type": "message", "role": "developer" if role == "system" else role, "content": content}


def _flat_grammar(tool: Tool) -> Any:
    """Chat nests the grammar in a field of its own where Responses does not."""
    if tool.grammar is None:
        return None
    found = try_decode(_object, bytes(tool.grammar)) or {}
    inner = found.pop("grammar", None)
    return {**found, **inner} if isinstance(inner, dict) else found


def _web_search(tool: WebSearchTool, notes: list[str]) -> Object:
    item: Object = {"type": "web_search"}
    if tool.allowed_domains:
        item["filters"] = {"allowed_domains": tool.allowed_domains}
    if tool.blocked_domains or tool.max_uses:
        notes.append("blocked_domains and max_uses of web search dropped: Responses has neither")
    if tool.location:
        item["user_location"] = {"type": "approximate", **tool.location}
    put(item, search_context_size=tool.context_size)
    return item


def _put_choice(payload: Object, request: Request, names: NameMap) -> None:
    choice = request.tool_choice
    kinds = {tool.name: "custom" if tool.kind == "custom" else "function" for tool in request.tools}
    if choice is not None and choice.allowed:
        allowed = [{"type": kinds.get(n, "function"), "name": names.to_wire(n)} for n in choice.allowed]
        payload["tool_choice"] = {"type": "allowed_tools", "mode": choice.mode, "tools": allowed}
    elif choice is not None and choice.mode == "tool":
        kind = kinds.get(choice.name, "function")
        payload["tool_choice"] = {"type": kind, "name": names.to_wire(choice.name)}
    elif choice is not None:
        payload["tool_choice"] = choice.mode
    if request.parallel_calls is not None:
        payload["parallel_tool_calls"] = request.parallel_calls


def _put_sampling(payload: Object, request: Request, notes: list[str]) -> None:
    if request.max_tokens is not None:
        payload["max_output_tokens"] = max(request.max_tokens, _MIN_OUTPUT_TOKENS)
    put(payload, temperature=request.temperature, top_p=request.top_p)
    if request.reasoning is not None:
        payload["reasoning"] = _reasoning(request.reasoning)
    text: Object = {}
    if request.output is not None:
        text["format"] = _format(request.output)
    put(text, verbosity=request.verbosity)
    put(payload, text=text)


def _reasoning(reasoning: Reasoning) -> Object:
    found: Object = {"effort": openai_effort(reasoning)}
    if not reasoning.hidden and reasoning.mode != "off":
        put(found, summary=reasoning.summary)
    return found


def _format(output: OutputFormat) -> Object:
    if output.kind != "json_schema":
        return {"type": "json_object" if output.kind == "json" else "text"}
    found: Object = {"type": "json_schema", "name": output.name or "output", "schema": output.schema}
    put(found, description=output.description, strict=output.strict)
    return found


def _put_rest(payload: Object, request: Request, options: ConvertOptions) -> None:
    payload["store"] = bool(request.store)
    # Models that do not reason answer 400 when asked for reasoning.
    reasons = request.reasoning is not None and request.reasoning.mode != "off"
    include = ["reasoning.encrypted_content"] if reasons and not request.store else []
    if request.web_search is not None and options.genuine:
        include.append("web_search_call.action.sources")
    put(payload, include=include, service_tier=request.service_tier, metadata=request.metadata)
    if request.user:
        too_long = len(request.user.encode("utf-8", "replace")) > _USER_LIMIT
        payload["user"] = digest(request.user, 64) if too_long else request.user
    put(payload, prompt_cache_key=(options.session_id or request.session_id)[:_KEY_LIMIT])
    payload.update(request.openai)
