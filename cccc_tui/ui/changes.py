"""What was done on a screen, one thing after the other, each with the way to take it back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from cccc_tui.locales import _

if TYPE_CHECKING:
    from cccc_tui.engine.control import Outcome
    from cccc_tui.ui.screens.live import LiveScreen

Undo = Callable[[], Awaitable["Outcome"]]


class Changes:
    """Does what a screen asks of the engine, says what came of it, and takes it back, the last first."""

    def __init__(self, screen: LiveScreen, on_done: Callable[[], None]) -> None:
        self._screen = screen
        self._on_done = on_done
        self._undos: list[Undo] = []

    def __len__(self) -> int:
        return len(self._undos)

    def do(self, command: Awaitable[Outcome], undo: Undo | None = None) -> None:
        """Waits for the command beside the screen; with `undo` it can be taken back."""
        self._screen.run_worker(self._await(command, undo), group="change")

    def add(self, message: str, undo: Undo) -> None:
        """Something was done in another way: says so, and can take it back."""
        self._undos.append(undo)
        self._screen.shell.say(f"{message} " + _("u takes it back."))

    def take_back(self) -> None:
        if self._undos:
            self.do(self._undos.pop()())
        else:
            self._screen.shell.say(_("Nothing to take back."))

    async def _await(self, command: Awaitable[Outcome], undo: Undo | None) -> None:
        outcome = await command
        if outcome.done and undo:
            self.add(outcome.message, undo)
        else:
            self._screen.shell.say_outcome(outcome)
        self._on_done()
