"""How long cccc takes to start, beside what the interpreter and its libraries take by themselves."""

from __future__ import annotations

import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import psutil

from benchmarks.experiment import Lab
from benchmarks.processes import Died, Running, free_port, is_listening, started
from benchmarks.pseudo_terminal import DRAWN_WITHIN_S, FIRST_SCREEN, in_terminal, read_until
from benchmarks.results import Result
from benchmarks.rounds import share
from benchmarks.servers import config, endpoint, folder, serve_command, surroundings, write_config

REPEATS = 9
WITHIN_S = 30.0


class Took(NamedTuple):
    """One start."""

    seconds: float
    cpu_s: float


Act = Callable[[], Took]
"""Starts something once."""


class _Starts:
    """What is started, all of it with the same configuration and on the same core."""

    def __init__(self, lab: Lab, home: Path) -> None:
        self._core, self._home, self._environment = lab.place.cores.server, home, surroundings(home)

    def python(self, *arguments: str) -> Act:
        """The interpreter with these arguments, until it ends."""
        command = (sys.executable, *arguments)

        def act() -> Took:
            begun, used = time.perf_counter(), _cpu_of_ended_s()
            with started(command, self._core, environment=self._environment) as process:
                process.wait()  # with a timeout it would look only every 50 ms
                seconds = time.perf_counter() - begun
            return Took(seconds, _cpu_of_ended_s() - used)

        return act

    def serve(self) -> Took:
        """`cccc --serve`, until it listens."""
        port = free_port()
        begun = time.perf_counter()
        with started(serve_command(self._home, port), self._core, environment=self._environment) as process:
            _wait_for(lambda: is_listening(port))
            return Took(time.perf_counter() - begun, Running("", "", psutil.Process(process.pid)).cpu_s())

    def first_screen(self) -> Took:
        """`cccc`, until it has drawn itself."""
        command = (sys.executable, "-m", "cccc_tui", "--port", str(free_port()))
        begun = time.perf_counter()
        with in_terminal((*command, "--config", str(config(self._home))), self._core, self._environment) as (
            terminal,
            process,
        ):
            read_until(terminal, FIRST_SCREEN, DRAWN_WITHIN_S)
            return Took(time.perf_counter() - begun, Running("", "", psutil.Process(process.pid)).cpu_s())


def startup(lab: Lab) -> Iterator[Result]:
    """Each beside its own base, in turns."""
    with folder() as home:
        write_config(home, [endpoint("bench", lab.place.upstream, "anthropic")])
        starts = _Starts(lab, home)
        version = starts.python("-m", "cccc_tui", "--version")
        yield _compared(lab, "start-version", "`cccc --version`", version, "pass", starts)
        serve = "`cccc --serve` until it listens"
        yield _compared(lab, "start-serve", serve, starts.serve, "import aiohttp", starts)
        screen = "`cccc` until its first screen"
        yield _compared(lab, "start-screen", screen, starts.first_screen, "import textual.app", starts)


def _compared(lab: Lab, name: str, title: str, act: Act, statement: str, starts: _Starts) -> Result:
    base = starts.python("-c", statement)
    act(), base()  # files into memory
    ours, theirs = [], []
    for _ in range(REPEATS):
        ours.append(act())
        theirs.append(base())
    lab.say(f"{title}: {_median(ours).seconds:.2f} s")
    return Result(
        name=name,
        title=title,
        what=f'× python -c "{statement}"',
        value=share(_median(ours).seconds, _median(theirs).seconds),
        cpu=share(_median(ours).cpu_s, _median(theirs).cpu_s),
        measured={"cccc": _median(ours)._asdict(), statement: _median(theirs)._asdict()},
    )


def _median(all_took: list[Took]) -> Took:
    return Took(*(statistics.median(figures) for figures in zip(*all_took, strict=True)))


def _cpu_of_ended_s() -> float:
    """Processor time of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _wait_for(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not is_so():
        if time.monotonic() > deadline:
            raise Died("cccc --serve does not listen")
        time.sleep(0.002)
