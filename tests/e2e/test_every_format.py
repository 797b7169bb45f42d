"""The real Claude Code and the real Codex at work, side by side, over every format that an endpoint can speak."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.e2e.clients import run_claude, run_codex
from tests.e2e.conftest import config, endpoint
from tests.fakes.agent_task import Errand, solve
from tests.fakes.process import CcccProcess

pytestmark = pytest.mark.e2e

RUNS = {"claude": run_claude, "codex": run_codex}


def errand_for(client_folder: Path) -> Errand:
    (client_folder / "work").mkdir(parents=True)
    return Errand(client_folder / "work")


@pytest.mark.parametrize("form", ["anthropic", "chat", "responses"])
async def test_both_agents_read_look_and_edit_an_existing_file(upstream, tmp_path, form):
    """Six tool calls in four turns: parallel ones, a picture, and an edit by each agent's own tool for it."""
    upstream.always(solve)
    errands = {name: errand_for(tmp_path / name) for name in RUNS}
    async with CcccProcess(config(endpoint("only", upstream.url, form)), tmp_path / "cccc") as cccc:
        started = (run(cccc.url, errands[name].prompt, tmp_path / name) for name, run in RUNS.items())
        runs = dict(zip(RUNS, await asyncio.gather(*started), strict=True))
    for name, run in runs.items():
        assert run.succeeded, f"{name}: {run.error}\n{run.stderr}\n{cccc.stderr}"
        assert errands[name].password in run.answer
        assert errands[name].written == errands[name].password
    assert {asked.form for asked in upstream.requests} == {form}
    assert len(upstream.requests) == 4 * len(RUNS)
    assert cccc.exit_code == 0
