"""What a long life costs: a request to a cccc with 50 endpoints and 10,000 learned facts, beside one with a single
endpoint that has learned nothing."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from benchmarks.asking import work
from benchmarks.bodies import MODEL
from benchmarks.experiment import Lab
from benchmarks.results import Result
from benchmarks.rounds import faults, in_turns, loop_of, median, medians, share
from benchmarks.servers import cccc_in, config, endpoint, folder, surroundings, write_config

ENDPOINTS, FACTS = 50, 10_000
CLIENTS = 16
_NAMES = ("context_tokens", "lacks:images")


def crowd(lab: Lab) -> Iterator[Result]:
    """The facts are of many models, that of the request among them; all endpoints could take it."""
    with ExitStack() as stack:
        empty = stack.enter_context(folder())
        write_config(empty, [endpoint("bench-0", lab.place.upstream, "anthropic")])
        full = stack.enter_context(folder())
        names = [f"bench-{number}" for number in range(ENDPOINTS)]
        write_config(full, [_with_priority(name, lab.place.upstream, n) for n, name in enumerate(names)])
        _learn(full, names)
        servers = [
            stack.enter_context(cccc_in(home, lab.place.cores))._replace(name=name)
            for name, home in (("empty", empty), ("crowded", full))
        ]
        lab.place.plan(0)
        taken = in_turns(servers, loop_of(work("anthropic", "small", 0), CLIENTS), lab.effort, lab.say)
    yield Result(
        name="crowd",
        title=f"cost of a request with {ENDPOINTS} endpoints and {FACTS:,} facts",
        what="× that of one endpoint, no facts",
        value=share(median(taken["empty"], "requests_per_s"), median(taken["crowded"], "requests_per_s")),
        cpu=share(median(taken["crowded"], "cpu_ms"), median(taken["empty"], "cpu_ms")),
        measured={name: medians(rounds) for name, rounds in taken.items()},
        note=faults(taken),
    )


def _with_priority(name: str, upstream: str, number: int) -> str:
    return endpoint(name, f"{upstream}/{name}", "anthropic") + f"    priority: {number + 1}\n"


def _learn(home: Path, names: list[str]) -> None:
    """Takes the facts up as a user would: from an export of another machine."""
    export = home / "facts.json"
    export.write_text(json.dumps({"cccc_facts": 1, "facts": list(_facts(names))}, separators=(",", ":")))
    subprocess.run(
        [sys.executable, "-m", "cccc_tui", "facts", "import", str(export), "--config", str(config(home))],
        check=True,
        stdout=subprocess.DEVNULL,
        env=surroundings(home),
    )


def _facts(names: list[str]) -> Iterator[dict[str, object]]:
    """As many models of each endpoint as it takes, two facts a model; both let the request of the bench pass."""
    now = time.time()
    models = FACTS // len(names) // len(_NAMES)
    for endpoint_name in names:
        for number in range(models):
            for name, value in zip(_NAMES, (200_000, True), strict=True):
                yield {
                    "endpoint": endpoint_name,
                    "endpoint_id": "",
                    "model": MODEL if number == 0 else f"model-{number}",
                    "name": name,
                    "value": value,
                    "evidence": "said so",
                    "first_seen": now,
                    "last_seen": now,
                    "expires_at": now + 86_400,
                    "pinned": False,
                }
