"""Tools that one provider knows by type alone, spelled out as functions for the others.

Responses has item types of its own for custom (free text), local shell, shell, apply_patch and tool
search; Anthropic has trained-in client tools (bash, text editor, memory). As a function each is a name, a
sentence and a schema, and the call comes back in the item type that the client waits for.
"""

from __future__ import annotations

from typing import Final

import msgspec

from cccc_tui.wire.model import Tool, ToolKind
from cccc_tui.wire.parts import EMPTY_OBJECT, decode_leniently, encode, json_object, try_decode

CUSTOM_SCHEMA: Final = msgspec.Raw(
    b'{"type":"object","properties":{"input":{"type":"string","description":"The whole input as plain text"'
    b'}},"required":["input"],"additionalProperties":false}'
)
_TIMEOUT = b'"timeout_ms":{"type":["integer","null"],"description":"Milliseconds until it is ended"}'

HOSTED: Final[dict[str, Tool]] = {
    "local_shell": Tool(
        "local_shell",
        "Runs one command on the user's machine and returns its output.",
        msgspec.Raw(
            b'{"type":"object","properties":{"command":{"type":"array","items":{"type":"string"},'
            b'"description":"Program and arguments"},"working_directory":{"type":["string","null"]},'
            + _TIMEOUT
            + b'},"required":["command"]}'
        ),
        kind="local_shell",
    ),
    "shell": Tool(
        "shell",
        "Runs shell commands one after the other and returns the output of each.",
        msgspec.Raw(
            b'{"type":"object","properties":{"commands":{"type":"array","items":{"type":"string"}},'
            + _TIMEOUT
            + b',"max_output_length":{"type":["integer","null"]}},"required":["commands"]}'
        ),
        kind="shell",
    ),
    "apply_patch": Tool(
        "apply_patch",
        "Creates, updates or deletes one file. `diff` holds the lines of a V4A diff, each beginning with "
        "a space, + or -, in sections that begin with @@.",
        msgspec.Raw(
            b'{"type":"object","properties":{"type":{"type":"string","enum":["create_file","update_file",'
            b'"delete_file"]},"path":{"type":"string"},"diff":{"type":"string","description":'
            b'"Left out when a file is deleted"}},"required":["type","path"]}'
        ),
        kind="apply_patch",
    ),
}

_TEXT_EDITOR = Tool(
    "str_replace_based_edit_tool",
    "Views, creates and edits text files: `view` (path, view_range), `create` (path, file_text), "
    "`str_replace` (path, old_str, new_str; old_str must occur exactly once), `insert` (path, insert_line, "
    "insert_text).",
    msgspec.Raw(
        b'{"type":"object","properties":{"command":{"type":"string","enum":["view","create","str_replace","insert"]},'
        b'"path":{"type":"string"},"view_range":{"type":"array","items":{"type":"integer"}},"file_text":'
        b'{"type":"string"},"old_str":{"type":"string"},"new_str":{"type":"string"},"insert_line":{"type":"integer"},'
        b'"insert_text":{"type":"string"}},"required":["command","path"]}'
    ),
)
TRAINED: Final[dict[str, Tool]] = {
    "bash": Tool(
        "bash",
        "Runs a command in a shell session that stays open between calls; `restart` begins a new one.",
        msgspec.Raw(
            b'{"type":"object","properties":{"command":{"type":"string"},"restart":{"type":"boolean"}}}'
        ),
    ),
    "text_editor": _TEXT_EDITOR,
    "memory": Tool(
        "memory",
        "Reads and writes files under /memories: `view` (path), `create` (path, file_text), `str_replace` "
        "(path, old_str, new_str), `insert` (path, insert_line, insert_text), `delete` (path), `rename` "
        "(old_path, new_path).",
        msgspec.Raw(
            b'{"type":"object","properties":{"command":{"type":"string","enum":["view","create",'
            b'"str_replace","insert","delete","rename"]},"path":{"type":"string"},"view_range":{"type":"array","items":{"type":"integer"}},'
            b'"file_text":{"type":"string"},"old_str":{"type":"string"},"new_str":{"type":"string"},'
            b'"insert_line":{"type":"integer"},"insert_text":{"type":"string"},"old_path":{"type":"string"},'
            b'"new_path":{"type":"string"}},"required":["command"]}'
        ),
    ),
}


class _Input(msgspec.Struct):
    input: str


class _Grammar(msgspec.Struct):
    syntax: str = ""
    definition: str = ""
    grammar: _Grammar | None = None
    """Chat nests what Responses does not."""


_input = msgspec.json.Decoder(_Input)
_grammar = msgspec.json.Decoder(_Grammar)


def function_description(tool: Tool) -> str:
    """What a target that only knows functions is told; a grammar becomes part of the words."""
    if tool.kind != "custom":
        return tool.description
    words = f"{tool.description}\n\nPut the whole text into `input`; it is plain text, not JSON.".lstrip()
    found = try_decode(_grammar, bytes(tool.grammar)) if tool.grammar is not None else None
    if found is None or not (rules := found.grammar or found).definition:
        return words
    return f"{words} It must follow this grammar ({rules.syntax}):\n{rules.definition}"


def function_schema(tool: Tool) -> msgspec.Raw:
    """The schema that a target that only knows functions is told."""
    return CUSTOM_SCHEMA if tool.kind == "custom" else tool.schema


def function_arguments(kind: ToolKind, arguments: str) -> str:
    """A call's arguments as JSON text: free text goes into `input`."""
    if kind != "custom":
        return arguments or "{}"
    return encode({"input": arguments}).decode()


def function_object(kind: ToolKind, arguments: str) -> msgspec.Raw:
    """A call's arguments as a JSON object; what is no object is kept under `arguments`."""
    text = function_arguments(kind, arguments)
    found = json_object(text)
    return found if found is not None else msgspec.Raw(encode({"arguments": text}))


def custom_input(arguments: str) -> str:
    """The free text in a bridged call; a model that wrote it without the wrapping meant the text itself."""
    try:
        return decode_leniently(_input, arguments).input
    except (msgspec.MsgspecError, RecursionError):
        return arguments if arguments.strip() not in ("", "{}") else ""


def object_or_empty(arguments: str) -> msgspec.Raw:
    """The arguments as a raw object for an item that wants one."""
    return json_object(arguments) or EMPTY_OBJECT
