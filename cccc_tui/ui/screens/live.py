"""The frame that every screen of the control center has: banner, title, the screen's own body, status and
keys.

A screen never polls and is never pushed to: the pump calls `pull` on the visible screen when there may be
something new. The keys come from the action table; a key calls the method named after its action,
`requests.copy` calls `action_requests_copy`, which may be async but must return soon (a worker does what
takes long).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.screen import Screen

from cccc_tui.locales import _
from cccc_tui.ui.actions import Scope, bindings_of
from cccc_tui.ui.widgets.banner import Banner
from cccc_tui.ui.widgets.key_bar import KeyBar
from cccc_tui.ui.widgets.status_bar import StatusBar
from cccc_tui.ui.widgets.title_line import TitleLine

if TYPE_CHECKING:
    from cccc_tui.engine.control import Control
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

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 - Textual's own type is not a ClassVar

    def __init_subclass__(cls, **options: bool) -> None:
        cls.BINDINGS = bindings_of(cls.SCOPE, with_list=cls.HAS_LIST)
        super().__init_subclass__(**options)

    def compose(self) -> ComposeResult:
        yield Banner()
        yield TitleLine()
        yield from self.compose_body()
        yield StatusBar()
        yield KeyBar()

    def compose_body(self) -> ComposeResult:
        """The widgets between the title and the status bar."""
        raise NotImplementedError

    def pull(self) -> None:
        """Shows what is new. Called often: it must cost next to nothing when nothing has changed."""
        raise NotImplementedError

    def leave(self) -> bool:
        """Takes `esc` first, to close a filter or a search; says whether it did."""
        return False

    def crumbs(self) -> tuple[str, ...]:
        """Where this is, for the title line, translated; a detail adds what it shows."""
        return (_(self.TITLE_TEXT),)

    def view_state(self) -> str:
        """What the status bar says of this view, `paused · 12 of 340`; empty when there is nothing
        special."""
        return ""

    def pane_help(self) -> str:
        """More for the help screen, plain text: a filter language, a legend."""
        return ""

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

    async def action_perform(self, action_id: str) -> None:
        """Does an action of the table."""
        await self.shell.perform(action_id)
