"""The official packages as a program uses them: four ways to ask, and what its user notices of the answer.

A way is a coroutine function from request to finished answer. The streamed ways put the answer together with the
package's own helper and join the pieces of text as they come, as a program does that shows them.
"""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import anthropic
import openai
from anthropic.types import Message
from openai.types.chat import ChatCompletion
from openai.types.responses import Response

from tests.fakes.speech import Format, Json

CLIENT_KEY = "sk-of-the-client"
CUT = (openai.LengthFinishReasonError, openai.ContentFilterFinishReasonError)
"""How the helper of Chat says that an answer was cut short; the answer is in it."""
WAYS = ("sync", "async", "sync stream", "async stream")

Way = Callable[..., Awaitable[Any]]


@dataclass(frozen=True)
class Call:
    id: str
    name: str
    arguments: Json


@dataclass(frozen=True)
class Seen:
    """What a user notices of an answer, whichever package it came through."""

    text: str
    thought: str
    refusal: str
    calls: tuple[Call, ...]
    stop: str
    """In the words of the client's format."""
    model: str
    tokens: tuple[int, int, int]
    """Of the prompt outside the cache, of the prompt from the cache, of the answer."""


class Client(ABC):
    """One API of a package, sync and async, pointed at one gateway."""

    kind: type[Message] | type[ChatCompletion] | type[Response]
    """What every answer has to validate as."""

    def __init__(self, sync: Any, asynchronous: Any) -> None:
        self.sync = sync
        self.asynchronous = asynchronous
        self.ways: dict[str, Way] = {
            "sync": lambda **request: asyncio.to_thread(self.whole, **request),
            "async": self.whole_async,
            "sync stream": lambda **request: asyncio.to_thread(self.streamed, **request),
            "async stream": self.streamed_async,
        }

    @abstractmethod
    def whole(self, **request: Any) -> Any: ...

    @abstractmethod
    async def whole_async(self, **request: Any) -> Any: ...

    @abstractmethod
    def streamed(self, **request: Any) -> Any: ...

    @abstractmethod
    async def streamed_async(self, **request: Any) -> Any: ...

    @abstractmethod
    def see(self, answer: Any) -> Seen: ...


class MessagesClient(Client):
    kind = Message
    sync: anthropic.Anthropic
    asynchronous: anthropic.AsyncAnthropic

    def whole(self, **request: Any) -> Message:
        return self.sync.messages.create(**request)

    async def whole_async(self, **request: Any) -> Message:
        return await self.asynchronous.messages.create(**request)

    def streamed(self, **request: Any) -> Message:
        with self.sync.messages.stream(**request) as stream:
            shown = "".join(stream.text_stream)
            final = stream.get_final_message()
        assert shown == self.see(final).text
        return final

    async def streamed_async(self, **request: Any) -> Message:
        async with self.asynchronous.messages.stream(**request) as stream:
            shown = "".join([piece async for piece in stream.text_stream])
            final = await stream.get_final_message()
        assert shown == self.see(final).text
        return final

    def see(self, answer: Message) -> Seen:
        blocks, usage = answer.content, answer.usage
        return Seen(
            text="".join(block.text for block in blocks if block.type == "text"),
            thought="".join(block.thinking for block in blocks if block.type == "thinking"),
            refusal="",
            calls=tuple(
                Call(block.id, block.name, dict(block.input)) for block in blocks if block.type == "tool_use"
            ),
            stop=answer.stop_reason or "",
            model=answer.model,
            tokens=(usage.input_tokens, usage.cache_read_input_tokens or 0, usage.output_tokens),
        )


