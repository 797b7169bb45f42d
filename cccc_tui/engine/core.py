"""The engine as one thing: it starts, applies configurations while it runs, is steered through `Control`, and stops."""

from __future__ import annotations

import asyncio
import logging
import os
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from cccc_tui import __version__
from cccc_tui.config import addresses, edit, load, secrets, watch
from cccc_tui.config.profiles import profile_names
from cccc_tui.engine import snapshots
from cccc_tui.engine.asking import Tools
from cccc_tui.engine.bindings import Bindings
from cccc_tui.engine.book import Ledger
from cccc_tui.engine.calibrate import Calibration
from cccc_tui.engine.config_changes import what_changed
from cccc_tui.engine.control import EndpointStatus, EngineStatus, FactStatus, Outcome, TestResult
from cccc_tui.engine.demo import DemoProvider
from cccc_tui.engine.fact_book import FactBook
from cccc_tui.engine.health import HealthBook
from cccc_tui.engine.kept import KeptResponses
from cccc_tui.engine.lag import LagGauge
from cccc_tui.engine.learn import Learned
from cccc_tui.engine.limits import Gates
from cccc_tui.engine.listener import Listener, ListenRefused
from cccc_tui.engine.live import LiveConfig, Target, compile_config
from cccc_tui.engine.memory import Memory
from cccc_tui.engine.models import ModelLists
from cccc_tui.engine.pipeline import Services, handle
from cccc_tui.engine.probe import probe
from cccc_tui.engine.recovery import Recovery, renewed
from cccc_tui.engine.routes import Router
from cccc_tui.engine.server import Facts, Server
from cccc_tui.engine.upstream import Upstream
from cccc_tui.routing.detect import Place
from cccc_tui.tasks import spawn
from cccc_tui.traffic.notices import Notices
from cccc_tui.traffic.rates import Rates
from cccc_tui.traffic.ring import Ring

log = logging.getLogger(__name__)


