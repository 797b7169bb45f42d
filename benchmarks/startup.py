"""How long cccc takes to start, beside what the interpreter and its libraries take by themselves."""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator

from benchmarks.experiment import Lab
from benchmarks.processes import free_port, is_listening, started
from benchmarks.pseudo_terminal import DRAWN_WITHIN_S, FIRST_SCREEN, in_terminal, read_until
from benchmarks.results import Result, unmeasured
from benchmarks.servers import config, endpoint, folder, serve_command, surroundings, write_config

REPEATS = 9
WITHIN_S = 30.0
Act = Callable[[], float]
"""Does it once; the seconds that it took."""


def startup(lab: Lab) -> Iterator[Result]:
    """Each beside its own base, in turns."""
    core = lab.place.cores.server
    with folder() as home:
        write_config(home, [endpoint("bench", lab.place.upstream, "anthropic")])
        environment = surroundings(home)

        def run(*arguments: str) -> Act:
            return lambda: _until_ended((sys.executable, *arguments), core, environment)

        def serve() -> float:
            port = free_port()
            begun = time.perf_counter()
            with started(serve_command(home, port), core, environment=environment):
                _wait_for(lambda: is_listening(port))
                return time.perf_counter() - begun

        def first_screen() -> float:
            command = (sys.executable, "-m", "cccc_tui", "--port", str(free_port()))
            begun = time.perf_counter()
            with in_terminal((*command, "--config", str(config(home))), core, environment) as (terminal, _):
                read_until(terminal, FIRST_SCREEN, DRAWN_WITHIN_S)
                return time.perf_counter() - begun

        yield _compared(
            lab,
            "start-version",
            "`cccc --version`",
            run("-m", "cccc_tui", "--version"),
            "pass",
            run("-c", "pass"),
        )
        base = run("-c", "import aiohttp")
        yield _compared(lab, "start-serve", "`cccc --serve` until it listens", serve, "import aiohttp", base)
        if os.name != "posix":
            yield unmeasured(
                "start-screen", "`cccc` until its first screen", "", "pseudo-terminals are POSIX"
            )
            return
        base = run("-c", "import textual.app")
        yield _compared(
            lab, "start-screen", "`cccc` until its first screen", first_screen, "import textual.app", base
        )


def _compared(lab: Lab, name: str, title: str, act: Act, base_name: str, base: Act) -> Result:
    act(), base()  # files into memory
    ours, theirs = [], []
    for _ in range(REPEATS):
        ours.append(act())
        theirs.append(base())
    lab.say(f"{title}: {statistics.median(ours):.2f} s")
    return Result(
        name=name,
        title=title,
        what=f'× python -c "{base_name}"',
        value=statistics.median(ours) / statistics.median(theirs),
        measured={"cccc": {"seconds": ours}, base_name: {"seconds": theirs}},
    )


def _until_ended(command: tuple[str, ...], core: int | None, environment: dict[str, str]) -> float:
    begun = time.perf_counter()
    with started(command, core, environment=environment) as process:
        process.wait()  # with a timeout it would look only every 50 ms
        return time.perf_counter() - begun


def _wait_for(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not is_so():
        if time.monotonic() > deadline:
            raise RuntimeError("cccc --serve does not listen")
        time.sleep(0.002)
