"""The answers that every package must get over every upstream: what is asked, what the model says, what is seen.

A case is written once; `Case.request` says it in the format of each client, as its provider's documents spell it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.fakes.picture import png
from tests.fakes.speech import Format, Json, Part, Refusal, Stop, Text, Thinking, ToolCall
from tests.fakes.steps import Step

MODEL = "the-clients-model"
QUESTION = "What is the weather in Kraków?"


PICTURE = png(255, 0, 0)
_BASE64 = base64.b64encode(PICTURE).decode()
_DATA_URL = f"data:image/png;base64,{_BASE64}"

# ---------------------------------------------------------------------------------- requests, by format

_BASE: dict[Format, Callable[[], Json]] = {
    "anthropic": lambda: {"max_tokens": 4096, "messages": [{"role": "user", "content": QUESTION}]},
    "chat": lambda: {"messages": [{"role": "user", "content": QUESTION}]},
    "responses": lambda: {"input": QUESTION},
}

THINKING: dict[Format, Json] = {
    "anthropic": {"thinking": {"type": "enabled", "budget_tokens": 2048}},
    "chat": {"reasoning_effort": "medium"},
    "responses": {
        "reasoning": {"effort": "medium", "summary": "auto"},
        "include": ["reasoning.encrypted_content"],
    },
}

WEATHER_SCHEMA: Json = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city"],
    "additionalProperties": False,
}
_TOOL = {"name": "weather", "description": "Tells the weather."}
TOOLS: dict[Format, Json] = {
    "anthropic": {"tools": [_TOOL | {"input_schema": WEATHER_SCHEMA}]},
    "chat": {"tools": [{"type": "function", "function": _TOOL | {"parameters": WEATHER_SCHEMA}}]},
    "responses": {"tools": [{"type": "function", "strict": False, "parameters": WEATHER_SCHEMA} | _TOOL]},
}

IMAGE: dict[Format, Json] = {
    "anthropic": {
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What is this?"},
                    {
                        "type": "image",
                        "source": {"type": "base64", "media_type": "image/png", "data": _BASE64},
                    },
                ],
            }
        ]
    },
    "chat": {
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What is this?"},
                    {"type": "image_url", "image_url": {"url": _DATA_URL}},
                ],
            }
        ]
    },
    "responses": {
        "input": [
            {
                "role": "user",
                "content": [
                    {"type": "input_text", "text": "What is this?"},
                    {"type": "input_image", "image_url": _DATA_URL, "detail": "auto"},
                ],
            }
        ]
    },
}

CALL_ARGUMENTS: Json = {"city": "Kraków", "days": 2}
RESULT_TEXT = "18 °C, and a picture of it"
TOOL_RESULT: dict[Format, Json] = {
    "anthropic": TOOLS["anthropic"]
    | {
        "messages": [
            {"role": "user", "content": QUESTION},
            {
                "role": "assistant",
                "content": [
                    {"type": "tool_use", "id": "toolu_01", "name": "weather", "input": CALL_ARGUMENTS}
                ],
            },
            {
                "role": "user",
                "content": [
                    {
                        "type": "tool_result",
                        "tool_use_id": "toolu_01",
                        "content": [
                            {"type": "text", "text": RESULT_TEXT},
                            {
                                "type": "image",
                                "source": {"type": "base64", "media_type": "image/png", "data": _BASE64},
                            },
                        ],
                    },
                    {"type": "text", "text": "So?"},
                ],
            },
        ]
    },
    # Chat's tool message holds text alone: its clients send the picture in the user's words that follow.
    "chat": TOOLS["chat"]
    | {
        "messages": [
            {"role": "user", "content": QUESTION},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {
                        "id": "call_01",
                        "type": "function",
                        "function": {"name": "weather", "arguments": json.dumps(CALL_ARGUMENTS)},
                    }
                ],
            },
            {"role": "tool", "tool_call_id": "call_01", "content": RESULT_TEXT},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "So?"},
                    {"type": "image_url", "image_url": {"url": _DATA_URL}},
                ],
            },
        ]
    },
    "responses": TOOLS["responses"]
    | {
        "input": [
            {"role": "user", "content": QUESTION},
            {
                "type": "function_call",
                "call_id": "call_01",
                "name": "weather",
                "arguments": json.dumps(CALL_ARGUMENTS),
            },
            {
                "type": "function_call_output",
                "call_id": "call_01",
                "output": [
                    {"type": "input_text", "text": RESULT_TEXT},
                    {"type": "input_image", "image_url": _DATA_URL, "detail": "auto"},
                ],
            },
            {"role": "user", "content": "So?"},
        ]
    },
}

FORECAST_SCHEMA: Json = WEATHER_SCHEMA | {"required": ["city", "days"]}
FORECAST: Json = {"city": "Kraków", "days": 3}
STRUCTURED: dict[Format, Json] = {
    "anthropic": {"output_config": {"format": {"type": "json_schema", "schema": FORECAST_SCHEMA}}},
    "chat": {
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "forecast", "schema": FORECAST_SCHEMA, "strict": True},
        }
    },
    "responses": {
        "text": {
            "format": {"type": "json_schema", "name": "forecast", "schema": FORECAST_SCHEMA, "strict": True}
        }
    },
}

# ------------------------------------------------------------------------------------------------ cases


@dataclass(frozen=True)
class Case:
    name: str
    says: tuple[Part, ...]
    asks: dict[Format, Json] = field(default_factory=dict)
    """What each client's request has beside or instead of the plain question."""
    stop: Stop = ""

    @property
    def step(self) -> Step:
        return Step(parts=self.says, stop=self.stop)

    def request(self, form: Format) -> Json:
        return {"model": MODEL} | _BASE[form]() | self.asks.get(form, {})

    @property
    def text(self) -> str:
        return "".join(part.text for part in self.says if isinstance(part, Text))

    @property
    def thought(self) -> str:
        return "".join(part.text for part in self.says if isinstance(part, Thinking))

    @property
    def refusal(self) -> str:
        return "".join(part.text for part in self.says if isinstance(part, Refusal))

    @property
    def calls(self) -> list[tuple[str, Json | str]]:
        return [(part.name, part.arguments) for part in self.says if isinstance(part, ToolCall)]


_NESTED: Json = {"city": 'Łódź "centre"', "days": 10**17, "more": {"list": [1.5, None, True, "\u2028\n"]}}
SUNNY = Text("Sunny, 18 °C. ☀️")

CASES = (
    Case("text", (SUNNY,)),
    Case("thinking", (Thinking("Kraków lies in Poland.\nIt is May."), SUNNY), THINKING),
    Case("one tool", (ToolCall("weather", _NESTED),), TOOLS),
    Case(
        "three parallel tools",
        (
            Text("I ask for each."),
            ToolCall("weather", {"city": "Kraków"}),
            ToolCall("weather", {}),
            ToolCall("weather", {"city": "Gdańsk", "days": 2}),
        ),
        TOOLS,
    ),
    Case("image in", (Text("One red pixel."),), IMAGE),
    Case("tool result with image", (Text("It is warm."),), TOOL_RESULT),
    Case("structured output", (Text(json.dumps(FORECAST, ensure_ascii=False)),), STRUCTURED),
    Case("long text", (Text(" ".join(f"{n}:{'żółw' * 200}" for n in range(50))),)),
    Case("refusal", (Refusal("I cannot help with that."),)),
    Case("max tokens", (Text("Sunny, and then"),), stop="length"),
)