class StartRefused(Exception):
    """The engine cannot start; `message` is for the person who started it."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.message = message
        self.exit_code = exit_code


class Engine:
    """The proxy and everything it works with. Implements `Control`.

    `host` and `port` win over the configuration file; port 0 takes a free one.
    """

    def __init__(
        self, config_path: Path, state_folder: Path, host: str | None = None, port: int | None = None
    ) -> None:
        self._config_path = config_path
        self._listener = Listener(host, port)
        self._started_at = time.time()
        self._rejected = ""
        self._text = ""
        """The file as it was last read."""
        self._last_edit: edit.Edit | None = None
        self._stopping = asyncio.Event()
        self._background: list[asyncio.Task[None]] = []
        self._reload_lock = asyncio.Lock()
        self._lag = LagGauge()
        self._demo = DemoProvider(config_path=config_path)
        self._demo_base = ""
        self._live: LiveConfig | None = None
        self.traffic = Ring()
        self.notices = Notices()
        self.rates = Rates(time.time)
        self._memory = Memory(state_folder)
        self._health = HealthBook(time.time, self._memory.health_changed)
        self._ledger = Ledger(self.traffic, self.rates, self._memory.usage)
        self._learned = Learned(self._memory.facts)
        self._facts = FactBook(
            self._memory.facts,
            lambda: {each.facts.id: each.facts.name for each in self.live.targets.values()},
        )
        self._gates = Gates()
        self._kept = KeptResponses()
        self._server = Server(
            self._proxied,
            self._models_answer,
            Facts(
                host=lambda: self._listener.host,
                max_body_bytes=lambda: self.live.max_body_bytes,
                ready=self._is_ready,
                health=self._liveness,
                kept=self._kept,
            ),
        )

    @property
    def live(self) -> LiveConfig:
        assert self._live is not None, "the engine has not started"
        return self._live

    # --- life ---

    async def start(self) -> None:
        """Reads the configuration, opens the state, listens. Raises `StartRefused`."""
        loaded = load.load(self._config_path)
        self._text = loaded.text
        if loaded.config is None:
            lines = "\n".join(problem.sentence() for problem in loaded.problems)
            raise StartRefused(f"{lines}\nNothing was started. Correct the file, or try `cccc check`.", 2)
        bindings = Bindings()
        await self._memory.open(self._health, bindings)
        self._upstream = Upstream(loaded.config.timeouts.idle_connection)
        self._models = ModelLists(self._upstream)
        self._services = Services(
            live=lambda: self.live,
            tools=Tools(
                upstream=self._upstream,
                health=self._health,
                learned=self._learned,
                ledger=self._ledger,
                gates=self._gates,
                hop_id=uuid.uuid4().hex[:12],
            ),
            kept=self._kept,
            calibration=Calibration(self._memory.facts),
            router=Router(bindings=bindings),
        )
        self._listener.aim(loaded.config)
        try:
            await self._apply(loaded)
            await self._listener.start(self._server)  # last: whoever connects is answered by what is complete
        except ListenRefused as refused:
            await self._close()
            raise StartRefused(str(refused), 1) from None
        except BaseException:
            await self._close()
            raise
        self._background = [
            spawn(self._watch(), "watch the configuration"),
            spawn(self._lag.run(), "measure the loop's lag"),
            spawn(self._memory.watch(), "watch the state for changes by others"),
            spawn(Recovery(self._health, self._upstream, lambda: self.live).run(), "look after what is out"),
        ]

    async def stop(self, grace_s: float | None = None) -> None:
        """Accepts nothing more, lets requests in flight finish for `grace_s`, writes the state, closes."""
        self._stopping.set()
        for task in self._background:
            task.cancel()
        await self._server.stop_listening()
        grace_s = self.live.config.timeouts.shutdown if grace_s is None else grace_s
        running = [task for task in self._ledger.handlers.values() if task is not asyncio.current_task()]
        if running and grace_s > 0:
            log.info("waiting up to %.0f s for %d requests in flight", grace_s, len(running))
            await asyncio.wait(running, timeout=grace_s)
        await self._close()

    async def _close(self) -> None:
        await self._server.close()
        await self._demo.stop()
        await self._upstream.close()
        await self._memory.close()

    # --- configuration ---

    async def reload_config(self) -> Outcome:
        """Reads the file again; a broken one changes nothing and says why."""
        return await self._reload()

    async def _reload(self, only_if_changed: bool = False) -> Outcome:
        async with self._reload_lock:
            loaded = await asyncio.to_thread(load.load, self._config_path)
            if only_if_changed and loaded.text == self._text:
                return Outcome(done=True, message="nothing changed")
            self._text = loaded.text
            if loaded.config is None:
                errors = loaded.errors
                first, more = errors[0].sentence(), len(errors) - 1
                self._rejected = f"Configuration not applied: {first}" + (
                    f" (and {more} more)" if more else ""
                )
                for problem in errors:
                    log.error("%s", problem.sentence())
                return Outcome(done=False, message=self._rejected)
            try:
                await self._listener.move(loaded.config)
                message = await self._apply(loaded)
            except OSError as error:
                self._rejected = f"Configuration not applied: {error}"
                log.error("%s", self._rejected)
                return Outcome(done=False, message=self._rejected)
            log.info("%s", message)
            return Outcome(done=True, message=message)

    async def _watch(self) -> None:
        async for _ in watch.changes(self._config_path, self._stopping, known=self._text):
            await self._reload(only_if_changed=True)  # a change of our own was applied by whoever made it

    async def _apply(self, loaded: load.Loaded) -> str:
        """Makes a valid configuration the running one; returns the sentence about it."""
        config = loaded.config
        assert config is not None
        found = await secrets.read_secrets_soon(config, loaded.places, str(loaded.path))
        for problem in (*loaded.problems, *found.problems):
            log.warning("%s", problem.sentence())
        if any(endpoint.enabled and addresses.is_demo(endpoint) for endpoint in config.endpoints):
            self._demo_base = self._demo_base or await self._demo.start()
        before = self._live
        self._live = now = compile_config(
            config,
            auth=found.auth,
            keys=found.keys,
            missing_keys=found.missing_keys,
            proxy_passwords=found.proxy_passwords,
            out_of_service={**loaded.out_of_service, **found.out_of_service},
            demo_base=self._demo_base,
            own_port=self._listener.port,
        )
        for place in renewed(before, now) if before else ():
            self._health.reset(place.endpoint_id, place.key_id or None)
        self._rejected = ""
        timeouts = self._live.config.timeouts
        self._health.check_interval_s = timeouts.check_interval
        self._health.recovery_threshold = timeouts.recovery_threshold
        return what_changed(before.config if before else None, self._live.config)

    # --- the server's questions ---

    async def _proxied(self, request: web.BaseRequest, place: Place) -> web.StreamResponse:
        return await handle(self._services, request, place)

    async def _models_answer(self, request: web.BaseRequest, place: Place) -> web.StreamResponse:
        return await self._models.answer(request, self.live)

    def _is_ready(self) -> bool:
        now = time.time()
        return not self._stopping.is_set() and any(
            not self._health.of(target.facts.id).is_out(now) for target in self.live.in_service
        )

    def _liveness(self) -> dict[str, object]:
        return {
            "status": "ok",
            "name": "cccc",
            "version": __version__,
            "pid": os.getpid(),
            "uptime_s": round(time.time() - self._started_at, 1),
        }

    # --- Control: reading ---

    def status(self) -> EngineStatus:
        return EngineStatus(
            version=__version__,
            address=self._listener.url if not self._stopping.is_set() else "",
            listening=not self._stopping.is_set(),
            banner=snapshots.banner(self.live, self._rejected),
            config_path=str(self._config_path),
            started_at=self._started_at,
            in_flight=self._ledger.in_flight,
            requests_total=self.traffic.added_total,
            requests_per_min=self.rates.total("requests", 60),
            errors_5min=self.rates.total("errors", 300),
            tokens_today=self._memory.usage.today(),
            loop_lag_ms=self._lag.p95_ms,
            demo=snapshots.only_demo(self.live),
            profile=self.live.config.profile,
            profiles=tuple(profile_names(self.live.config)),
        )

    def endpoints(self) -> tuple[EndpointStatus, ...]:
        now, is_demo_alone = time.time(), snapshots.only_demo(self.live)
        return tuple(
            snapshots.endpoint_status(
                target,
                self._health,
                self._ledger.tally(target.facts.id),
                self._gates.queued(target.facts.id),
                now,
                stands_aside=target.facts.is_demo and not is_demo_alone,
            )
            for target in snapshots.in_order(self.live)
        )

    # --- Control: steering ---

    async def set_enabled(self, endpoint: str, enabled: bool) -> Outcome:
        word = "enabled" if enabled else "disabled"
        return await self._edit(
            lambda: edit.set_enabled(self._config_path, endpoint, enabled), f"{endpoint} {word}"
        )

    async def move_endpoint(self, endpoint: str, places: int) -> Outcome:
        names = [target.facts.name for target in snapshots.in_order(self.live)]
        if endpoint not in names:
            return _no_such(endpoint)
        at = names.index(endpoint)
        to = min(max(at + places, 0), len(names) - 1)
        if to == at:
            return Outcome(done=False, message=f"{endpoint} is already {'first' if places < 0 else 'last'}.")
        names.insert(to, names.pop(at))
        return await self._edit(
            lambda: edit.set_order(self._config_path, names), f"{endpoint} is now number {to + 1}"
        )

    async def set_profile(self, profile: str) -> Outcome:
        what = f"profile {profile} in use" if profile else "no profile in use"
        return await self._edit(lambda: edit.set_profile(self._config_path, profile), what)

    async def undo_edit(self) -> Outcome:
        last = self._last_edit
        if last is None:
            return Outcome(done=False, message="There is no change to take back.")
        self._last_edit = None
        try:
            await asyncio.to_thread(edit.restore, self._config_path, last)
        except edit.EditRefused as refused:
            return Outcome(done=False, message=str(refused))
        reloaded = await self.reload_config()
        return Outcome(done=True, message=f"Taken back: {last.summary}.") if reloaded.done else reloaded

    async def reset_endpoint(self, endpoint: str | None) -> Outcome:
        if endpoint is None:
            self._health.reset()
            return Outcome(done=True, message="The failures of all endpoints are forgotten.")
        target = self._target(endpoint)
        if target is None:
            return _no_such(endpoint)
        self._health.reset(target.facts.id)
        return Outcome(done=True, message=f"The failures of {endpoint} are forgotten.")

    async def test_endpoint(self, endpoint: str) -> tuple[TestResult, ...]:
        target = self._target(endpoint)
        if target is None:
            missing = _no_such(endpoint).message
            return (
                TestResult(
                    endpoint=endpoint,
                    ok=False,
                    format=None,
                    status=0,
                    elapsed_ms=0.0,
                    model="",
                    message=missing,
                ),
            )
        return await probe(target, self._upstream, self.live.config.timeouts)

    @property
    def facts_revision(self) -> int:
        return self._facts.revision

    def facts(self) -> tuple[FactStatus, ...]:
        return self._facts.list()

    async def pin_fact(self, endpoint: str, model: str, name: str, pinned: bool = True) -> Outcome:
        return self._facts.pin(endpoint, model, name, pinned)

    async def undo_fact(self, endpoint: str, model: str, name: str) -> Outcome:
        return self._facts.undo(endpoint, model, name)

    async def restore_fact(self, endpoint: str, model: str, name: str) -> Outcome:
        return self._facts.restore(endpoint, model, name)

    def export_facts(self) -> str:
        return self._facts.export()

    async def import_facts(self, text: str) -> Outcome:
        return self._facts.take_in(text)

    async def cancel_exchange(self, exchange_id: int) -> Outcome:
        task = self._ledger.handlers.get(exchange_id)
        if task is None:
            return Outcome(done=False, message=f"Request #{exchange_id} is over.")
        self._ledger.cancelled_by_user.add(exchange_id)
        task.cancel()
        return Outcome(done=True, message=f"Request #{exchange_id} is cancelled.")

    async def clear_traffic(self) -> Outcome:
        before = len(self.traffic)
        self.traffic.clear()
        return Outcome(done=True, message=f"{before - len(self.traffic)} finished requests dropped.")

    def _target(self, name: str) -> Target | None:
        return next((target for target in self.live.targets.values() if target.facts.name == name), None)

    async def _edit(self, change: Callable[[], edit.Edit], what: str) -> Outcome:
        try:
            self._last_edit = await asyncio.to_thread(change)
        except edit.EditRefused as refused:
            return Outcome(done=False, message=str(refused))
        reloaded = await self.reload_config()
        return (
            Outcome(done=True, message=f"{what}; written to the configuration.")
            if reloaded.done
            else reloaded
        )


def _no_such(endpoint: str) -> Outcome:
    return Outcome(done=False, message=f"There is no endpoint {endpoint!r} any more.")
