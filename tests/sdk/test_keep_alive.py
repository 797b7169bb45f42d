"""Keep-alives come before anything else of a stream, and no package stumbles over them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.fakes.speech import Format
from tests.fakes.steps import says
from tests.sdk.cases import CASES
from tests.sdk.conftest import FORMATS, House
from tests.sdk.test_errors import PACKAGE

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.parametrize("target", FORMATS),
    pytest.mark.parametrize("source", FORMATS),
]


def opened(api: Any, source: Format) -> Any:
    """A stream of the package's helper: it is open as soon as the headers came."""
    request = CASES[0].request(source)
    streams = {"anthropic": lambda: api.messages, "chat": lambda: api.chat.completions}
    return streams.get(source, lambda: api.responses)().stream(**request)


async def final(stream: Any, source: Format) -> Any:
    names = {"anthropic": "get_final_message", "chat": "get_final_completion"}
    return await getattr(stream, names.get(source, "get_final_response"))()


async def test_an_answer_that_was_waited_for_is_whole(talkative_house: House, source, target):
    content = asyncio.Event()
    talkative_house.upstream.always(says("At last.").held(content, at=0))
    client = talkative_house.clients[source, target]
    async with opened(client.asynchronous, source) as stream:
        content.set()  # only a keep-alive can have sent the headers
        answer = await final(stream, source)
    assert "At last." in str(answer.to_dict())


async def test_a_failure_after_keep_alives_is_told_in_the_stream(talkative_house: House, source, target):
    content = asyncio.Event()
    step = says("Never.").held(content, at=0).broken("The fake breaks down.", at=0)
    talkative_house.upstream.always(step)
    client = talkative_house.clients[source, target]
    async with opened(client.asynchronous, source) as stream:
        content.set()
        if source == "responses":
            events = [event async for event in stream]
            assert [event.type for event in events] == ["response.created", "response.failed"]
            assert events[-1].response.error.message == "The fake breaks down."
            return
        with pytest.raises(PACKAGE[source].APIError, match=r"The fake breaks down\."):
            await stream.until_done()
