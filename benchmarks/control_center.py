"""What an open control center costs the traffic: latency at a steady rate, beside `cccc --serve`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import uvloop

from benchmarks.asking import work
from benchmarks.experiment import Lab
from benchmarks.load import Measured, paced
from benchmarks.processes import Running, free_port
from benchmarks.pseudo_terminal import DRAWN_WITHIN_S, FIRST_SCREEN, in_terminal, read_by_another, read_until
from benchmarks.results import Result
from benchmarks.rounds import faults, in_turns, median, medians, share
from benchmarks.servers import cccc_in, config, endpoint, folder, surroundings, write_config

RATE = 200.0
TITLE = f"p95 with the control center open, {RATE:.0f} requests/s"
WHAT = "× that of `--serve`"
REQUESTS_SCREEN = b"2"
"""The key of the live list: every request changes the picture."""


def open_control_center(lab: Lab) -> Iterator[Result]:
    """Both in turns, the control center on its live list."""
    lab.place.plan(0)
    asked = work("anthropic", "small", 0)

    def ask(url: str, seconds: float) -> Measured:
        return uvloop.run(paced(url, asked, RATE, seconds))

    with ExitStack() as stack:
        homes = [stack.enter_context(folder()) for _ in range(2)]
        for home in homes:
            write_config(home, [endpoint("bench", lab.place.upstream, "anthropic")])
        headless = stack.enter_context(cccc_in(homes[0], lab.place.cores))._replace(name="serve")
        watched = stack.enter_context(_control_center(lab, homes[1]))
        taken = in_turns([headless, watched], ask, lab.effort, lab.say)
    yield Result(
        name="control-center",
        title=TITLE,
        what=WHAT,
        value=share(median(taken["open"], "p95_ms"), median(taken["serve"], "p95_ms")),
        cpu=share(median(taken["open"], "cpu_ms"), median(taken["serve"], "cpu_ms")),
        measured={name: medians(rounds) for name, rounds in taken.items()},
        note=faults(taken),
    )


@contextmanager
def _control_center(lab: Lab, home: Path) -> Iterator[Running]:
    port = free_port()
    command = (sys.executable, "-m", "cccc_tui", "--port", str(port), "--config", str(config(home)))
    cores = lab.place.cores
    with in_terminal(command, cores.server, surroundings(home)) as (terminal, process):
        read_until(terminal, FIRST_SCREEN, DRAWN_WITHIN_S)
        os.write(terminal, REQUESTS_SCREEN)
        with read_by_another(terminal, cores.other):
            yield Running("open", f"http://127.0.0.1:{port}", psutil.Process(process.pid))
