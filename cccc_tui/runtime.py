"""The one place that builds everything (configuration, logs, engine, control center) and takes it down."""

from __future__ import annotations

import asyncio
import gc
import inspect
import logging
import os
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, TextIO

from cccc_tui import __version__, locales
from cccc_tui.config import load, paths
from cccc_tui.config.schema import Config
from cccc_tui.engine.control import Control
from cccc_tui.engine.core import Engine, StartRefused
from cccc_tui.first_run import offers_at_hand
from cccc_tui.locales import _
from cccc_tui.logs import Logs
from cccc_tui.signals import Signals
from cccc_tui.tasks import spawn
from cccc_tui.terminal import Terminal
from cccc_tui.traffic.notices import NoticeHandler

log = logging.getLogger(__name__)

HARD_EXIT_AFTER_S = 10.0
"""Beyond the grace of the requests in flight: whatever still hangs then is left behind."""

LEAVE_WITHIN_S = 5.0
"""For the control center to give the terminal back."""

GARBAGE_BEFORE_LOOKING = 20_000
"""Objects that come and do not go before Python looks for cycles among the young ones; its own default is 700."""

FOLLOW_EVERY_S = 1.0

SETTLED_AFTER_S = 2.0
"""Then the first screen stands, and to look through all that was loaded keeps nobody waiting."""


class Wanted(NamedTuple):
    """What the command line asked for."""

    config: Path
    host: str | None = None
    port: int | None = None
    read_only: bool = False
    """Whether the control center refuses what changes something."""
    is_simulated: bool = False
    """Whether it is `cccc demo`."""


class House:
    """One run of cccc: what stands around the engine, whether or not somebody looks at it."""

    def __init__(
        self, wanted: Wanted, state: Path, terminal: TextIO | None = None, log_folder: Path | None = None
    ) -> None:
        self.wanted, self.state = wanted, state
        self.terminal = Terminal()
        self.signals = Signals(self.must_end)
        self._hard_exit: threading.Timer | None = None
        self.config = load.load(wanted.config).config or Config()  # the engine says what is wrong with it
        locales.use(self.config.ui.language)
        self.logs = Logs()
        named = self.config.logging.log_directory
        folder = Path(named).expanduser() if named else log_folder or state
        self.logs.start(folder, self.config.logging.level, terminal)

    def run(self, life: Callable[[House], Coroutine[Any, Any, int]], is_fast: bool) -> int:
        """Runs `life` to its end; the exit status. An uncaught error is a sentence; the log has the rest."""
        try:
            with _strays_logged(), asyncio.Runner(loop_factory=fast_loop() if is_fast else None) as runner:
                return runner.run(self._live(life))
        except StartRefused as refused:
            _say(refused.message)
            return refused.exit_code
        except Exception as error:
            log.critical("cccc stops: %s", error, exc_info=error)
            what = self.logs.redactor.redact(_one_line(error))
            _say(_("cccc stops because of an error of its own: {error}").format(error=what))
            _say(self.where_to_read())
            return 1
        finally:
            self.logs.stop()
            if self._hard_exit:
                self._hard_exit.cancel()

    async def _live(self, life: Callable[[House], Coroutine[Any, Any, int]]) -> int:
        with self.signals.watched():
            return await life(self)

    def must_end(self, grace_s: float | None = None) -> None:
        """From now on there is a limit: whatever hangs beyond it, the process ends and the port is free.

        `grace_s` is what requests in flight get; the configuration of the start says it before an engine does.
        """
        if self._hard_exit:
            self._hard_exit.cancel()
        grace_s = self.config.timeouts.shutdown if grace_s is None else grace_s
        self._hard_exit = threading.Timer(grace_s + HARD_EXIT_AFTER_S, self._leave_at_once)
        self._hard_exit.daemon = True
        self._hard_exit.start()

    def _leave_at_once(self) -> None:
        log.error("not ended in time: leaving at once")
        self.terminal.restore()
        self.logs.stop()
        os._exit(1)

    def where_to_read(self) -> str:
        """The sentence that names the log."""
        return _("The details are in {log}.").format(log=self.logs.file) if self.logs.file else ""

    def engine(self) -> Engine:
        engine = Engine(self.wanted.config, self.state, host=self.wanted.host, port=self.wanted.port)
        self.logs.also(NoticeHandler(engine.notices))
        return engine

    async def follow(self, engine: Engine) -> None:
        """Keeps the log's level and its secrets to hide those of the configuration that is in use."""
        seen = None
        while True:
            if engine.live is not seen:
                seen = engine.live
                self.logs.redactor.learn(seen.secrets)
                self.logs.set_level(seen.config.logging.level)
            await asyncio.sleep(FOLLOW_EVERY_S)


