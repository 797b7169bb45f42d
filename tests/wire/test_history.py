"""Requests that continue an answer, written out."""

import json

import pytest

from cccc_tui.wire.history import continued, input_items, is_of_the_user, output_items
from cccc_tui.wire.patch import Document


@pytest.mark.parametrize("value", [b"null", b"5", b"{}", b"not json", None])
def test_what_is_no_input_has_no_items(value):
    assert input_items(value) == []


def test_a_bare_text_is_a_message_of_the_user():
    (item,) = input_items(b'"hi"')
    assert is_of_the_user(item)
    assert json.loads(bytes(item))["content"][0]["text"] == "hi"


def test_only_words_of_the_user_are_the_users():
    kinds = [{"role": "user"}, {"type": "message", "role": "assistant"}, {"type": "function_call_output"}, 5]
    assert [is_of_the_user(raw) for raw in input_items(json.dumps(kinds).encode())] == [
        True,
        False,
        False,
        False,
    ]


def test_what_came_before_stands_in_front_and_every_other_byte_stays():
    earlier = output_items(b'{"id":"resp_1","output":[ {"type":"message", "role":"assistant"} ]}')
    body = b'{ "previous_response_id":"resp_1", "temperature":1.0, "input":[{"role":"user"}] ,"x":1e0 }'
    whole = continued(Document.read(body), earlier)
    assert json.loads(whole)["input"] == [{"type": "message", "role": "assistant"}, {"role": "user"}]
    assert b'"temperature":1.0' in whole and b'"x":1e0' in whole and b"previous" not in whole
