"""What a program asked for with its package arrives at the upstream, whatever format that speaks."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from tests.fakes.picture import pictures
from tests.fakes.speech import Format, Json, Text, Thinking, ToolCall
from tests.fakes.steps import Step, says
from tests.sdk import asked
from tests.sdk.cases import (
    CALL_ARGUMENTS,
    CASES,
    FORECAST,
    FORECAST_SCHEMA,
    MODEL,
    PICTURE,
    QUESTION,
    RESULT_TEXT,
    THINKING,
    TOOLS,
    WEATHER_SCHEMA,
    Case,
)
from tests.sdk.clients import Client
from tests.sdk.conftest import FORMATS, UPSTREAM_MODEL, House

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.parametrize("target", FORMATS),
    pytest.mark.parametrize("source", FORMATS),
]
NAMED = {case.name: case for case in CASES}
SIGNATURE = "RXhhY3RseSB0aGVzZSBieXRlcw=="


async def told(house: House, source: Format, target: Format, name: str) -> Json:
    """What the upstream was asked for the case of that name."""
    house.upstream.always(NAMED[name].step)
    await house.clients[source, target].ways["async"](**NAMED[name].request(source))
    body = house.upstream.requests[0].json
    assert body["model"] == UPSTREAM_MODEL
    return body


async def test_a_picture_arrives_with_every_byte(house: House, source, target):
    assert list(pictures(await told(house, source, target, "image in"))) == [PICTURE]


async def test_a_tool_result_stays_with_its_call_and_its_picture(house: House, source, target):
    body = await told(house, source, target, "tool result with image")
    made, given = asked.calls(target, body), asked.results(target, body)
    assert list(made.values()) == [("weather", CALL_ARGUMENTS)]
    assert list(given) == list(made)
    assert list(given.values()) == [RESULT_TEXT]
    assert list(pictures(body)) == [PICTURE]


async def test_tools_arrive_with_their_description_and_schema(house: House, source, target):
    body = await told(house, source, target, "one tool")
    assert asked.tools(target, body) == [("weather", "Tells the weather.", WEATHER_SCHEMA)]


async def test_the_schema_of_a_structured_answer_arrives(house: House, source, target):
    body = await told(house, source, target, "structured output")
    assert asked.answer_schema(target, body) == FORECAST_SCHEMA


async def test_thinking_is_asked_for(house: House, source, target):
    assert asked.thinks(target, await told(house, source, target, "thinking"))
    house.forget()
    assert not asked.thinks(target, await told(house, source, target, "text"))


class Forecast(BaseModel):
    city: str
    days: int


async def test_a_structured_answer_becomes_the_programs_own_type(house: House, source, target):
    house.upstream.always(NAMED["structured output"].step)
    client = house.clients[source, target]
    assert await parsed(client, source, NAMED["text"].request(source)) == Forecast(**FORECAST)
    properties = asked.answer_schema(target, house.upstream.requests[0].json)["properties"]
    assert {name: field["type"] for name, field in properties.items()} == {
        "city": "string",
        "days": "integer",
    }


async def parsed(client: Client, source: Format, request: Json) -> Any:
    api: Any = client.asynchronous
    if source == "anthropic":
        return (await api.messages.parse(**request, output_format=Forecast)).parsed_output
    if source == "chat":
        answer = await api.chat.completions.parse(**request, response_format=Forecast)
        return answer.choices[0].message.parsed
    return (await api.responses.parse(**request, text_format=Forecast)).output_parsed


async def test_an_answer_goes_back_as_history_with_its_ids_and_its_thoughts(house: House, source, target):
    """A program's loop: it appends what the package gave it, adds the result of the call, and asks again."""
    call = ToolCall("weather", CALL_ARGUMENTS)
    thought = Thinking("I have to ask the tool.", SIGNATURE)
    house.upstream.answer(Step(parts=(thought, Text("One moment."), call)), says("It is warm."))
    client = house.clients[source, target]
    loop = Case("loop", (), {form: THINKING[form] | TOOLS[form] for form in FORMATS}).request(source)
    first = await client.ways["async stream"](**loop)
    history = turns(source, first, client.see(first).calls[0].id)
    final = await client.ways["async stream"](**(loop | history))
    assert client.see(final).text == "It is warm."
    assert client.see(final).model == MODEL
    body = house.upstream.requests[1].json
    made, given = asked.calls(target, body), asked.results(target, body)
    assert list(made.values()) == [("weather", CALL_ARGUMENTS)]
    assert given == dict.fromkeys(made, RESULT_TEXT)
    sealed = thought.text if target == "chat" else SIGNATURE
    assert sealed in house.upstream.requests[1].body.decode()


def turns(source: Format, answer: Any, call_id: str) -> Json:
    """The question, the answer as the package gave it, and the result of its call."""
    question = {"role": "user", "content": QUESTION}
    if source == "anthropic":
        result = {"type": "tool_result", "tool_use_id": call_id, "content": RESULT_TEXT}
        said = {"role": "assistant", "content": answer.content}
        return {"messages": [question, said, {"role": "user", "content": [result]}]}
    if source == "chat":
        tool = {"role": "tool", "tool_call_id": call_id, "content": RESULT_TEXT}
        return {"messages": [question, answer.choices[0].message, tool]}
    output = {"type": "function_call_output", "call_id": call_id, "output": RESULT_TEXT}
    return {"input": [question, *answer.output, output]}
