"""The limit: the least that a reverse proxy with the libraries of cccc can do.

    python -m benchmarks.limit PORT UPSTREAM

No routing, no failover, no reading of what passes. What cccc is slower by is what cccc does.
"""

from __future__ import annotations

import asyncio
import sys

import aiohttp
import uvloop
from aiohttp import web

_HOP_BY_HOP = {"host", "connection", "content-length", "transfer-encoding", "keep-alive"}
_MAX_BODY = 64 * 1024 * 1024


async def main(port: int, upstream: str) -> None:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(upstream, connector=connector, auto_decompress=False) as session:

        async def forward(request: web.BaseRequest) -> web.StreamResponse:
            headers = {key: value for key, value in request.headers.items() if key.lower() not in _HOP_BY_HOP}
            body = await request.read()
            async with session.request(request.method, request.path_qs, data=body, headers=headers) as answer:
                kept = {key: value for key, value in answer.headers.items() if key.lower() not in _HOP_BY_HOP}
                response = web.StreamResponse(status=answer.status, headers=kept)
                await response.prepare(request)
                async for chunk in answer.content.iter_any():
                    await response.write(chunk)
            return response

        runner = web.ServerRunner(web.Server(forward, access_log=None, client_max_size=_MAX_BODY))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port, backlog=4_096).start()
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), sys.argv[2]))
