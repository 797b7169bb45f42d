"""The test of an endpoint: one tiny request per format, the way a client would send it, judged in words."""

from __future__ import annotations

import time

import msgspec
from multidict import CIMultiDict, CIMultiDictProxy

from cccc_tui.config.schema import Timeouts
from cccc_tui.engine import headers
from cccc_tui.engine.attempt import AttemptFailed, Call, Limits, open_answer
from cccc_tui.engine.control import TestResult
from cccc_tui.engine.heads import Lines
from cccc_tui.engine.live import Target
from cccc_tui.engine.translate import SameFormat
from cccc_tui.engine.upstream import Upstream
from cccc_tui.traffic.exchange import Attempt
from cccc_tui.wire.errors import ErrorClass
from cccc_tui.wire.model import Format
from cccc_tui.wire.scan import AnswerScan

_USUAL_MODEL: dict[Format, str] = {
    "anthropic": "claude-haiku-4-5",
    "chat": "gpt-5-mini",
    "responses": "gpt-5-mini",
}
_ADVICE: dict[ErrorClass, str] = {
    "authentication": "Check auth_type and auth_value.",
    "permission": "The key may not use this; check the account.",
    "model_not_found": "It is reachable, but has no such model: set model_rewrite.target_model.",
    "not_found": "Check url and path_prefix.",
    "billing": "Check the account's balance.",
    "quota": "Its quota is used up.",
    "rate_limit": "It is reachable, but limits requests now.",
    "overloaded": "It is reachable, but overloaded now.",
}


async def probe(target: Target, upstream: Upstream, timeouts: Timeouts) -> tuple[TestResult, ...]:
    """One result per format that the endpoint is said to speak. Raises nothing that the endpoint causes."""
    return tuple([await _probe(target, form, upstream, timeouts) for form in target.facts.formats])


async def _probe(target: Target, form: Format, upstream: Upstream, timeouts: Timeouts) -> TestResult:
    model = target.endpoint.model_rewrite.target_model or _first_target(target) or _USUAL_MODEL[form]
    began = time.monotonic()
    record = Attempt(endpoint=target.facts.name, url="", format=form, model=model)
    call = _call(target, form, model, timeouts)
    line = upstream.line(target.endpoint.proxy, target.proxy_password)
    translation = SameFormat(form, None)
    try:
        answer = await open_answer(line, call, translation.reader(), record)
        answer.close()
        ok, message = _judged(translation.whole(answer.pending), model)
    except AttemptFailed as failed:
        ok, message = False, _in_words(failed)
    return TestResult(
        endpoint=target.facts.name,
        ok=ok,
        format=form,
        status=record.status,
        elapsed_ms=(time.monotonic() - began) * 1000,
        model=model,
        message=message,
    )


def _call(target: Target, form: Format, model: str, timeouts: Timeouts) -> Call:
    secret = target.secret()
    limit = timeouts.health_check_timeout
    return Call(
        url=target.url(form, "generate"),
        head=Lines(
            headers.upward(
                CIMultiDictProxy(CIMultiDict({"Accept": "application/json", "User-Agent": "cccc"})),
                form,
                target.endpoint.header_overrides,
                headers.auth_headers(target.endpoint.auth_type, secret, form),
            ).items()
        ),
        body=_body(form, model),
        streamed=False,
        limits=Limits(
            connect=timeouts.tls_handshake,
            headers=limit,
            first_content=limit,
            stream_idle=limit,
            answer=limit,
        ),
        clock=time.monotonic,
    )


def _judged(scan: AnswerScan, model: str) -> tuple[bool, str]:
    """Whether the answer is one, and the sentence about it. A few tokens may all have gone into thinking."""
    if scan.error:
        return False, f"It answered with an error: {scan.error.message}"
    if not scan.has_content and not scan.usage.total:
        return False, f"It answered, but not in this format: {scan.problem or 'no content'}"
    return True, f"It answers as {scan.upstream_model or model}."


def _body(form: Format, model: str) -> bytes:
    text = "Say ok."
    if form == "responses":
        return msgspec.json.encode({"model": model, "input": text, "max_output_tokens": 16, "store": False})
    limit = "max_tokens" if form == "anthropic" else "max_completion_tokens"
    return msgspec.json.encode({"model": model, limit: 16, "messages": [{"role": "user", "content": text}]})


def _first_target(target: Target) -> str:
    return target.rules[0][1] if target.rules else ""


def _in_words(failed: AttemptFailed) -> str:
    advice = _ADVICE.get(failed.error.error_class, "") if failed.error else ""
    return f"{failed.message.rstrip('.')}. {advice}".strip()
