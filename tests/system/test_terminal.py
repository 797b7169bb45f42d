"""The control center in a real terminal: one that stalls, is resized, goes away, or loses its UI."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are POSIX", allow_module_level=True)

from tests.fakes.terminal import Terminal

pytestmark = pytest.mark.system

ROOT = Path(__file__).parents[2]
SIZE = (100, 30)
KEYS = 80
KEY_EVERY_S = 0.025
"""Each key is a picture of its own, so these are more than twice what Textual's queue of thirty holds."""
STALL_S = KEYS * KEY_EVERY_S
MAX_P95_MS = 50.0
"""On a machine that has time; on a busy one, three times what it is while the terminal is read."""


@pytest.fixture
def report(tmp_path: Path) -> Path:
    return tmp_path / "report"


@pytest.fixture
def terminal(report: Path) -> Iterator[Terminal]:
    """The control center on a busy fake engine, with its first picture."""
    command = [sys.executable, "-m", "tests.fakes.terminal_app", str(report)]
    with Terminal(command, size=SIZE, folder=ROOT) as started:
        started.read_until_picture(is_whole)
        yield started


def is_whole(rows: list[str]) -> bool:
    """Whether the first and the last rows are there; what is between changes."""
    return (
        rows[0].strip().startswith("cccc  1 Overview  2 Requests  3 Endpoints  4 Log")
        and "? Help" in rows[-2]
        and "127.0.0.1:8080" in rows[-1]
    )


def shows(rows: list[str], text: str) -> bool:
    return any(text in row for row in rows)


def beats(report: Path) -> list[float]:
    """Delays of the loop's heartbeat so far, in milliseconds."""
    whole_lines = report.read_text().rpartition("\n")[0].splitlines()
    return [float(line.split()[1]) for line in whole_lines if line.startswith("beat ")]


def last_beat_age_s(report: Path) -> float:
    return time.time() - report.stat().st_mtime


def p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1]


def use(terminal: Terminal, *, reading: bool) -> None:
    """A person moves about. Whether anybody reads the terminal meanwhile is the question of these tests.

    Keys, since without them the pump itself rests before the queue is full.
    """
    for turn in range(KEYS):
        terminal.press("jk"[turn % 2])
        if reading:
            terminal.drain(quiet_s=KEY_EVERY_S, timeout_s=KEY_EVERY_S)
        else:
            time.sleep(KEY_EVERY_S)  # the one wait that is meant: nobody reads


def test_a_terminal_that_nobody_reads_does_not_slow_the_loop(terminal, report):
    before = len(beats(report))
    use(terminal, reading=True)
    usual = beats(report)[before:]
    before = len(beats(report))
    use(terminal, reading=False)
    stalled = beats(report)[before:]
    assert last_beat_age_s(report) < STALL_S / 4, "the loop has stood still"
    assert p95(stalled) < max(MAX_P95_MS, 3 * p95(usual))


def test_a_terminal_that_is_read_again_gets_a_whole_picture(terminal):
    use(terminal, reading=False)
    terminal.press("4")
    terminal.read_until_picture(lambda rows: is_whole(rows) and shows(rows, "Listening on"))
    terminal.press("3")
    terminal.read_until_picture(lambda rows: is_whole(rows) and shows(rows, "anthropic-main"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_that_ends_it_restores_the_terminal(terminal, report, number):
    terminal.signal(number)
    assert terminal.wait() == 0
    assert terminal.is_restored()
    assert "ui ended 0" in report.read_text()


def test_ctrl_c_asks_once_and_ends_it_at_the_second_time(terminal):
    terminal.press("\x03")
    terminal.read_until_picture(lambda rows: shows(rows, "again"))
    assert terminal.process.poll() is None
    terminal.press("\x03\x03")  # the first of these may come too late after the one above on a busy machine
    assert terminal.wait() == 0
    assert terminal.is_restored()


def test_a_stalled_terminal_does_not_keep_it_from_ending(terminal):
    use(terminal, reading=False)
    terminal.signal(signal.SIGTERM)
    assert terminal.process.wait(60) == 0


def test_a_resize_storm_ends_in_a_whole_picture_of_the_last_size(terminal):
    for step in range(40):
        terminal.resize(60 + step, 20 + step // 2)
    terminal.resize(120, 35)
    read_from = len(terminal.output)
    terminal.read_until_picture(is_whole, since=read_from)
    assert terminal.process.poll() is None


def test_a_crash_of_the_ui_restores_the_terminal_and_leaves_the_engine_running(terminal, report):
    report.with_suffix(".crash").touch()
    assert terminal.wait() == 0
    assert terminal.is_restored()
    said = report.read_text()
    assert "ui ended 1" in said
    assert "engine alive" in said
    assert "provoked" in terminal.output
    assert "sk-never" not in terminal.output
