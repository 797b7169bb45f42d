"""Processes of the benchmark: started on a core of their own, looked at from outside, and ended, whatever happens."""

from __future__ import annotations

import contextlib
import os
import resource
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil

READY_WITHIN_S = 120.0
ENDS_WITHIN_S = 8.0
LAST_WORDS = 1_500
MANY_FILES = 16_384


class Cores(NamedTuple):
    """Where things run; None where the system cannot say so, or has but one core."""

    server: int | None
    other: int | None
    """For the load and the upstream."""


def cores() -> Cores:
    if not hasattr(os, "sched_getaffinity"):
        return Cores(None, None)
    free = sorted(os.sched_getaffinity(0))
    return Cores(free[0], free[1]) if len(free) > 1 else Cores(None, None)


def pin(pid: int, core: int | None) -> None:
    """Moves a process to one core; what it starts stays there."""
    if core is not None:
        with contextlib.suppress(ProcessLookupError):
            os.sched_setaffinity(pid, {core})


def allow_many_connections() -> None:
    """Lifts the soft limit of open files, of ours and of all that is started: a proxy needs two a connection."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MANY_FILES if hard == resource.RLIM_INFINITY else min(MANY_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


class Died(RuntimeError):
    """A process that was to serve has ended, or never listened; with its last words."""


class Running(NamedTuple):
    """A server that listens."""

    name: str
    url: str
    process: psutil.Process

    def cpu_s(self) -> float:
        """Processor time of it and all that it started, so far."""
        return sum(_cpu_s(each) for each in self._family())

    def resident_mb(self) -> float:
        return sum(_resident(each) for each in self._family()) / 1e6

    def _family(self) -> list[psutil.Process]:
        try:
            return [self.process, *self.process.children(recursive=True)]
        except psutil.Error:
            return []


def _cpu_s(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)


def _resident(process: psutil.Process) -> float:
    try:
        return float(process.memory_info().rss)
    except psutil.Error:
        return 0.0


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def started(
    command: Sequence[str],
    core: int | None,
    *,
    log: Path | None = None,
    environment: Mapping[str, str] | None = None,
    stdin: int = subprocess.DEVNULL,
    stdout: int | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Runs a command in a session of its own, so that ctrl+c reaches us alone and we end it in order."""
    with contextlib.ExitStack() as stack:
        sink = stack.enter_context(log.open("wb")) if log else subprocess.DEVNULL
        process = subprocess.Popen(
            command,
            stdin=stdin,
            stdout=sink if stdout is None else stdout,
            stderr=sink if stdout is None else stdout,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
        )
        try:
            pin(process.pid, core)
            yield process
        finally:
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Asks it and what it started to end; makes it so after a while."""
    try:
        family = psutil.Process(process.pid).children(recursive=True)
    except psutil.Error:
        family = []
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(ENDS_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for left in family:
        with contextlib.suppress(psutil.Error):
            left.kill()


@contextmanager
def serving(
    name: str,
    command: Sequence[str],
    port: int,
    core: int | None,
    log: Path,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Running]:
    """A server that has begun to listen on its port. Died if it does not."""
    with started(command, core, log=log, environment=environment) as process:
        deadline = time.monotonic() + READY_WITHIN_S
        while not is_listening(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise Died(f"{name} does not listen: {last_words(log)}")
            time.sleep(0.05)
        yield Running(name, f"http://127.0.0.1:{port}", psutil.Process(process.pid))


def is_listening(port: int) -> bool:
    with socket.socket() as tried:
        tried.settimeout(1.0)
        return tried.connect_ex(("127.0.0.1", port)) == 0


def last_words(log: Path) -> str:
    return log.read_bytes()[-LAST_WORDS:].decode("utf-8", "replace") if log.exists() else ""
