"""Failures as a program sees them: the package's exception of the right class, with the upstream's words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import anthropic
import openai
import pytest

from tests.fakes.speech import Format
from tests.fakes.steps import Step, fails, says
from tests.sdk.cases import CASES, Case
from tests.sdk.conftest import FORMATS, House

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.parametrize("target", FORMATS),
    pytest.mark.parametrize("source", FORMATS),
]
PACKAGE: dict[Format, ModuleType] = {"anthropic": anthropic, "chat": openai, "responses": openai}
PLAIN: Case = CASES[0]
WORDS = "one two three four five six"


@dataclass(frozen=True)
class Failure:
    status: int
    exception: str
    message: str = "The fake is not in the mood."
    code: str | None = None


FAILURES = (
    Failure(400, "BadRequestError"),
    Failure(401, "AuthenticationError"),
    Failure(403, "PermissionDeniedError"),
    Failure(404, "NotFoundError", "The model does not exist.", "model_not_found"),
    Failure(429, "RateLimitError"),
    Failure(500, "InternalServerError"),
    Failure(529, "InternalServerError", "Overloaded"),
)


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: str(failure.status))
async def test_a_refusal_is_the_packages_own_exception(house: House, source, target, failure: Failure):
    house.upstream.always(fails(failure.status, failure.message, code=failure.code))
    with pytest.raises(getattr(PACKAGE[source], failure.exception)) as raised:
        await house.clients[source, target].ways["sync"](**PLAIN.request(source))
    assert failure.message in raised.value.message
    assert raised.value.status_code == failure.status
    assert raised.value.request_id.startswith("req_fake_")


async def test_a_conversation_that_is_too_long_is_named_as_its_client_knows_it(house: House, source, target):
    message = "prompt is too long: 250000 tokens > 200000 maximum"
    house.upstream.always(fails(400, message, code="context_length_exceeded"))
    with pytest.raises(PACKAGE[source].BadRequestError) as raised:
        await house.clients[source, target].ways["async"](**PLAIN.request(source))
    assert message in raised.value.message
    if source != "anthropic":
        assert raised.value.code == "context_length_exceeded"


BEFORE_CONTENT = {
    "an error event": says(WORDS).broken("The fake breaks down.", at=0),
    "a reset": says(WORDS).reset(at=0),
    "an end without a word": says(WORDS).ended(at=0),
}


@pytest.mark.parametrize("step", BEFORE_CONTENT.values(), ids=BEFORE_CONTENT)
async def test_what_breaks_before_the_first_content_is_an_error_and_no_stream(
    house: House, source, target, step: Step
):
    house.upstream.always(step)
    with pytest.raises(PACKAGE[source].InternalServerError) as raised:
        await house.clients[source, target].ways["async stream"](**PLAIN.request(source))
    assert ("The fake breaks down." in raised.value.message) == bool(step.broken_by)


IN_THE_MIDDLE = {
    "an error event": says(WORDS).broken("The fake breaks down.", at=3),
    "a reset": says(WORDS).reset(at=3),
    "a cut": says(WORDS).cut(at=3),
    "an end without a terminal event": says(WORDS).ended(at=3),
}


@pytest.mark.parametrize("step", IN_THE_MIDDLE.values(), ids=IN_THE_MIDDLE)
async def test_what_breaks_in_the_middle_is_never_taken_for_a_whole_answer(
    house: House, source, target, step: Step
):
    broken = asyncio.Event()
    house.upstream.always(step.held(broken, at=3))
    shown: list[str] = []

    def show(piece: str) -> None:
        shown.append(piece)
        if "".join(shown) == "one two three ":
            broken.set()

    error = await broken_stream(house.clients[source, target].asynchronous, source, show)
    assert "".join(shown) == "one two three "
    assert error
    assert not step.broken_by or step.broken_by in error


async def broken_stream(api: Any, source: Format, show: Callable[[str], None]) -> str:
    """Shows the text as it comes; returns the words of the error that ended it."""
    request = PLAIN.request(source)
    if source == "responses":
        async with api.responses.stream(**request) as stream:
            async for event in stream:
                if event.type == "response.output_text.delta":
                    show(event.delta)
            with pytest.raises(RuntimeError, match=r"response\.completed"):
                await stream.get_final_response()
        assert (event.type, event.response.status) == ("response.failed", "failed")
        return str(event.response.error.message)
    with pytest.raises(PACKAGE[source].APIError) as raised:
        if source == "anthropic":
            async with api.messages.stream(**request) as stream:
                async for piece in stream.text_stream:
                    show(piece)
        else:
            async with api.chat.completions.stream(**request) as stream:
                async for event in stream:
                    if event.type == "content.delta":
                        show(event.delta)
    return str(raised.value.message)


async def test_a_whole_answer_that_breaks_off_is_a_server_error(house: House, source, target):
    house.upstream.always(says(WORDS).cut(at=30))
    with pytest.raises(PACKAGE[source].InternalServerError) as raised:
        await house.clients[source, target].ways["sync"](**PLAIN.request(source))
    assert "The upstream did not answer" in raised.value.message
