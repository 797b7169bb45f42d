"""Every field and type of the official packages is read, or stands in the table of what is left out."""

from __future__ import annotations

import json

import pytest

from cccc_tui.wire import counts
from cccc_tui.wire.anthropic import answer as anthropic_answer
from cccc_tui.wire.anthropic import request_in as anthropic_request
from cccc_tui.wire.anthropic import stream_in as anthropic_stream
from cccc_tui.wire.chat import answer as chat_answer
from cccc_tui.wire.chat import calls as chat_calls
from cccc_tui.wire.chat import request_in as chat_request
from cccc_tui.wire.chat import stream_in as chat_stream
from cccc_tui.wire.convert import ConversionRefused, convert_request, convert_response
from cccc_tui.wire.dropped import DROPPED, as_markdown
from cccc_tui.wire.responses import request_in as responses_request
from cccc_tui.wire.responses import stream_in as responses_stream
from cccc_tui.wire.responses import tools_in as responses_tools
from tests.fakes import fields as packages
from tests.fakes.conversations import OPTIONS, request


def unknown(names, struct, group, but=()):
    """The names that are neither read nor in the table."""
    return sorted(set(names) - set(struct.__struct_encode_fields__) - set(DROPPED.get(group, ())) - set(but))


@pytest.mark.parametrize(
    ("names", "struct", "group"),
    [
        (packages.ANTHROPIC_REQUEST, anthropic_request._Request, "anthropic request"),
        (packages.ANTHROPIC_ANSWER, anthropic_answer._Message, "anthropic answer"),
        (packages.ANTHROPIC_MESSAGE_DELTA, anthropic_stream._Delta, "anthropic answer"),
        (packages.ANTHROPIC_USAGE, counts.AnthropicUsage, "anthropic usage"),
        (packages.CHAT_REQUEST, chat_request._Request, "chat request"),
        (packages.CHAT_ANSWER, chat_answer._Completion, "chat answer"),
        (packages.CHAT_ANSWER_CHOICE, chat_answer._Choice, "chat answer choice"),
        (packages.CHAT_ANSWER_MESSAGE, chat_stream.Said, "chat answer message"),
        (packages.CHAT_CHUNK, chat_stream._Chunk, "chat chunk"),
        (packages.CHAT_DELTA, chat_stream.Said, "chat answer message"),
        (packages.CHAT_CALL_DELTA, chat_calls.CallDelta, "chat call delta"),
        (packages.RESPONSES_ANSWER, responses_stream.WireResponse, "responses answer"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_field_is_read_or_in_the_table(names, struct, group):
    assert unknown(names, struct, group) == []


def test_every_field_of_a_responses_request_is_read_or_in_the_table():
    shared = (*responses_request.SHARED_FIELDS, *responses_request._NEEDS_STATE)
    assert unknown(packages.RESPONSES_REQUEST, responses_request._Request, "responses request", shared) == []


@pytest.mark.parametrize(
    ("by_type", "struct", "group"),
    [
        (packages.ANTHROPIC_BLOCKS, anthropic_request._Block, "anthropic block"),
        (packages.ANTHROPIC_TOOLS, anthropic_request._Tool, "anthropic tool"),
        (packages.ANTHROPIC_THINKING, anthropic_request._Thinking, "anthropic thinking"),
        (packages.ANTHROPIC_ANSWER_BLOCKS, anthropic_stream.WireBlock, "anthropic answer block"),
        (packages.ANTHROPIC_EVENTS, anthropic_stream._Event, "anthropic event"),
        (packages.ANTHROPIC_DELTAS, anthropic_stream._Delta, "anthropic delta"),
        (packages.CHAT_MESSAGES, chat_request._Message, "chat message"),
        (packages.CHAT_PARTS, chat_request._Part, "chat part"),
        (packages.CHAT_TOOLS, chat_request._Tool, "chat tool"),
        (packages.CHAT_CHOICES, chat_request._Choice, "chat choice"),
        (packages.RESPONSES_ITEMS, responses_request._Item, "responses item"),
        (packages.RESPONSES_PARTS, responses_request._Part, "responses part"),
        (packages.RESPONSES_TOOLS, responses_tools.WireTool, "responses tool"),
        (packages.RESPONSES_ANSWER_ITEMS, responses_stream.WireItem, "responses answer item"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_field_of_every_type_is_read_or_in_the_table(by_type, struct, group):
    left_out = DROPPED.get(f"{group} type", {})
    found = {t: unknown(names, struct, group) for t, names in by_type.items() if t not in left_out}
    assert {t: names for t, names in found.items() if names} == {}


def test_every_event_of_a_responses_stream_is_read_or_in_the_table():
    read = {*responses_stream.DELTAS, *responses_stream.ITEM_EVENTS, *responses_stream.ENDS}
    read |= {*responses_stream.FAILURES, *DROPPED["responses event"]}
    assert {t.removeprefix("response.") for t in packages.RESPONSES_EVENTS} - read == set()


def test_every_stop_reason_is_known():
    assert set(packages.ANTHROPIC_STOP_REASONS) == set(anthropic_stream.STOP_REASONS)
    assert set(packages.CHAT_STOP_REASONS) <= set(chat_stream.STOP_REASONS)


def is_dropped(source, **parts) -> bool:
    """Whether a request says of this content that it is left out, or is refused for it."""
    try:
        notes = convert_request(
            source, "chat" if source != "chat" else "anthropic", request(source, **parts), OPTIONS
        )
    except ConversionRefused:
        return True
    return any("dropped: " in note for note in notes.notes)


@pytest.mark.parametrize("kind", sorted(packages.ANTHROPIC_BLOCKS))
def test_a_block_type_says_it_is_dropped_exactly_when_the_table_does(kind):
    block = {
        "type": kind,
        "text": "t",
        "id": "a",
        "tool_use_id": "a",
        "name": "n",
        "input": {},
        "content": [],
    }
    messages = [{"role": "user", "content": "hi"}, {"role": "user", "content": [block]}]
    assert is_dropped("anthropic", messages=messages) == (kind in DROPPED["anthropic block type"])


@pytest.mark.parametrize("kind", sorted(packages.ANTHROPIC_TOOLS))
def test_a_tool_type_says_it_is_dropped_exactly_when_the_table_does(kind):
    expected = kind in DROPPED["anthropic tool type"] or kind.startswith("web_search")  # chat cannot search
    assert is_dropped("anthropic", tools=[{"type": kind, "name": "n", "input_schema": {}}]) == expected


@pytest.mark.parametrize("kind", sorted(packages.RESPONSES_ITEMS))
def test_an_item_type_says_it_is_dropped_exactly_when_the_table_does(kind):
    item = {"type": kind, "id": "i", "call_id": "c", "name": "n", "role": "user", "tools": []}
    user = {"type": "message", "role": "user", "content": "hi"}
    dropped = kind in DROPPED["responses item type"]
    assert is_dropped("responses", input=[user, item]) == dropped


@pytest.mark.parametrize("kind", sorted(packages.RESPONSES_TOOLS))
def test_a_responses_tool_type_says_it_is_dropped_exactly_when_the_table_does(kind):
    tool = {"type": kind, "name": "n", "parameters": {"type": "object"}}
    expected = kind in DROPPED["responses tool type"] or kind.startswith("web_search")
    assert is_dropped("responses", tools=[tool]) == expected


@pytest.mark.parametrize("kind", sorted(packages.RESPONSES_ANSWER_ITEMS))
def test_an_output_item_says_it_is_dropped_exactly_when_the_table_does(kind):
    context = convert_request("anthropic", "responses", request("anthropic"), OPTIONS).context
    body = {
        "id": "r",
        "status": "completed",
        "output": [{"type": kind, "id": "i", "call_id": "c", "name": "n"}],
        "usage": {"input_tokens": 9, "output_tokens": 5},
    }
    notes = convert_response(context, json.dumps(body).encode()).notes
    assert bool(notes) == (kind in DROPPED["responses answer item type"])


def test_the_table_holds_nothing_that_the_packages_do_not_know():
    known = {
        "anthropic request": packages.ANTHROPIC_REQUEST,
        "anthropic block type": packages.ANTHROPIC_BLOCKS,
        "anthropic tool type": packages.ANTHROPIC_TOOLS,
        "anthropic answer block type": packages.ANTHROPIC_ANSWER_BLOCKS,
        "responses request": packages.RESPONSES_REQUEST,
        "responses item type": packages.RESPONSES_ITEMS,
        "responses tool type": packages.RESPONSES_TOOLS,
        "responses answer": packages.RESPONSES_ANSWER,
        "responses answer item type": packages.RESPONSES_ANSWER_ITEMS,
        "responses event": [t.removeprefix("response.") for t in packages.RESPONSES_EVENTS],
    }
    stale = {group: sorted(set(DROPPED[group]) - set(names)) for group, names in known.items()}
    assert {group: names for group, names in stale.items() if names} == {}


def test_the_table_reads_as_a_page():
    page = as_markdown()
    assert all(f"| `{name}` |" in page for entries in DROPPED.values() for name in entries)
