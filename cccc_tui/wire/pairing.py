"""Every call gets its result, right behind it: no provider takes one without the other.

Agents interrupt, compact and steer, so that results come late, twice, or without their call. Three repairs:
a late result moves up to its call, a result without a call becomes the user's text, and a call that was
never answered although the conversation went on gets a result that says so.
"""

from __future__ import annotations

from typing import TypeAlias

from cccc_tui.wire.forms import form_of
from cccc_tui.wire.model import Begun, Part, Text, ToolCall, ToolResult, Turn
from cccc_tui.wire.parts import joined

_Place: TypeAlias = tuple[int, int]
"""Of a part: which turn, and which of its parts."""

NO_RESULT = "No result was recorded for this call."


def paired(turns: list[Turn], notes: list[str], begun: Begun | None = None) -> list[Turn]:
    """The turns with calls and results adjacent; the same list when they are already."""
    if _is_paired(turns, begun):
        return turns
    claims = _claims(turns)
    claimed = {place for place, _ in claims.values()}
    out: list[Turn] = []
    for position, turn in enumerate(turns):
        rest: list[Part] = []
        results: list[Part] = []
        for index, part in enumerate(turn.parts):
            place = position, index
            if not isinstance(part, ToolResult):
                rest.append(part)
            elif place not in claimed:
                rest.extend(_as_text(part, notes))
            if isinstance(part, ToolCall) and position + 1 < len(turns):
                results.append(claims[place][1] if place in claims else _missing(part, notes))
        if rest:
            out.append(turn if rest == turn.parts else Turn(turn.role, rest, turn.name))
        if results:
            out.append(_results(results, turns[position + 1]))
    return out


def _is_paired(turns: list[Turn], begun: Begun | None) -> bool:
    if begun is None:
        return _open_calls(turns, []) is not None
    known = turns[begun.first : begun.end]
    open_ids = form_of(begun.forms, "open calls", [], lambda: _open_calls(known, []))
    return open_ids is not None and _open_calls(turns[begun.end :], open_ids) is not None


def _open_calls(turns: list[Turn], open_ids: list[str]) -> list[str] | None:
    """The calls that wait for a result after these turns; None if any turn answers others than those before it made."""
    for turn in turns:
        answered: list[str] = []
        called: list[str] = []
        for part in turn.parts:
            if isinstance(part, ToolCall):
                called.append(part.id)
            elif isinstance(part, ToolResult):
                answered.append(part.call_id)
        if answered != open_ids and sorted(answered) != sorted(open_ids):
            return None
        open_ids = called
    return open_ids


def _results(results: list[Part], after: Turn) -> Turn:
    """A turn with the results; the one that came after their calls where that is just this, for it may be known."""
    is_same = after.role == "user" and after.parts == results
    return after if is_same else Turn("user", results)


def _claims(turns: list[Turn]) -> dict[_Place, tuple[_Place, ToolResult]]:
    """For each call the next result with its id: some providers repeat ids each turn.

    Both by where they stand: a turn may be shared with other requests (reuse.py).
    """
    waiting: dict[str, list[_Place]] = {}
    claims: dict[_Place, tuple[_Place, ToolResult]] = {}
    for position, turn in enumerate(turns):
        for index, part in enumerate(turn.parts):
            if isinstance(part, ToolCall):
                waiting.setdefault(part.id, []).append((position, index))
            elif isinstance(part, ToolResult) and waiting.get(part.call_id):
                claims[waiting[part.call_id].pop(0)] = (position, index), part
    return claims


def _missing(call: ToolCall, notes: list[str]) -> ToolResult:
    notes.append(f"call {call.id} of {call.name} had no result: one that says so was put in")
    return ToolResult(call.id, [Text(NO_RESULT)], kind=call.kind)


def _as_text(result: ToolResult, notes: list[str]) -> list[Part]:
    notes.append(f"result of unknown call {result.call_id} passed on as text")
    text = Text(f"[Result of an earlier tool call]\n{joined(result.content)}")
    return [text, *(part for part in result.content if not isinstance(part, Text))]
