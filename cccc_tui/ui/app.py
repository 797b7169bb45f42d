"""The control center: places, keys, themes, and the pump that keeps the visible screen up to date.

It knows the engine only as `Control`, and owns none of its data. When it ends, by choice or by a crash,
`run_async` returns and the engine goes on as long as its owner wants.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from inspect import isawaitable
from pathlib import Path
from typing import Any, ClassVar

from textual.app import App, SystemCommand
from textual.screen import Screen

from cccc_tui import locales
from cccc_tui.engine.control import Control, EndpointStatus, EngineStatus, Outcome
from cccc_tui.locales import _
from cccc_tui.traffic.notices import Notice
from cccc_tui.ui import clipboard, editor
from cccc_tui.ui.actions import BY_ID, SCOPE_NAMES, Scope, bindings_of, method_of
from cccc_tui.ui.keys import key_label, read_keymap
from cccc_tui.ui.pump import Circumstances, Pump, base_hz
from cccc_tui.ui.screens.confirm import ConfirmScreen, Question
from cccc_tui.ui.screens.help import HelpScreen, help_sections
from cccc_tui.ui.screens.live import LiveScreen
from cccc_tui.ui.settings import UiSettings
from cccc_tui.ui.themed_app import ThemedApp
from cccc_tui.ui.toasts import Severity, Toasts

log = logging.getLogger("cccc_tui.ui")
"""What the UI has to say stands in the log screen too, under `ui`."""

INTERRUPT_WITHIN_S = 3.0
BACKLOG_TO_REST = 3

WAYS: dict[Scope, str] = {"connect": "app.connect", "form": "app.endpoints"}
"""The actions that lead to a screen that is no place, by the screen's scope."""


def _overview() -> LiveScreen:
    from cccc_tui.ui.screens.overview import OverviewScreen

    return OverviewScreen()


def _requests() -> LiveScreen:
    from cccc_tui.ui.screens.requests import RequestsScreen

    return RequestsScreen()


def _endpoints() -> LiveScreen:
    from cccc_tui.ui.screens.endpoints import EndpointsScreen

    return EndpointsScreen()


def _log() -> LiveScreen:
    from cccc_tui.ui.screens.log import LogScreen

    return LogScreen()


def _facts() -> LiveScreen:
    from cccc_tui.ui.screens.facts import FactsScreen

    return FactsScreen()


