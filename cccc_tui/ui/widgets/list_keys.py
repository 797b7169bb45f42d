"""The keys of every list, for a screen with lists or texts: they go to the one that has the focus."""

from __future__ import annotations

from typing import Protocol, cast

from textual.screen import Screen
from textual.widget import Widget


class Pane(Protocol):
    """A list or a text."""

    def move(self, rows: int) -> None: ...

    def page(self, pages: int) -> None: ...

    def go(self, row: int, /) -> None:
        """-1 is the last."""
        ...

    def open(self) -> None: ...


class Performer(Protocol):
    """The app: it does the actions of the table."""

    async def perform(self, action_id: str) -> None: ...


class ListKeys:
    """The `list` actions of a screen, which says by `pane` where they go."""

    def pane(self) -> Pane | None:
        """Where the keys go now; nowhere unless the screen says it."""
        return None

    async def action_perform(self, action_id: str) -> None:
        """A key of the table that was bound on this screen; Textual looks for its method here first."""
        await cast(Performer, cast(Screen[None], self).app).perform(action_id)

    def action_list_down(self) -> None:
        if pane := self.pane():
            pane.move(1)

    def action_list_up(self) -> None:
        if pane := self.pane():
            pane.move(-1)

    def action_list_first(self) -> None:
        if pane := self.pane():
            pane.go(0)

    def action_list_last(self) -> None:
        if pane := self.pane():
            pane.go(-1)

    def action_list_page_down(self) -> None:
        if pane := self.pane():
            pane.page(1)

    def action_list_page_up(self) -> None:
        if pane := self.pane():
            pane.page(-1)

    def action_list_open(self) -> None:
        if pane := self.pane():
            pane.open()


def pane_of(widget: Widget | None, fallback: Pane) -> Pane:
    """The widget itself where it is a pane, else the fallback."""
    return cast(Pane, widget) if widget is not None and _is_pane(widget) else fallback


def _is_pane(widget: Widget) -> bool:
    return all(hasattr(widget, name) for name in ("move", "page", "go", "open"))
