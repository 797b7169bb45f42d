"""What an error body says, whoever wrote it: the three formats, the odd ones, HTML pages and plain text.

Also how long it asks to wait, since half of the providers say that in the body and in many ways.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from cccc_tui.wire.phrases import Phrase
from cccc_tui.wire.sse import Decoder

_MESSAGE_KEYS = ("message", "msg", "detail", "error_description", "status_msg", "reason", "title", "error")
_REQUEST_ID_HEADERS = (
    "request-id",
    "x-request-id",
    "apim-request-id",
    "x-amzn-requestid",
    "x-generation-id",
    "x-trace-id",
    "cf-ray",
)
_TITLE = re.compile(rb"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(rb"<(?:script|style)\b.*?</(?:script|style)>|<[^>]*>", re.IGNORECASE | re.DOTALL)
_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:([\d.]+)s)?(?:([\d.]+)ms)?")
_WAIT_TEXT = Phrase(
    r"(?:try again|retry|wait|available again|resets?)(?: \w+)?(?: in| after|:)? (?:about )?"
    r"((?:[\d.]+ ?(?:d(?:ays?)?|h(?:ours?)?|ms|m(?:in(?:ute)?s?)?|s(?:ec(?:ond)?s?)?)\b ?)+)"
)
_WAIT_PART = re.compile(r"([\d.]+) ?(ms|d|h|m|s)", re.IGNORECASE)
_SECONDS = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_LONGEST_WAIT_S = 31 * 86_400.0
_MESSAGE_LIMIT = 4_000
_PAGE_LIMIT = 8_000


class Said(msgspec.Struct):
    """The parts of an error body; what it does not say is empty."""

    message: str = ""
    type: str = ""
    code: str = ""
    param: str = ""
    request_id: str = ""
    status: int = 0
    """A status inside the body, which gateways send under a 200."""
    wait_s: float | None = None
    used_tokens: int = 0
    limit_tokens: int = 0


def read_body(body: bytes, now: float | None) -> Said:
    """What the body of an answer with an error status says."""
    text = body.strip()
    if text.startswith((b"event:", b"data:")):
        decoder = Decoder()
        text = next((event.data for event in [*decoder.feed(text), *decoder.end()]), text)
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Said(message=_plain(text))
    return read_value(value, now)


def read_value(value: Any, now: float | None) -> Said:
    """What a decoded error body says."""
    outer = _first_object(value)
    if outer is None:
        return Said(message=_sentence(value))
    inner = _inner(outer)
    kind, code = (
        _text(inner.get("type") or inner.get("status")),
        _text(inner.get("code") or _minimax_code(inner)),
    )
    is_status = code.isdecimal() and 400 <= int(code) <= 599
    return Said(
        message=_message(inner, outer)[:_MESSAGE_LIMIT],
        type="" if kind == "error" else kind,  # of Responses: says what the event is, not what happened
        code="" if is_status else code,
        param=_text(inner.get("param")),
        request_id=_text(outer.get("request_id") or inner.get("request_id")),
        status=int(code) if is_status else 0,
        wait_s=_wait_in(inner, now) or _wait_in(outer, now),
        used_tokens=_count(inner.get("n_prompt_tokens")),
        limit_tokens=_count(inner.get("n_ctx")),
    )


def request_id_in(headers: Mapping[str, str]) -> str:
    return next((headers[name] for name in _REQUEST_ID_HEADERS if headers.get(name)), "")


def wait_in_headers(headers: Mapping[str, str], now: float | None) -> float | None:
    """Seconds that `Retry-After` and its relatives ask for."""
    if (millis := _number(headers.get("retry-after-ms"))) is not None:
        return _sane(millis / 1000)
    after = headers.get("retry-after", "").strip()
    if (seconds := _number(after)) is not None:
        return _sane(seconds)
    return until(after, now) if after else None


def reset_in_headers(headers: Mapping[str, str], now: float | None) -> float | None:
    """Seconds until the limit that is used up is renewed, from the headers that every answer carries."""
    unified = headers.get("anthropic-ratelimit-unified-reset")
    if unified and headers.get("anthropic-ratelimit-unified-status", "rejected") == "rejected":
        return until(unified, now)
    waits = [until(headers[name], now) for name in _spent(headers)]
    return max((wait for wait in waits if wait is not None), default=None)


def wait_in_text(text: str) -> float | None:
    """Seconds of a "try again in 1.5s", "in 2m30s", "in 3 hours 5 minutes"."""
    found = _WAIT_TEXT.search(text)
    if not found:
        return None
    parts = _WAIT_PART.findall(found[1])
    return (
        _sane(sum((_number(count) or 0.0) * _SECONDS[unit.lower()] for count, unit in parts))
        if parts
        else None
    )


def _spent(headers: Mapping[str, str]) -> Iterable[str]:
    """Names of the reset headers whose limit has nothing left, or that do not say what is left."""
    for name in headers:
        is_reset = (
            name.startswith("anthropic-ratelimit-") and name.endswith("-reset") and "unified" not in name
        )
        if is_reset:
            remaining = headers.get(name.removesuffix("reset") + "remaining", "0")
        elif name.startswith(("x-ratelimit-reset", "ratelimit-reset")):
            remaining = headers.get(name.replace("reset", "remaining", 1), "0")
        else:
            continue
        if (_number(remaining) or 0) <= 0:
            yield name


def until(when: str, now: float | None) -> float | None:
    """Seconds from `now` until a moment in any of the usual spellings; a short duration is taken as it is."""
    number = _number(when)
    if number is None and (found := _DURATION.fullmatch(when.strip())) and when.strip():
        days, hours, minutes, seconds, millis = (_number(part) or 0.0 for part in found.groups())
        return _sane(days * 86_400 + hours * 3_600 + minutes * 60 + seconds + millis / 1000)
    if number is not None and number < 1e8:
        return _sane(number)
    if now is None:
        return None
    if number is not None:
        return _sane((number / 1000 if number > 1e11 else number) - now)
    return _until_date(when.strip(), now)


def _until_date(when: str, now: float) -> float | None:
    try:
        moment = datetime.fromisoformat(when) if when[:1].isdigit() else parsedate_to_datetime(when)
    except ValueError:
        return None
    return _sane(moment.timestamp() - now) if moment.tzinfo else None


def _wait_in(said: Mapping[str, Any], now: float | None) -> float | None:
    for key in ("retry_after", "resets_in_seconds", "reset_seconds", "retry_after_seconds"):
        if (seconds := _number(said.get(key))) is not None:
            return _sane(seconds)
    if moment := said.get("resets_at"):
        return until(str(moment), now)
    details = said.get("details")
    for detail in details if isinstance(details, list) else ():  # Gemini: google.rpc.RetryInfo
        if isinstance(detail, dict) and isinstance(detail.get("retryDelay"), str):
            return until(detail["retryDelay"], now)
    return None


def _first_object(value: Any) -> dict[str, Any] | None:
    if isinstance(value, list):
        value = next((item for item in value if item), None)
    return value if isinstance(value, dict) and value else None


def _inner(outer: dict[str, Any]) -> dict[str, Any]:
    """The object that describes the error, also inside `response.failed` and MiniMax's `base_resp`."""
    response = outer.get("response")
    failed = response.get("error") if isinstance(response, dict) else None
    places = (failed, outer.get("error"), outer.get("errors"), outer.get("base_resp"))
    return next(filter(None, map(_first_object, places)), outer)


