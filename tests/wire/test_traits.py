import json

import pytest

from cccc_tui.wire.traits import OMITTED, with_thoughts, without

IMAGES = {
    "anthropic": {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AA=="}},
    "chat": {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}},
    "responses": {"type": "input_image", "image_url": "data:image/png;base64,AA=="},
}
TEXT_TYPES = {"anthropic": "text", "chat": "text", "responses": "input_text"}


def request(**fields) -> bytes:
    return json.dumps({"model": "m", **fields}).encode()


@pytest.mark.parametrize("form", IMAGES)
def test_an_image_becomes_a_sentence_in_its_place(form):
    key = "input" if form == "responses" else "messages"
    words = {"type": TEXT_TYPES[form], "text": "What is this?"}
    body, note = without(request(**{key: [{"role": "user", "content": [IMAGES[form], words]}]}), "images")
    assert json.loads(body)[key][0]["content"] == [{"type": TEXT_TYPES[form], "text": OMITTED}, words]
    assert note == "1 image left out"


def test_an_image_inside_a_tools_result_is_found_too():
    result = {"type": "tool_result", "tool_use_id": "t", "content": [IMAGES["anthropic"]] * 2}
    body, note = without(request(messages=[{"role": "user", "content": [result]}]), "images")
    assert b"base64" not in body
    assert note == "2 images left out"


@pytest.mark.parametrize(
    "trait, before, after", [("developer_role", "developer", "system"), ("system_role", "system", "user")]
)
def test_a_role_becomes_the_next_best(trait, before, after):
    body, note = without(request(messages=[{"role": before, "content": "be brief"}]), trait)
    assert json.loads(body)["messages"] == [{"role": after, "content": "be brief"}]
    assert note == f"role {before} sent as {after}"


def test_tools_go_with_everything_that_speaks_of_them():
    body, note = without(request(tools=[{}], tool_choice="auto", parallel_tool_calls=True), "tools")
    assert json.loads(body) == {"model": "m"}
    assert note == "tools left out"


@pytest.mark.parametrize("trait", ["images", "tools", "developer_role", "system_role"])
def test_a_request_that_needs_nothing_of_it_goes_on_byte_for_byte(trait):
    plain = b'{"model" : "m", "messages":[{"role":"user","content":"hi"}]}'
    assert without(plain, trait) == (plain, "")


def test_every_turn_of_the_assistant_gets_a_thought_where_the_model_wants_one():
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    turns = [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c", "content": "x"},
        {"role": "assistant", "content": "done", "reasoning_content": "I see."},
        {"role": "assistant", "content": "really"},
    ]
    body, note = with_thoughts(request(messages=turns))
    thoughts = [turn.get("reasoning_content") for turn in json.loads(body)["messages"]]
    assert thoughts == [None, " ", None, "I see.", " "]
    assert note == "2 turns given an empty thought"


@pytest.mark.parametrize("plain", [b'{"model" : "m", "messages":[{"role":"user"}]}', b'{"messages": 7}'])
def test_a_request_without_a_thoughtless_turn_goes_on_byte_for_byte(plain):
    assert with_thoughts(plain) == (plain, "")
