"""Headers on their way up and down: what belongs to one connection or one credential never crosses.

RFC 9110, section 7.6.1, names the hop-by-hop fields; a proxy also removes every field that `Connection` lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from multidict import CIMultiDict, CIMultiDictProxy

from cccc_tui.wire.model import Format

HOP = "x-cccc-hop"
"""Carries the ids of the cccc processes that a request went through, so that a loop is seen."""

_NONE: frozenset[str] = frozenset()
_HOP_BY_HOP = frozenset(
    (
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection"),
        *("te", "trailer", "trailers", "transfer-encoding", "upgrade"),
    )
)
_NOT_UP = _HOP_BY_HOP | {
    # the client's own credential and cookies
    *("authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie"),
    # what describes its connection, and what aiohttp writes itself
    *("host", "content-length", "content-encoding", "accept-encoding", "expect", "origin", "referer"),
    *("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"),
}
_NOT_DOWN = _HOP_BY_HOP | {
    # the body is handed on decoded and re-chunked; cookies of the provider are not the client's
    *("content-length", "content-encoding", "set-cookie", "date", "server", "alt-svc"),
}
_OF_ANY_FORMAT = frozenset(("user-agent", "accept", "accept-language"))
_OF_ANY_ANSWER = frozenset(("request-id", "x-request-id", "retry-after"))


def upward(
    client: CIMultiDictProxy[str],
    form: Format,
    overrides: Mapping[str, str],
    auth: Mapping[str, str],
    is_converted: bool = False,
) -> CIMultiDict[str]:
    """The headers of the upstream request: the client's, without its own, with the endpoint's.

    Of a converted request only those go up that mean the same to a provider of another format.
    """
    goes = _means_the_same_to_all if is_converted else _goes_up
    listed = _listed(client)
    headers: CIMultiDict[str] = CIMultiDict(
        [item for item in client.items() if goes(item[0]) and item[0].lower() not in listed]
        if listed
        else [item for item in client.items() if goes(item[0])]
    )
    # Identity: an answer is read by the scanner anyway, and a compressor holds back small stream events.
    headers["Accept-Encoding"] = "identity"
    headers["Content-Type"] = "application/json"
    if form == "anthropic":
        headers.setdefault("anthropic-version", "2023-06-01")
    headers.update(auth)
    for name, value in overrides.items():
        if value:
            headers[name] = value
        else:
            headers.popall(name, None)
    return headers


def downward(upstream: CIMultiDictProxy[str], is_converted: bool = False) -> dict[str, str]:
    """The upstream's headers that the client gets, of a converted answer those that mean the same to it."""
    goes = _means_the_same_to_clients if is_converted else _goes_down
    listed = _listed(upstream)
    return {
        name: value
        for name, value in upstream.items()
        if goes(name) and not (listed and name.lower() in listed)
    }


# Messages have the same names again and again, so each name is judged once.


@lru_cache(maxsize=1024)
def _goes_up(name: str) -> bool:
    low = name.lower()
    return not low.startswith("x-cccc-") and low not in _NOT_UP


@lru_cache(maxsize=1024)
def _means_the_same_to_all(name: str) -> bool:
    return name.lower() in _OF_ANY_FORMAT


@lru_cache(maxsize=1024)
def _goes_down(name: str) -> bool:
    low = name.lower()
    return low not in _NOT_DOWN and not low.startswith("access-control-")


@lru_cache(maxsize=1024)
def _means_the_same_to_clients(name: str) -> bool:
    return name.lower() in _OF_ANY_ANSWER


def lowered(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """By lower-case name; of several lines of one name the last."""
    return {name.lower(): value for name, value in headers}


def auth_headers(auth_type: str, secret: str, form: Format, learned: str = "") -> dict[str, str]:
    """How the endpoint's credential is sent. `auto` is what the format's own clients do, or what was learned."""
    if not secret:
        return {}
    if auth_type == "auto":
        auth_type = learned or ("api_key" if form == "anthropic" else "auth_token")
    return {"x-api-key": secret} if auth_type == "api_key" else {"Authorization": f"Bearer {secret}"}


def _listed(headers: CIMultiDictProxy[str]) -> frozenset[str]:
    if "Connection" not in headers:
        return _NONE
    return frozenset(
        name.strip().lower() for value in headers.getall("Connection") for name in value.split(",")
    )
