"""The providers' own field lists: what the official packages say a request, an answer and a stream may hold."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from typing import Any, get_args, get_origin, get_type_hints

import anthropic.types as at
import openai.types.chat as ct
import openai.types.responses as rt
from anthropic.types.message_create_params import MessageCreateParamsBase
from anthropic.types.raw_message_delta_event import Delta as MessageDelta
from openai.types.chat.chat_completion import Choice
from openai.types.chat.chat_completion_chunk import ChoiceDelta, ChoiceDeltaToolCall
from openai.types.chat.completion_create_params import CompletionCreateParamsBase
from openai.types.responses.response_create_params import ResponseCreateParamsBase
from openai.types.responses.response_input_item_param import ResponseInputItemParam
from openai.types.responses.response_input_param import Message as InputMessage


def fields(kind: Any) -> list[str]:
    """The field names of a TypedDict or a pydantic model, as they stand in JSON."""
    if hasattr(kind, "model_fields"):
        return [field.alias or name for name, field in kind.model_fields.items()]
    return list(get_type_hints(kind))


def members(union: Any) -> Iterator[Any]:
    """The classes in a union, however deep."""
    for member in get_args(union):
        if get_origin(member) in (typing.Union, typing.Annotated):
            yield from members(member)
        elif isinstance(member, type):
            yield member


def type_names(kind: Any) -> list[str]:
    """The values of a class's `type` field."""
    hint = (
        kind.model_fields["type"].annotation
        if hasattr(kind, "model_fields")
        else get_type_hints(kind)["type"]
    )
    if get_origin(hint) is typing.Union:
        hint = next(arg for arg in get_args(hint) if arg is not type(None))
    return list(get_args(hint))


def by_type(union: Any) -> dict[str, list[str]]:
    """For each value of `type` in a union, the fields that go with it."""
    found: dict[str, list[str]] = {}
    for member in members(union):
        if "type" not in fields(member):
            continue
        for name in type_names(member):
            found.setdefault(name, []).extend(f for f in fields(member) if f != "type")
    return found


ANTHROPIC_REQUEST = fields(MessageCreateParamsBase)
ANTHROPIC_BLOCKS = by_type(at.ContentBlockParam)
ANTHROPIC_TOOLS = by_type(at.ToolUnionParam)
ANTHROPIC_THINKING = by_type(at.ThinkingConfigParam)
ANTHROPIC_ANSWER = fields(at.Message)
ANTHROPIC_ANSWER_BLOCKS = by_type(at.ContentBlock)
ANTHROPIC_EVENTS = by_type(at.RawMessageStreamEvent)
ANTHROPIC_DELTAS = by_type(at.RawContentBlockDelta)
ANTHROPIC_MESSAGE_DELTA = fields(MessageDelta)
ANTHROPIC_USAGE = fields(at.Usage)
ANTHROPIC_STOP_REASONS = list(get_args(at.StopReason))

CHAT_REQUEST = fields(CompletionCreateParamsBase)
CHAT_MESSAGES = {name: fields(kind) for kind in members(ct.ChatCompletionMessageParam) for name in
                 get_args(get_type_hints(kind)["role"])}  # fmt: skip
CHAT_PARTS = by_type(ct.ChatCompletionContentPartParam)
CHAT_TOOLS = by_type(ct.ChatCompletionToolUnionParam)
CHAT_CHOICES = by_type(ct.ChatCompletionToolChoiceOptionParam)
CHAT_ANSWER = fields(ct.ChatCompletion)
CHAT_ANSWER_CHOICE = fields(Choice)
CHAT_ANSWER_MESSAGE = fields(ct.ChatCompletionMessage)
CHAT_CHUNK = fields(ct.ChatCompletionChunk)
CHAT_DELTA = fields(ChoiceDelta)
CHAT_CALL_DELTA = fields(ChoiceDeltaToolCall)
CHAT_STOP_REASONS = list(get_args(Choice.model_fields["finish_reason"].annotation))

RESPONSES_REQUEST = fields(ResponseCreateParamsBase)
RESPONSES_ITEMS = by_type(ResponseInputItemParam)
RESPONSES_PARTS = by_type(rt.ResponseInputContentParam)
RESPONSES_TOOLS = by_type(rt.ToolParam)
RESPONSES_ANSWER = fields(rt.Response)
RESPONSES_ANSWER_ITEMS = by_type(rt.ResponseOutputItem)
RESPONSES_EVENTS = by_type(rt.ResponseStreamEvent)
RESPONSES_MESSAGE = fields(InputMessage)
