"""Values made from a JSON schema: arguments for a tool, answers that have to follow a schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

GREETING = 'echo "hello from the cccc demo"'

_BY_NAME: dict[str, str] = {
    "command": GREETING,
    "cmd": GREETING,
    "description": "Say hello from the demo",
    "title": "A look at the cccc demo",
    "path": "README.md",
    "file_path": "README.md",
    "pattern": "*",
    "query": "cccc demo",
    "url": "http://127.0.0.1/",
    "location": "Berlin",
    "city": "Berlin",
}
_BY_FORMAT: dict[str, str] = {
    "date-time": "2026-01-01T00:00:00Z",
    "date": "2026-01-01",
    "time": "00:00:00Z",
    "email": "demo@example.com",
    "uri": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}
_MAX_DEPTH = 8
"""Schemas may contain themselves."""


def sample(schema: Json, *, everything: bool) -> Any:
    """A value that the schema allows; with `everything`, optional properties too."""
    return _Sampler(schema, everything).value(schema, "", 0)


class _Sampler:
    def __init__(self, root: Json, everything: bool) -> None:
        self._root = root
        self._everything = everything

    def value(self, schema: object, name: str, depth: int) -> Any:
        if not isinstance(schema, dict) or depth > _MAX_DEPTH:
            return None
        if "$ref" in schema:
            return self.value(self._resolved(str(schema["$ref"])), name, depth + 1)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return schema["enum"][0]
        if "default" in schema:
            return schema["default"]
        for choice in ("anyOf", "oneOf"):
            if schema.get(choice):
                return self.value(_first_real(schema[choice]), name, depth + 1)
        if schema.get("allOf"):
            return self.value(_merged(schema["allOf"]), name, depth + 1)
        return self._typed(schema, name, depth)

    def _typed(self, schema: Json, name: str, depth: int) -> Any:
        match _type_of(schema):
            case "object":
                return self._object(schema, depth)
            case "array":
                return self._array(schema, name, depth)
            case "string":
                return _string(schema, name)
            case "integer":
                return int(_number(schema))
            case "number":
                return _number(schema)
            case "boolean":
                return False
        return None

    def _object(self, schema: Json, depth: int) -> Json:
        properties: Mapping[str, Any] = schema.get("properties") or {}
        required = schema.get("required") or []
        # The deeper it gets, the less is volunteered, so that a schema that contains itself comes to an end.
        wanted = properties if self._everything and depth < _MAX_DEPTH // 2 else required
        return {key: self.value(properties.get(key, {"type": "string"}), key, depth + 1) for key in wanted}

    def _array(self, schema: Json, name: str, depth: int) -> list[Any]:
        if name in ("command", "cmd"):
            return ["bash", "-lc", GREETING]
        count = schema.get("minItems", 1 if self._everything and depth < _MAX_DEPTH // 2 else 0)
        return [self.value(schema.get("items", {"type": "string"}), "", depth + 1) for _ in range(count)]

    def _resolved(self, reference: str) -> object:
        """`#/$defs/name` within the schema; anything else is nowhere."""
        found: object = self._root
        for key in reference.removeprefix("#").strip("/").split("/"):
            found = found.get(key) if isinstance(found, dict) and key else found
        return found


def _type_of(schema: Json) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((entry for entry in kind if entry != "null"), "null")
    if kind is None:
        kind = "object" if "properties" in schema else "string"
    return str(kind)


def _first_real(choices: list[Any]) -> object:
    """The first choice that is not just null."""
    return next((entry for entry in choices if isinstance(entry, dict) and entry.get("type") != "null"), None)


def _merged(parts: list[Any]) -> Json:
    merged: Json = {"properties": {}, "required": []}
    for part in parts:
        if isinstance(part, dict):
            properties, required = part.get("properties", {}), part.get("required", [])
            merged |= part | {
                "properties": merged["properties"] | properties,
                "required": [*merged["required"], *required],
            }
    return merged


def _string(schema: Json, name: str) -> str:
    text = _BY_FORMAT.get(str(schema.get("format"))) or _BY_NAME.get(name, "cccc demo")
    text = text.ljust(schema.get("minLength", 0), ".")
    return text[: schema["maxLength"]] if "maxLength" in schema else text


def _number(schema: Json) -> float:
    if "exclusiveMinimum" in schema:
        return float(schema["exclusiveMinimum"]) + 1
    low = float(schema.get("minimum", 1))
    return min(low, float(schema["maximum"])) if "maximum" in schema else low
