"""Which model servers answer on this machine: a look at the usual ports, all at once, for a blink.

Raw sockets instead of an HTTP client: the look happens before anything heavy is loaded, and it reads no more
than one short answer a port.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import NamedTuple

import msgspec

TIMEOUT_S = 0.4
MAX_ANSWER_BYTES = 1 << 20


class LocalServer(NamedTuple):
    """A place where a local model server usually listens."""

    name: str
    port: int

    @property
    def url(self) -> str:
        """Its base URL, without the `/v1`."""
        return f"http://127.0.0.1:{self.port}"


USUAL = (
    LocalServer("Ollama", 11434),
    LocalServer("LM Studio", 1234),
    LocalServer("vLLM", 8000),
    LocalServer("llama.cpp", 8080),
)


class Found(NamedTuple):
    """A model server that answered."""

    server: LocalServer
    models: tuple[str, ...]
    """The models that it lists, at least one."""


class _Model(msgspec.Struct):
    id: str


class _ModelList(msgspec.Struct):
    """The answer to `GET /v1/models`, which all of them give in OpenAI's shape."""

    data: list[_Model]


async def find_local_servers(
    own_port: int, usual: tuple[LocalServer, ...] = USUAL, timeout_s: float = TIMEOUT_S
) -> tuple[Found, ...]:
    """The usual servers that list models right now, without `own_port`, where cccc itself will listen."""
    asked = [server for server in usual if server.port != own_port]
    answers = await asyncio.gather(*(_ask(server, timeout_s) for server in asked))
    return tuple(answer for answer in answers if answer)


async def _ask(server: LocalServer, timeout_s: float) -> Found | None:
    # Nobody there, not HTTP, too slow, not a model list: all mean the same here, there is nothing to offer.
    with suppress(OSError, TimeoutError, msgspec.MsgspecError, asyncio.IncompleteReadError, ValueError):
        async with asyncio.timeout(timeout_s):
            listed = _read_models(await _get(server, "/v1/models"))
            return Found(server, listed) if listed else None
    return None


async def _get(server: LocalServer, path: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        # HTTP/1.0: the answer is not chunked and ends with the connection.
        writer.write(f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode())
        return await _read_all(reader)
    finally:
        writer.close()


async def _read_all(reader: asyncio.StreamReader) -> bytes:
    answer = bytearray()
    while len(answer) < MAX_ANSWER_BYTES and (chunk := await reader.read(1 << 16)):
        answer += chunk
    return bytes(answer)


def _read_models(answer: bytes) -> tuple[str, ...]:
    head, _, body = answer.partition(b"\r\n\r\n")
    status_line, _, headers = head.partition(b"\r\n")
    is_ok = status_line.split()[1:2] == [b"200"]
    is_cccc = b"x-cccc-" in headers.lower()
    if not is_ok or is_cccc:
        return ()
    listed = msgspec.json.decode(body, type=_ModelList).data
    # The names end up in a file and on a terminal: whoever answers on that port chose them.
    return tuple("".join(filter(str.isprintable, model.id)) for model in listed)
