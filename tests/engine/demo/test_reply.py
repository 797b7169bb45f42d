import json
from pathlib import Path

import pytest

from cccc_tui.engine.demo.reply import reply
from cccc_tui.engine.demo.request import read
from cccc_tui.engine.demo.speech import Call, Thought, Words

CONFIG = Path("/home/me/.config/cccc/config.yaml")


def tool(name, **properties):
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    return {"name": name, "input_schema": schema}


BASH = tool("Bash", command={"type": "string"})


def answered(text="Hello", *, messages=None, **body):
    asked = {"model": "claude-x", "messages": messages or [{"role": "user", "content": text}]} | body
    return reply(read("anthropic", json.dumps(asked).encode()), 1, CONFIG)


def words(answer):
    return "".join(part.text for part in answer.parts if isinstance(part, Words))


def called(answer):
    return [(part.name, part.arguments) for part in answer.parts if isinstance(part, Call)]


def test_the_text_says_what_is_seen_and_how_to_add_a_real_endpoint():
    said = words(answered("What is this?"))
    assert "You said: What is this?" in said
    assert "claude-x" in said
    assert str(CONFIG) in said
    assert "auth_value: env:ANTHROPIC_API_KEY" in said


@pytest.mark.parametrize("text", ["Use a tool.", "Which TOOLS are there?", "Do the demo task"])
def test_a_tool_is_called_when_the_user_speaks_of_it(text):
    answer = answered(text, tools=[tool("Agent", prompt={"type": "string"}), BASH])
    assert called(answer) == [("Bash", {"command": 'echo "hello from the cccc demo"'})]
    assert answer.stop == "tools"


def test_no_tool_is_called_without_reason():
    assert called(answered("Hello", tools=[BASH])) == []
    assert called(answered("Fix the toolbar", tools=[BASH])) == []
    assert called(answered("Use a tool", tools=[BASH], tool_choice={"type": "none"})) == []


def test_a_tool_that_may_do_harm_is_not_called_by_choice():
    answer = answered("Use a tool", tools=[tool("delete_account", id={"type": "string"})])
    assert called(answer) == []
    assert "None of the tools" in words(answer)


def test_a_harmless_tool_that_is_no_shell_gets_arguments_of_its_schema():
    answer = answered("Use a tool", tools=[tool("get_weather", city={"type": "string"})])
    assert called(answer) == [("get_weather", {"city": "Berlin"})]


def test_a_tool_that_is_demanded_is_called():
    tools = [BASH, tool("record", n={"type": "integer"})]
    assert called(answered(tools=tools, tool_choice={"type": "tool", "name": "record"})) == [
        ("record", {"n": 1})
    ]
    assert [name for name, _ in called(answered(tools=tools, tool_choice={"type": "any"}))] == ["Bash"]


def test_the_result_of_a_tool_is_thanked_for_in_words():
    messages = [
        {"role": "user", "content": "Use a tool"},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "Bash", "input": {}}]},
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": "a", "content": "Wall time: 1\nhello"}],
        },
    ]
    answer = answered(messages=messages, tools=[BASH])
    assert called(answer) == []
    assert "the tool answered: hello\n" in words(answer)
    assert answer.cached_tokens > answer.input_tokens > 0


def test_an_answer_with_a_schema_is_json_of_that_schema():
    schema = {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}
    format_ = {"type": "json_schema", "schema": schema}
    answer = answered(output_config={"format": format_}, thinking={"type": "adaptive"})
    assert json.loads(words(answer)) == {"title": "A look at the cccc demo"}
    assert len(answer.parts) == 1


def test_it_thinks_when_asked_to():
    assert isinstance(answered(thinking={"type": "adaptive"}).parts[0], Thought)
    assert not any(isinstance(part, Thought) for part in answered().parts)


def test_words_end_at_the_token_limit():
    answer = answered(max_tokens=2)
    assert (words(answer), answer.stop) == ("Hello from ", "length")
