"""Resident memory of `cccc --serve`: at rest, and by how much it grows; and what it has written by then."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import uvloop

from benchmarks.asking import work
from benchmarks.experiment import Lab
from benchmarks.load import closed_loop
from benchmarks.results import Result
from benchmarks.rounds import FULL
from benchmarks.servers import cccc_in, endpoint, folder, write_config

CLIENTS = 16
LONGEST_S = 3_600.0
STEPS = 10


def memory(lab: Lab) -> Iterator[Result]:
    """At rest, then after many small exchanges. The growth counts from rest: what is kept for the screens is in it."""
    lab.place.plan(0)
    with folder() as home:
        write_config(home, [endpoint("bench", lab.place.upstream, "anthropic")])
        with cccc_in(home, lab.place.cores) as server:
            rest = server.resident_mb()
            course, faults = [rest], dict[str, int]()
            for step in range(STEPS):
                count = lab.effort.exchanges // STEPS
                round_ = closed_loop(server.url, work("anthropic", "small", 0), CLIENTS, LONGEST_S, count)
                faults |= uvloop.run(round_).faults
                course.append(server.resident_mb())
                lab.say(f"after {count * (step + 1)} exchanges: {course[-1]:.1f} MB")
            on_disk = _size_mb(home / "state")
    yield Result(
        name="memory-rest",
        title="resident memory, `--serve` at rest",
        what="MB",
        value=rest,
        measured={"cccc": {"resident_mb": rest}},
    )
    yield _growth(lab.effort.exchanges, course, faults)
    yield Result(
        name="disk",
        title="state and logs on disk after these exchanges",
        what="kB per 1,000 exchanges",
        value=1_000 * on_disk / (lab.effort.exchanges / 1_000),
    )


def _growth(exchanges: int, course: list[float], faults: dict[str, int]) -> Result:
    fewer = "" if exchanges >= FULL.exchanges else f"; the target is for {FULL.exchanges:,}: --full"
    early, late = course[1] - course[0], course[-1] - course[len(course) // 2]
    return Result(
        name="memory-growth",
        title=f"its growth over {exchanges:,} small exchanges",
        what="MB",
        value=course[-1] - course[0],
        measured={"cccc": {"course_mb": course}},
        note="; ".join(
            [f"{early:+.1f} MB in the first tenth, {late:+.1f} MB over the second half{fewer}", *faults]
        ),
    )


def _size_mb(path: Path) -> float:
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file()) / 1e6
