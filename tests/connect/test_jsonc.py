from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cccc_tui.connect.document import Broken, Refused
from cccc_tui.connect.jsonc import JsonDocument

KEYS = st.sampled_from(["env", "A", "ü", 'q"k', ""]) | st.text(max_size=5)
SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=4)
LAYOUTS = st.sampled_from([{}, {"indent": 2}, {"indent": 4}, {"indent": "\t"}, {"separators": (",", ":")}])


@settings(deadline=None)
@given(data=OBJECTS, layout=LAYOUTS, key=KEYS, value=SCALARS, crlf=st.booleans())
def test_a_key_is_put_into_any_object_and_dropped_again(data, layout, key, value, crlf):
    text = json.dumps(data, ensure_ascii=False, **layout)
    text = text.replace("\n", "\r\n") if crlf else text
    put = JsonDocument(text).put((key,), value)
    assert json.loads(put.text) == {**data, key: value}
    if key not in data and data:
        assert put.drop((key,)).text == text


@settings(deadline=None)
@given(data=OBJECTS, layout=LAYOUTS, value=SCALARS)
def test_a_key_in_a_new_group_takes_the_group_along(data, layout, value):
    data.pop("new", None)
    put = JsonDocument(json.dumps(data, **layout)).put(("new", "deeper", "key"), value)
    assert json.loads(put.text) == {**data, "new": {"deeper": {"key": value}}}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{"a":1}', '{"a":1,"k":2}'),
        ('{"a": 1}', '{"a": 1, "k": 2}'),
        ('{\n  "a": 1 // note\n}', '{\n  "a": 1, // note\n  "k": 2\n}'),
        ('{\n  "a": 1,\n}', '{\n  "a": 1,\n  "k": 2,\n}'),
        ('{\n    "a": 1\n  , "b": 2\n}', '{\n    "a": 1\n  , "b": 2\n  , "k": 2\n}'),
        ("{ }", '{\n  "k": 2\n}'),
        ("", '{\n  "k": 2\n}\n'),
    ],
)
def test_a_new_key_looks_like_its_neighbours(before: str, after: str):
    assert JsonDocument(before).put(("k",), 2).text == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{"k": 1, "a": 2}', '{"a": 2}'),
        ('{"a": 1, "k": 2}', '{"a": 1}'),
        ('{\n  "a": 1, // one\n  "k": 2 // two\n}', '{\n  "a": 1 // one\n   // two\n}'),
        ('{\n  "k": 1,\n  // about b\n  "b": 2\n}', '{\n  // about b\n  "b": 2\n}'),
        ('{\n"a": 1,\n// why\n"k": 2}', '{\n"a": 1\n// why\n}'),
        ('{\n// why\n"k": 2, "a": 1}', '{\n// why\n "a": 1}'),
        ('{"k": 1 /* why */}', "{ /* why */}"),
    ],
)
def test_a_dropped_key_leaves_its_neighbours_and_comments(before: str, after: str):
    assert JsonDocument(before).drop(("k",)).text == after


def test_what_is_written_inside_texts_is_no_comment_and_no_bracket():
    document = JsonDocument('{"a": "// } /* \\" {", "b": 1}')
    assert document.data == {"a": '// } /* " {', "b": 1}
    assert not document.has_comments


def test_a_value_that_is_no_group_is_not_written_over():
    with pytest.raises(Refused, match="env is not a group of keys"):
        JsonDocument('{"env": ["A"]}').put(("env", "A"), "1")


def test_endless_nesting_is_broken_and_no_crash():
    with pytest.raises(Broken, match="nested too deeply"):
        JsonDocument('{"a":' + "[" * 100_000)


@settings(deadline=None)
@given(text=st.text('{}[]",:/*\\ \n1a', max_size=30))
def test_any_text_is_read_or_broken_with_its_place(text: str):
    try:
        JsonDocument(text)
    except Broken as broken:
        assert broken.line >= 1
