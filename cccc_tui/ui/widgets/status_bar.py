"""The line that always says how the gateway is: address, endpoint, load, errors, loop lag, and the view's
own state.
"""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from cccc_tui.engine.control import EndpointStatus, EngineStatus
from cccc_tui.locales import _, ngettext

BUSY_LAG_MS = 30.0
USABLE = ("healthy", "untried", "trial")


class StatusBar(Static):
    """One line of facts, redrawn only when they change."""

    DEFAULT_CSS = """
    StatusBar { height: 1; padding: 0 1; background: $panel; color: $foreground; }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self._shown = Content("")

    def show(self, facts: list[Content], view_state: str) -> None:
        text = status_content(facts, view_state, self.size.width)
        if not text.is_same(self._shown):
            self._shown = text
            self.update(text, layout=False)


def status_facts(
    status: EngineStatus, endpoints: tuple[EndpointStatus, ...], ascii_only: bool
) -> list[Content]:
    """What there is to say, the most important first."""
    return [
        _address(status, ascii_only),
        _endpoint(endpoints, ascii_only),
        Content(_("{count} in flight").format(count=status.in_flight)),
        *([Content.assemble((_("profile"), "$dim"), f" {status.profile}")] if status.profile else []),
        _errors(status),
        Content(_("{count} req/min").format(count=status.requests_per_min)),
        _lag(status),
    ]


def status_content(facts: list[Content], view_state: str, width: int) -> Content:
    """The facts that fit at the left, the view's own state at the right."""
    state = Content.styled(view_state, "bold $state-warn")
    room = width - (state.cell_length + 2 if view_state else 0)
    gap = Content("  ")
    kept: list[Content] = []
    for fact in facts:
        if gap.join([*kept, fact]).cell_length > room:
            break
        kept.append(fact)
    line = gap.join(kept)
    filling = " " * max(0, width - line.cell_length - state.cell_length)
    return Content.assemble(line, filling, state) if view_state else line


def _address(status: EngineStatus, ascii_only: bool) -> Content:
    if not status.listening:
        return Content.styled(("x " if ascii_only else "✗ ") + _("not listening"), "bold $state-error")
    glyph = "* " if ascii_only else "● "
    return Content.assemble((glyph, "$state-ok"), status.address.removeprefix("http://"))


def _endpoint(endpoints: tuple[EndpointStatus, ...], ascii_only: bool) -> Content:
    first = next((endpoint for endpoint in endpoints if endpoint.enabled and endpoint.health in USABLE), None)
    arrow = "> " if ascii_only else "→ "
    if first is None:
        return Content.styled(arrow + _("no usable endpoint"), "bold $state-error")
    return Content.assemble((arrow, "$dim"), first.name)


def _errors(status: EngineStatus) -> Content:
    count = status.errors_5min
    text = ngettext("{count} error/5 min", "{count} errors/5 min", count).format(count=count)
    return Content.styled(text, "$state-error" if count else "")


def _lag(status: EngineStatus) -> Content:
    text = _("lag {ms} ms").format(ms=round(status.loop_lag_ms))
    return Content.styled(text, "$state-warn" if status.loop_lag_ms > BUSY_LAG_MS else "$dim")
