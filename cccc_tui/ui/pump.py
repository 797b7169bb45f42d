"""The one bridge from the engine to the screen: a timer that looks, and pulls when there is something new.

The engine never tells the UI anything; it writes attributes and raises a revision. So however fast requests
and chunks come, the UI does the same few things a few times a second, and fewer when the loop is busy, when
nobody looks, or when the terminal does not keep up.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple, Protocol

from cccc_tui.engine.control import Control, EndpointStatus, EngineStatus
from cccc_tui.traffic.notices import Notice

LOCAL_HZ = 10.0
SSH_HZ = 4.0
UNFOCUSED_HZ = 1.0
FLOOD_HZ = 2.0
"""While requests come in bunches: nobody reads faster, and every picture keeps a request waiting."""
FLOOD_PER_S = 40.0
"""New requests a second from which on it is a flood."""
BUSY_LAG_MS = 30.0
IDLE_PULL_S = 1.0
"""Without news a screen is still pulled this often: ages and countdowns go on."""


class Circumstances(NamedTuple):
    """What decides how often to look."""

    base_hz: float
    is_focused: bool = True
    is_suspended: bool = False
    has_backlog: bool = False
    is_flood: bool = False
    loop_lag_ms: float = 0.0


class View(Protocol):
    """What the pump feeds: the app, as far as the pump knows it."""

    def circumstances(self) -> Circumstances: ...

    def show_status(self, status: EngineStatus, endpoints: tuple[EndpointStatus, ...]) -> None: ...

    def show_notices(self, notices: list[Notice]) -> None: ...

    def pull_screen(self) -> None: ...

    def on_beat(self) -> None:
        """Once a second, for whatever else wants looking at."""
        ...


def base_hz(asked_hz: float, over_ssh: bool) -> float:
    """Updates a second before anything slows them: as configured, else by the connection."""
    return asked_hz if asked_hz > 0 else SSH_HZ if over_ssh else LOCAL_HZ


def rate_hz(now: Circumstances) -> float:
    """Updates a second; 0 is a rest."""
    if now.is_suspended or now.has_backlog:
        return 0.0
    hz = now.base_hz if now.is_focused else min(now.base_hz, UNFOCUSED_HZ)
    if now.is_flood:
        hz = min(hz, FLOOD_HZ)
    return hz / 2 if now.loop_lag_ms > BUSY_LAG_MS else hz


class Pump:
    """Looks at the engine, and feeds the view what is new since the last look."""

    def __init__(self, control: Control, view: View, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._control, self._view, self._monotonic = control, view, monotonic
        self._seen = (-1, -1)
        self._added, self._looked_at = control.traffic.added_total, monotonic()
        self._is_flood = False
        self._notices_seen = control.notices.revision
        self._next_idle_pull = 0.0
        self._loop_lag_ms = 0.0

    def delay_s(self) -> float:
        """Seconds until the next look; a rest is looked after twice a second."""
        now = self._view.circumstances()._replace(is_flood=self._is_flood, loop_lag_ms=self._loop_lag_ms)
        hz = rate_hz(now)
        return 1 / hz if hz else 0.5

    def look(self) -> None:
        """One beat: nothing at all while resting, almost nothing while all is quiet."""
        now = self._monotonic()
        self._is_flood = self._arrivals_per_s(now) >= FLOOD_PER_S
        if rate_hz(self._view.circumstances()) == 0:
            return
        news = (self._control.traffic.revision, self._control.notices.revision)
        is_beat = now >= self._next_idle_pull
        if news == self._seen and not is_beat:
            return
        self._seen = news
        if is_beat:
            self._next_idle_pull = now + IDLE_PULL_S
            self._view.on_beat()
        self.pull()

    def _arrivals_per_s(self, now: float) -> float:
        """New requests a second since the last look."""
        added, seconds = self._control.traffic.added_total, now - self._looked_at
        arrived, self._added, self._looked_at = added - self._added, added, now
        return arrived / seconds if seconds > 0 else 0.0

    def pull(self) -> None:
        """Shows everything now, news or not: a screen has just come into view."""
        status = self._control.status()
        self._loop_lag_ms = status.loop_lag_ms
        self._view.show_status(status, self._control.endpoints())
        if self._control.notices.revision != self._notices_seen:
            notices = self._control.notices.since(self._notices_seen)
            self._notices_seen = self._control.notices.revision
            self._view.show_notices(notices)
        self._view.pull_screen()
