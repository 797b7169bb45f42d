"""The real agents finish their errand while endpoints die and come back under them."""

from __future__ import annotations

import itertools

import pytest

from tests.e2e.clients import ClientRun, run_claude, run_codex
from tests.e2e.conftest import config, endpoint
from tests.fakes.agent_task import Errand, solve
from tests.fakes.process import CcccProcess
from tests.fakes.steps import Step, fails, nothing, page, resets
from tests.fakes.upstream import Asked

pytestmark = pytest.mark.e2e

DEATHS = (
    fails(529, "Overloaded"),
    resets(),
    fails(500, "we broke"),
    fails(429, "slow down").with_headers(("Retry-After", "2")),
    page(502),
    nothing(),
)


class Unsteady:
    """Every second call dies, each in another way: whoever is asked next answers, and is the next to die."""

    def __init__(self) -> None:
        self.deaths: list[str] = []
        self._ways = itertools.cycle(DEATHS)
        self._dies = itertools.cycle((True, False))

    def __call__(self, asked: Asked) -> Step:
        if not next(self._dies):
            return solve(asked)
        self.deaths.append(asked.path.partition("/v1")[0])
        return next(self._ways)


def two_endpoints(url: str, form: str) -> str:
    """Requests go to each in turn, so that both of them die under the agent."""
    pair = (endpoint(name, f"{url}/{name}", form) for name in ("one", "two"))
    return config(*pair, "routing: {strategy: round-robin, sticky: {enabled: false}}")


def check(run: ClientRun, errand: Errand, unsteady: Unsteady, stderr: str) -> None:
    assert run.succeeded, f"{run.error}\n{run.stderr}\n{stderr}"
    assert errand.password in run.answer
    assert errand.written == errand.password
    assert len(unsteady.deaths) >= 3
    assert set(unsteady.deaths) == {"/one", "/two"}


async def test_claude_finishes_while_endpoints_die_and_come_back(
    upstream, tmp_path, client_folder, errand_folder
):
    errand, unsteady = Errand(errand_folder), Unsteady()
    upstream.always(unsteady)
    async with CcccProcess(two_endpoints(upstream.url, "anthropic"), tmp_path / "cccc") as cccc:
        run = await run_claude(cccc.url, errand.prompt, client_folder, "--bare")
    check(run, errand, unsteady, cccc.stderr)
    assert [event for event in run.events if event.get("subtype") == "api_retry"] == []


async def test_codex_finishes_while_endpoints_die_and_come_back(
    upstream, tmp_path, client_folder, errand_folder
):
    errand, unsteady = Errand(errand_folder), Unsteady()
    upstream.always(unsteady)
    async with CcccProcess(two_endpoints(upstream.url, "responses"), tmp_path / "cccc") as cccc:
        run = await run_codex(cccc.url, errand.prompt, client_folder)
    check(run, errand, unsteady, cccc.stderr)
    assert [event for event in run.events if event["type"] == "error"] == []


async def test_claude_stops_at_once_where_asking_again_is_in_vain(upstream, tmp_path, client_folder):
    upstream.always(fails(401, "invalid x-api-key"))
    async with CcccProcess(config(endpoint("one", upstream.url, "anthropic")), tmp_path / "cccc") as cccc:
        run = await run_claude(cccc.url, "Say hi.", client_folder, "--bare", retries=10)
    assert run.error
    assert [event for event in run.events if event.get("subtype") == "api_retry"] == []


async def test_claude_waits_as_long_as_it_is_told_and_then_goes_on(
    upstream, tmp_path, client_folder, errand_folder
):
    errand = Errand(errand_folder)
    upstream.answer(fails(429, "slow down").with_headers(("Retry-After", "1")))
    upstream.always(solve)
    one = config(endpoint("one", upstream.url, "anthropic"), "retry: {wait_for_cool_down: 0}")
    async with CcccProcess(one, tmp_path / "cccc") as cccc:
        run = await run_claude(cccc.url, errand.prompt, client_folder, "--bare", retries=10)
    assert run.succeeded, f"{run.error}\n{run.stderr}\n{cccc.stderr}"
    (told,) = [event for event in run.events if event.get("subtype") == "api_retry"]
    assert (told["error_status"], told["retry_delay_ms"] >= 1000) == (429, True)
