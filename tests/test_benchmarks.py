"""The benchmark: a server that answers wrongly must never look fast, and nothing that was started stays behind."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from benchmarks import answers, chart, report
from benchmarks.answers import Expected
from benchmarks.asking import Answer, work
from benchmarks.load import Measured, closed_loop, paced
from benchmarks.processes import cores, free_port, serving
from benchmarks.results import Result, unmeasured
from benchmarks.rounds import with_cpu
from benchmarks.upstream import Plan, Upstream
from cccc_tui.wire.model import FORMATS, Format

EVENTS = 7
SMALL = work("anthropic", "small", 0)
JSON_HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
STREAM_HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@asynccontextmanager
async def listening(protocol: Callable[[], asyncio.Protocol]) -> AsyncIterator[str]:
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


class Says(asyncio.Protocol):
    """Answers whatever comes with these bytes."""

    def __init__(self, said: bytes, then_closes: bool) -> None:
        self.said, self.then_closes = said, then_closes

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(self.said)  # type: ignore[attr-defined]
        if self.then_closes:
            self.transport.close()


def chunked(*events: bytes) -> bytes:
    return STREAM_HEAD + b"".join(b"%x\r\n%s\r\n" % (len(event), event) for event in events)


async def asked(said: bytes, events: int = 0, then_closes: bool = False) -> Measured:
    async with listening(lambda: Says(said, then_closes)) as url:
        return await closed_loop(url, work("anthropic", "small", events), clients=2, duration_s=0.1)


@pytest.mark.parametrize("events", [0, EVENTS])
@pytest.mark.parametrize("form", FORMATS)
async def test_every_answer_of_the_canned_upstream_counts(form: Format, events: int):
    Upstream.plan = Plan(events)
    async with listening(Upstream) as url:
        measured = await closed_loop(url, work(form, "agent", events), clients=3, duration_s=30, at_most=40)
    assert (measured.requests, measured.faults) == (40, {})
    assert 0 < measured.first_byte_p50_ms <= measured.p50_ms <= measured.p99_ms


async def test_events_at_an_interval_come_one_by_one():
    Upstream.plan = Plan(EVENTS, interval_ms=2)
    async with listening(Upstream) as url:
        measured = await closed_loop(url, work("chat", "small", EVENTS), clients=1, duration_s=30, at_most=1)
    assert (measured.requests, measured.faults) == (1, {})
    assert measured.p50_ms >= 2 * EVENTS


async def test_a_rate_is_kept_whatever_the_answers_take():
    Upstream.plan = Plan()
    async with listening(Upstream) as url:
        measured = await paced(url, SMALL, rate=100, duration_s=0.3)
    assert (measured.requests, measured.faults) == (30, {})


async def test_an_answer_that_is_cut_is_an_error():
    body = answers.whole("anthropic")
    measured = await asked(JSON_HEAD % len(body) + body[:-1], then_closes=True)
    assert measured.requests == 0
    assert set(measured.faults) == {"the connection was closed before the answer was whole"}


async def test_a_stream_that_is_cut_is_an_error():
    measured = await asked(chunked(*answers.stream("anthropic", EVENTS)), EVENTS, then_closes=True)
    assert measured.requests == 0 and measured.errors


async def test_a_stream_without_its_last_event_is_an_error():
    measured = await asked(chunked(*answers.stream("anthropic", EVENTS)[:-1]) + b"0\r\n\r\n", EVENTS)
    assert set(measured.faults) == {"the stream has no end"}


async def test_an_error_of_the_server_is_an_error():
    measured = await asked(b"HTTP/1.1 502 Bad\r\nContent-Length: 2\r\n\r\n{}")
    assert set(measured.faults) == {"status 502: {}"}


async def test_nobody_who_listens_is_an_error():
    measured = await closed_loop(f"http://127.0.0.1:{free_port()}", SMALL, clients=1, duration_s=0.1)
    assert measured.requests == 0 and measured.errors


@pytest.mark.parametrize("form", FORMATS)
def test_an_event_that_is_lost_doubled_or_out_of_order_is_found(form: Format):
    events = answers.stream(form, EVENTS)
    first = next(at for at, event in enumerate(events) if b"tick-0000" in event)
    second, third = events[first + 1], events[first + 2]
    expected = Expected(form, EVENTS)
    assert not expected.fault(200, b"".join(events))
    for middle in ([second], [second, second, third], [third, second]):
        wrong = [*events[: first + 1], *middle, *events[first + 3 :]]
        assert expected.fault(200, b"".join(wrong)) == "an event is missing"


def test_an_answer_is_the_same_however_it_is_cut_on_its_way():
    said = chunked(*answers.stream("anthropic", EVENTS)) + b"0\r\n\r\n"
    for size in (1, 2, 7, 100, len(said)):
        answer = Answer()
        pieces = [said[at : at + size] for at in range(0, len(said), size)]
        assert [answer.feed(piece) for piece in pieces] == [False] * (len(pieces) - 1) + [True]
        assert answer.read() == (200, b"".join(answers.stream("anthropic", EVENTS)))


def test_a_chunk_that_is_longer_than_it_says_is_no_answer():
    answer = Answer()
    assert answer.feed(STREAM_HEAD + b"1\r\nab\r\n0\r\n\r\n")
    with pytest.raises(ValueError):
        answer.read()


def test_a_server_is_measured_from_outside(tmp_path: Path):
    port = free_port()
    command = (sys.executable, "-m", "benchmarks.upstream", str(port))
    with serving("upstream", command, port, cores().other, tmp_path / "log") as running:
        measured = with_cpu(
            running, lambda: asyncio.run(closed_loop(running.url, SMALL, 4, 60, at_most=20_000))
        )
        assert measured.requests == 20_000
        assert 0 < measured.cpu_ms < 100
        assert running.resident_mb() > 1
    assert not psutil.pid_exists(running.process.pid)


def test_the_table_says_what_is_met_what_is_not_and_what_could_not_be_measured():
    table = report.table(
        [
            Result(name="small", title="small", what="× the limit's requests/s", value=0.71, cpu=0.6),
            Result(name="memory-rest", title="memory", what="MB", value=81.0),
            Result(name="disk", title="on disk", what="kB", value=3.0),
            unmeasured("litellm-small", "small", "× litellm", "pip said no"),
        ]
    )
    small, memory, disk, litellm, why = table.splitlines()[2:]
    assert "0.71" in small and "0.60" in small and small.endswith("≥ 0.7   met")
    assert "81" in memory and memory.endswith("≤ 80    NOT MET")
    assert disk.endswith("kB")
    assert "–" in litellm and litellm.endswith("≥ 25")
    assert why.strip() == "pip said no"


def test_nothing_is_met_by_wrong_answers():
    fast = Result(name="small", title="", what="", value=2.0, measured={"cccc": {"errors": 1.0}})
    assert fast.is_met is False


def test_a_chart_shows_each_value_and_where_its_target_is():
    results = [
        Result(name="small", title="small & whole", what="", value=0.5),
        Result(name="huge", title="huge", what="", value=0.9),
        unmeasured("agent", "agent", "", "no"),
    ]
    drawn = ElementTree.fromstring(chart.bars("Speed", "beside the limit", results))
    texts = [element.text for element in drawn.iter() if element.tag.endswith("text")]
    assert texts == ["Speed", "beside the limit", "small & whole", "0.50", "huge", "0.90"]
    assert len([element for element in drawn.iter() if element.tag.endswith("line")]) == 1, "one has a target"


@pytest.mark.system
def test_ctrl_c_ends_everything_that_was_started():
    command = [sys.executable, "-m", "benchmarks", "--quick", "--only", "small"]
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert run.stderr
    try:
        next(line for line in run.stderr if "round 1" in line)
        children = psutil.Process(run.pid).children(recursive=True)
        assert len(children) >= 3, "the upstream, the limit, cccc"
        run.send_signal(signal.SIGINT)
        _, said = run.communicate(timeout=60)
    finally:
        run.kill()
    assert run.returncode == 130
    assert "Interrupted" in said and "Traceback" not in said
    assert not [child for child in children if child.is_running()]
