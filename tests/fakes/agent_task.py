"""The model that real agents talk to in the end-to-end tests: it solves a small errand by tool calls.

The errand: `start.txt` names a second file, that file holds a password, and the password goes into
`answer.txt`, which is there already and has more lines. On the way a picture is looked at. Names and password
are random, so every turn can only be right if the result of the turn before came through: the final sentence
proves the whole loop. `solve` is a pure function of the request; it knows no password.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.fakes.picture import pictures, png
from tests.fakes.speech import Json, Part, Text, Thinking, ToolCall
from tests.fakes.steps import Step
from tests.fakes.upstream import Asked, Refused

THOUGHT = "The errand begins in start.txt, so I read that first."
SIGNATURE = "RXJyYW5kU2lnbmF0dXJlIG9mIHRoZSBmYWtlIG1vZGVs"
PROMPT = "Run the errand: read start.txt, follow it to the password, put that into answer.txt, and tell me."
PICTURE = png(180, 20, 60, side=16)
BEFORE = "kept for: the keeper\npassword: unknown\nend of file\n"


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
        (self.folder / "answer.txt").write_text(BEFORE)
        (self.folder / "picture.png").write_bytes(PICTURE)

    @property
    def written(self) -> str:
        """The password in `answer.txt`; empty if anything else there was changed."""
        text = (self.folder / "answer.txt").read_text()
        found = re.search(r"password: (\S+)", text)
        return found[1] if found and text == BEFORE.replace("unknown", found[1]) else ""


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
    """The reasoning that came back: its signatures, or in Chat, which signs nothing, its words."""
    pictures: tuple[bytes, ...] = ()


def solve(asked: Asked) -> Step:
    """The next turn of the errand, for Claude Code, Codex, or anyone who offers their tools."""
    talk = read(asked)
    if not talk.tools:
        return Step(parts=(Text("There are no tools for the errand."),))
    if talk.results and talk.thinks and not {SIGNATURE, THOUGHT} & set(talk.echoes):
        raise Refused("the reasoning of the first turn did not come back unchanged")
    return Step(parts=tuple(_turn(talk)))


def read(asked: Asked) -> Conversation:
    readers = {"anthropic": _read_messages, "chat": _read_chat, "responses": _read_responses}
    talk = readers[asked.form or "chat"](asked.json)
    return replace(talk, pictures=tuple(pictures(asked.json)))


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
        here = folder[1]
        return [_read(talk, f"{here}/{second[1]}"), _read(talk, f"{here}/answer.txt"), _look(talk, here)]
    if len(talk.results) == 5 and password and folder and "unknown" in told:
        if PICTURE not in talk.pictures:
            raise Refused("the picture did not come through as it is")
        return [_edit(talk, f"{folder[1]}/answer.txt", "unknown", password[1])]
    if len(talk.results) == 6 and password:
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


def _look(talk: Conversation, folder: str) -> ToolCall:
    if "Read" in talk.tools:
        return ToolCall("Read", {"file_path": f"{folder}/picture.png"})
    if "view_image" in talk.tools:
        return ToolCall("view_image", {"path": f"{folder}/picture.png"})
    raise Refused(f"no tool shows pictures, only {sorted(talk.tools)} are offered")


def _edit(talk: Conversation, path: str, old: str, new: str) -> ToolCall:
    """Changes one word of the one line `password: ...` of an existing file."""
    if "Edit" in talk.tools:
        return ToolCall("Edit", {"file_path": path, "old_string": old, "new_string": new})
    if "apply_patch" not in talk.tools:
        return _shell(talk, f"sed -i s/{old}/{new}/ {path} && echo edited")
    lines = ["*** Begin Patch", f"*** Update File: {Path(path).name}", "@@", " kept for: the keeper"]
    lines += [f"-password: {old}", f"+password: {new}", " end of file", "*** End Patch", ""]
    patch = "\n".join(lines)
    if talk.tools["apply_patch"]:
        return ToolCall("apply_patch", patch, custom=True)
    # An upstream without custom tools is offered a function with one argument in its place.
    return ToolCall("apply_patch", {"input": patch})


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
    thoughts = [message.get("reasoning_content") or "" for message in body["messages"]]
    return Conversation(tools, results, thinks="reasoning_effort" in body, echoes=tuple(thoughts))


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