def serve(wanted: Wanted, first_words: tuple[str, ...] = ()) -> int:
    """The proxy without a screen, until a signal ends it."""

    async def life(house: House) -> int:
        engine = await _started(house, first_words)
        await house.signals.asked.wait()
        log.info("%s: stopping", house.signals.name)
        await _stop(house, engine)
        return 0

    return House(wanted, paths.state_folder(), sys.stderr).run(life, is_fast=True)


def control_center(wanted: Wanted, first_words: tuple[str, ...] = ()) -> int:
    """The proxy and its control center."""

    async def life(house: House) -> int:
        engine = await _started(house, first_words)
        await _shown(house, engine)
        await _stop(house, engine)
        return 0

    return House(wanted, paths.state_folder()).run(life, is_fast=agrees_with_textual())


def demo(host: str | None, port: int | None) -> int:
    """The control center on simulated endpoints and agents; leaves nothing behind but its log."""
    from cccc_tui.demo import simulated_agents, simulated_endpoints

    async def life(house: House) -> int:
        async with simulated_endpoints(house.wanted.config):
            engine = await _started(house, ())
            async with simulated_agents(engine.status().address):
                await _shown(house, engine)
            await _stop(house, engine)
        return 0

    with TemporaryDirectory(prefix="cccc-demo-") as folder:
        wanted = Wanted(Path(folder) / "config.yaml", host, port or 0, is_simulated=True)
        log_folder = paths.state_folder() / "demo"
        return House(wanted, Path(folder) / "state", log_folder=log_folder).run(
            life, is_fast=agrees_with_textual()
        )


async def _started(house: House, first_words: tuple[str, ...]) -> Engine:
    """The engine, listening. Raises `StartRefused`."""
    engine = house.engine()
    for words in first_words:
        log.info("%s", words)
    await engine.start()
    spawn(house.follow(engine), "follow the configuration")
    log.info("cccc %s listens on %s", __version__, engine.status().address)
    log.info("configuration: %s; log: %s", house.wanted.config, house.logs.file)
    status = engine.status()
    if status.banner:
        log.warning("%s", status.banner)
    if status.demo:
        log.warning("The built-in demo answers. Enable a real endpoint in the configuration to use one.")
    asyncio.get_running_loop().call_later(SETTLED_AFTER_S, _spare_the_collector)
    return engine


def _spare_the_collector() -> None:
    """Looks for cycles of garbage less often: they are rare here, while what is loaded and the exchanges that are kept
    would be looked through again and again."""
    gc.collect()
    gc.freeze()
    gc.enable()  # the command line has it rest while everything is loaded
    gc.set_threshold(GARBAGE_BEFORE_LOOKING, 20, 50)


async def _shown(house: House, engine: Engine) -> None:
    """Returns when a person or a signal has ended it; a crash of the control center has not."""
    has_crashed = await _show(house, engine)
    if has_crashed and not house.signals.asked.is_set():
        _tell_of_crash(house, engine)
        await house.signals.asked.wait()


