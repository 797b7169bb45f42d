"""The upstream: a raw socket server that answers with canned bytes, far cheaper than any gateway.

    python -m benchmarks.upstream PORT

`POST /plan` says how it answers from then on: `{"events": 50, "interval_ms": 0}`. No events are a JSON answer; events
without an interval are written at once, each in a chunk of its own; with one, each is written when its time comes.
The path says the format.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import cast

import uvloop

from benchmarks import answers
from benchmarks.bodies import PATHS
from cccc_tui.wire.model import FORMATS, Format

_JSON_HEAD = b"HTTP/1.1 %d OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
_STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
_LAST_CHUNK = b"0\r\n\r\n"
_CONTENT_LENGTH = b"content-length:"


def _json(body: bytes, status: int = 200) -> bytes:
    return _JSON_HEAD % (status, len(body)) + body


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


class Plan:
    """How requests are answered now."""

    def __init__(self, events: int = 0, interval_ms: float = 0.0) -> None:
        self.interval_s = interval_ms / 1_000
        self.answers = {PATHS[form].rpartition("/")[2].encode(): _pieces(form, events) for form in FORMATS}
        """The last part of the path → what is written; all but the first piece wait for the interval."""
        if not interval_ms:
            self.answers = {path: [b"".join(pieces)] for path, pieces in self.answers.items()}


def _pieces(form: Format, events: int) -> list[bytes]:
    if not events:
        return [_json(answers.whole(form))]
    first, *rest = map(_chunk, answers.stream(form, events))
    return [_STREAM_HEAD + first, *rest[:-1], rest[-1] + _LAST_CHUNK]


class Upstream(asyncio.Protocol):
    """One connection, kept alive; its requests come one after the other."""

    plan = Plan()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._head = b""
        self._body: list[bytes] = []
        self._left = 0
        """Bytes of the body still to come."""

    def data_received(self, data: bytes) -> None:
        if not self._left:
            self._head += data
            head, separator, data = self._head.partition(b"\r\n\r\n")
            if not separator:
                return
            self._head, self._body = head, []
            self._left = _body_length(head)
        self._left -= len(data)
        self._body.append(data)
        if self._left <= 0:
            self._left = 0
            head, self._head = self._head, b""
            self._answer(head.split(b" ", 2)[1])

    def _answer(self, path: bytes) -> None:
        last = path.partition(b"?")[0].rpartition(b"/")[2]
        if last == b"plan":
            Upstream.plan = Plan(**json.loads(b"".join(self._body)))
            self._transport.write(_json(b"{}"))
        elif pieces := self.plan.answers.get(last):
            self._transport.write(pieces[0])
            if len(pieces) > 1:
                loop = asyncio.get_running_loop()
                loop.call_later(
                    self.plan.interval_s, self._go_on, pieces, 1, loop.time(), self.plan.interval_s
                )
        else:
            self._transport.write(_json(b'{"error":{"message":"there is no such path"}}', 404))

    def _go_on(self, pieces: list[bytes], number: int, begun: float, interval_s: float) -> None:
        """Writes the piece whose time has come. Its successor's does not depend on how late this one is."""
        if self._transport.is_closing():
            return
        self._transport.write(pieces[number])
        if number + 1 < len(pieces):
            loop = asyncio.get_running_loop()
            loop.call_at(
                begun + (number + 1) * interval_s, self._go_on, pieces, number + 1, begun, interval_s
            )


def _body_length(head: bytes) -> int:
    _, found, after = head.lower().partition(_CONTENT_LENGTH)
    return int(after.partition(b"\r\n")[0]) if found else 0


async def main(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Upstream, "127.0.0.1", port, backlog=4_096)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