class ControlCenter(ThemedApp, inherit_bindings=False):
    """The app."""

    TITLE = "cccc"
    CSS_PATH = Path(__file__).with_name("app.tcss")
    ENABLE_COMMAND_PALETTE = False
    BINDINGS = bindings_of("app")
    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = {
        "overview": _overview,
        "requests": _requests,
        "endpoints": _endpoints,
        "log": _log,
        "facts": _facts,
    }
    DEFAULT_MODE = "overview"

    def __init__(
        self,
        control: Control,
        settings: UiSettings,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        locales.use(settings.language)
        super().__init__(settings.theme, settings.themes_folder)
        self.control, self.settings, self.clock = control, settings, clock
        self.keymap = read_keymap(settings.keymap)
        self.animation_level = "none"
        self._monotonic = monotonic
        self._pump = Pump(control, self, monotonic)
        self._toasts = Toasts(self._show_toast, self.clear_notifications, monotonic)
        self._is_suspended = False
        self._interrupted_at = float("-inf")

    # Life

    def on_mount(self) -> None:
        self.set_keymap(self.keymap.changed)
        self.app_suspend_signal.subscribe(self, self._on_suspend)
        self.app_resume_signal.subscribe(self, self._on_resume)
        for problem in self.keymap.problems:
            self.say(problem, "warning")
        self.say_theme_problems()
        self._beat()

    def _on_suspend(self, _app: App[Any]) -> None:
        self._is_suspended = True

    def _on_resume(self, _app: App[Any]) -> None:
        self._is_suspended = False

    def _beat(self) -> None:
        driver = self._driver
        if driver is not None and getattr(driver, "take_recovered", bool)():
            self.screen.refresh(layout=True)
        self._pump.look()
        self.set_timer(self._pump.delay_s(), self._beat, name="pump")

    # What the pump needs (pump.View)

    def circumstances(self) -> Circumstances:
        backlog = getattr(self._driver, "backlog", 0)
        return Circumstances(
            base_hz(self.settings.refresh_hz, self.settings.over_ssh),
            is_focused=self.app_focus,
            is_suspended=self._is_suspended,
            has_backlog=backlog > BACKLOG_TO_REST,
        )

    def show_status(self, status: EngineStatus, endpoints: tuple[EndpointStatus, ...]) -> None:
        if (screen := self.live_screen) is not None and screen.is_mounted:
            screen.show_frame(status, endpoints)

    def show_notices(self, notices: list[Notice]) -> None:
        """Errors come up wherever one is; what the UI said itself has been shown already."""
        if self.current_mode != "log":
            for notice in notices:
                if notice.level == "error" and notice.source != "ui":
                    self._toasts.add(f"{notice.source}: {notice.text}", "error")

    def pull_screen(self) -> None:
        if (screen := self.live_screen) is not None and screen.is_mounted:
            screen.pull()

    def on_beat(self) -> None:
        self.reload_changed_themes()

    def pull_now(self) -> None:
        """Brings the visible screen up to date without waiting for the pump."""
        if self.is_running:
            self._pump.pull()

    # What the screens use

    @property
    def live_screen(self) -> LiveScreen | None:
        """The topmost screen that shows the engine, dialogs left out."""
        return next(
            (screen for screen in reversed(self.screen_stack) if isinstance(screen, LiveScreen)), None
        )

    async def perform(self, action_id: str) -> None:
        """Does an action of the table, unless it changes something and nothing may be changed."""
        action = BY_ID[action_id]
        if action.changes and self.settings.read_only:
            self.say(_("Read-only: {action} is not possible.").format(action=_(action.label)), "warning")
            return
        target = self if action.scope == "app" else self.screen
        result = getattr(target, method_of(action_id))()
        if isawaitable(result):
            await result

    async def run_from_palette(self, action_id: str) -> None:
        """Does an action that works here; of another place, goes there and says the key."""
        action, here = BY_ID[action_id], self.live_screen
        if here is not None and here.has_action(action):
            await self.perform(action_id)
        elif (way := WAYS.get(action.scope)) or action.scope in self.MODES:
            await self.perform(way or f"app.{action.scope}")
            key = key_label(self.keymap.keys_of(action)[0], ascii_only=self.settings.is_ascii)
            self.say(_("Here {key} does it: {action}").format(key=key, action=_(action.label)))
        else:
            self.say(_("Open a request first, then it works."))

    def say(self, text: str, severity: Severity = "information") -> None:
        """A short message; what is more than information also goes to the log."""
        self._toasts.add(text, severity)
        if severity != "information":
            log.log(logging.ERROR if severity == "error" else logging.WARNING, "%s", text)

    def say_outcome(self, outcome: Outcome) -> None:
        """What a command did."""
        self.say(outcome.message, "information" if outcome.done else "error")

    def ask(self, question: Question, if_yes: Callable[[], object]) -> None:
        """Asks, and does it only for a yes."""

        def on_answer(is_yes: bool | None) -> None:
            if is_yes:
                if_yes()

        self.push_screen(ConfirmScreen(question), on_answer)

    def copy(self, text: str) -> None:
        """Copies to the clipboard in the background, and says how."""
        self.run_worker(self._copy(text), name="copy", group="copy", exclusive=True)

    async def _copy(self, text: str) -> None:
        over_ssh = self.settings.over_ssh
        self.say(await clipboard.copy_text(text, over_ssh=over_ssh, send_osc52=self.copy_to_clipboard))

    def edit_file(self, path: Path) -> None:
        """Opens a file in the person's editor; the proxy goes on."""
        self.run_worker(self._edit(path), name="editor", group="editor", exclusive=True)

    def show_text_in_editor(self, text: str, suffix: str = ".txt") -> None:
        """Opens a copy of `text` in the person's editor; changes to it go nowhere."""
        self.run_worker(self._edit_copy(text, suffix), name="editor", group="editor", exclusive=True)

    async def _edit(self, path: Path) -> None:
        if problem := await editor.edit_file(self, path):
            self.say(problem, "error")

    async def _edit_copy(self, text: str, suffix: str) -> None:
        _text, problem = await editor.edit_text(self, text, suffix)
        if problem:
            self.say(problem, "error")

    # Looks

    def use_profile(self, name: str) -> None:
        """Puts a profile into use, none if empty, and says what came of it."""
        if self.settings.read_only:
            self.say(_("Read-only: {action} is not possible.").format(action=_("Profile")), "warning")
            return
        self.run_worker(self._use_profile(name), exclusive=True, group="profile")

    async def _use_profile(self, name: str) -> None:
        self.say_outcome(await self.control.set_profile(name))

    def use_language(self, language: str) -> None:
        """Switches the language and builds the places anew, since they have their words in them."""
        locales.use(language)
        self.run_worker(self._rebuild_places(), name="language", exclusive=True)

    async def _rebuild_places(self) -> None:
        here = self.current_mode
        for place in [place for place in self.MODES if place != here]:
            await self.remove_mode(place)
            self.add_mode(place, self.MODES[place])
        elsewhere = next(place for place in self.MODES if place != here)
        await self.switch_mode(elsewhere)
        await self.remove_mode(here)
        self.add_mode(here, self.MODES[here])
        await self.switch_mode(here)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        return ()

    def _show_toast(self, text: str, severity: Severity, timeout_s: float) -> None:
        self.notify(text, severity=severity, timeout=timeout_s, markup=False)

    # Actions of scope `app`

    async def action_perform(self, action_id: str) -> None:
        await self.perform(action_id)

    def action_app_help(self) -> None:
        if (screen := self.live_screen) is not None:
            title = _("Help: {place}").format(place=_(SCOPE_NAMES[screen.SCOPE]))
            self.push_screen(HelpScreen(title, help_sections(screen)))

    def action_app_palette(self) -> None:
        from cccc_tui.ui.screens.palette import Palette

        self.push_screen(Palette())

    async def action_app_overview(self) -> None:
        await self._go("overview")

    async def action_app_requests(self) -> None:
        await self._go("requests")

    async def action_app_endpoints(self) -> None:
        await self._go("endpoints")

    async def action_app_log(self) -> None:
        self._toasts.dismiss()
        await self._go("log")

    async def action_app_facts(self) -> None:
        await self._go("facts")

    async def action_app_connect(self) -> None:
        from cccc_tui.ui.screens.connect import ConnectScreen

        if not isinstance(self.live_screen, ConnectScreen):
            await self.push_screen(ConnectScreen())

    async def _go(self, place: str) -> None:
        """To a place as it was left; a second time, out of its detail."""
        if place == self.current_mode:
            while len(self.screen_stack) > 1:
                await self.pop_screen()
        else:
            await self.switch_mode(place)

    async def action_app_back(self) -> None:
        self._toasts.dismiss()
        screen = self.live_screen
        if screen is not None and screen.leave():
            return
        if len(self.screen_stack) > 1:
            await self.pop_screen()

    async def action_app_quit(self) -> None:
        if len(self.screen_stack) > 1:
            await self.action_app_back()
        else:
            self.ask(quit_question(self.control.status()), self.exit)

    def action_app_interrupt(self) -> None:
        if selected := self.screen.get_selected_text():
            self.copy(selected)
            self.screen.clear_selection()
            return
        now = self._monotonic()
        if now - self._interrupted_at <= INTERRUPT_WITHIN_S:
            self.exit()
            return
        self._interrupted_at = now
        self.say(_("Press ctrl+c again to stop cccc."), "information")

    def action_app_theme(self) -> None:
        names = self.own_themes
        place = names.index(self.theme) if self.theme in names else -1
        self.use_theme(names[(place + 1) % len(names)])
        self.say(_("Theme: {name}").format(name=self.theme))

    def action_app_copy_address(self) -> None:
        address = self.control.status().address
        if address:
            self.copy(address)
        else:
            self.say(_("cccc is not listening, so there is no address."), "warning")

    async def action_app_reload(self) -> None:
        self.say_outcome(await self.control.reload_config())


def quit_question(status: EngineStatus) -> Question:
    """What to ask before the gateway stops."""
    text = _("Clients that use {address} lose their gateway.").format(address=status.address or "cccc")
    if status.in_flight:
        running = locales.ngettext(
            "{count} request is in flight.", "{count} requests are in flight.", status.in_flight
        )
        text = running.format(count=status.in_flight) + " " + text
    return Question(_("Stop cccc?"), text, _("Stop cccc"), _("Keep running"))
