"""The fault matrix: every fault × streamed or not × every client format × always, once, and until it recovers."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from cccc_tui.tasks import spawn
from tests.engine.conftest import PATHS, Gateway, body, endpoint
from tests.fakes.faults import BEFORE_CONTENT, DEADLINE_S, QUICK_BACKOFF, WITHIN_CONTENT, Fault
from tests.fakes.steps import says
from tests.fakes.upstream import FakeUpstream

LAST = {"anthropic": "event: message_stop", "chat": "data: [DONE]", "responses": "event: response.completed"}
ERROR = {"anthropic": "event: error", "chat": '"error":', "responses": "event: response.failed"}

PATIENCE_S = 20.0
"""No request of the matrix takes longer, whatever happens upstream."""
POLL_S = 0.002

FINE = "All is well."
UNKNOWN_HOST = "upstream.invalid"


class Clock:
    """The wall clock, which a test may put forward."""

    def __init__(self) -> None:
        self.ahead_s = 0.0
        self._real = time.time

    def __call__(self) -> float:
        return self._real() + self.ahead_s


class World:
    """Two endpoints behind the engine: `one` has the fault, `two` is well."""

    def __init__(self, fault: Fault, form: str, streamed: bool, one: FakeUpstream, two: FakeUpstream) -> None:
        self.fault, self.form, self.streamed = fault, form, streamed
        self.one, self.two = one, two
        self.gateway: Gateway
        self.door = socket.socket()
        self.door.bind(("127.0.0.1", 0))  # bound, but nobody listens yet
        self.knows_host = False
        self.headers: Mapping[str, str] = {}
        """Of the last answer."""

    @property
    def is_within_content(self) -> bool:
        """Whether the client has seen a part of the answer when the fault comes."""
        return self.streamed and self.fault in WITHIN_CONTENT

    @property
    def url(self) -> str:
        port = self.one.url.rpartition(":")[2]
        return {
            "": self.one.url,
            "refused": f"http://127.0.0.1:{self.door.getsockname()[1]}",
            "tls": f"https://127.0.0.1:{port}",  # it does not speak TLS
            "dns": f"http://{UNKNOWN_HOST}:{port}",
        }[self.fault.address]

    @property
    def asks(self) -> int:
        """Attempts at the endpoint with the fault, by the last exchange."""
        return sum(attempt.endpoint == "one" for attempt in self.gateway.last.attempts)

    def break_down(self, times: int | None = None) -> None:
        step = self.fault.step
        if step is not None and times is None:
            self.one.always(step)
        elif step is not None:
            self.one.answer(*[step] * (times or 0))

    async def heal(self) -> None:
        self.one.always(says(FINE))
        self.knows_host = True
        if self.fault.address == "refused":
            await self.one.listen_at(self.door.dup())

    async def ask(self) -> tuple[int, str, str]:
        """Status, endpoint that answered, and the answer's text."""
        request = body(self.form, stream=self.streamed) | {"temperature": 0.5}
        async with (
            asyncio.timeout(PATIENCE_S),
            self.gateway.post(PATHS[self.form], json=request) as response,
        ):
            text = await response.text()
            self.headers = response.headers
            return response.status, response.headers.get("x-cccc-endpoint", ""), text

    async def run_out_of_time(self) -> None:
        """Puts the loop's clock past the deadline whenever the endpoint has fallen silent."""
        loop = asyncio.get_running_loop()
        real, ahead_s = loop.time, 0.0
        loop.time = lambda: real() + ahead_s  # type: ignore[method-assign]
        while True:
            await self._falls_silent()
            ahead_s += DEADLINE_S + 0.1
            attempt = self.gateway.last.attempts[-1]
            while attempt.ended_s is None:
                await asyncio.sleep(POLL_S)

    async def _falls_silent(self) -> None:
        while not self._is_silent():
            await asyncio.sleep(POLL_S)

    def _is_silent(self) -> bool:
        attempts = self.gateway.last.attempts if len(self.gateway.engine.traffic) else []
        if not attempts or attempts[-1].endpoint != "one" or attempts[-1].ended_s is not None:
            return False
        if self.is_within_content:
            return attempts[-1].first_content_s is not None
        return bool(attempts[-1].status or "response_header" in self.fault.times_out) and self.one.active > 0

    def check_is_answer(self, outcome: tuple[int, str, str], by: str) -> None:
        status, name, text = outcome
        assert (status, name) == (200, by), text
        assert FINE.split()[-1] in text  # streamed word by word
        if self.streamed:
            assert LAST[self.form] in text
            assert ERROR[self.form] not in text
        assert self.gateway.last.state == "done"

    def check_is_error(self, outcome: tuple[int, str, str]) -> None:
        status, _name, text = outcome
        assert self.gateway.last.state == "failed"
        if self.is_within_content:
            assert status == 200
            assert ERROR[self.form] in text
            assert LAST[self.form] not in text or self.form == "chat"  # Chat has one last line for both
            return
        assert status == self.fault.status, text
        said = _error_in(self.form, text)
        assert self.fault.says in said if self.fault.says else said
        self._check_advice()
        label = "stalled" if self.is_within_content else self.fault.error_class
        assert self.gateway.last.attempts[-1].error_class == label

    def _check_advice(self) -> None:
        """Whether the agent is told to wait, to stop, or neither."""
        assert self.headers.get("x-should-retry", "") == ("false" if self.fault.in_vain else "")
        wait_s = int(self.headers.get("Retry-After", 0))
        longest_s = 0 if self.fault.in_vain else self.fault.cool_s
        assert min(1, longest_s) <= wait_s <= longest_s

    async def check_is_over(self) -> None:
        """No call is left running, and the ledger is empty."""
        for upstream in (self.one, self.two):
            await upstream.idle()
            assert upstream.active == 0
        assert self.gateway.engine.status().in_flight == 0
        assert [each.in_flight for each in self.gateway.engine.endpoints()] in ([0], [0, 0])


