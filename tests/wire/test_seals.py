"""Sealed thoughts are found in bytes of every shape that they come in."""

import pytest

from cccc_tui.wire.foreign import drop_foreign_reasoning
from cccc_tui.wire.seals import UNSIGNED, may_hold_seals, seals_in

SEAL = b"c2VhbCBvZiBhbm90aGVyIG9uZQ=="


@pytest.mark.parametrize(
    "data",
    [
        b'{"type":"signature_delta","signature":"%b"}',
        b'{"type": "thinking", "thinking": "x", "signature" : "%b"}',
        b'{"type":"reasoning","summary":[],"encrypted_content":"%b"}',
        b'{"type":"redacted_thinking","data":"%b"}',
    ],
)
def test_a_seal_is_found_where_each_format_keeps_it(data):
    assert seals_in(data % SEAL) == [SEAL]


def test_an_empty_signature_is_found_and_anything_else_that_is_short_is_no_seal():
    assert seals_in(b'{"signature":""} {"signature":"EqQB"}') == [UNSIGNED]


def test_a_picture_and_a_word_about_signatures_are_none():
    assert seals_in(b'{"type":"base64","data":"iVBORw0KGgoAAAANSUhEUg"} {"text":"signature"}') == []
    assert not may_hold_seals(b'{"type":"text_delta","text":"Hello"}')


def test_only_the_messages_with_foreign_seals_lose_bytes():
    other = b'{"role":"user","content" : "hi"}'
    thought = b'{"role":"assistant","content":[{"type":"thinking","thinking":"x","signature":"%b"},1]}' % SEAL
    body = b'{"messages":[%b,%b]}' % (other, thought)
    assert drop_foreign_reasoning("anthropic", body, "h") is body
    kept = drop_foreign_reasoning("anthropic", body, "h", {SEAL.decode()})
    assert kept == b'{"messages":[%b,{"role":"assistant","content":[1]}]}' % other
