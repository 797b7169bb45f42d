import json
import timeit

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cccc_tui.wire.patch import Document, NotAnObject, apply_overrides, replace_string

patiently = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""On a machine that others use too, a slow draw says nothing about the code."""

SPACES = st.sampled_from(["", " ", "\n  ", "\r\n\t"])
VALUES = st.one_of(
    st.sampled_from(
        ["1e5", "1.0", "-0", "-0.0", "1E+2", "9007199254740993", "1" * 40, "0.1000", "true", "false", "null"]
    ),
    st.sampled_from(
        [
            '""',
            '"a"',
            r'"\u00e9\ud83d\ude00"',
            '"é😀"',
            r'"\"model\":\"x\", }"',
            r'"\\"',
            r'"\\\""',
            '"{[,:]}"',
        ]
    ),
    st.sampled_from(
        ["[]", "{}", '[1, "]" , [{}]]', '{ "model":"x" , "b":[ { } ]}', '{"model":{"model":"\\"}}"}}']
    ),
)
WRITTEN_KEYS = {
    '"model"': "model",
    r'"m\u006fdel"': "model",
    '"stream"': "stream",
    '"a"': "a",
    '""': "",
    '"é"': "é",
    r'"\u00e9"': "é",
    r'"quo\"te"': 'quo"te',
    r'"back\\slash"': "back\\slash",
}
KEYS = st.sampled_from(sorted(set(WRITTEN_KEYS.values()) | {"new"}))

Member = tuple[str, str, str]
"""The text before the key, the key with its colon, and the value."""


def key_of(member: Member) -> str:
    return WRITTEN_KEYS[member[1].partition(":")[0].strip()]


MEMBERS = st.lists(
    st.tuples(
        SPACES, st.builds("{}{}:{}".format, st.sampled_from(list(WRITTEN_KEYS)), SPACES, SPACES), VALUES
    ),
    max_size=5,
)
UNIQUE_MEMBERS = MEMBERS.filter(lambda members: len({key_of(member) for member in members}) == len(members))


def body_of(members: list[Member]) -> bytes:
    inner = " ,".join(f"{before}{key}{value}" for before, key, value in members)
    return f" {{{inner}\n}} ".encode()


@patiently
@given(MEMBERS, st.dictionaries(KEYS, VALUES, max_size=3), st.sets(KEYS, max_size=3))
def test_an_edit_says_what_the_same_edit_of_a_dict_says(members, changes, removals):
    body = body_of(members)
    edited = Document.read(body).edited({key: value.encode() for key, value in changes.items()}, removals)
    expected = {k: v for k, v in json.loads(body).items() if k not in removals or k in changes}
    assert json.loads(edited) == expected | {key: json.loads(value) for key, value in changes.items()}


@patiently
@given(UNIQUE_MEMBERS, st.dictionaries(KEYS, VALUES, max_size=3))
def test_every_byte_outside_the_edited_values_stays(members, changes):
    edited = Document.read(body_of(members)).edited({key: value.encode() for key, value in changes.items()})
    new = [key for key in changes if key not in map(key_of, members)]
    replaced = [(*member[:2], changes.get(key_of(member), member[2])) for member in members]
    added = ",".join(f"{json.dumps(key, ensure_ascii=False)}:{changes[key]}" for key in new)
    comma = "," if members and new else ""
    opening, closing = (body_of(replaced)[:-3], b"\n} ") if members else (b" {", b"\n} ")
    assert edited == opening + f"{comma}{added}".encode() + closing


@patiently
@given(UNIQUE_MEMBERS, st.sets(KEYS, max_size=3))
def test_what_is_not_removed_stays_as_it_was_written(members, removals):
    edited = Document.read(body_of(members)).edited({}, removals)
    kept = [member for member in members if key_of(member) not in removals]
    at = 0
    for before, key, value in kept:
        at = edited.index(f"{key}{value}".encode(), at)
        if at and (before, key, value) != kept[0]:
            assert edited[:at].endswith(f" ,{before}".encode())


@patiently
@given(MEMBERS)
def test_nothing_to_change_returns_the_very_same_bytes(members):
    body = body_of(members)
    document = Document.read(body)
    same = {key: document.raw(key) for key in list(document.keys())}
    assert document.edited(same, {"not there"}) is body


def test_all_members_of_a_repeated_key_are_edited_and_the_last_one_is_read():
    body = b'{"model": "a", "x": 1e5, "model": "b"}'
    document = Document.read(body)
    assert document.text("model") == "b"
    assert document.edited({"model": b'"c"'}) == b'{"model": "c", "x": 1e5, "model": "c"}'
    assert document.edited({}, ["model"]) == b'{"x": 1e5}'


def test_repeated_keys_whose_values_are_as_long_do_not_lead_the_walk_astray():
    assert Document.read(b'{"a":1,"b":2,"a":3}').edited({"a": b"9"}) == b'{"a":9,"b":2,"a":9}'
    assert Document.read(b'{"a":1,"a":1}').edited({"b": b"9"}) == b'{"a":1,"a":1,"b":9}'


def test_half_an_emoji_passes_untouched():
    body = rb'{"model":"a","text":"\ud83d","more":"\\ud83d \ud83d\ude00 \\\ude00"}'
    document = Document.read(body)
    assert document.edited({"model": b'"b"'}) == body.replace(b'"a"', b'"b"')
    assert document.raw("text") == rb'"\ud83d"'
    assert document.text("more") == "\\ud83d \U0001f600 \\\ufffd"


def test_values_are_read_by_kind():
    document = Document.read(b'{"model":"a","stream": true ,"n":1,"no":false,"huge":1e400}')
    assert (document.text("model"), document.text("n"), document.text("gone")) == ("a", None, None)
    assert (document.flag("stream"), document.flag("no"), document.flag("gone")) == (True, False, False)
    assert (document.value("n"), document.value("gone"), document.value("huge")) == (1, None, None)
    assert list(document.keys()) == ["model", "stream", "n", "no", "huge"]
    assert document.raw("huge") == b"1e400"


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "the body is empty, where a JSON object was expected"),
        (b"<html>", "the body is not JSON: invalid character at byte 1"),
        (b'{\n  "a": nope\n}', "the body is not JSON: invalid character at line 2, column 9"),
        (b'{"a":1', "the body is not JSON: it ends too early"),
        (b"[1]", "the body is JSON, but not an object: array"),
        (b'{"\xff":1}', "the body is not UTF-8"),
        (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "the body is nested too deeply"),
    ],
)
def test_what_is_no_object_is_refused_with_what_is_wrong_and_where(body, sentence):
    with pytest.raises(NotAnObject) as refusal:
        Document.read(body)
    assert refusal.value.sentence == sentence


@patiently
@given(st.binary(max_size=40))
def test_no_body_does_worse_than_being_refused(body):
    try:
        Document.read(body).edited({"model": b'"x"'}, ["a"])
    except NotAnObject as refusal:
        assert refusal.sentence


def test_a_nested_string_is_replaced_and_nothing_else():
    event = b'{"type": "message_start", "message": {"id":"m", "model" : "real\\u002d1", "n": 1.0}}'
    assert replace_string(event, ("message", "model"), "asked") == event.replace(rb"real\u002d1", b"asked")


@pytest.mark.parametrize(
    "body", [b'{"message":{}}', b'{"message":{"model":1}}', b"nonsense", b'{"message":[]}']
)
def test_where_there_is_no_such_string_the_same_bytes_come_back(body):
    assert replace_string(body, ("message", "model"), "x") is body


def test_overrides_set_json_or_text_and_remove():
    body = b'{"model":"m","temperature":0.7,"top_k":5,"user":"u"}'
    overrides = {
        "temperature": "1.0",
        "top_k": "",
        "tier": "flex",
        "stop": '["a"]',
        "user": '"u"',
        "gone": "",
    }
    edited, notes = apply_overrides(body, overrides)
    assert edited == b'{"model":"m","temperature":1.0,"user":"u","tier":"flex","stop":["a"]}'
    assert notes == ["set temperature to 1.0", 'set tier to "flex"', 'set stop to ["a"]', "removed top_k"]


def test_overrides_that_change_nothing_leave_the_same_bytes_and_no_note():
    document = Document.read(b'{"a":1}')
    assert apply_overrides(document, {"a": "1", "b": ""}) == (document.body, [])


def test_a_request_of_107_kb_reads_far_faster_than_its_network_hop():
    blocks = [{"type": "text", "text": 'a "quoted" line\n' * 20}] * 290
    body = msgspec.json.encode({**dict.fromkeys("abcdefghij", "x"), "messages": blocks, "model": "m"})
    assert 100_000 < len(body) < 130_000
    best_s = min(timeit.repeat(lambda: Document.read(body).text("model"), number=1, repeat=200))
    assert best_s < 0.003, "ten times the measured time: only a changed order of growth may fail this"


@pytest.mark.parametrize(
    ("written", "values"),
    [
        (b"[]", []),
        (b" [ ] ", []),
        (b'[1,"a, ]\\"",{"b":[2,"}"]},[3],null,true]', [1, 'a, ]"', {"b": [2, "}"]}, [3], None, True]),
        (b'[ {"x": "\\\\"} ,\n "\\u00e9" ]', [{"x": "\\"}, "é"]),
        (b'{"no":"list"}', []),
        (b'"[text]"', []),
    ],
)
def test_the_items_of_a_list_come_one_by_one(written, values):
    assert list(Document.read(b'{"a": ' + written + b', "z": 1}').items("a")) == values


def test_no_more_of_a_list_is_decoded_than_is_taken():
    document = Document.read(b'{"a":[{"role":"user"},' + b"1e400," * 3 + b'"rest"]}')
    assert next(document.items("a")) == {"role": "user"}
    assert list(document.items("missing")) == []
