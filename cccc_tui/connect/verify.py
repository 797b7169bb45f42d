"""Asks cccc as the connected client would, with a real request, and says in a sentence what came of it.

Blocking, with sockets of its own: it runs before or beside everything else, and never on a loop.
"""

from __future__ import annotations

import http.client
import time
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from cccc_tui.connect.clients import Gateway
from cccc_tui.connect.plan import ClientName
from cccc_tui.locales import _

TIMEOUT_S = 120.0
PROMPT = "Reply with the single word: connected"

_MODELS: dict[ClientName, str] = {"claude": "claude-sonnet-5-5", "codex": "gpt-5.5"}
"""What the clients ask for when nobody has chosen a model; the smaller ones."""

_VERSIONS: dict[ClientName, str] = {"claude": "2.1.329", "codex": "0.169.0"}
_MAX_ANSWER_BYTES = 4 * 1024 * 1024
_HEAD = {"anthropic-version": "2023-06-01", "content-type": "application/json"}


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a request."""

    is_ok: bool
    sentence: str
    is_running: bool = True
    """Whether anybody answers at that address."""
    endpoint: str = ""
    """The endpoint that answered."""
    seconds: float = 0.0


def verify(client: ClientName, gateway: Gateway, model: str = "", timeout_s: float = TIMEOUT_S) -> Verified:
    """Sends one small streamed request in the client's format."""
    asked = model or _MODELS[client]
    began = time.monotonic()
    try:
        status, headers, answer = _send(client, gateway, asked, timeout_s)
    except ConnectionRefusedError:
        words = _("cccc does not listen at {url}. Start it with `cccc` or `cccc --serve`.")
        return Verified(is_ok=False, is_running=False, sentence=words.format(url=gateway.url))
    except TimeoutError:
        words = _("No answer from {url} within {seconds:.0f} s.")
        return Verified(is_ok=False, sentence=words.format(url=gateway.url, seconds=timeout_s))
    except (OSError, http.client.HTTPException, ValueError) as error:
        words = _("{url} does not answer as cccc does: {reason}")
        reason = str(error) or type(error).__name__
        return Verified(is_ok=False, sentence=words.format(url=gateway.url, reason=reason))
    return _judged(asked, gateway, status, headers, answer, time.monotonic() - began)


def _send(
    client: ClientName, gateway: Gateway, model: str, timeout_s: float
) -> tuple[int, Mapping[str, str], bytes]:
    parts = urlsplit(gateway.url)
    secure = parts.scheme == "https"
    connection: http.client.HTTPConnection = (
        http.client.HTTPSConnection if secure else http.client.HTTPConnection
    )(parts.hostname or "", parts.port, timeout=timeout_s)
    path, headers, body = _request(client, gateway, model)
    try:
        connection.request("POST", parts.path.rstrip("/") + path, msgspec.json.encode(body), headers)
        answer = connection.getresponse()
        names = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, names, answer.read(_MAX_ANSWER_BYTES)
    finally:
        connection.close()


def _request(client: ClientName, gateway: Gateway, model: str) -> tuple[str, dict[str, str], dict[str, Any]]:
    """Path, headers and body as the client sends them, only smaller."""
    bearer = {"authorization": f"Bearer {gateway.token}"}
    session = str(uuid.uuid4())
    if client == "claude":
        agent = f"claude-cli/{_VERSIONS['claude']} (external, cli)"
        body = {"model": model, "max_tokens": 64, "stream": True, "messages": [_message("content")]}
        more = {"accept": "application/json", "user-agent": agent, "x-app": "cli"}
        return "/v1/messages?beta=true", {**_HEAD, **bearer, **more}, body
    agent = f"codex_exec/{_VERSIONS['codex']}"
    more = {
        "accept": "text/event-stream",
        "user-agent": agent,
        "originator": "codex_exec",
        "session-id": session,
    }
    body = {
        "model": model,
        "stream": True,
        "store": False,
        "input": [{"type": "message", **_message("text")}],
    }
    return "/v1/responses", {"content-type": "application/json", **bearer, **more}, body


def _message(form: str) -> dict[str, Any]:
    if form == "content":
        return {"role": "user", "content": PROMPT}
    return {"role": "user", "content": [{"type": "input_text", "text": PROMPT}]}


def _judged(
    model: str, gateway: Gateway, status: int, headers: Mapping[str, str], answer: bytes, seconds: float
) -> Verified:
    endpoint = headers.get("x-cccc-endpoint", "")
    if "x-cccc-endpoint" not in headers and "x-cccc-attempts" not in headers and status == 200:
        words = _("Something answers at {url}, but it is not cccc.")
        return Verified(is_ok=False, sentence=words.format(url=gateway.url))
    complaint = _complaint(answer)
    if status == 200 and not complaint and _is_whole(answer):
        words = _("The endpoint {endpoint} has answered through cccc in {seconds:.1f} s.")
        sentence = words.format(endpoint=endpoint, seconds=seconds)
        return Verified(is_ok=True, sentence=sentence, endpoint=endpoint, seconds=seconds)
    what = complaint or _("the answer ends in the middle")
    words = _("cccc runs, but the request for the model {model} failed ({status}): {reason}")
    sentence = words.format(model=model, status=status, reason=what)
    return Verified(is_ok=False, sentence=sentence, endpoint=endpoint, seconds=seconds)


def _is_whole(answer: bytes) -> bool:
    return any(
        mark in answer for mark in (b'"message_stop"', b'"response.completed"', b'"response.incomplete"')
    )


def _complaint(answer: bytes) -> str:
    """The message of an error body, or of an error event in a stream; empty if there is none."""
    lines = answer.splitlines()
    events = [line[5:] for line in lines if line.startswith(b"data:")] or [answer]
    for event in events:
        try:
            found = msgspec.json.decode(event)
        except msgspec.DecodeError:
            continue
        if isinstance(found, dict) and (message := _message_of(found)):
            return message
    is_text = events == [answer] and b"<" not in answer[:1]
    return answer[:200].decode("utf-8", "replace").strip() if is_text and not answer.startswith(b"{") else ""


def _message_of(event: Mapping[str, Any]) -> str:
    response = event.get("response")
    error = event.get("error") or (response.get("error") if isinstance(response, Mapping) else None)
    if isinstance(error, Mapping):
        return str(error.get("message") or error.get("code") or error.get("type") or "")
    return str(error) if error else ""
