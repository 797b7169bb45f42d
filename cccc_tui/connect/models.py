"""Which models cccc offers: at this moment, asked as a client would ask (blocking, as `verify` is); or by its file."""

from __future__ import annotations

import http.client
import re
from urllib.parse import urlsplit

import msgspec

from cccc_tui.config.schema import Config
from cccc_tui.connect.clients import Gateway

TIMEOUT_S = 20.0
_MAX_LIST_BYTES = 4 * 1024 * 1024


class _Model(msgspec.Struct):
    id: str


class _List(msgspec.Struct):
    data: list[_Model] = []


def offered_models(gateway: Gateway, timeout_s: float = TIMEOUT_S) -> tuple[str, ...]:
    """Their names, sorted; none where nobody answers or has a list: a name can be typed all the same."""
    parts = urlsplit(gateway.url)
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=timeout_s)
    try:
        headers = {"authorization": f"Bearer {gateway.token}"}
        connection.request("GET", parts.path.rstrip("/") + "/v1/models", headers=headers)
        answer = connection.getresponse()
        found = msgspec.json.decode(answer.read(_MAX_LIST_BYTES), type=_List)
    except (OSError, http.client.HTTPException, msgspec.DecodeError):
        return ()
    finally:
        connection.close()
    return tuple(sorted({model.id for model in found.data}))


def configured_models(config: Config) -> tuple[str, ...]:
    """The names that the configuration itself speaks of, sorted; patterns are none."""
    names = set(config.routing.groups)
    for endpoint in config.endpoints:
        if endpoint.enabled:
            own = {each.alias for each in endpoint.aliases} | set(endpoint.models)
            names |= {f"{endpoint.prefix}/{name}" if endpoint.prefix else name for name in own}
    return tuple(sorted(name for name in names if not re.search(r"[*?\[]", name)))
