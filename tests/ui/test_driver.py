"""Output that drops pictures instead of waiting, and says when a new one is needed."""

from __future__ import annotations

import os
import sys
from queue import Queue

import pytest

if sys.platform == "win32":
    pytest.skip("the driver is POSIX", allow_module_level=True)

from cccc_tui.ui.driver import FRAME_BYTES, MAX_FRAMES_QUEUED, NeverBlockingDriver, RawTerminal

FRAME = "x" * (FRAME_BYTES + 1)
MODE_SWITCH = "\x1b[?25h"


class StuckWriter:
    """Textual's writer thread, stuck in a write."""

    def __init__(self) -> None:
        self._queue: Queue[str | None] = Queue(30)
        self.joined: list[float | None] = []

    def join(self, timeout: float | None = None) -> None:
        self.joined.append(timeout)


@pytest.fixture
def driver() -> NeverBlockingDriver:
    made = NeverBlockingDriver.__new__(NeverBlockingDriver)
    made._writer_thread = StuckWriter()
    made.dropped = False
    return made


def fill(driver: NeverBlockingDriver, frames: int) -> None:
    for _frame in range(frames):
        driver.write(FRAME)


def test_pictures_are_dropped_when_the_terminal_does_not_keep_up(driver):
    fill(driver, 1_000)
    assert driver.backlog == MAX_FRAMES_QUEUED
    assert driver.dropped


def test_switches_of_modes_still_get_through(driver):
    fill(driver, 1_000)
    driver.write(MODE_SWITCH)
    assert driver.backlog == MAX_FRAMES_QUEUED + 1


def test_nothing_ever_waits_even_for_a_full_queue(driver):
    for _write in range(100):
        driver.write(MODE_SWITCH)
    assert driver.backlog == 30
    assert driver.dropped


def test_recovery_is_said_once_and_only_when_all_is_written(driver):
    fill(driver, 1_000)
    assert not driver.take_recovered()
    while driver.backlog:
        driver._writer_thread._queue.get_nowait()
    assert driver.take_recovered()
    assert not driver.take_recovered()


def test_without_a_loss_there_is_nothing_to_recover(driver):
    driver.write(FRAME)
    driver._writer_thread._queue.get_nowait()
    assert not driver.take_recovered()


def test_it_ends_even_if_the_terminal_takes_nothing_more(driver, monkeypatch):
    monkeypatch.setattr("cccc_tui.ui.driver.CLOSE_TIMEOUT_S", 0.01)
    driver.close()
    assert driver._writer_thread.joined == [0.01]
    for _write in range(100):
        driver.write(MODE_SWITCH)
    driver.close()


def test_before_it_has_begun_a_write_goes_nowhere(driver):
    driver._writer_thread = None
    driver.write(FRAME)
    driver.close()
    assert driver.backlog == 0


def test_the_terminal_gets_every_byte_and_no_character_stops_it():
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as reader, os.fdopen(writing, "w", encoding="ascii") as writer:
        raw = RawTerminal(writer)
        raw.write("tea: ☕\n")
        raw.flush()
        assert os.read(reader.fileno(), 100) == b"tea: ?\n"
        assert raw.fileno() == writer.fileno()
        assert not raw.isatty()


def test_without_a_terminal_it_says_so():
    with pytest.raises(RuntimeError, match="terminal"):
        RawTerminal(None)
