"""`python -m benchmarks`: all experiments, or those whose names are given."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from types import FrameType

from benchmarks import publication, report
from benchmarks.catalogue import EXPERIMENTS
from benchmarks.experiment import Lab
from benchmarks.processes import Died, allow_many_connections, cores, pin
from benchmarks.results import Result, unmeasured
from benchmarks.rounds import FULL, NORMAL, QUICK, Effort
from benchmarks.servers import upstream

INTERRUPTED = 130


def main() -> int:
    given = _arguments()
    chosen = [name for name in EXPERIMENTS if not given.only or name in given.only]
    if given.list:
        print("\n".join(f"{name:<32}{EXPERIMENTS[name].title}" for name in EXPERIMENTS))
        return 0
    signal.signal(signal.SIGTERM, _as_interrupt)
    effort = FULL if given.full else QUICK if given.quick else NORMAL
    results: list[Result] = []
    disturbance = report.Disturbance()
    try:
        _run(chosen, effort, results, may_install=not given.quick)
        status = 0
    except KeyboardInterrupt:
        print("Interrupted: all that was started has ended. These were finished:", file=sys.stderr)
        status = INTERRUPTED
    _tell(effort, disturbance.warnings(), results, is_published=given.publish and not status)
    return status


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="short rounds, and no peer is installed for it")
    parser.add_argument("--full", action="store_true", help="long rounds, and memory after 100,000 exchanges")
    parser.add_argument("--only", action="append", metavar="NAME", help="an experiment; may be given again")
    parser.add_argument(
        "--publish", action="store_true", help="keep this run for README and docs; then `make docs`"
    )
    parser.add_argument("--list", action="store_true", help="the names of all experiments")
    given = parser.parse_args()
    if unknown := set(given.only or ()) - set(EXPERIMENTS):
        parser.error(f"there is no experiment {', '.join(sorted(unknown))}; --list names them")
    return given


def _as_interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _run(chosen: list[str], effort: Effort, results: list[Result], may_install: bool) -> None:
    used = cores()
    pin(os.getpid(), used.other)
    allow_many_connections()
    with upstream(used) as place:
        for number, name in enumerate(chosen, 1):
            title = f"[{number}/{len(chosen)}] {name}"

            def say(words: str, title: str = title) -> None:
                print(f"{title}: {words}", file=sys.stderr, flush=True)

            try:
                results.extend(EXPERIMENTS[name].run(Lab(place, effort, say, may_install)))
            except Died as error:
                results.append(unmeasured(name, EXPERIMENTS[name].title, "", str(error)))


def _tell(effort: Effort, warnings: list[str], results: list[Result], is_published: bool) -> None:
    if not results:
        return
    whole = report.Report(
        machine=report.machine(), effort=effort._asdict(), warnings=warnings, results=results
    )
    path = report.FOLDER / "latest.json"
    report.write(whole, path)
    for name, picture in publication.pictures(results).items():
        (report.FOLDER / name).write_text(picture)
    if is_published:
        publication.publish(whole)
    print(report.table(results))
    print(f"\nAll figures: {path}")
    for warning in warnings:
        print(warning)


if __name__ == "__main__":
    sys.exit(main())
