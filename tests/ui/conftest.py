"""What all tests of the UI share: a frozen engine, the control center on it, and pictures of screens.

Pictures are SVG files next to the tests. `pytest --snapshot-update` draws them anew; look at them before they
are committed.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from textual.app import App
from textual.pilot import Pilot

from cccc_tui.ui.app import ControlCenter
from cccc_tui.ui.settings import UiSettings
from tests.fakes.control import FakeControl, pin_timezone

NARROW = (80, 24)
WIDE = (140, 40)
DRAWN_ON = (3, 11)
"""Pictures are drawn anew on one version only, so that two machines never quarrel."""

ROUNDS = 40
"""A message and its answer take two or three rounds of the loop on their way through one widget."""

MOST_ROUNDS = 20
"""A screen that is never quiet (a clock, an animation) is taken as it is."""

Snap = Callable[..., Awaitable[None]]


class SvgExtension(SingleFileSnapshotExtension):
    """A picture of a terminal, without the number that changes with every run."""

    file_extension = "svg"
    _write_mode = WriteMode.TEXT

    def serialize(self, data: str, **_options: object) -> str:
        return re.sub(r"terminal-\d+", "terminal", data)


@pytest.fixture(autouse=True)
def full_colour_terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every test sees a terminal with all colours, in UTC."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("TZ", "UTC")
    pin_timezone()
    yield


@pytest.fixture(autouse=True)
def waits_by_rounds_of_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Textual's pilot waits until the process uses no time, for up to a second a key: never on a busy machine.

    Nothing here comes from outside the loop, so so many rounds of it are enough, on every machine alike.
    """
    for module in ("textual.app", "textual.pilot"):
        monkeypatch.setattr(f"{module}.wait_for_idle", rounds_of_the_loop)


async def rounds_of_the_loop(*_seconds: float) -> None:
    for _round in range(ROUNDS):
        await asyncio.sleep(0)


@pytest.fixture
def control() -> FakeControl:
    return FakeControl()


class ObservedApp(ControlCenter):
    """Remembers every message, since they are gone after seconds and a busy machine is slow."""

    def __init__(self, control: FakeControl, settings: UiSettings) -> None:
        self.messages: list[tuple[str, str]] = []
        super().__init__(control, settings, clock=control.clock, monotonic=control.clock)

    def notify(self, message: str, **options: Any) -> None:
        self.messages.append((options["severity"], message))
        super().notify(message, **options)


@pytest.fixture
def make_app(control: FakeControl) -> Callable[..., ObservedApp]:
    """The control center on a fake engine and its clock; settings by name, `control=` for another engine."""

    def make(*, control: FakeControl = control, **settings: Any) -> ObservedApp:
        return ObservedApp(control, UiSettings(**settings))

    return make


@pytest.fixture
def snap(snapshot: SnapshotAssertion, pytestconfig: pytest.Config) -> Snap:
    """Runs an app, presses keys, and compares the picture: `await snap(app, "2", "enter", size=WIDE)`.

    `before` gets the pilot before the keys are pressed, for what keys cannot do.
    """
    if pytestconfig.getoption("--snapshot-update") and sys.version_info[:2] != DRAWN_ON:
        pytest.fail(f"Draw pictures on Python {DRAWN_ON[0]}.{DRAWN_ON[1]}.")

    async def take(
        app: ControlCenter,
        *keys: str,
        size: tuple[int, int] = NARROW,
        before: Callable[[Pilot[None]], Awaitable[None]] | None = None,
    ) -> None:
        async with app.run_test(size=size, notifications=True) as pilot:
            await settle(pilot)
            if before is not None:
                await before(pilot)
            await press(pilot, *keys)
            assert app.export_screenshot() == snapshot(extension_class=SvgExtension)

    return take


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Presses keys as a person does: the next one when the last one's effect can be seen."""
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


async def settle(pilot: Pilot[None]) -> None:
    """Until everything that was asked for has been drawn, workers included."""
    await pilot.app.workers.wait_for_complete()
    quiet_rounds = 0
    for _round in range(MOST_ROUNDS):
        await pilot.pause()
        quiet_rounds = quiet_rounds + 1 if _is_quiet(pilot.app) else 0
        if quiet_rounds == 2:
            return


async def until(pilot: Pilot[None], is_so: Callable[[], bool]) -> None:
    """Until something is so that a timer brings about: Textual gathers the steps of a resize for a moment."""
    async with asyncio.timeout(30):
        while not is_so():
            await pilot.pause(0.01)


def _is_quiet(app: App[Any]) -> bool:
    """Whether nothing waits to be handled, laid out or drawn. Textual has no public word for it."""
    screen = app.screen
    return not (
        screen._callbacks
        or screen._dirty_widgets
        or any(pump._next_callbacks or pump.message_queue_size for pump in (app, *app._registry))
        or any(
            widget._layout_required or widget._repaint_required or widget._scroll_required
            for widget in screen.walk_children(with_self=True)
        )
    )
