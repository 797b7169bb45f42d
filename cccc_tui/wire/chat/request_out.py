"""Chat Completions requests out of the neutral model.

Chat has one text per message and no blocks: the paragraphs of a turn are joined by a blank line (a list of
parts is written only when there is an image or a file, since DeepSeek and others read strings alone). Tool
results come right behind their calls; what a tool message cannot hold follows in a message of the user.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from cccc_tui.wire.bridges import function_arguments, function_description, function_schema
from cccc_tui.wire.forms import form_of, form_of_head, forms_of
from cccc_tui.wire.model import (
    Blob,
    ConversionRefused,
    ConvertOptions,
    Media,
    OutputFormat,
    Part,
    Request,
    Thinking,
    Tool,
    ToolCall,
    ToolResult,
    Turn,
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
    reminder,
)
from cccc_tui.wire.thinking import openai_effort

Object = dict[str, Any]
_USER_LIMIT: Final = 64
_STOPS_OF_OPENAI: Final = 4


def write_request(request: Request, options: ConvertOptions, names: NameMap, notes: list[str]) -> bytes:
    """The request as Chat Completions bytes."""
    writer = _Writer(options, names, notes)
    payload: Object = {"model": options.model or request.model}
    payload["messages"] = writer.messages(request)
    if request.tools:
        payload["tools"] = form_of(request.tool_forms, "chat", notes, lambda: writer.tools(request.tools))
        _put_choice(payload, request, names)
    _put_sampling(payload, request, options, notes)
    _put_rest(payload, request, options, notes)
    if request.stream:
        payload["stream"] = True
        payload["stream_options"] = {"include_usage": True}
    return encode_around(payload)


class _Writer:
    def __init__(self, options: ConvertOptions, names: NameMap, notes: list[str]) -> None:
        self.options = options
        self.names = names
        self.notes = notes
        self.key = f"chat {options.genuine} {options.origin!r}" if names.is_plain else None
        """All that the form of a turn depends on beside the turn; None: on the other tools too."""

    def messages(self, request: Request) -> Array:
        head = leading_system(request.turns)
        written = [form_of_head(request, head, "chat system", self.notes, _system)]
        written += forms_of(request, head, self.key, self.notes, self.written)
        messages = Array(filter(None, written))
        if not messages:
            raise ConversionRefused("The request has no message to answer.")
        return messages

    def written(self, turn: Turn) -> bytes:
        return b",".join(map(encode, self.turn(turn)))

    def tools(self, tools: list[Tool]) -> Array:
        return Array([encode([self.tool(tool) for tool in tools])[1:-1]])

    def turn(self, turn: Turn) -> list[Object]:
        if turn.role == "assistant":
            return self.assistant(turn)
        if turn.role == "user":
            return self.user(turn)
        if self.options.genuine:
            return [{"role": "system", "content": joined(turn.parts)}]
        return [{"role": "user", "content": reminder(turn)}]

    def user(self, turn: Turn) -> list[Object]:
        messages: list[Object] = []
        leftovers: list[Object] = []
        rest: list[Part] = []
        for part in turn.parts:
            if isinstance(part, ToolResult):
                messages.append(self.result(part, leftovers))
            else:
                rest.append(part)
        if leftovers:
            messages.append({"role": "user", "content": leftovers})
        if rest:
            message: Object = {"role": "user", "content": self.content(rest)}
            if turn.name:
                message["name"] = turn.name
            messages.append(message)
        return messages

    def content(self, parts: list[Part]) -> str | list[Object]:
        if not has_media(parts):
            return joined(parts)
        return [self.media(part) if isinstance(part, Media) else _text(joined([part])) for part in parts]

    def result(self, result: ToolResult, leftovers: list[Object]) -> Object:
        """The tool message; images and files go to `leftovers`, each announced."""
        call_id = openai_id(result.call_id)
        text = joined(result.content)
        if has_media(result.content):
            media = [part for part in result.content if isinstance(part, Media)]
            leftovers.append(_text(f"Attached to the result of tool call {call_id}:"))
            leftovers.extend(self.media(part) for part in media)
            text = text or "The result is attached in the next message."
        return {"role": "tool", "tool_call_id": call_id, "content": error_text(text, result.is_error)}

    def media(self, media: Media) -> Object:
        if media.kind == "image" and (media.data or media.url):
            url: Object = {"url": data_url(media)}
            put(url, detail=media.detail)
            return {"type": "image_url", "image_url": url}
        if media.kind == "audio" and media.data:
            audio = {"data": media.data, "format": media.media_type.removeprefix("audio/")}
            return {"type": "input_audio", "input_audio": audio}
        text = plain_text(media)
        if text is not None:
            return _text(f"{media.name}\n{text}" if media.name else text)
        if media.data:
            file = {"filename": media.name or "document.pdf", "file_data": data_url(media)}
            return {"type": "file", "file": file}
        return _text(placeholder(media, self.notes))

    def assistant(self, turn: Turn) -> list[Object]:
        calls: list[Object] = []
        thoughts: list[Thinking] = []
        for part in turn.parts:
            if isinstance(part, ToolCall):
                calls.append(self.call(part))
            elif isinstance(part, Thinking):
                thoughts.append(part)
        content = joined(turn.parts)
        if not content and not calls:
            return []
        message: Object = {"role": "assistant", "content": content or None}
        if thoughts:
            self.put_thoughts(message, thoughts)
        if calls:
            message["tool_calls"] = calls
        if turn.name:
            message["name"] = turn.name
        return [message]

    def put_thoughts(self, message: Object, thoughts: list[Thinking]) -> None:
        """What this provider itself thought, which some want back with every call."""
        own = [part for part in thoughts if _is_own_text(part.blob, self.options.origin)]
        if text := "\n\n".join(part.text for part in own if part.text):
            message["reasoning_content"] = text
        # OpenRouter's `reasoning_details` as it sent them: it wants them back untouched.
        if details := next((part.blob.data for part in own if part.blob and part.blob.data), ""):
            message["reasoning_details"] = msgspec.Raw(details.encode())

    def call(self, call: ToolCall) -> Object:
        function = {
            "name": self.names.to_wire(call.name, call.namespace),
            "arguments": function_arguments(call.kind, call.arguments),
        }
        return {"id": openai_id(call.id), "type": "function", "function": function}

    def tool(self, tool: Tool) -> Object:
        function: Object = {"name": self.names.to_wire(tool.name, tool.namespace)}
        if description := function_description(tool):
            function["description"] = description
        function["parameters"] = function_schema(tool)
        if tool.strict:
            function["strict"] = True
        return {"type": "function", "function": function}


def _system(turns: list[Turn]) -> bytes:
    text = paragraphs(turns)
    return encode({"role": "system", "content": text}) if text else b""


def _is_own_text(blob: Blob | None, origin: str | None) -> bool:
    """Whether this provider said the thought as `reasoning_content`, and so understands it."""
    return blob is not None and blob.kind == "text" and made_by(blob, origin)


def _text(text: str) -> Object:
    return {"type": "text", "text": text}


def _put_choice(payload: Object, request: Request, names: NameMap) -> None:
    choice = request.tool_choice
    if choice is not None and choice.allowed:
        tools = [{"type": "function", "function": {"name": names.to_wire(name)}} for name in choice.allowed]
        allowed = {"mode": choice.mode, "tools": tools}
        payload["tool_choice"] = {"type": "allowed_tools", "allowed_tools": allowed}
    elif choice is not None and choice.mode == "tool":
        function = {"name": names.to_wire(choice.name, choice.namespace)}
        payload["tool_choice"] = {"type": "function", "function": function}
    elif choice is not None:
        payload["tool_choice"] = choice.mode
    if request.parallel_calls is not None:
        payload["parallel_tool_calls"] = request.parallel_calls


def _put_sampling(payload: Object, request: Request, options: ConvertOptions, notes: list[str]) -> None:
    limit_name = "max_completion_tokens" if options.genuine else "max_tokens"
    put(payload, **{options.max_tokens_field_name or limit_name: request.max_tokens})
    put(payload, temperature=request.temperature, top_p=request.top_p)
    stop = [word for word in request.stop if word]
    if options.genuine and len(stop) > _STOPS_OF_OPENAI:
        notes.append(f"stop sequences after the first {_STOPS_OF_OPENAI} dropped: OpenAI takes no more")
        stop = stop[:_STOPS_OF_OPENAI]
    put(payload, stop=stop)
    if request.reasoning is not None:
        effort = openai_effort(request.reasoning)
        if effort != "none" or options.genuine:
            payload["reasoning_effort"] = effort
    if request.output is not None:
        payload["response_format"] = _response_format(request.output)


def _response_format(output: OutputFormat) -> Object:
    if output.kind != "json_schema":
        return {"type": "json_object" if output.kind == "json" else "text"}
    schema: Object = {"name": output.name or "output", "schema": output.schema}
    put(schema, description=output.description, strict=output.strict)
    return {"type": "json_schema", "json_schema": schema}


def _put_rest(payload: Object, request: Request, options: ConvertOptions, notes: list[str]) -> None:
    if request.user:
        too_long = len(request.user.encode("utf-8", "replace")) > _USER_LIMIT
        payload["user"] = digest(request.user, 64) if too_long else request.user
    if options.genuine:
        put(payload, verbosity=request.verbosity, store=request.store)
        put(payload, metadata=request.metadata if request.store else None)
        put(
            payload,
            service_tier=request.service_tier,
            prompt_cache_key=options.session_id or request.session_id,
        )
        payload.update(request.openai)
    search = request.web_search
    if search is not None and options.genuine and "search" in payload["model"]:
        found: Object = {}
        put(found, search_context_size=search.context_size)
        if search.location:
            found["user_location"] = {"type": "approximate", "approximate": search.location}
        payload["web_search_options"] = found
    elif search is not None:
        notes.append("web search tool dropped: this upstream does not search by itself")
