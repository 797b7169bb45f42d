"""Messages requests out of the neutral model.

Content is always written as a list of blocks, so that a cache breakpoint that moves on leaves the bytes of
the block that it leaves behind alone but for itself. Four breakpoints are placed when the client's format has
none: behind the last tool, the last system block, and the last block of the last two user messages.
"""

from __future__ import annotations

from typing import Any, Final, Literal, NamedTuple

from cccc_tui.wire.bridges import function_description, function_object, function_schema
from cccc_tui.wire.forms import form_of, form_of_head, forms_of
from cccc_tui.wire.model import (
    Cache,
    ConversionRefused,
    ConvertOptions,
    Media,
    Part,
    Refusal,
    Request,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
    Turn,
    WebSearch,
    WebSearchTool,
)
from cccc_tui.wire.names import NameMap, anthropic_id, digest
from cccc_tui.wire.origins import made_by
from cccc_tui.wire.parts import (
    Array,
    encode,
    encode_around,
    json_arguments,
    leading_system,
    placeholder,
    plain_text,
    put,
    reminder,
)
from cccc_tui.wire.thinking import anthropic_thinking

Block = dict[str, Any]
EPHEMERAL: Final[Block] = {"type": "ephemeral"}
_END: Final = b"}]}"
"""Of a message: its last block, its content, and itself."""
_MARKED_END: Final = b',"cache_control":%b}]}' % encode(EPHEMERAL)
_JSON_ONLY: Final = "Answer with one JSON object and nothing else."
_CONTINUED: Final = "(The conversation continues.)"
_USER_ID_LIMIT: Final = 256


def write_request(request: Request, options: ConvertOptions, names: NameMap, notes: list[str]) -> bytes:
    """The request as Messages bytes."""
    writer = _Writer(options, names, notes)
    system_turns = leading_system(request.turns)
    is_marked = options.cache_breakpoints and not request.has_breakpoints
    system = writer.system(request, system_turns, is_marked)
    messages = writer.messages(request, system_turns)
    offered = writer.offered(request, is_marked)
    tools = offered or writer.tools_of_calls(request.turns, is_marked)
    if is_marked:
        _mark_last_user_turns(messages)
    payload: Block = {"model": options.model or request.model}
    payload["max_tokens"] = request.max_tokens or options.default_max_tokens
    put(payload, system=system, tools=tools)
    payload["messages"] = Array([message.written for message in messages])
    _put_choice(payload, request, request.tool_choice if offered else ToolChoice("none"), names)
    _put_reasoning(payload, request, messages, notes)
    _put_sampling(payload, request, notes)
    _put_output(payload, request)
    _put_rest(payload, request)
    return encode_around(payload)


class _Message(NamedTuple):
    role: Literal["user", "assistant"]
    begins_with: str
    """The type of its first block."""
    written: bytes
    """The message as JSON, its last block at its end."""