def _error_in(form: str, text: str) -> str:
    """The message of an error body, which must be in the client's format."""
    document: Any = json.loads(text)
    assert ("type" in document) == (form == "anthropic"), document
    assert isinstance(document["error"]["type"], str)
    return str(document["error"]["message"])


def cases(faults: tuple[Fault, ...]) -> list[Any]:
    return [
        pytest.param(fault, form, streamed, id=f"{fault.name}-{form}-{'stream' if streamed else 'whole'}")
        for fault in faults
        for form in sorted(PATHS)
        for streamed in (False, True)
    ]


ALL = cases(BEFORE_CONTENT + WITHIN_CONTENT)
THAT_CAN_HEAL = cases(tuple(fault for fault in BEFORE_CONTENT + WITHIN_CONTENT if fault.address != "tls"))


@pytest.fixture
def clock(monkeypatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(time, "time", found)
    return found


@pytest.fixture
async def world(request, start, clock, upstream, second, monkeypatch) -> AsyncIterator[World]:
    """The case's world; `lone` in the test's name leaves the second endpoint out."""
    params = request.node.callspec.params
    fault: Fault = params["fault"]
    made = World(fault, params["form"], params["streamed"], upstream, second)
    _pretend_names(made, monkeypatch)
    endpoints = [endpoint("one", made.url, made.form), endpoint("two", second.url, made.form)]
    made.gateway = await start(
        *endpoints[: 1 if "lone" in request.node.name else 2],
        timeouts=dict.fromkeys(fault.times_out, DEADLINE_S),
        retry={**QUICK_BACKOFF, "wait_for_cool_down": 0},
        routing={"sticky": {"enabled": False}},
    )
    upstream.always(says(FINE))
    second.always(says(FINE))
    hurrying = spawn(made.run_out_of_time(), "let time pass") if fault.times_out else None
    yield made
    if hurrying:
        hurrying.cancel()
    made.door.close()


def _pretend_names(world: World, monkeypatch) -> None:
    real = socket.getaddrinfo

    def look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host != UNKNOWN_HOST:
            return real(host, *args, **kwargs)
        if world.knows_host:
            return real("127.0.0.1", *args, **kwargs)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.mark.parametrize("fault, form, streamed", ALL)
async def test_a_lone_endpoint_that_always_fails_gives_its_error_in_the_clients_format(
    fault, form, streamed, world
):
    world.break_down()
    world.check_is_error(await world.ask())
    assert world.asks == (1 if world.is_within_content else fault.asks_of(form))
    check_health(world, exchanges=1)
    assert [fact.name for fact in world.gateway.facts()] == ([fault.fact] if fault.fact else [])
    await world.check_is_over()


@pytest.mark.parametrize("fault, form, streamed", ALL)
async def test_what_happens_once_is_made_good_by_the_right_endpoint(fault, form, streamed, world):
    world.break_down(times=1)
    outcome = await world.ask()
    if world.is_within_content or not (fault.goes_on or fault.cured):
        world.check_is_error(outcome)
    elif fault.cured:
        world.check_is_answer(outcome, by="one")
    elif fault.error_class in ("authentication", "permission") and form == "anthropic":
        world.check_is_answer(outcome, by="one")  # in the other header
    else:
        world.check_is_answer(outcome, by="two")
    assert bool(world.two.requests) == (world.gateway.last.endpoint == "two")
    await world.check_is_over()


@pytest.mark.parametrize("fault, form, streamed", THAT_CAN_HEAL)
async def test_an_endpoint_is_left_out_as_long_as_it_should_and_comes_back(
    fault, form, streamed, world, clock
):
    world.break_down()
    for number in range(1, max(fault.exchanges_until_out, 3) + 1):
        outcome = await world.ask()
        is_out = bool(fault.out_s) and number > fault.exchanges_until_out
        assert bool(world.asks) != is_out, f"exchange {number}"
        if is_out or (fault.goes_on and not world.is_within_content):
            world.check_is_answer(outcome, by="two")
        elif not fault.cured:
            world.check_is_error(outcome)
    check_health(world, exchanges=fault.exchanges_until_out or 3)
    await world.heal()
    if fault.out_s:
        clock.ahead_s += fault.out_s - 2
        world.check_is_answer(await world.ask(), by="two")
        clock.ahead_s += 2.1
    world.check_is_answer(await world.ask(), by="one")
    assert world.gateway.engine.endpoints()[0].health == "healthy"
    await world.check_is_over()


def check_health(world: World, exchanges: int) -> None:
    """Health after so many exchanges that reached the endpoint."""
    fault = world.fault
    health = world.gateway.health("one")
    assert health.failures(time.time()) == (exchanges if fault.counts else 0), "one exchange counts once"
    is_open = fault.counts and exchanges >= 2
    assert health.state == ("open" if is_open else "untried")
    cooling = [*world.gateway.cooling("one"), health]
    cool_until = max(each.cool_until for each in cooling)
    if not fault.cool_s:
        assert cool_until == 0.0
        return
    assert fault.cool_s - PATIENCE_S < cool_until - time.time() <= fault.cool_s
    assert any(each.cool_is_dated for each in cooling) == fault.is_dated
