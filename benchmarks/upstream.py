"""The upstream of the benchmark: a raw socket server that answers every request with canned bytes.

It does as little as it can, so that what is measured is the proxy in front of it. A body with `"stream":true`
gets a stream of events, one write an event; any other a JSON answer.
"""

from __future__ import annotations

import asyncio
import sys

EVENTS = 40

_TEXT = "x" * 40
_ANSWER = (
    '{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"'
    + "word " * 150
    + '"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":12,"output_tokens":150}}'
).encode()
_JSON = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(_ANSWER)
) + _ANSWER
_STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def _event(name: str, data: str) -> bytes:
    text = f'event: {name}\ndata: {{"type":"{name}"{data}}}\n\n'.encode()
    return b"%x\r\n%s\r\n" % (len(text), text)


_MESSAGE = (
    ',"message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],'
    '"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":12,"output_tokens":1}}'
)
_STREAM = (
    _event("message_start", _MESSAGE),
    _event("content_block_start", ',"index":0,"content_block":{"type":"text","text":""}'),
    *[_event("content_block_delta", f',"index":0,"delta":{{"type":"text_delta","text":"{_TEXT}"}}')] * EVENTS,
    _event("content_block_stop", ',"index":0'),
    _event("message_delta", ',"delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":40}'),
    _event("message_stop", "") + b"0\r\n\r\n",
)


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            body = await _read_body(reader, head.lower())
            await _answer(writer, b'"stream":true' in body)
    except (asyncio.IncompleteReadError, ConnectionError):
        pass  # the proxy has closed its connection
    finally:
        writer.close()


async def _read_body(reader: asyncio.StreamReader, head: bytes) -> bytes:
    _, _, after = head.partition(b"content-length:")
    return await reader.readexactly(int(after.split(b"\r\n", 1)[0])) if after else b""


async def _answer(writer: asyncio.StreamWriter, streamed: bool) -> None:
    if not streamed:
        writer.write(_JSON)
        return await writer.drain()
    writer.write(_STREAM_HEAD)
    for event in _STREAM:
        writer.write(event)
        await asyncio.sleep(0)
    return await writer.drain()


async def _main() -> None:
    server = await asyncio.start_server(_serve, "127.0.0.1", 0, limit=1 << 20)
    sys.stderr.write(f"listens on http://127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
    sys.stderr.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main())