class _Writer:
    def __init__(self, options: ConvertOptions, names: NameMap, notes: list[str]) -> None:
        self.options = options
        self.names = names
        self.notes = notes
        self.key = f"anthropic {options.origin!r}" if names.is_plain else None
        """All that the form of a turn depends on beside the turn; None: on the other tools too."""

    def system(self, request: Request, end: int, is_marked: bool) -> Array:
        is_json = request.output is not None and request.output.kind == "json"

        def write(turns: list[Turn]) -> Array:
            blocks = [block for turn in turns for block in self.content(turn.parts)]
            if is_json:
                blocks.append({"type": "text", "text": _JSON_ONLY})
            return _list(blocks, is_marked)

        key = ("anthropic system", is_json, is_marked)
        return form_of_head(request, end, key, self.notes, write)

    def messages(self, request: Request, start: int) -> list[_Message]:
        written = forms_of(request, start, self.key, self.notes, self.message)
        messages = [message for message in written if message.begins_with]
        if not messages:
            raise ConversionRefused("The request has no message to answer.")
        if messages[0].role == "assistant":
            messages.insert(0, _message("user", [{"type": "text", "text": _CONTINUED}]))
        return messages

    def message(self, turn: Turn) -> _Message:
        if turn.role == "system":
            return _message("user", [{"type": "text", "text": reminder(turn)}])
        return _message("assistant" if turn.role == "assistant" else "user", self.content(turn.parts))

    def content(self, parts: list[Part]) -> list[Block]:
        """The blocks of a turn; tool results stand first, as Anthropic demands."""
        results: list[Block] = []
        rest: list[Block] = []
        for part in parts:
            if isinstance(part, ToolResult):
                results.append(self.result(part))
            elif isinstance(part, Text):
                rest += _text(part)
            elif isinstance(part, ToolCall):
                rest.append(self.call(part))
            else:
                rest += self.block(part)
        return results + rest if results else rest

    def block(self, part: Part) -> list[Block]:
        match part:
            case Media():
                return [self.media(part)]
            case Thinking():
                return self.thinking(part)
            case WebSearch():
                self.notes.append("web search of another provider dropped from the history")
            case Refusal():
                return _text(Text(part.text))
        return []

    def call(self, call: ToolCall) -> Block:
        block: Block = {
            "type": "tool_use",
            "id": anthropic_id(call.id),
            "name": self.names.to_wire(call.name, call.namespace),
            "input": function_object(call.kind, call.arguments),
        }
        return _cached(block, call.cache)

    def thinking(self, part: Thinking) -> list[Block]:
        blob = part.blob
        if blob is None or not made_by(blob, self.options.origin):
            return []
        if blob.kind == "signature":
            return [{"type": "thinking", "thinking": part.text, "signature": blob.data}]
        return [{"type": "redacted_thinking", "data": blob.data}] if blob.kind == "redacted" else []

    def result(self, part: ToolResult) -> Block:
        content = self.content([*part.content])
        block: Block = {"type": "tool_result", "tool_use_id": anthropic_id(part.call_id)}
        if len(content) == 1 and content[0]["type"] == "text":
            block["content"] = content[0]["text"]
        elif content:
            block["content"] = content
        if part.is_error:
            block["is_error"] = True
        return _cached(block, part.cache)

    def media(self, media: Media) -> Block:
        source = _source(media)
        if source is None:
            return {"type": "text", "text": placeholder(media, self.notes)}
        block: Block = {"type": media.kind, "source": source}
        if media.kind == "document":
            put(block, title=media.name)
        return _cached(block, media.cache)

    def offered(self, request: Request, is_marked: bool) -> Array:
        allowed = request.tool_choice is not None and request.tool_choice.allowed
        key = ("anthropic", self.options.genuine, is_marked)
        return form_of(
            None if allowed else request.tool_forms,
            key,
            self.notes,
            lambda: _list(self.tools(request), is_marked),
        )

    def tools(self, request: Request) -> list[Block]:
        blocks: list[Block] = []
        allowed = set(request.tool_choice.allowed) if request.tool_choice else set()
        for tool in request.tools:
            if allowed and tool.name not in allowed:
                continue
            block: Block = {"name": self.names.to_wire(tool.name, tool.namespace)}
            if description := function_description(tool):
                block["description"] = description
            block["input_schema"] = function_schema(tool)
            blocks.append(_cached(block, tool.cache))
        if request.web_search is not None:
            blocks.extend(self.web_search(request.web_search))
        return blocks

    def tools_of_calls(self, turns: list[Turn], is_marked: bool) -> Array:
        """Those that the conversation has called, by name alone: Anthropic takes no call without its tool.

        Agents leave their tools out where none is to be called, as Codex does for its summary of a conversation.
        """
        calls = [part for turn in turns for part in turn.parts if isinstance(part, ToolCall)]
        named = dict.fromkeys(self.names.to_wire(call.name, call.namespace) for call in calls)
        return _list([{"name": name, "input_schema": Tool("").schema} for name in named], is_marked)

    def web_search(self, tool: WebSearchTool) -> list[Block]:
        if not self.options.genuine or not tool.live:
            why = "no live search is wanted" if not tool.live else "only Anthropic itself runs it"
            self.notes.append(f"web search tool dropped: {why}")
            return []
        block: Block = {"type": "web_search_20250305", "name": "web_search"}
        put(block, max_uses=tool.max_uses, allowed_domains=tool.allowed_domains)
        if not tool.allowed_domains:
            put(block, blocked_domains=tool.blocked_domains)
        if tool.location:
            block["user_location"] = {"type": "approximate", **tool.location}
        return [_cached(block, tool.cache)]


def _text(part: Text) -> list[Block]:
    """A block of text; Anthropic refuses one of nothing but white space."""
    if not part.text or part.text.isspace():
        return []
    return [_cached({"type": "text", "text": part.text}, part.cache)]


def _cached(block: Block, cache: Cache | None) -> Block:
    if cache is not None:
        block["cache_control"] = {**EPHEMERAL, "ttl": cache.ttl} if cache.ttl else EPHEMERAL
    return block


