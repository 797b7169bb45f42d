"""docs/errors.md, made from the classes of `wire.errors` and from the golden error cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

from cccc_tui.wire.errors import (
    ErrorClass,
    UpstreamError,
    anthropic_error,
    is_in_vain,
    openai_error,
    read_error,
)

CASES = Path(__file__).parent / "wire" / "golden" / "errors"
LEAD = """# Errors: from a provider's words to what the agent does

An error in the client's own format is passed on word for word, since agents act on its text. What another format
says, and what goes wrong on the way, gets a class, and each class is said so that the agent does the right next
thing: an overflow starts its compaction, a wait is named where waiting helps, and `x-should-retry: false` ends
retries that are in vain. The upstream's status and request id are kept.

"""
ACTS: dict[str, str] = {
    "context_overflow": "both compact the conversation",
    "rate_limit": "both ask again after `Retry-After`",
    "quota": "both tell the user, unless the wait is short enough to wait for",
    "billing": "Claude Code tells the user at once, Codex after five quick tries",
    "overloaded": "both ask again, later each time",
    "unavailable": "both ask again, later each time",
    "server_error": "both ask again, later each time",
    "timeout": "both ask again, later each time",
    "connection": "both ask again, later each time",
    "broken_stream": "both ask again, later each time",
    "bad_answer": "both ask again, later each time",
    "conflict": "both ask again, later each time",
    "unsupported_parameter": "Claude Code drops the feature that the text names and asks again",
}
STOPS = "Claude Code tells the user at once; so does Codex for a 400, and after five quick tries for any other status"


def error_page() -> str:
    """The page."""
    classes = [_class_row(name) for name in get_args(ErrorClass)]
    cases = [_case_row(path) for path in sorted(CASES.glob("*/*/upstream.json"))]
    return "".join(
        [
            LEAD,
            "## Classes\n\n| class | `type` for Anthropic clients | `type` and `code` for OpenAI clients | "
            "asked again | Claude Code and Codex |\n|---|---|---|---|---|\n",
            *classes,
            "\n## What providers say\n\n| format | status | text | class |\n|---|---|---|---|\n",
            *cases,
        ]
    ).replace("\\\n", "\n")


def _class_row(name: ErrorClass) -> str:
    error = UpstreamError.of(name, "…")
    openai = openai_error(error)
    kind = f"`{openai['type']}`" + (f", `{openai['code']}`" if openai["code"] else "")
    again = "no" if is_in_vain(error) else "yes"
    acts = ACTS.get(name, STOPS)
    return f"| `{name}` | `{anthropic_error(error)['error']['type']}` | {kind} | {again} | {acts} |\n"


def _case_row(path: Path) -> str:
    said = json.loads(path.read_text("utf-8"))
    body = said["body"] if isinstance(said["body"], str) else json.dumps(said["body"])
    error = read_error(said["status"], said["headers"], body.encode())
    text = error.message.replace("|", "\\\\|")
    return f"| {path.parts[-3]} | {said['status']} | {text} | `{error.error_class}` |\n"
