"""The tools of a Responses request, which may stand in its input too, into the neutral model."""

from __future__ import annotations

import msgspec

from cccc_tui.wire.bridges import HOSTED
from cccc_tui.wire.model import Tool, Toolbox, ToolKind, WebSearchTool
from cccc_tui.wire.parts import is_unset


class WireTool(msgspec.Struct):
    type: str
    name: str = ""
    description: str | None = None
    parameters: msgspec.Raw = msgspec.Raw()
    strict: bool | None = None
    format: msgspec.Raw = msgspec.Raw()
    tools: list[WireTool] | None = None
    filters: dict[str, list[str] | None] | None = None
    user_location: dict[str, str | None] | None = None
    search_context_size: str | None = None
    external_web_access: bool | None = None


wire_tools = msgspec.json.Decoder(list[WireTool] | None)


def toolbox(wire: list[WireTool] | None, notes: list[str]) -> Toolbox:
    """What the list of tools holds; `notes` gets a line for each that is left out."""
    box = Toolbox()
    for entry in wire or ():
        box.tools += _read(entry, box, notes)
    box.tools = _distinct(box.tools)
    return box


def _read(tool: WireTool, box: Toolbox, notes: list[str], namespace: str = "") -> list[Tool]:
    match tool.type:
        case "function":
            return [_function(tool, "function", namespace)]
        case "custom":
            return [_function(tool, "custom", namespace)]
        case "namespace":
            return [inner for entry in tool.tools or () for inner in _read(entry, box, notes, tool.name)]
        case "tool_search" if tool.parameters:
            tool.name = "tool_search"
            return [_function(tool, "tool_search", "")]
        case "web_search" | "web_search_preview" | "web_search_2025_08_26":
            box.web_search = _web_search(tool)
            return []
    if tool.type in HOSTED:
        return [HOSTED[tool.type]]
    notes.append(f"tool of type {tool.type} dropped: only OpenAI runs it")
    return []


def united_tools(boxes: list[Toolbox]) -> Toolbox:
    """The first definition of a name wins, so that tools found later only ever come behind."""
    filled = [box for box in boxes if box.tools or box.web_search is not None]
    if len(filled) == 1:
        return filled[0]
    searches = [box.web_search for box in filled if box.web_search is not None]
    return Toolbox(
        _distinct([tool for box in filled for tool in box.tools]), searches[-1] if searches else None
    )


def _distinct(tools: list[Tool]) -> list[Tool]:
    first: dict[tuple[str, str], Tool] = {}
    for tool in tools:
        first.setdefault((tool.namespace, tool.name), tool)
    return list(first.values())


def _function(tool: WireTool, kind: ToolKind, namespace: str) -> Tool:
    read = Tool(tool.name, tool.description or "", kind=kind, namespace=namespace, strict=tool.strict)
    if kind != "custom" and not is_unset(tool.parameters):
        read.schema = tool.parameters
    if tool.format and kind == "custom":
        read.grammar = tool.format
    return read


def _web_search(tool: WireTool) -> WebSearchTool:
    location = {name: value for name, value in (tool.user_location or {}).items() if value and name != "type"}
    return WebSearchTool(
        (tool.filters or {}).get("allowed_domains") or [],
        context_size=tool.search_context_size or "",
        location=location,
        live=tool.external_web_access is not False,
    )
