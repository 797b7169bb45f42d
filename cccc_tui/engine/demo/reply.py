"""What the demo answers: decided from the request alone, the same every time."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import msgspec

from cccc_tui.engine.demo.request import Asked, Tool
from cccc_tui.engine.demo.sample import sample
from cccc_tui.engine.demo.speech import Answer, Call, Part, Stop, Thought, Words, pieces

_WANTS_TOOL = re.compile(r"\btools?\b|\bdemo task\b", re.IGNORECASE)
_SHELLS = ("Bash", "bash", "exec_command", "shell", "shell_command", "run_terminal_cmd", "execute_command")
_HARMLESS = re.compile(
    r"echo|read|list|get|search|find|glob|grep|view|look|time|weather|calc|add|sum", re.IGNORECASE
)
_QUOTED_CHARS = 80
_CACHED_SHARE = 0.8

_THOUGHT = "This is the demo, so there is little to think about: say what happens here, and how to go on."


def reply(asked: Asked, number: int, config_path: Path) -> Answer:
    """The answer to `asked`; `number` tells the answers of one provider apart."""
    parts = _parts(asked, config_path)
    parts, stop = _within_limit(parts, asked.max_tokens)
    if asked.thinks and asked.schema is None:
        parts = (Thought(_THOUGHT if asked.shows_thinking else ""), *parts)
    cached = 0 if asked.is_first_turn else int(asked.input_tokens * _CACHED_SHARE)
    return Answer(
        parts=parts,
        model=asked.model,
        number=number,
        stop=stop,
        input_tokens=asked.input_tokens - cached,
        cached_tokens=cached,
        include_usage=asked.include_usage,
    )


def _parts(asked: Asked, config_path: Path) -> tuple[Part, ...]:
    if asked.schema is not None:
        return (Words(msgspec.json.encode(sample(asked.schema, everything=True)).decode()),)
    if asked.results:
        return (Words(_thanks(asked)),)
    if tool := _tool_to_call(asked):
        arguments = sample(tool.schema, everything=False)
        return (Words("Here is a tool call, as an agent's model would make it."), Call(tool.name, arguments))
    if _WANTS_TOOL.search(asked.text) and asked.tools:
        return (Words("None of the tools that you offer looks harmless to me, so I call none of them."),)
    return (Words(_explanation(asked, config_path)),)


def _tool_to_call(asked: Asked) -> Tool | None:
    """The tool that is demanded, or a harmless one if the user speaks of tools."""
    if not asked.may_call:
        return None
    if asked.must_call is not None:
        named = _first(asked.tools, lambda tool: tool.name == asked.must_call)
        return named or _harmless(asked.tools) or _first(asked.tools, lambda tool: True)
    return _harmless(asked.tools) if _WANTS_TOOL.search(asked.text) else None


def _harmless(tools: tuple[Tool, ...]) -> Tool | None:
    return _first(tools, lambda tool: tool.name in _SHELLS) or _first(
        tools, lambda tool: _HARMLESS.match(tool.name) is not None
    )


def _first(tools: tuple[Tool, ...], fits: Callable[[Tool], bool]) -> Tool | None:
    return next((tool for tool in tools if fits(tool)), None)


def _within_limit(parts: tuple[Part, ...], max_tokens: int | None) -> tuple[tuple[Part, ...], Stop]:
    """Words stop at the limit, as a model's do; a tool call is never cut."""
    last = parts[-1]
    if isinstance(last, Call):
        return parts, "tools"
    words = pieces(last.text)
    if max_tokens is None or len(words) <= max_tokens:
        return parts, "end"
    return (Words("".join(words[: max(max_tokens, 1)])),), "length"


def _thanks(asked: Asked) -> str:
    # The last line: Codex puts a report on the process above the output.
    lines = asked.results[-1].strip().splitlines() or ["(nothing)"]
    return (
        f"Thank you, the tool answered: {_short(lines[-1])}\n\n"
        "That was a whole agent turn: your question, a tool call, its result, and this answer. "
        "Each of them went through cccc, and you can open each of them there."
    )


def _explanation(asked: Asked, config_path: Path) -> str:
    heading = f"You said: {_short(asked.text)}\n\n" if asked.text else ""
    return (
        f"Hello from the cccc demo. {heading}"
        f"You asked for {asked.model}, but no provider was called and nothing was billed: cccc itself made "
        "this answer, to show you the whole way of a request. Open it in the control center to see its route, "
        "the timing, the tokens, and both bodies.\n\n"
        f"To use a real provider, add an endpoint to {config_path}, for example:\n\n"
        "endpoints:\n"
        "  - name: anthropic\n"
        "    url: https://api.anthropic.com\n"
        "    endpoint_type: anthropic\n"
        "    auth_value: env:ANTHROPIC_API_KEY\n\n"
        "Save the file and it works at once; the demo steps aside. "
        'To see a tool call first, say "demo task".'
    )


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _QUOTED_CHARS else f"{line[: _QUOTED_CHARS - 1]}…"
