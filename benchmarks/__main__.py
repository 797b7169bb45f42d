"""Same-format throughput of `cccc --serve` beside a minimal proxy, in one run, as ratios.

Absolute numbers say more about the machine than about the program, so both proxies are asked in turns, round
after round, each pinned to the same single core; the load and the upstream have another one.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.load import Case, Measured, measure

CASES = (
    Case("small, whole", streamed=False, body_bytes=1_000, clients=32),
    Case("small, streamed", streamed=True, body_bytes=1_000, clients=32),
    Case("agent (50 kB), streamed", streamed=True, body_bytes=50_000, clients=16),
    Case("one client, streamed", streamed=True, body_bytes=50_000, clients=1),
)
RESULTS = Path(__file__).parent / "results"


@contextmanager
def process(core: int | None, *command: str, **environment: str) -> Iterator[str]:
    """Runs a server on one core; the URL that it says it listens on."""

    def pin() -> None:
        if core is not None:
            os.sched_setaffinity(0, {core})

    started = subprocess.Popen(
        [sys.executable, *command],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
        preexec_fn=pin if core is not None else None,
    )
    assert started.stderr
    try:
        said = []
        for line in started.stderr:
            said.append(line)
            if found := re.search(r"listens on (http://\S+)", line):
                yield found[1]
                return
        raise RuntimeError("".join(said))
    finally:
        started.terminate()
        started.communicate()


def cores() -> tuple[int | None, int | None]:
    """One core for the proxies, one for the rest; none where the system cannot pin, or has but one."""
    if not hasattr(os, "sched_getaffinity"):
        return None, None
    free = sorted(os.sched_getaffinity(0))
    return (free[0], free[1]) if len(free) > 1 else (None, None)


@contextmanager
def cccc(core: int | None, upstream: str) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="cccc-bench-") as folder:
        config = Path(folder) / "config.yaml"
        # What a log line costs depends on the reader of stderr, who is not measured here.
        config.write_text(
            "logging:\n  log_request_types: failed\n"
            "endpoints:\n  - name: bench\n    endpoint_type: anthropic\n    auth_value: sk-x\n"
            f"    url: {upstream}\n"
        )
        command = ("-m", "cccc_tui", "--serve", "--port", "0", "--config", str(config))
        with process(core, *command, CCCC_STATE=str(Path(folder) / "state")) as url:
            yield url


def run(rounds: int, duration_s: float) -> dict[str, Any]:
    """All cases, all rounds: case → server → rounds."""
    proxy_core, other_core = cores()
    if other_core is not None:
        os.sched_setaffinity(0, {other_core})
    with ExitStack() as stack:
        upstream = stack.enter_context(process(other_core, "-m", "benchmarks.upstream"))
        servers = {
            "cccc": stack.enter_context(cccc(proxy_core, upstream)),
            "limit": stack.enter_context(process(proxy_core, "-m", "benchmarks.limit_proxy", upstream)),
            "direct": upstream,
        }
        return {case.name: _run_case(case, servers, rounds, duration_s) for case in CASES}


def _run_case(case: Case, servers: dict[str, str], rounds: int, duration_s: float) -> dict[str, Any]:
    taken: dict[str, list[Measured]] = {name: [] for name in servers}
    for number in range(rounds + 1):
        for name, url in servers.items():
            measured = asyncio.run(measure(url, case, duration_s if number else min(1.0, duration_s)))
            if number:  # the first round only warms up
                taken[name].append(measured)
    return {name: _median(measured) for name, measured in taken.items()}


def _median(rounds: list[Measured]) -> dict[str, float]:
    return {
        field: round(statistics.median(getattr(each, field) for each in rounds), 3)
        for field in Measured._fields
    }


def table(results: dict[str, Any]) -> str:
    """The results as text; the ratio is what counts."""
    lines = [f"{'case':<26}{'cccc/s':>9}{'limit/s':>9}{'ratio':>8}{'added p50':>12}{'added p95':>12}"]
    for name, servers in results.items():
        ours, limit, direct = servers["cccc"], servers["limit"], servers["direct"]
        ratio = ours["requests_per_s"] / limit["requests_per_s"]
        p50, p95 = (f"{ours[key] - direct[key]:.2f} ms" for key in ("p50_ms", "p95_ms"))
        lines.append(
            f"{name:<26}{ours['requests_per_s']:>9.0f}{limit['requests_per_s']:>9.0f}{ratio:>8.2f}{p50:>12}{p95:>12}"
        )
    return "\n".join(lines)


def busy() -> str:
    """A warning where others use the machine; ratios of a machine that is busy say little."""
    if not hasattr(os, "getloadavg"):
        return ""
    load, count = os.getloadavg()[0], os.cpu_count() or 1
    return (
        f"Others use this machine (load {load:.1f} on {count} cores): trust nothing here." if load > 1 else ""
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="measured rounds; their median counts")
    parser.add_argument("--seconds", type=float, default=3.0, help="length of a round")
    given = parser.parse_args()
    warning = busy()
    results = run(given.rounds, given.seconds)
    machine = {"python": platform.python_version(), "system": platform.platform(), "cores": os.cpu_count()}
    RESULTS.mkdir(exist_ok=True)
    report = {
        "machine": machine,
        "warning": warning,
        "rounds": given.rounds,
        "seconds": given.seconds,
        "results": results,
    }
    (RESULTS / "latest.json").write_text(json.dumps(report, indent=2) + "\n")
    print(table(results))
    print("\nratio: requests a second of cccc to those of a proxy that only forwards.")
    print(RESULTS / "latest.json")
    if warning:
        print(warning)


if __name__ == "__main__":
    main()
