import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cccc_tui.wire.convert import StreamConverter, convert_request, convert_response
from cccc_tui.wire.model import ConvertOptions
from cccc_tui.wire.repair import looks_like_python, may_mend, mended
from tests.fakes.conversations import OPTIONS, request

ALL = ConvertOptions(repair_tools=("*",))


@pytest.mark.parametrize(
    ("almost", "meant"),
    [
        ("{'path': 'a.py', 'force': True, 'mode': None}", {"path": "a.py", "force": True, "mode": None}),
        ('{"path": "a.py",}', {"path": "a.py"}),
        ('{"items": [1, 2,], }', {"items": [1, 2]}),
    ],
)
def test_almost_json_is_mended_and_noted(almost, meant):
    notes = []
    assert json.loads(mended("Write", almost, ALL, notes)) == meant
    assert notes == ["arguments of Write were not JSON: repaired"]


@pytest.mark.parametrize("strict", ['{"a": 1.0, "b": "it\'s"}', "{}", '{ "spaced" : [ ] }'])
def test_arguments_that_are_json_keep_every_byte(strict):
    notes = []
    assert mended("Write", strict, ALL, notes) == strict
    assert notes == []


def test_what_cannot_be_mended_stays_as_it_is():
    assert mended("Write", "no arguments at all", ALL, []) == "no arguments at all"


def test_only_the_tools_that_the_rules_name_are_mended():
    rules = ConvertOptions(repair_tools=("TodoWrite",))
    assert may_mend("TodoWrite", rules)
    assert not may_mend("Write", rules)
    assert mended("Write", "{'a': 1}", rules, []) == "{'a': 1}"


def test_a_python_dict_is_known_by_its_first_characters():
    assert looks_like_python("  {'a")
    assert not looks_like_python('{"a')
    assert not looks_like_python("{}")


def streamed(*pieces: str, name: str = "Bash", options: ConvertOptions = OPTIONS) -> tuple[str, list[str]]:
    """The arguments that a client puts together of a Chat upstream's deltas, and the notes."""
    context = convert_request("anthropic", "chat", request("anthropic"), options).context
    stream = StreamConverter(context)
    frames = [{"index": 0, "id": "c1", "function": {"name": name, "arguments": ""}}]
    frames += [{"index": 0, "function": {"arguments": piece}} for piece in pieces]
    written = b""
    for frame in frames:
        chunk = {"id": "c", "choices": [{"index": 0, "delta": {"tool_calls": [frame]}}]}
        written += stream.feed(b"data: " + json.dumps(chunk).encode() + b"\n\n")
    end = {
        "choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}],
        "usage": {"prompt_tokens": 1},
    }
    written += stream.feed(b"data: " + json.dumps(end).encode() + b"\n\n") + stream.end()
    events = [json.loads(line[6:]) for line in written.decode().splitlines() if line.startswith("data: ")]
    deltas = [event["delta"] for event in events if event["type"] == "content_block_delta"]
    return "".join(delta["partial_json"] for delta in deltas), [n for n in stream.notes if "repaired" in n]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
@pytest.mark.parametrize(
    ("almost", "meant"),
    [
        ('{"a": [1, 2, ], "b": {"c": 1,},}', {"a": [1, 2], "b": {"c": 1}}),
        ('{"code": "f(1, )} x,]", "n": 1 ,\n}', {"code": "f(1, )} x,]", "n": 1}),
        ('{"quote": "\\",}", "tail": ",",}', {"quote": '",}', "tail": ","}),
    ],
)
def test_a_comma_too_many_is_left_out_while_it_streams_and_none_in_a_string(almost, meant, size):
    arguments, notes = streamed(*(almost[n : n + size] for n in range(0, len(almost), size)))
    assert json.loads(arguments) == meant
    assert notes == ["arguments of Bash were not JSON: repaired"]


@given(st.dictionaries(st.text(',}] "\\ab\n', max_size=6), st.text(',}] "\\ab\n', max_size=9), max_size=3))
def test_json_streams_on_byte_for_byte(found):
    text = json.dumps(found)
    for size in (1, 3):
        assert streamed(*(text[n : n + size] for n in range(0, len(text), size))) == (text, [])


def test_a_comma_stays_where_mending_is_switched_off():
    almost = '{"a": 1,}'
    assert streamed(almost, options=ConvertOptions(repair_attempts=0)) == (almost, [])


@pytest.mark.parametrize("target", ["chat", "responses"])
def test_a_call_that_was_cut_off_is_never_closed_to_look_whole(target):
    context = convert_request("anthropic", target, request("anthropic"), OPTIONS).context
    cut = '{"path": "a.py", "content": "import o'
    if target == "chat":
        call = {"id": "c", "type": "function", "function": {"name": "Write", "arguments": cut}}
        body = {"choices": [{"message": {"tool_calls": [call]}, "finish_reason": "length"}]}
    else:
        call = {"type": "function_call", "call_id": "c", "name": "Write", "arguments": cut}
        details = {"reason": "max_output_tokens"}
        body = {"status": "incomplete", "incomplete_details": details, "output": [call]}
    written = json.loads(convert_response(context, json.dumps(body).encode()).body)
    assert written["stop_reason"] == "max_tokens"
    assert written["content"][0]["input"] == {"arguments": cut}


def test_the_free_text_of_a_custom_tool_is_no_json_and_stays_as_it_is():
    context = convert_request("anthropic", "chat", request("anthropic"), OPTIONS).context
    call = {"index": 0, "id": "c", "custom": {"name": "patch", "input": "{'a': f(1, )}, ]"}}
    chunk = {"choices": [{"index": 0, "delta": {"tool_calls": [call]}, "finish_reason": "tool_calls"}]}
    stream = StreamConverter(context)
    written = stream.feed(b"data: " + json.dumps(chunk).encode() + b"\n\n") + stream.end()
    assert json.dumps("{'a': f(1, )}, ]").encode() in written
