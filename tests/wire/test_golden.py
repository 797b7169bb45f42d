"""Whole conversions that a person can read: one folder a case, under golden/.

    requests/<client's format>/<case>/client.json   -> to_<format>.json    (body and notes)
    answers/<upstream's format>/<case>/upstream.json -> for_<format>.json  (body, stop reason, usage, notes)
    streams/<upstream's format>/<case>/upstream.sse  -> for_<format>.sse   and outcome.json
    errors/<upstream's format>/<case>/upstream.json  -> for_<format>.json  (class, status, headers, body)

`options.json` beside them holds options that differ from the usual. After a wanted change the expected
files are rewritten by `WRITE_GOLDEN=1 pytest tests/wire/test_golden.py`, and then read, line by line.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import msgspec
import pytest

from cccc_tui.wire.convert import (
    ConversionRefused,
    ConvertOptions,
    StreamConverter,
    convert_request,
    convert_response,
)
from cccc_tui.wire.errors import read_error, write_error
from tests.fakes.conversations import FORMATS
from tests.fakes.grammar import CHECKS

ROOT = Path(__file__).parent / "golden"
USUAL = {"model": "up-model", "origin": "p1", "exchange_id": "ex1", "now_s": 1_700_000_000}
CLIENT_TOOLS = [
    {"type": "custom", "name": "apply_patch"},
    {
        "type": "namespace",
        "name": "multi_agent_v1",
        "description": "",
        "tools": [{"type": "function", "name": "close_agent", "parameters": {"type": "object"}}],
    },
    {"type": "local_shell"},
]
CLIENTS = {
    "anthropic": {
        "model": "claude-client",
        "max_tokens": 99,
        "messages": [{"role": "user", "content": "hi"}],
    },
    "chat": {
        "model": "gpt-client",
        "messages": [{"role": "user", "content": "hi"}],
        "stream_options": {"include_usage": True},
    },
    "responses": {"model": "gpt-client", "input": "hi", "tools": CLIENT_TOOLS},
}


def cases(kind: str) -> list:
    """Each case with each of the two other formats."""
    found = []
    for folder in sorted((ROOT / kind).glob("*/*")):
        found += [
            pytest.param(folder, folder.parent.name, other, id=f"{folder.parent.name}-{other}-{folder.name}")
            for other in FORMATS
            if other != folder.parent.name
        ]
    return found


def options(folder: Path) -> ConvertOptions:
    own = folder / "options.json"
    fields = USUAL | (json.loads(own.read_text()) if own.exists() else {})
    return msgspec.convert(fields, ConvertOptions)


def compare(path: Path, text: str) -> None:
    if os.environ.get("WRITE_GOLDEN"):
        path.write_text(text)
    assert path.read_text() == text


def pretty(value) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def outcome(result) -> dict:
    """What an engine learns of an answer."""
    usage = msgspec.to_builtins(result.usage)
    found = {"stop_reason": result.stop_reason, "usage": {k: v for k, v in usage.items() if v}}
    if result.error is not None:
        found["error"] = [result.error.error_class, result.error.message]
    return found | ({"notes": result.notes} if result.notes else {})


def client_context(source, target, folder):
    return convert_request(source, target, json.dumps(CLIENTS[source]).encode(), options(folder)).context


@pytest.mark.parametrize(("folder", "source", "target"), cases("requests"))
def test_a_request_becomes_what_its_case_says(folder, source, target):
    try:
        result = convert_request(source, target, (folder / "client.json").read_bytes(), options(folder))
        found = {"notes": result.notes, "body": json.loads(result.body)}
    except ConversionRefused as refusal:
        found = {"refused": str(refusal)}
    compare(folder / f"to_{target}.json", pretty(found))


@pytest.mark.parametrize(("folder", "target", "source"), cases("answers"))
def test_an_answer_becomes_what_its_case_says(folder, target, source):
    context = client_context(source, target, folder)
    result = convert_response(context, (folder / "upstream.json").read_bytes())
    body = {"body": json.loads(result.body)} if result.body else {}
    compare(folder / f"for_{source}.json", pretty(outcome(result) | body))


@pytest.mark.parametrize(("folder", "target", "source"), cases("streams"))
def test_a_stream_becomes_what_its_case_says(folder, target, source):
    converter = StreamConverter(client_context(source, target, folder))
    written = converter.feed((folder / "upstream.sse").read_bytes()) + converter.end()
    CHECKS[source](written)
    compare(folder / f"for_{source}.sse", written.decode())
    compare(folder / f"outcome_for_{source}.json", pretty(outcome(converter)))


@pytest.mark.parametrize(("folder", "target", "source"), cases("errors"))
def test_an_error_becomes_what_its_case_says(folder, target, source):
    upstream = json.loads((folder / "upstream.json").read_text())
    body = upstream["body"] if isinstance(upstream["body"], str) else json.dumps(upstream["body"])
    error = read_error(upstream["status"], upstream["headers"], body.encode())
    status, headers, written = write_error(source, error)
    found = {"class": error.error_class, "status": status, "headers": headers, "body": json.loads(written)}
    compare(folder / f"for_{source}.json", pretty(found))


def test_there_are_enough_cases():
    assert all(len(list((ROOT / kind).glob("*/*"))) >= 60 for kind in ("requests", "answers", "streams"))
    assert len(list((ROOT / "errors").glob("*/*"))) >= 20