def _source(media: Media) -> Block | None:
    """The source of an image or a document that Anthropic can read; None for anything else."""
    if media.kind == "audio" or (media.file_id and not media.data and not media.url):
        return None
    if media.kind == "document":
        text = plain_text(media)
        if text is not None:
            return {"type": "text", "media_type": "text/plain", "data": text}
        if media.data and media.media_type != "application/pdf":
            return None
    if media.data:
        return {"type": "base64", "media_type": media.media_type, "data": media.data}
    return {"type": "url", "url": media.url} if media.url else None


def _message(role: Literal["user", "assistant"], content: list[Block]) -> _Message:
    return _Message(role, content[0]["type"] if content else "", encode({"role": role, "content": content}))


def _list(blocks: list[Block], is_marked: bool) -> Array:
    if is_marked:
        _mark(blocks)
    return Array([encode(blocks)[1:-1]] if blocks else [])


def _mark(blocks: list[Block]) -> None:
    """Places a breakpoint behind the last block."""
    if blocks:
        blocks[-1]["cache_control"] = EPHEMERAL


def _mark_last_user_turns(messages: list[_Message]) -> None:
    """Places breakpoints behind the last two turns of the user; user messages in a row are one turn."""
    after, left = "", 2
    for place in range(len(messages) - 1, -1, -1):
        message = messages[place]
        if message.role == "user" and after != "user":
            written = message.written.removesuffix(_END) + _MARKED_END
            messages[place], left = message._replace(written=written), left - 1
        if not left:
            return
        after = message.role


def _put_choice(payload: Block, request: Request, choice: ToolChoice | None, names: NameMap) -> None:
    if "tools" not in payload:
        return
    types = {"auto": "auto", "required": "any", "none": "none", "tool": "tool"}
    block: Block = {"type": types[choice.mode] if choice is not None else "auto"}
    if choice is not None and choice.mode == "tool":
        block["name"] = names.to_wire(choice.name, choice.namespace)
    if request.parallel_calls is False and block["type"] != "none":
        block["disable_parallel_tool_use"] = True
    if choice is not None or len(block) > 1:
        payload["tool_choice"] = block


def _put_reasoning(payload: Block, request: Request, messages: list[_Message], notes: list[str]) -> None:
    """Thinking, unless the request asks for something that Anthropic refuses together with it."""
    if request.reasoning is None:
        return
    thinking, effort = anthropic_thinking(request.reasoning, payload["model"], payload["max_tokens"])
    if effort is not None:
        payload["output_config"] = {"effort": effort}
    if thinking is None:
        notes.append("thinking left out: max_tokens leaves no room for it")
        return
    forced = payload.get("tool_choice", {}).get("type") in ("any", "tool")
    if thinking["type"] != "disabled" and forced:
        notes.append("thinking left out: it excludes a forced tool call")
    elif thinking["type"] == "enabled" and _in_unsigned_tool_loop(messages):
        notes.append("thinking left out: the tool call being answered came without a signed thought")
    else:
        payload["thinking"] = thinking


def _in_unsigned_tool_loop(messages: list[_Message]) -> bool:
    """Whether tool results are being answered whose assistant turn lacks the thought that must lead it."""
    if messages[-1].begins_with != "tool_result":
        return False
    turn = next((message for message in reversed(messages) if message.role == "assistant"), None)
    return turn is not None and turn.begins_with not in ("thinking", "redacted_thinking")


def _put_sampling(payload: Block, request: Request, notes: list[str]) -> None:
    thinks = payload.get("thinking", {}).get("type") in ("enabled", "adaptive")
    if thinks and (request.temperature is not None or request.top_k is not None):
        notes.append("temperature and top_k left out: they exclude thinking")
    elif request.temperature is not None:
        payload["temperature"] = min(request.temperature, 1.0)
        if request.temperature > 1:
            notes.append("temperature lowered to 1, Anthropic's highest")
    if not thinks:
        put(payload, top_k=request.top_k)
    if request.top_p is not None and "temperature" not in payload and not (thinks and request.top_p < 0.95):
        payload["top_p"] = request.top_p
    put(payload, stop_sequences=[word for word in request.stop if word.strip()])


def _put_output(payload: Block, request: Request) -> None:
    if request.output is not None and request.output.kind == "json_schema":
        config = payload.setdefault("output_config", {})
        config["format"] = {"type": "json_schema", "schema": request.output.schema}


def _put_rest(payload: Block, request: Request) -> None:
    # OpenAI's newer name for who is asking is a hash of the same.
    identifier = request.openai.get("safety_identifier")
    user = request.user or (json_arguments(identifier) if identifier is not None else "")
    if user:
        payload["metadata"] = {"user_id": digest(user, 64) if len(user) > _USER_ID_LIMIT else user}
    if request.service_tier == "default":
        payload["service_tier"] = "standard_only"
    if request.stream:
        payload["stream"] = True