def _minimax_code(inner: Mapping[str, Any]) -> Any:
    return f"minimax:{inner.get('status_code')}" if "status_msg" in inner else None


def _message(inner: Mapping[str, Any], outer: Mapping[str, Any]) -> str:
    found = (_sentence(part.get(key)) for part in (inner, outer) for key in _MESSAGE_KEYS)
    message = next(filter(None, found), "") or _sentence(outer.get("errors"))
    metadata = inner.get("metadata")
    raw = metadata.get("raw") if isinstance(metadata, dict) else None
    # OpenRouter: "Provider returned error", and the provider's own words beside it
    return f"{message}: {raw}" if isinstance(raw, str) else message


def _sentence(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list):
        return "; ".join(filter(None, map(_sentence, value)))
    if (
        isinstance(value, dict) and "msg" in value
    ):  # FastAPI: {"loc": ["body", "model"], "msg": "field required"}
        loc = value.get("loc")
        where = ".".join(map(str, loc)) if isinstance(loc, list) else ""
        return f"{where}: {value['msg']}" if where else str(value["msg"])
    return _sentence(value.get("message")) if isinstance(value, dict) else ""


def _plain(text: bytes) -> str:
    if text[:1] == b"<" or b"<html" in text[:500].lower():
        text = text[:_PAGE_LIMIT]  # every tag that is never closed costs a look at all that follows
        title = _TITLE.search(text)
        text = title[1] if title and title[1].strip() else _TAG.sub(b" ", text)
    words = html.unescape(text[:20_000].decode("utf-8", "replace")).split()
    return " ".join(words)[:500]


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def _sane(seconds: float) -> float | None:
    """No wait lies in the past, and none of more than a month is meant."""
    return max(0.0, seconds) if seconds < _LONGEST_WAIT_S else None
