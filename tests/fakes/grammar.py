"""What the event sequence of each format must look like, written down apart from the code that writes it."""

from __future__ import annotations

import json
from typing import Any

from cccc_tui.wire.sse import Decoder

Event = tuple[str, Any]


def events_of(stream: bytes) -> list[Event]:
    """Names and decoded data of a stream's events; `[DONE]` stays a string."""
    decoder = Decoder()
    found = [*decoder.feed(stream), *decoder.end()]
    return [(e.name, "[DONE]" if e.data == b"[DONE]" else json.loads(e.data)) for e in found]


def check_anthropic(stream: bytes) -> None:
    """message_start, blocks one after the other, message_delta, message_stop; or an error at the end."""
    events = events_of(stream)
    assert all(name == data["type"] for name, data in events)
    names = [name for name, _ in events]
    if names[-1] == "error":
        assert "message_stop" not in names and names.count("error") == 1
        assert set(events[-1][1]["error"]) >= {"type", "message"}
        names = names[:-1]
        events = events[:-1]
        if not names:
            return
    else:
        assert names[-2:] == ["message_delta", "message_stop"]
        assert names.count("message_stop") == names.count("message_delta") == 1
        assert events[-2][1]["usage"]["output_tokens"] >= 0
    assert names[0] == "message_start" and names.count("message_start") == 1
    assert events[0][1]["message"]["usage"]["input_tokens"] >= 0
    is_open, index = False, -1
    for name, data in events[1:]:
        if name == "content_block_start":
            assert not is_open and data["index"] == index + 1
            is_open, index = True, data["index"]
        elif name == "content_block_delta":
            assert is_open and data["index"] == index
        elif name == "content_block_stop":
            assert is_open and data["index"] == index
            is_open = False
        else:
            assert name in ("message_delta", "message_stop") and not is_open


def check_chat(stream: bytes) -> None:
    """Chunks of one id, a role first, calls begun before continued, one finish reason, [DONE] at the end."""
    events = [data for _, data in events_of(stream)]
    assert events[-1] == "[DONE]" and events.count("[DONE]") == 1
    chunks = events[:-1]
    if "error" in chunks[-1]:
        chunks = chunks[:-1]
        assert not any(c["finish_reason"] for chunk in chunks for c in chunk["choices"])
    else:
        choices = [choice for chunk in chunks for choice in chunk["choices"]]
        assert [bool(choice["finish_reason"]) for choice in choices].count(True) == 1
        assert choices[-1]["finish_reason"]
    if not chunks:
        return
    assert len({(chunk["id"], chunk["model"], chunk["object"]) for chunk in chunks}) == 1
    assert chunks[0]["choices"][0]["delta"]["role"] == "assistant"
    begun: set[int] = set()
    for chunk in chunks:
        for choice in chunk["choices"]:
            for call in choice["delta"].get("tool_calls", ()):
                assert (call["index"] in begun) != ("id" in call)
                if "id" in call:
                    assert call["index"] == len(begun) and call["id"]
                    begun.add(call["index"])


def check_responses(stream: bytes) -> None:
    """Numbers without gaps, items added, continued and done with all of their text, a terminal event last."""
    events = events_of(stream)
    assert all(name == data["type"] for name, data in events)
    assert [data["sequence_number"] for _, data in events] == list(range(len(events)))
    names = [name for name, _ in events]
    assert names[:2] == ["response.created", "response.in_progress"] or names == [
        "response.created",
        "response.in_progress",
        "response.failed",
    ]
    terminal = [n for n in names if n in ("response.completed", "response.incomplete", "response.failed")]
    assert len(terminal) == 1 and names[-1] == terminal[0]
    items, done = _responses_items(events[2:-1])
    last = events[-1][1]["response"]
    if terminal[0] != "response.failed":
        assert set(items) == set(done)
        assert last["usage"]["total_tokens"] >= 0
        assert last["output"] == [done[index] for index in sorted(done)]
    assert all(item["id"] == done[index]["id"] for index, item in items.items() if index in done)


def _responses_items(events: list[Event]) -> tuple[dict[int, Any], dict[int, Any]]:
    added: dict[int, Any] = {}
    done: dict[int, Any] = {}
    texts: dict[int, str] = {}
    for name, data in events:
        index = data["output_index"]
        if name == "response.output_item.added":
            assert index not in added and index == len(added)
            added[index], texts[index] = data["item"], ""
            continue
        assert index in added and index not in done
        assert data.get("item_id", added[index]["id"]) == added[index]["id"]
        if name.endswith(".delta"):
            texts[index] += data["delta"]
        elif name == "response.output_item.done":
            done[index] = data["item"]
        for field in ("text", "arguments", "input", "refusal"):
            if name.endswith(".done") and field in data:
                assert data[field] == texts[index] or (data[field] == "{}" and not texts[index])
    return added, done


CHECKS = {"anthropic": check_anthropic, "chat": check_chat, "responses": check_responses}
