"""The frame that every screen of the control center has: title, banner, the screen's own body, status and
keys.

A screen never polls and is never pushed to: the pump calls `pull` on the visible screen when there may be
something new. The keys come from the action table; a key calls the method named after its action,
`requests.copy` calls `action_requests_copy`, which may be async but must return soon (a worker does what
takes long).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Resize, ScreenResume
from textual.screen import Screen
from textual.widgets import Input

from cccc_tui.locales import _
from cccc_tui.ui.actions import Action, Scope, bindings_of
from cccc_tui.ui.widgets.banner import Banner, lasting_conditions
from cccc_tui.ui.widgets.key_bar import Hint, KeyBar, hints_of
from cccc_tui.ui.widgets.status_bar import StatusBar, status_facts
from cccc_tui.ui.widgets.title_line import TitleLine
from cccc_tui.ui.widgets.too_small import LEAST, TooSmall

if TYPE_CHECKING:
    from cccc_tui.engine.control import Control, EndpointStatus, EngineStatus
    from cccc_tui.ui.app import ControlCenter
    from cccc_tui.ui.settings import UiSettings


class LiveScreen(Screen[None]):
    """Base of the screens that show the engine."""

    SCOPE: ClassVar[Scope]
    """The part of the action table whose keys work here."""
    TITLE_TEXT: ClassVar[str]
    """Name of the place, marked with `N_`."""
    HAS_LIST: ClassVar[bool] = False
    """Whether the `list` keys work here too: the screen has `action_list_down` and its siblings."""
    WARNS_OF_DEMO: ClassVar[bool] = True
    """Whether the banner says that only the demo answers; not where the screen itself has more to say of it."""
    AUTO_FOCUS = ""
    """A screen focuses its own list; the first thing that can have the focus may be a text field."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 - Textual's type is no ClassVar

    def __init_subclass__(cls, **options: bool) -> None:
        cls.BINDINGS = bindings_of(cls.SCOPE, with_list=cls.HAS_LIST)
        super().__init_subclass__(**options)

    def compose(self) -> ComposeResult:
        yield TooSmall()
        yield TitleLine()
        yield Banner()
        yield from self.compose_body()
        with Vertical(id="foot"):
            yield KeyBar()
            yield StatusBar()

    def compose_body(self) -> ComposeResult:
        """The widgets between the title and the status bar; none unless a screen has some."""
        yield from ()

    def pull(self) -> None:
        """Shows what is new. Called often: it must cost next to nothing when nothing has changed."""

    def leave(self) -> bool:
        """Takes `esc` first, to close a filter or a search; says whether it did."""
        return False

    def crumbs(self) -> tuple[str, ...]:
        """Where this is, for the title line, translated; a detail adds what it shows."""
        return (_(self.TITLE_TEXT),)

    def view_state(self) -> str:
        """What the status bar says of this view, `paused, 12 of 340`; empty for nothing special."""
        return ""

    def pane_help(self) -> str:
        """More for the help screen, plain text: a filter language, a legend."""
        return ""

    @classmethod
    def has_action(cls, action: Action) -> bool:
        """Whether a key of the table works here."""
        return action.scope in ("app", cls.SCOPE) or (action.scope == "list" and cls.HAS_LIST)

    def key_hints(self) -> list[Hint]:
        """The keys of the key bar; those of the focus where that differs."""
        if isinstance(self.focused, Input):
            return [Hint("enter", _("Keep")), Hint("esc", _("Leave"), "app.back")]
        return hints_of(
            self.SCOPE,
            self.HAS_LIST,
            self.shell.keymap,
            read_only=self.settings.read_only,
            ascii_only=self.settings.is_ascii,
        )

    def show_frame(self, status: EngineStatus, endpoints: tuple[EndpointStatus, ...]) -> None:
        """Brings everything around the body up to date."""
        settings = self.settings
        self.query_one(TitleLine).show(self.shell.current_mode, self.crumbs(), self.shell.keymap)
        self.query_one(KeyBar).show(self.key_hints())
        self.query_one(StatusBar).show(status_facts(status, endpoints, settings.is_ascii), self.view_state())
        self.query_one(Banner).show(
            lasting_conditions(
                status,
                read_only=settings.read_only,
                ascii_only=settings.is_ascii,
                of_demo=self.WARNS_OF_DEMO,
            )
        )

    def on_mount(self) -> None:
        self.watch(self, "focused", self._show_keys, init=False)

    def on_screen_resume(self, _event: ScreenResume) -> None:
        self.shell.call_after_refresh(self.shell.pull_now)

    def on_resize(self, event: Resize) -> None:
        too_small = event.size.width < LEAST.width or event.size.height < LEAST.height
        self.set_class(too_small, "-too-small")
        if too_small:
            self.query_one(TooSmall).show(event.size)
        self.shell.call_after_refresh(self.shell.pull_now)

    def _show_keys(self) -> None:
        self.query_one(KeyBar).show(self.key_hints())

    @property
    def shell(self) -> ControlCenter:
        """The app, by its own type."""
        return cast("ControlCenter", self.app)

    @property
    def control(self) -> Control:
        return self.shell.control

    @property
    def settings(self) -> UiSettings:
        return self.shell.settings

    def now(self) -> float:
        """Wall-clock seconds; frozen in tests."""
        return self.shell.clock()
