"""JSON in lines and colours."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cccc_tui.ui.render.cells import plain
from cccc_tui.ui.render.json_lines import indented, json_line


def test_a_document_becomes_indented_lines():
    assert indented(b'{"a":[1,true]}') == ["{", '  "a": [', "    1,", "    true", "  ]", "}"]


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"a":', b"\xff\xfe"])
def test_what_is_no_json_is_left_alone(body):
    assert indented(body) is None


def test_keys_strings_numbers_and_words_have_their_tones():
    tones = {run.text: run.tone for run in json_line('  "key": "text: 5", "n": -1.5e3, "t": null')}
    assert (tones['"key"'], tones['"text: 5"'], tones["-1.5e3"], tones["null"]) == (
        "key",
        "plain",
        "number",
        "literal",
    )


@settings(deadline=None, max_examples=50)
@given(st.text(alphabet='"\\:,{}[] ab1-.truefalsn', max_size=60))
def test_colouring_never_changes_the_text(text):
    assert plain(json_line(text)) == text
