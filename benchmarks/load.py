"""The load: so many clients at once, each asking again as soon as it has its answer (a closed loop)."""

from __future__ import annotations

import asyncio
import time
from typing import NamedTuple
from urllib.parse import urlsplit

_FILLER = "The quick brown fox jumps over the lazy dog. " * 20


class Case(NamedTuple):
    """One kind of request."""

    name: str
    streamed: bool
    body_bytes: int
    """About the size of the request: an agent repeats its whole conversation each turn."""
    clients: int

    def request(self) -> bytes:
        count = max(1, self.body_bytes // len(_FILLER))
        messages = ",".join([f'{{"role":"user","content":"{_FILLER}"}}'] * count)
        stream = "true" if self.streamed else "false"
        body = f'{{"model":"m","max_tokens":1000,"stream":{stream},"messages":[{messages}]}}'.encode()
        head = (
            "POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            "x-api-key: sk-bench\r\nanthropic-version: 2023-06-01\r\nUser-Agent: bench\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


class Measured(NamedTuple):
    """One round."""

    requests_per_s: float
    p50_ms: float
    p95_ms: float


async def measure(url: str, case: Case, duration_s: float) -> Measured:
    """Asks `url` for `duration_s`. An answer that is not 200 fails the benchmark."""
    end = time.perf_counter() + duration_s
    begun = time.perf_counter()
    times = await asyncio.gather(*(_client(url, case, end) for _ in range(case.clients)))
    elapsed = time.perf_counter() - begun
    taken = sorted(seconds for client in times for seconds in client)
    return Measured(len(taken) / elapsed, 1000 * _quantile(taken, 0.5), 1000 * _quantile(taken, 0.95))


async def _client(url: str, case: Case, end: float) -> list[float]:
    place = urlsplit(url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    request, taken = case.request(), []
    try:
        while (begun := time.perf_counter()) < end:
            writer.write(request)
            await _read_answer(reader)
            taken.append(time.perf_counter() - begun)
    finally:
        writer.close()
    return taken


async def _read_answer(reader: asyncio.StreamReader) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if b" 200 " not in head.split(b"\r\n", 1)[0]:
        raise RuntimeError(head.decode("latin-1"))
    _, _, after = head.partition(b"content-length:")
    if after:
        await reader.readexactly(int(after.split(b"\r\n", 1)[0]))
        return
    while size := int(await reader.readuntil(b"\r\n"), 16):
        await reader.readexactly(size + 2)
    await reader.readexactly(2)


def _quantile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
