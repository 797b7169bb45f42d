"""The model that real agents talk to in the end-to-end tests: it solves a small errand by tool calls.

The errand: `start.txt` names a second file, that file holds a password, and the password goes into
`answer.txt`. Names and password are random, so every turn can only be right if the result of the turn before
came through: the final sentence proves the whole loop. `solve` is a pure function of the request; it knows no
password.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from tests.fakes.speech import Json, Part, Text, Thinking, ToolCall
from tests.fakes.steps import Step
from tests.fakes.upstream import Asked, Refused

THOUGHT = "The errand begins in start.txt, so I read that first."
SIGNATURE = "RXJyYW5kU2lnbmF0dXJlIG9mIHRoZSBmYWtlIG1vZGVs"
PROMPT = "Run the errand: read start.txt, follow it to the password, write that into answer.txt, and tell me."


@dataclass(frozen=True)
class Errand:
    """The files of one errand, in a folder of its own."""

    folder: Path
    password: str = field(default_factory=lambda: secrets.token_hex(6))
    second: str = field(default_factory=lambda: f"second-{secrets.token_hex(4)}.txt")
    prompt: str = PROMPT

    def __post_init__(self) -> None:
        (self.folder / "start.txt").write_text(f"next file: {self.second}\n")
        (self.folder / self.second).write_text(f"password: {self.password}\n")

    @property
    def written(self) -> str:
        """What the agent wrote, empty if nothing."""
        path = self.folder / "answer.txt"
        return path.read_text().strip() if path.exists() else ""


@dataclass(frozen=True)
class Conversation:
    """What a request tells, whatever its format."""

    tools: dict[str, bool]
    """Names of the offered tools, and whether they are custom ones with free text."""
    results: tuple[str, ...]
    """Texts of the tool results, in order."""
    thinks: bool
    """Whether reasoning was asked for in a form that is sent back."""
    echoes: tuple[str, ...]
    """Signatures of the reasoning that came back."""


def solve(asked: Asked) -> Step:
    """The next turn of the errand, for Claude Code, Codex, or anyone who offers their tools."""
    talk = read(asked)
    if not talk.tools:
        return Step(parts=(Text("There are no tools for the errand."),))
    if talk.results and talk.thinks and SIGNATURE not in talk.echoes:
        raise Refused("the reasoning of the first turn did not come back unchanged")
    return Step(parts=tuple(_turn(talk)))


def read(asked: Asked) -> Conversation:
    readers = {"anthropic": _read_messages, "chat": _read_chat, "responses": _read_responses}
    return readers[asked.form or "chat"](asked.json)


def _turn(talk: Conversation) -> list[Part]:
    told = "\n".join(talk.results)
    second = re.search(r"next file: (\S+)", told)
    password = re.search(r"password: ([0-9a-f]{12})", told)
    # Parallel calls end in any order, and Claude Code appends reminders to their results.
    folder = re.search(r"^(/\S+)$", told, re.M)
    if not talk.results:
        opening: list[Part] = [Thinking(THOUGHT, SIGNATURE)] if talk.thinks else []
        return [*opening, Text("I look at the start."), _shell(talk, "pwd"), _shell(talk, "cat start.txt")]
    if len(talk.results) == 2 and second and folder:
        return [_read(talk, f"{folder[1]}/{second[1]}")]
    if len(talk.results) == 3 and password and folder:
        return [_write(talk, f"{folder[1]}/answer.txt", password[1])]
    if len(talk.results) == 4 and password:
        return [Text(f"The password is {password[1]}; it stands in answer.txt now.")]
    raise Refused(f"the tool results do not tell what they should: {talk.results}")


def _shell(talk: Conversation, command: str) -> ToolCall:
    if "Bash" in talk.tools:
        return ToolCall("Bash", {"command": command, "description": f"Run {command}"})
    if "exec_command" in talk.tools:
        return ToolCall("exec_command", {"cmd": command})
    if "shell" in talk.tools:
        return ToolCall("shell", {"command": ["bash", "-lc", command]})
    raise Refused(f"no shell tool is offered, only {sorted(talk.tools)}")


def _read(talk: Conversation, path: str) -> ToolCall:
    return ToolCall("Read", {"file_path": path}) if "Read" in talk.tools else _shell(talk, f"cat {path}")


def _write(talk: Conversation, path: str, text: str) -> ToolCall:
    if "Write" in talk.tools:
        return ToolCall("Write", {"file_path": path, "content": f"{text}\n"})
    if talk.tools.get("apply_patch"):
        patch = f"*** Begin Patch\n*** Add File: {Path(path).name}\n+{text}\n*** End Patch\n"
        return ToolCall("apply_patch", patch, custom=True)
    return _shell(talk, f"echo {text} > {path} && echo written")


# ------------------------------------------------------------------------------------ reading requests


def _text(content: object) -> str:
    """The text of a string, or of a list of text parts."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "\n".join(part.get("text", "") for part in parts if isinstance(part, dict))


def _read_messages(body: Json) -> Conversation:
    blocks = [
        block
        for message in body["messages"]
        if isinstance(message["content"], list)
        for block in message["content"]
    ]
    return Conversation(
        tools={tool["name"]: False for tool in body.get("tools") or []},
        results=tuple(_text(block.get("content")) for block in blocks if block["type"] == "tool_result"),
        thinks=(body.get("thinking") or {}).get("type") in ("enabled", "adaptive"),
        echoes=tuple(block["signature"] for block in blocks if block["type"] == "thinking"),
    )


def _read_chat(body: Json) -> Conversation:
    tools = {
        tool["function"]["name"]: False for tool in body.get("tools") or [] if tool.get("type") == "function"
    }
    results = tuple(
        _text(message.get("content")) for message in body["messages"] if message["role"] == "tool"
    )
    return Conversation(tools, results, thinks=False, echoes=())


def _read_responses(body: Json) -> Conversation:
    items = body["input"] if isinstance(body["input"], list) else []
    outputs = ("function_call_output", "custom_tool_call_output")
    return Conversation(
        tools={tool["name"]: tool["type"] == "custom" for tool in body.get("tools") or [] if "name" in tool},
        results=tuple(_text(item.get("output")) for item in items if item.get("type") in outputs),
        thinks="reasoning.encrypted_content" in (body.get("include") or []),
        echoes=tuple(
            item.get("encrypted_content") or "" for item in items if item.get("type") == "reasoning"
        ),
    )
