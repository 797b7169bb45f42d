"""The control center in a real terminal: one that stalls, is resized, goes away, or loses its UI."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import quantiles

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are POSIX", allow_module_level=True)

from tests.fakes.terminal import Terminal, draw

pytestmark = pytest.mark.system

ROOT = Path(__file__).parents[2]
SIZE = (100, 30)
STALL_S = 5.0
MAX_P95_MS = 50.0


@pytest.fixture
def report(tmp_path: Path) -> Path:
    return tmp_path / "report"


@pytest.fixture
def start(report: Path) -> Iterator[Callable[..., Terminal]]:
    """Starts the control center on a busy fake engine, and waits for its first picture."""
    started: list[Terminal] = []

    def begin(*arguments: str, wait_for: str = "in flight", **options: object) -> Terminal:
        command = [sys.executable, "-m", "tests.fakes.terminal_app", str(report), *arguments]
        terminal = Terminal(command, size=SIZE, folder=ROOT, **options)
        started.append(terminal)
        terminal.read_until(wait_for)
        return terminal

    yield begin
    for terminal in started:
        terminal.close()


def beats(report: Path) -> list[float]:
    """Delays of the loop's heartbeat so far, in milliseconds."""
    lines = report.read_text().splitlines()
    return [float(line.split()[1]) for line in lines if line.startswith("beat ") and line.count(".") == 1]


def test_a_terminal_that_nobody_reads_does_not_slow_the_loop_and_is_whole_again_afterwards(start, report):
    terminal = start()
    terminal.drain(timeout_s=2.0)
    read_from, seen = len(terminal.output), len(beats(report))
    wait_without_reading(STALL_S)
    stalled = beats(report)[seen:]
    assert len(stalled) > STALL_S / 0.05, "the loop has stood still"
    assert quantiles(stalled, n=20)[-1] < MAX_P95_MS
    terminal.drain(quiet_s=0.5, timeout_s=3.0)
    fresh = draw(terminal.output[read_from:], *SIZE)
    assert "cccc  1 Overview  2 Requests  3 Endpoints  4 Log" in fresh[0]
    assert "Help" in fresh[-2]
    assert "127.0.0.1:8080" in fresh[-1]
    assert [row for row in fresh if row.strip()] == [row for row in terminal.picture() if row.strip()]


def wait_without_reading(seconds: float) -> None:
    """The one wait that is meant: a terminal that stalls for this long."""
    time.sleep(seconds)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_that_ends_it_restores_the_terminal(start, report, number):
    terminal = start()
    terminal.signal(number)
    assert terminal.wait() == 0
    assert terminal.is_restored()
    assert "ui ended 0" in report.read_text()


def test_ctrl_c_asks_once_and_ends_it_at_the_second_time(start):
    terminal = start()
    terminal.press("\x03")
    terminal.read_until("again")
    terminal.press("\x03")
    assert terminal.wait() == 0
    assert terminal.is_restored()


def test_a_stalled_terminal_does_not_keep_it_from_ending(start):
    terminal = start()
    wait_without_reading(2.0)
    terminal.signal(signal.SIGTERM)
    assert terminal.process.wait(10) == 0


def test_a_resize_storm_ends_in_a_whole_picture_of_the_last_size(start):
    terminal = start()
    for step in range(40):
        terminal.resize(60 + step, 20 + step // 2)
    terminal.resize(120, 35)
    terminal.drain(timeout_s=3.0)
    picture = terminal.picture()
    assert "1 Overview  2 Requests" in picture[0]
    assert "Help" in picture[-2]
    assert "127.0.0.1:8080" in picture[-1]


def test_a_crash_of_the_ui_restores_the_terminal_and_leaves_the_engine_running(start, report):
    terminal = start("crash")
    assert terminal.wait() == 0
    assert terminal.is_restored()
    said = report.read_text()
    assert "ui ended 1" in said
    assert "engine alive" in said
    assert "provoked" in terminal.output
    assert "sk-never" not in terminal.output