async def _show(house: House, control: Control) -> bool:
    """Runs the control center until it ends or a signal ends it; whether it crashed."""
    from cccc_tui.ui.app import ControlCenter
    from cccc_tui.ui.settings import UiSettings, is_over_ssh

    ui, wanted = house.config.ui, house.wanted
    port = house.config.server.port if wanted.port is None else wanted.port
    app = ControlCenter(
        control,
        UiSettings(
            theme=ui.theme,
            language=ui.language,
            glyphs=ui.glyphs,
            refresh_hz=ui.refresh_hz,
            keymap=ui.keymap,
            config_path=wanted.config,
            read_only=wanted.read_only,
            offers=await offers_at_hand(port) if control.status().demo else None,
            is_simulated=wanted.is_simulated,
            over_ssh=is_over_ssh(),
        ),
    )

    showing = spawn(app.run_async(), "control center")
    asked = spawn(house.signals.asked.wait(), "wait for a signal")
    await asyncio.wait({showing, asked}, return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()
    if not showing.done():
        app.exit()
        await asyncio.wait({showing}, timeout=LEAVE_WITHIN_S)
    if not showing.done():
        log.error("the control center does not leave: the terminal is taken from it")
        house.terminal.restore()
        return False
    return showing.exception() is not None or app.return_code not in (0, None)


def _tell_of_crash(house: House, engine: Engine) -> None:
    address = engine.status().address
    _say(_("The control center has crashed. The proxy goes on at {address}.").format(address=address))
    _say(house.where_to_read())
    _say(_("Press ctrl+c to stop it."))


async def _stop(house: House, engine: Engine) -> None:
    """Lets requests in flight finish, unless somebody insists."""
    house.must_end(engine.live.config.timeouts.shutdown)
    stopping = spawn(engine.stop(), "stop the engine")
    insisting = spawn(house.signals.insisted.wait(), "wait for a second signal")
    await asyncio.wait({stopping, insisting}, return_when=asyncio.FIRST_COMPLETED)
    insisting.cancel()
    if not stopping.done():
        log.warning("asked again: requests in flight are cut")
        stopping.cancel()
        await asyncio.wait({stopping})
        await engine.stop(grace_s=0)
    else:
        stopping.result()
    log.info("stopped")


def fast_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where it is installed."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def agrees_with_textual(
    version: int = sys.hexversion, factory: object = getattr(asyncio, "eager_task_factory", None)
) -> bool:
    """Whether the fast loop may carry the control center, with this Python and its eager task factory.

    From Python 3.13 on uvloop hands `eager_start` to the loop's task factory. Textual sets the eager one, and that of
    the first releases of 3.13 does not know the word: no task would start.
    """
    if version < 0x030D0000 or not callable(factory):
        return True
    known = inspect.signature(factory).parameters.values()
    return any(each.name == "eager_start" or each.kind is each.VAR_KEYWORD for each in known)


@contextmanager
def _strays_logged() -> Iterator[None]:
    """Errors that Python would print, onto whatever is on the screen, go to the log."""

    def of_thread(args: threading.ExceptHookArgs) -> None:
        name = args.thread.name if args.thread else "?"
        if args.exc_value is not None:
            log.error("thread %r failed: %s", name, args.exc_value, exc_info=args.exc_value)

    def unraisable(args: sys.UnraisableHookArgs) -> None:
        what = args.err_msg or "error in"
        log.error("%s %r: %s", what, args.object, args.exc_value, exc_info=args.exc_value)

    before = threading.excepthook, sys.unraisablehook
    threading.excepthook, sys.unraisablehook = of_thread, unraisable
    try:
        yield
    finally:
        threading.excepthook, sys.unraisablehook = before


def _say(text: str) -> None:
    """A sentence to the person at the terminal, whatever the control center did to `sys.stderr`."""
    if text and sys.__stderr__:
        sys.__stderr__.write(f"{text}\n")
        sys.__stderr__.flush()


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
