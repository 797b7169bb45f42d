"""A program for the terminal tests: the control center on a busy fake engine, and a heartbeat of the loop.

`python -m tests.fakes.terminal_app REPORT` writes what it finds to the file REPORT: the delays of a 10 ms
heartbeat as they come, `ui ended CODE` when the UI has ended, and `engine alive` when the loop has gone on
after it. When a file REPORT.crash appears, the engine's status raises inside the UI.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from pathlib import Path

from cccc_tui.engine.control import EngineStatus
from cccc_tui.runtime import agrees_with_textual, fast_loop
from cccc_tui.ui.app import ControlCenter
from cccc_tui.ui.settings import UiSettings
from tests.fakes.control import FakeControl, exchange

HEARTBEAT_S = 0.01
SCHEDSTAT = Path("/proc/self/schedstat")


class CrashingControl(FakeControl):
    """Its status raises as soon as the file is there: the UI meets an error that nobody foresaw."""

    def __init__(self, crash_file: Path) -> None:
        super().__init__()
        self._crash_file = crash_file

    def status(self) -> EngineStatus:
        secret = "-".join(("sk", "never", "shown"))
        if self._crash_file.exists():
            raise RuntimeError(f"provoked, with a secret of {len(secret)} letters near")
        return super().status()


async def beat(report: Path) -> None:
    """Writes how late each heartbeat is, in milliseconds, without what other programs are to blame for."""
    with report.open("a", buffering=1) as file:
        while True:
            before, starved_before = time.monotonic(), starved_s()
            await asyncio.sleep(HEARTBEAT_S)
            late_s = time.monotonic() - before - HEARTBEAT_S - (starved_s() - starved_before)
            file.write(f"beat {max(0.0, late_s) * 1_000:.2f}\n")


def starved_s() -> float:
    """How long the main thread has been ready to run while the processor was busy with others; Linux tells
    it."""
    try:
        return int(SCHEDSTAT.read_text().split()[1]) / 1e9
    except FileNotFoundError:
        return 0.0


async def traffic(control: FakeControl) -> None:
    """Two hundred changes a second, and a new request every tenth of a second."""
    number = 100
    while True:
        for _change in range(20):
            control.traffic.touch(14)
        number += 1
        control.add(exchange(number, 0.0))
        control.advance(0.1)
        await asyncio.sleep(0.1)


async def main(report: Path) -> None:
    control = CrashingControl(report.with_suffix(".crash"))
    app = ControlCenter(control, UiSettings(), clock=control.clock)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, app.exit)
    tasks = [loop.create_task(beat(report)), loop.create_task(traffic(control))]
    await app.run_async()
    with report.open("a") as file:
        file.write(f"ui ended {app.return_code}\n")
    await asyncio.sleep(0.2)
    if not any(task.done() for task in tasks):
        with report.open("a") as file:
            file.write("engine alive\n")
    for task in tasks:
        task.cancel()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=fast_loop() if agrees_with_textual() else None) as runner:
        runner.run(main(Path(sys.argv[1])))
