"""Every package over every upstream, four ways each: the same typed answer, and what the model said."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.speech import Answer, Format
from tests.sdk.cases import CASES, MODEL, Case
from tests.sdk.clients import WAYS, Client
from tests.sdk.conftest import FORMATS, House

pytestmark = pytest.mark.asyncio(loop_scope="session")

STOPS: dict[str, dict[Format, str]] = {
    "end": {"anthropic": "end_turn", "chat": "stop", "responses": "completed"},
    "tools": {"anthropic": "tool_use", "chat": "tool_calls", "responses": "completed"},
    "length": {"anthropic": "max_tokens", "chat": "length", "responses": "max_output_tokens"},
    "refused in words": {"anthropic": "refusal", "chat": "stop", "responses": "completed"},
    "stopped by a filter": {
        "anthropic": "refusal",
        "chat": "content_filter",
        "responses": "content_filter",
    },
}
EMPTY: tuple[Any, ...] = (None, "", [])
"""A stream leaves out what a whole answer says to be empty, as at the providers themselves."""
OWN_IDS = frozenset(("id", "created", "created_at", "completed_at", "signature", "encrypted_content"))
"""What differs between two answers of the same words, and what the packages' helpers add of their own."""
OF_HELPERS = frozenset(("parsed", "parsed_output", "parsed_arguments", "index", "__json_buf"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "_"))
@pytest.mark.parametrize("target", FORMATS)
@pytest.mark.parametrize("source", FORMATS)
async def test_an_answer_is_the_same_in_every_way_to_ask(house: House, source, target, case: Case):
    client = house.clients[source, target]
    house.upstream.always(case.step)
    answers = {}
    for way in WAYS:
        house.forget()
        answers[way] = await client.ways[way](**case.request(source))
        assert house.upstream.requests[0].json.get("stream", False) == ("stream" in way)
    for way in WAYS[1:]:
        assert core(client, answers[way]) == core(client, answers["sync"]), way
    check(client, answers["sync"], source, target, case)


def core(client: Client, answer: Any) -> Any:
    """The answer, proven to be of its type, without what two equal answers differ in."""
    data = answer.to_dict(mode="json")
    client.kind.model_validate(data)
    return stripped(data)


def stripped(value: Any) -> Any:
    if isinstance(value, list):
        return [stripped(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    kept = {key: stripped(entry) for key, entry in value.items() if key not in OWN_IDS | OF_HELPERS}
    return {key: entry for key, entry in kept.items() if entry not in EMPTY}


def check(client: Client, answer: Any, source: Format, target: Format, case: Case) -> None:
    seen = client.see(answer)
    assert seen.model == MODEL
    assert seen.thought == case.thought
    assert [(call.name, call.arguments) for call in seen.calls] == case.calls
    assert len({call.id for call in seen.calls}) == len(case.calls)
    assert seen.tokens == (25, 7, Answer(case.says).output_tokens)
    stop = case.stop or ("tools" if case.calls else "end")
    if not case.refusal:
        assert (seen.text, seen.refusal) == (case.text, "")
    elif target == "anthropic":
        # Anthropic has a stop reason and no words of refusal: what is said is text.
        stop = "stopped by a filter"
        assert (seen.text, seen.refusal) == (case.refusal, "")
    else:
        stop = "refused in words"
        assert (seen.text or seen.refusal) == case.refusal
        assert bool(seen.refusal) == (source != "anthropic")
    assert seen.stop == STOPS[stop][source]
