import msgspec
import pytest

from cccc_tui.engine.demo.sample import GREETING, sample


def required(**properties):
    return {"type": "object", "properties": properties, "required": list(properties)}


def test_a_shell_tool_gets_a_harmless_greeting():
    assert sample(required(command={"type": "string"}), everything=False) == {"command": GREETING}
    argv = sample(required(command={"type": "array", "items": {"type": "string"}}), everything=False)
    assert argv == {"command": ["bash", "-lc", GREETING]}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"const": 4}, 4),
        ({"enum": ["red", "blue"]}, "red"),
        ({"type": "string", "default": "x"}, "x"),
        ({"type": "integer", "minimum": 7}, 7),
        ({"type": "integer", "exclusiveMinimum": 7}, 8),
        ({"type": "number", "minimum": 0, "maximum": 0.5}, 0.0),
        ({"type": "number", "maximum": -3}, -3.0),
        ({"type": "boolean"}, False),
        ({"type": "null"}, None),
        ({"type": ["null", "integer"]}, 1),
        ({"anyOf": [{"type": "null"}, {"type": "boolean"}]}, False),
        ({"type": "string", "minLength": 12}, "cccc demo..."),
        ({"type": "string", "maxLength": 4}, "cccc"),
        ({"type": "string", "format": "date"}, "2026-01-01"),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 2}, [1, 1]),
        ({"allOf": [required(a={"const": 1}), required(b={"const": 2})]}, {"a": 1, "b": 2}),
    ],
)
def test_a_value_keeps_what_its_schema_demands(schema, value):
    assert sample(schema, everything=True) == value


def test_optional_properties_are_left_out_of_a_tool_call_and_put_into_an_answer():
    schema = required(title={"type": "string"}) | {
        "properties": {"title": {"type": "string"}, "n": {"const": 1}}
    }
    assert list(sample(schema, everything=False)) == ["title"]
    assert list(sample(schema, everything=True)) == ["title", "n"]


def test_references_are_followed_and_a_schema_that_contains_itself_comes_to_an_end():
    node = required(name={"type": "string"}) | {
        "properties": {"name": {"type": "string"}, "child": {"$ref": "#/$defs/node"}}
    }
    value = sample({"$ref": "#/$defs/node", "$defs": {"node": node}}, everything=True)
    assert value["child"]["name"] == "cccc demo"
    assert len(msgspec.json.encode(value)) < 1000


def test_a_schema_that_demands_itself_without_end_is_cut():
    node = required(child={"$ref": "#"})
    assert len(msgspec.json.encode(sample(node, everything=False))) < 1000


def test_a_schema_that_says_nothing_of_use_still_gets_a_value():
    assert sample({"$ref": "#/nowhere"}, everything=True) is None
    assert sample({}, everything=True) == "cccc demo"