class ChatClient(Client):
    kind = ChatCompletion
    sync: openai.OpenAI
    asynchronous: openai.AsyncOpenAI

    def whole(self, **request: Any) -> ChatCompletion:
        return self.sync.chat.completions.create(**request)

    async def whole_async(self, **request: Any) -> ChatCompletion:
        return await self.asynchronous.chat.completions.create(**request)

    def streamed(self, **request: Any) -> ChatCompletion:
        with self.sync.chat.completions.stream(**_with_usage(request)) as stream:
            shown = [event.delta for event in stream if event.type == "content.delta"]
            try:
                final = stream.get_final_completion()
            except CUT as cut:
                final = cut.completion
        assert "".join(shown) == self.see(final).text
        return final

    async def streamed_async(self, **request: Any) -> ChatCompletion:
        async with self.asynchronous.chat.completions.stream(**_with_usage(request)) as stream:
            shown = [event.delta async for event in stream if event.type == "content.delta"]
            try:
                final = await stream.get_final_completion()
            except CUT as cut:
                final = cut.completion
        assert "".join(shown) == self.see(final).text
        return final

    def see(self, answer: ChatCompletion) -> Seen:
        choice, usage = answer.choices[0], answer.usage
        message = choice.message
        assert usage and usage.prompt_tokens_details
        cached = usage.prompt_tokens_details.cached_tokens or 0
        return Seen(
            text=message.content or "",
            thought=getattr(message, "reasoning_content", None) or "",
            refusal=message.refusal or "",
            calls=tuple(
                Call(call.id, call.function.name, json.loads(call.function.arguments))
                for call in message.tool_calls or ()
                if call.type == "function"
            ),
            stop=choice.finish_reason,
            model=answer.model,
            tokens=(usage.prompt_tokens - cached, cached, usage.completion_tokens),
        )


def _with_usage(request: Json) -> Json:
    return request | {"stream_options": {"include_usage": True}}


class ResponsesClient(Client):
    kind = Response
    sync: openai.OpenAI
    asynchronous: openai.AsyncOpenAI

    def whole(self, **request: Any) -> Response:
        return self.sync.responses.create(**request)

    async def whole_async(self, **request: Any) -> Response:
        return await self.asynchronous.responses.create(**request)

    def streamed(self, **request: Any) -> Response:
        with self.sync.responses.stream(**request) as stream:
            events = list(stream)
            completed = events[-1].type == "response.completed"
            final = stream.get_final_response() if completed else None
        return self._final(events, final)

    async def streamed_async(self, **request: Any) -> Response:
        async with self.asynchronous.responses.stream(**request) as stream:
            events = [event async for event in stream]
            completed = events[-1].type == "response.completed"
            final = await stream.get_final_response() if completed else None
        return self._final(events, final)

    def _final(self, events: list[Any], completed: Response | None) -> Response:
        """The helper's answer, or the one of the last event: the helper knows none that is incomplete."""
        assert [event.sequence_number for event in events] == list(range(len(events)))
        final: Response = completed or events[-1].response
        shown = "".join(event.delta for event in events if event.type == "response.output_text.delta")
        assert shown == final.output_text
        return final

    def see(self, answer: Response) -> Seen:
        usage = answer.usage
        assert usage
        cached = usage.input_tokens_details.cached_tokens
        messages = [item for item in answer.output if item.type == "message"]
        parts = [part for item in messages for part in item.content]
        thoughts = [item for item in answer.output if item.type == "reasoning"]
        stop = answer.incomplete_details.reason if answer.incomplete_details else answer.status
        return Seen(
            text=answer.output_text,
            thought="".join(part.text for item in thoughts for part in item.summary),
            refusal="".join(part.refusal for part in parts if part.type == "refusal"),
            calls=tuple(
                Call(item.call_id, item.name, json.loads(item.arguments))
                for item in answer.output
                if item.type == "function_call"
            ),
            stop=stop or "",
            model=answer.model,
            tokens=(usage.input_tokens - cached, cached, usage.output_tokens),
        )


class Packages:
    """Both packages, each with one pool of connections: making one takes longer than a hundred requests."""

    def __init__(self) -> None:
        own: Json = {"api_key": CLIENT_KEY, "max_retries": 0}
        self._anthropic = anthropic.Anthropic(**own), anthropic.AsyncAnthropic(**own)
        self._openai = openai.OpenAI(**own), openai.AsyncOpenAI(**own)

    def at(self, url: str) -> dict[Format, Client]:
        """The clients of the gateway at `url`."""
        messages = (package.with_options(base_url=url) for package in self._anthropic)
        at_openai = [package.with_options(base_url=f"{url}/v1") for package in self._openai]
        return {
            "anthropic": MessagesClient(*messages),
            "chat": ChatClient(*at_openai),
            "responses": ResponsesClient(*at_openai),
        }

    async def close(self) -> None:
        for sync, asynchronous in (self._anthropic, self._openai):
            sync.close()
            await asynchronous.close()
