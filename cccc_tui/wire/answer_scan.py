"""Reads an answer in one piece, in the client's own format, and puts the asked model's name back."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from cccc_tui.wire.counts import AnthropicUsage, OpenAIUsage
from cccc_tui.wire.errors import UpstreamError, error_in
from cccc_tui.wire.model import Format, Usage
from cccc_tui.wire.patch import Document, NotAnObject

_PARTS: dict[Format, tuple[str, ...]] = {
    # `input_tokens` stands alone in the answer of count_tokens
    "anthropic": ("content", "input_tokens"),
    "chat": ("choices",),
    "responses": ("output",),
}


class AnswerScan(msgspec.Struct):
    """What an answer says about itself."""

    body: bytes
    """What the client gets."""
    usage: Usage
    stop_reason: str = ""
    error: UpstreamError | None = None
    """The error that a status of 200 came with."""
    has_content: bool = False
    """Whether this is an answer of that format at all."""
    problem: str = ""
    """Why it is none, in a sentence."""
    response_id: str = ""
    upstream_model: str = ""
    notes: list[str] = []
    """What a conversion left out, mended or recognised, in words."""
    final: bytes = b""
    """The whole answer where `body` is a stream that a Responses client gets."""


def scan_answer(format: Format, body: bytes, model: str | None) -> AnswerScan:  # noqa: A002
    """Reads a whole answer; with `model` it goes on under that name, every other byte as it came."""
    scan = _plain(format, body)
    if scan is None or (model is not None and scan.upstream_model != model):
        scan = _read(format, body, model)
    return scan


class _Plain(msgspec.Struct):
    """What the answers of all formats have in common. No error can be one of these."""

    id: str = ""
    model: str = ""
    error: None = None
    base_resp: None = None


class _Message(_Plain):
    content: list[msgspec.Raw] = []
    type: Literal["message"] = "message"
    stop_reason: str | None = None
    usage: AnthropicUsage | None = None

    @property
    def ending(self) -> str:
        return self.stop_reason or ""


class _Choice(msgspec.Struct):
    finish_reason: str | None = None


class _Completion(_Plain):
    choices: Annotated[list[_Choice], msgspec.Meta(min_length=1)] = []
    type: None = None
    usage: OpenAIUsage | None = None

    @property
    def ending(self) -> str:
        return self.choices[0].finish_reason or ""


class _Response(_Plain):
    output: list[msgspec.Raw] = []
    status: Literal["completed"] = "completed"
    type: None = None
    usage: OpenAIUsage | None = None

    @property
    def ending(self) -> str:
        return self.status


_PLAIN: dict[Format, tuple[msgspec.json.Decoder[_Message | _Completion | _Response], bytes]] = {
    "anthropic": (msgspec.json.Decoder(_Message), b'"content"'),
    "chat": (msgspec.json.Decoder(_Completion), b'"choices"'),
    "responses": (msgspec.json.Decoder(_Response), b'"output"'),
}


def _plain(format: Format, body: bytes) -> AnswerScan | None:  # noqa: A002
    """An answer that is just as documented, as nearly all are, in one step; None for any other."""
    decoder, content = _PLAIN[format]
    if content not in body:
        return None
    try:
        answer = decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    scan = AnswerScan(
        body,
        Usage(),
        stop_reason=answer.ending,
        has_content=True,
        response_id=answer.id,
        upstream_model=answer.model,
    )
    if answer.usage is not None:
        answer.usage.book(scan.usage)
    return scan


def _read(format: Format, body: bytes, model: str | None) -> AnswerScan:  # noqa: A002
    scan = AnswerScan(body, Usage())
    try:
        answer = Document.read(body)
    except NotAnObject as refusal:
        scan.problem = _problem(body, refusal)
        return scan
    scan.error = _error(answer)
    scan.has_content = scan.error is None and any(_holds(answer, part) for part in _PARTS[format])
    scan.response_id = answer.text("id") or ""
    scan.upstream_model = answer.text("model") or ""
    scan.stop_reason = _stop_reason(format, answer)
    _book(format, answer.raw("usage"), scan.usage)
    if scan.error is None and not scan.has_content:
        scan.problem = f"The upstream's answer has no `{_PARTS[format][0]}`, as one of this format must have"
    if model is not None and scan.has_content and scan.upstream_model not in ("", model):
        scan.body = answer.edited({"model": msgspec.json.encode(model)})
    return scan


def why_no_answer(body: bytes) -> str:
    """What the body is instead of an answer, as far as a look at it tells; empty if it may be one."""
    if not body.strip():
        return "The upstream sent an empty answer"
    if body.lstrip()[:1] == b"<":
        return "The upstream sent an HTML page instead of an answer"
    return ""


def _problem(body: bytes, refusal: NotAnObject) -> str:
    sentence = f"The upstream sent something else instead of an answer: {refusal.sentence}"
    return why_no_answer(body) or sentence


def _error(answer: Document) -> UpstreamError | None:
    if answer.text("status") == "failed":
        return error_in({"type": "response.failed", "response": {"error": answer.value("error")}})
    if not (answer.value("error") or answer.value("base_resp") or answer.text("type") == "error"):
        return None
    return error_in({key: answer.value(key) for key in ("type", "error", "base_resp", "request_id")})


def _holds(answer: Document, part: str) -> bool:
    written = answer.raw(part) or b""
    is_list = written.startswith(b"[")
    return (is_list and (part != "choices" or bool(answer.value(part)))) or written.isdigit()


def _stop_reason(format: Format, answer: Document) -> str:  # noqa: A002
    if format == "anthropic":
        return answer.text("stop_reason") or ""
    if format == "responses":
        details: Any = answer.value("incomplete_details")
        reason = details.get("reason") if isinstance(details, dict) else None
        return reason if isinstance(reason, str) else answer.text("status") or ""
    choices: Any = answer.value("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    reason = first.get("finish_reason") if isinstance(first, dict) else None
    return reason if isinstance(reason, str) else ""


def _book(format: Format, written: bytes | None, usage: Usage) -> None:  # noqa: A002
    counts: type[AnthropicUsage | OpenAIUsage] = AnthropicUsage if format == "anthropic" else OpenAIUsage
    if not written or written == b"null":
        return
    try:
        msgspec.json.decode(written, type=counts, strict=False).book(usage)
    except msgspec.DecodeError:
        # Counts of a shape that nobody sends: the answer is worth more than its bill.
        return
