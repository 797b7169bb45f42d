import asyncio
import time

import msgspec
import pytest

from cccc_tui.engine.attempt import AttemptFailed, Call, Limits, open_answer
from cccc_tui.engine.heads import Lines
from cccc_tui.engine.translate import SameFormat
from cccc_tui.engine.upstream import Upstream
from cccc_tui.traffic.exchange import Attempt
from tests.engine.conftest import body
from tests.fakes.fixtures import upstream
from tests.fakes.steps import counts, fails, raw, resets, says
from tests.fakes.upstream import refusing_url

__all__ = ["upstream"]

PATIENT = Limits(connect=5, headers=5, first_content=5, stream_idle=5, answer=5)


@pytest.fixture
async def line():
    upstream = Upstream(idle_connection_s=15)
    yield upstream.line(None)
    await upstream.close()


def call(url: str, streamed: bool = True, limits: Limits = PATIENT) -> Call:
    return Call(
        url=f"{url}/v1/messages",
        head=Lines(
            (("x-api-key", "k"), ("anthropic-version", "2023-06-01"), ("Content-Type", "application/json"))
        ),
        body=msgspec.json.encode(body("anthropic", stream=streamed)),
        streamed=streamed,
        limits=limits,
        clock=time.monotonic,
    )


async def opened(line, request: Call, record: Attempt | None = None):
    reader = SameFormat("anthropic", None).reader()
    record = record or Attempt(endpoint="a", url="", format="anthropic")
    return await open_answer(line, request, reader, record), reader


async def failure(line, request: Call) -> AttemptFailed:
    with pytest.raises(AttemptFailed) as failed:
        await opened(line, request)
    return failed.value


async def test_a_stream_is_open_once_its_first_content_is_there(line, upstream):
    upstream.answer(counts(5).held(asyncio.Event(), at=1))
    answer, reader = await opened(line, call(upstream.url))
    assert answer.is_stream
    assert reader.content_seen
    assert b"content_block_delta" in answer.pending
    answer.close()
    await upstream.cancelled(1)


async def test_a_stream_is_known_by_its_bytes_and_not_by_its_content_type(line, upstream):
    upstream.answer(says("hi").of_type("text/plain"))
    answer, _ = await opened(line, call(upstream.url))
    assert answer.is_stream
    answer.close()


async def test_an_answer_in_one_piece_is_read_whole(line, upstream):
    answer, _ = await opened(line, call(upstream.url, streamed=False))
    assert not answer.is_stream
    assert answer.pending.endswith(b"}")
    answer.close()


async def test_a_refusal_keeps_status_headers_and_body(line, upstream):
    upstream.answer(fails(429, "slow down").with_headers(("Retry-After", "7")))
    failed = await failure(line, call(upstream.url))
    assert failed.failure.kind == "status"
    assert failed.answer.status == 429
    assert b"slow down" in failed.answer.body
    assert failed.error.retry_after_s == 7


async def test_each_way_to_fail_has_its_kind(line, upstream):
    with refusing_url() as dead:
        assert (await failure(line, call(dead))).failure.kind == "refused"
    assert (await failure(line, call("http://no-such-host.invalid"))).failure.kind == "dns"
    upstream.answer(resets(), says("x").held(asyncio.Event()), says("x").held(asyncio.Event(), at="head"))
    assert (await failure(line, call(upstream.url))).failure.kind == "reset"
    # Only the limit that is meant is short: on a busy machine every step may take a second.
    early = Limits(connect=30, headers=0.3, first_content=30, stream_idle=30, answer=30)
    assert (await failure(line, call(upstream.url, limits=early))).failure.kind == "header_timeout"
    late = Limits(connect=30, headers=30, first_content=0.3, stream_idle=30, answer=30)
    assert (await failure(line, call(upstream.url, limits=late))).failure.kind == "content_timeout"
    upstream.answer(raw(b": nothing\n\n"))
    assert (await failure(line, call(upstream.url))).failure.kind == "empty"


async def test_a_server_without_tls_is_a_tls_failure(line, upstream):
    assert (await failure(line, call(upstream.url.replace("http:", "https:")))).failure.kind == "tls"


async def test_a_failed_attempt_leaves_no_call_running(line, upstream):
    upstream.answer(says("x").held(asyncio.Event(), at="head"))
    hasty = Limits(connect=5, headers=5, first_content=0.2, stream_idle=5, answer=5)
    await failure(line, call(upstream.url, limits=hasty))
    await upstream.cancelled(1)
    assert upstream.active == 0


async def test_a_client_that_reads_slowly_is_not_the_upstreams_fault(line, upstream):
    upstream.answer(counts(3))
    limits = Limits(connect=5, headers=5, first_content=5, stream_idle=0.2, answer=5)
    answer, reader = await opened(line, call(upstream.url, limits=limits))

    async def slow(_: bytes, is_last: bool) -> None:
        await asyncio.sleep(0.5)

    await answer.pass_on(reader, slow)
    assert reader.finished
    answer.close()
