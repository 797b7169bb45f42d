from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest

from cccc_tui import runtime
from cccc_tui.config import paths
from cccc_tui.logs import OURS
from cccc_tui.runtime import House, Wanted
from cccc_tui.ui import app as ui_app

Told = pytest.CaptureFixture[str]

DEMO = 'endpoints:\n  - name: demo\n    url: "demo:"\n'


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(DEMO)
    path.chmod(0o600)
    return path


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a person at the terminal is told."""
    sentences: list[str] = []
    monkeypatch.setattr(runtime, "_say", sentences.append)
    return sentences


def house_of(config: Path) -> House:
    return House(Wanted(config, port=0), config.parent / "state")


class FakeControlCenter:
    """Ends as `ending` says instead of drawing anything."""

    ending: Callable[[FakeControlCenter], int | None]
    leaves = True
    """Whether it ends when it is told to, rather than hang."""

    def __init__(self, control: object, settings: object) -> None:
        self.return_code: int | None = None
        self.left = asyncio.Event()

    def exit(self) -> None:
        if self.leaves:
            self.left.set()

    async def run_async(self) -> None:
        self.return_code = self.ending()
        if self.return_code is None:
            await self.left.wait()


@pytest.fixture
def control_center(monkeypatch: pytest.MonkeyPatch) -> type[FakeControlCenter]:
    monkeypatch.setattr(ui_app, "ControlCenter", FakeControlCenter)
    return FakeControlCenter


def test_after_a_crash_of_the_control_center_the_proxy_goes_on_and_the_terminal_says_so(
    config: Path,
    control_center: type[FakeControlCenter],
    said: list[str],
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(control_center, "ending", lambda _self: 1, raising=False)
    statuses: list[int] = []

    async def life(house: House) -> int:
        engine = await runtime._started(house, ())
        showing = asyncio.ensure_future(runtime._shown(house, engine))
        while not said:
            await asyncio.sleep(0)
        address = engine.status().address
        async with aiohttp.ClientSession() as client, client.get(f"{address}/health") as response:
            statuses.append(response.status)
        assert not showing.done()
        house.signals.take()
        await showing
        await engine.stop(grace_s=0)
        return 0

    house = house_of(config)
    assert house.run(life, is_fast=False) == 0
    assert statuses == [200]
    assert "has crashed" in said[0]
    assert "http://127.0.0.1:" in said[0]
    assert str(house.logs.file) in said[1]
    assert "ctrl+c" in said[2]


def test_an_exception_of_the_control_center_is_a_crash_like_any_other(
    config: Path,
    control_center: type[FakeControlCenter],
    said: list[str],
    monkeypatch: pytest.MonkeyPatch,
):
    def fail(_self: FakeControlCenter) -> int:
        raise ValueError("no terminal of that kind")

    monkeypatch.setattr(control_center, "ending", fail, raising=False)

    async def life(house: House) -> int:
        engine = await runtime._started(house, ())
        has_crashed = await runtime._show(house, engine)
        await engine.stop(grace_s=0)
        return int(has_crashed)

    house = house_of(config)
    assert house.run(life, is_fast=False) == 1
    assert house.logs.file
    assert "no terminal of that kind" in house.logs.file.read_text()


@pytest.mark.parametrize("leaves", [True, False])
def test_a_signal_ends_the_control_center_even_if_it_hangs(
    config: Path, control_center: type[FakeControlCenter], monkeypatch: pytest.MonkeyPatch, leaves: bool
):
    monkeypatch.setattr(control_center, "ending", lambda _self: None, raising=False)
    monkeypatch.setattr(control_center, "leaves", leaves)
    monkeypatch.setattr(runtime, "LEAVE_WITHIN_S", 0.01)

    async def life(house: House) -> int:
        engine = await runtime._started(house, ())
        house.signals.take()
        await runtime._shown(house, engine)
        await engine.stop(grace_s=0)
        return 0

    house = house_of(config)
    assert house.run(life, is_fast=False) == 0
    assert house.logs.file
    assert ("does not leave" in house.logs.file.read_text()) is not leaves


def test_leaving_the_control_center_ends_cccc(
    config: Path,
    control_center: type[FakeControlCenter],
    said: list[str],
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(control_center, "ending", lambda _self: 0, raising=False)

    assert runtime.control_center(Wanted(config, port=0)) == 0
    assert said == []
    assert (paths.state_folder() / "cccc.log").read_text().endswith("stopped\n")


def test_the_collector_that_rested_while_cccc_was_loaded_works_again(
    config: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(runtime, "SETTLED_AFTER_S", 0.0)
    thresholds = gc.get_threshold()

    async def life(house: House) -> int:
        engine = await runtime._started(house, ())
        async with asyncio.timeout(10):
            while not gc.isenabled():
                await asyncio.sleep(0)
        await runtime._stop(house, engine)
        return 0

    gc.disable()
    try:
        assert house_of(config).run(life, is_fast=False) == 0
    finally:
        gc.enable()
        gc.unfreeze()
        gc.set_threshold(*thresholds)


def test_a_start_that_is_refused_is_said_and_gives_its_exit_status(config: Path, said: list[str]):
    config.write_text("server:\n  port: many\n")

    async def life(house: House) -> int:
        await runtime._started(house, ())
        return 0

    assert house_of(config).run(life, is_fast=False) == 2
    assert f"{config}:2: server.port" in said[0]


def test_an_error_that_nobody_caught_is_one_sentence_and_the_log_has_the_rest(config: Path, said: list[str]):
    async def life(house: House) -> int:
        house.logs.redactor.learn(["the-secret-key"])
        raise RuntimeError("with the-secret-key\nin it")

    house = house_of(config)
    assert house.run(life, is_fast=False) == 1
    assert said[0] == "cccc stops because of an error of its own: with … in it"
    assert str(house.logs.file) in said[1]
    assert house.logs.file
    text = house.logs.file.read_text()
    assert "Traceback" in text
    assert "the-secret-key" not in text


def test_an_error_in_a_thread_goes_to_the_log_and_not_to_the_screen(
    config: Path, capfd: pytest.CaptureFixture[str]
):
    def fail() -> None:
        raise ValueError("in a thread")

    async def life(house: House) -> int:
        thread = threading.Thread(target=fail, name="worker")
        thread.start()
        await asyncio.to_thread(thread.join)
        return 0

    house = house_of(config)
    assert house.run(life, is_fast=False) == 0
    assert house.logs.file
    assert "thread 'worker' failed: in a thread" in house.logs.file.read_text()
    assert capfd.readouterr().err == ""


def test_after_a_run_nothing_of_it_is_left_in_the_process(config: Path):
    before = threading.excepthook, sys.unraisablehook, list(OURS.handlers)

    async def life(house: House) -> int:
        house.engine()
        return 0

    assert house_of(config).run(life, is_fast=False) == 0
    assert (threading.excepthook, sys.unraisablehook, list(OURS.handlers)) == before


def test_the_log_goes_where_the_configuration_says(config: Path, tmp_path: Path):
    config.write_text(f"logging:\n  log_directory: {tmp_path / 'elsewhere'}\n{DEMO}")

    async def life(house: House) -> int:
        return 0

    house = house_of(config)
    house.run(life, is_fast=False)
    assert house.logs.file == tmp_path / "elsewhere" / "cccc.log"
    assert house.logs.file.is_file()


def test_the_fast_loop_is_that_of_uvloop_where_it_is_installed():
    uvloop = pytest.importorskip("uvloop")
    assert runtime.fast_loop() is uvloop.new_event_loop


def factory_of_3_12(loop: object, coro: object, *, name: object = None, context: object = None) -> None: ...


def factory_of_3_14(loop: object, coro: object, *, eager_start: bool = True, **kwargs: object) -> None: ...


@pytest.mark.parametrize(
    ("version", "factory", "agrees"),
    [
        (0x030B0000, None, True),
        (0x030C0000, factory_of_3_12, True),
        (0x030D0000, factory_of_3_12, False),
        (0x030E0000, factory_of_3_14, True),
    ],
)
def test_the_control_center_has_the_fast_loop_unless_its_task_factory_would_be_called_wrongly(
    version: int, factory: object, agrees: bool
):
    assert runtime.agrees_with_textual(version, factory) is agrees


def test_what_hangs_ends_in_a_hard_exit(config: Path, monkeypatch: pytest.MonkeyPatch):
    exits: list[int] = []
    gone = threading.Event()

    def leave(status: int) -> None:
        exits.append(status)
        gone.set()

    monkeypatch.setattr(os, "_exit", leave)
    monkeypatch.setattr(runtime, "HARD_EXIT_AFTER_S", 0.01)

    async def hang(house: House) -> int:
        os.kill(os.getpid(), signal.SIGTERM)
        gone.wait(60)  # the loop is stuck: nothing but a thread can end this
        return 0

    config.write_text(f"timeouts:\n  shutdown: 0.01\n{DEMO}")
    house = house_of(config)
    assert house.config.timeouts.shutdown == 0.01, "the grace of the file, not the default of a broken one"
    house.run(hang, is_fast=False)
    assert exits == [1]
    assert house.logs.file
    assert "leaving at once" in house.logs.file.read_text()


def test_what_ends_in_time_ends_in_no_hard_exit(config: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "_exit", lambda status: pytest.fail("left"))

    async def life(house: House) -> int:
        house.must_end()
        house.must_end(60)
        return 0

    assert house_of(config).run(life, is_fast=False) == 0
    timers = [each for each in threading.enumerate() if isinstance(each, threading.Timer)]
    for timer in timers:
        timer.join(60)
    assert not any(timer.is_alive() for timer in timers)
