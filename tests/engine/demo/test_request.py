import json

import pytest

from cccc_tui.engine.demo.request import Unreadable, read


def asked(form, **body):
    return read(form, json.dumps({"model": "m"} | body).encode())


def user(text):
    return {"role": "user", "content": text}


@pytest.mark.parametrize(
    ("form", "body"),
    [
        ("anthropic", {"messages": [user([{"type": "text", "text": "Hi"}])]}),
        ("chat", {"messages": [{"role": "system", "content": "Be kind."}, user("Hi")]}),
        ("responses", {"input": "Hi"}),
        ("responses", {"input": [{"role": "user", "content": [{"type": "input_text", "text": "Hi"}]}]}),
    ],
)
def test_the_last_words_of_the_user_are_found_in_every_format(form, body):
    assert asked(form, **body).text == "Hi"


def test_what_an_agent_puts_around_the_words_of_the_user_is_left_out():
    blocks = [
        {"type": "text", "text": "<system-reminder>\nTools: Bash\n</system-reminder>"},
        {"type": "text", "text": "Fix the <b>bug</b> please"},
        {"type": "text", "text": "<system-reminder>more</system-reminder>"},
    ]
    assert asked("anthropic", messages=[user(blocks)]).text == "Fix the  please"


def test_tool_results_since_the_last_words_are_collected_in_order():
    messages = [
        user("Run both"),
        {"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "Bash", "input": {}}]},
        user(
            [
                {"type": "tool_result", "tool_use_id": "a", "content": "one"},
                {"type": "tool_result", "tool_use_id": "b", "content": [{"type": "text", "text": "two"}]},
            ]
        ),
    ]
    found = asked("anthropic", messages=messages)
    assert (found.text, found.results, found.is_first_turn) == ("Run both", ("one", "two"), False)


def test_results_from_before_the_last_words_are_history():
    items = [
        {"type": "function_call", "call_id": "a", "name": "shell", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "a", "output": "old"},
        {"role": "user", "content": "And now?"},
    ]
    found = asked("responses", input=items)
    assert (found.text, found.results) == ("And now?", ())


def test_plain_functions_are_read_in_the_form_of_each_format():
    schema = {"type": "object"}
    offers = {
        "anthropic": {"name": "f", "input_schema": schema},
        "chat": {"type": "function", "function": {"name": "f", "parameters": schema}},
        "responses": {"type": "function", "name": "f", "parameters": schema},
    }
    for form, tool in offers.items():
        body = {"input": "x"} if form == "responses" else {"messages": [user("x")]}
        found = asked(form, tools=[tool, {"type": "web_search"}], **body)
        assert [(tool.name, tool.schema) for tool in found.tools] == [("f", schema)]


@pytest.mark.parametrize(
    ("choice", "must", "may"),
    [
        (None, None, True),
        ("auto", None, True),
        ({"type": "auto"}, None, True),
        ("none", None, False),
        ({"type": "none"}, None, False),
        ("required", "", True),
        ({"type": "any"}, "", True),
        ({"type": "tool", "name": "f"}, "f", True),
        ({"type": "function", "function": {"name": "f"}}, "f", True),
    ],
)
def test_the_tool_choice_of_every_format_is_understood(choice, must, may):
    found = asked("chat", messages=[user("x")], tool_choice=choice)
    assert (found.must_call, found.may_call) == (must, may)


def test_a_schema_for_the_answer_is_found_in_every_format():
    schema = {"type": "object", "properties": {"title": {"type": "string"}}}
    wanted = {"type": "json_schema", "schema": schema}
    assert asked("anthropic", messages=[user("x")], output_config={"format": wanted}).schema == schema
    assert asked("responses", input="x", text={"format": wanted}).schema == schema
    chat = {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}
    assert asked("chat", messages=[user("x")], response_format=chat).schema == schema
    assert asked("chat", messages=[user("x")], response_format={"type": "json_object"}).schema is not None
    assert asked("chat", messages=[user("x")]).schema is None


def test_thinking_is_seen_and_whether_it_is_shown():
    def thinks(form, **body):
        found = asked(form, **({"input": "x"} if form == "responses" else {"messages": [user("x")]}) | body)
        return found.thinks, found.shows_thinking

    assert thinks("anthropic", thinking={"type": "adaptive", "display": "omitted"}) == (True, False)
    assert thinks("anthropic", thinking={"type": "enabled", "budget_tokens": 2000}) == (True, True)
    assert thinks("anthropic", thinking={"type": "disabled"})[0] is False
    assert thinks("chat", reasoning_effort="low")[0] is True
    assert thinks("chat", reasoning_effort="none")[0] is False
    assert thinks("responses", reasoning={"effort": "high", "summary": "auto"}) == (True, True)
    assert thinks("responses")[0] is False


@pytest.mark.parametrize(
    "body", [b"", b"no json", b"[]", b"{}", b'{"model":"m"}', b'{"model":"m","messages":[]}', b'{"model":7}']
)
def test_what_is_no_request_is_refused_with_a_reason(body):
    with pytest.raises(Unreadable) as refusal:
        read("chat", body)
    assert str(refusal.value)


@pytest.mark.parametrize("form", ["anthropic", "chat", "responses"])
def test_odd_shapes_within_a_request_do_no_harm(form):
    odd = {
        "messages": [1, user("x")],
        "input": [None, user("x")],
        "tools": 5,
        "stream_options": [],
        "text": 1,
    }
    found = asked(form, **odd, reasoning="high", thinking=True, response_format="json", output_config=3)
    assert found.text == "x"
