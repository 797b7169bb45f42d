"""The lines at the top that stay while a condition lasts: a rejected configuration, an open address,
read-only.
"""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from textual.content import Content
from textual.widgets import Static

from cccc_tui.engine.control import EngineStatus
from cccc_tui.locales import _


class Banner(Static):
    """Lasting conditions, one a line; takes no room when there are none."""

    DEFAULT_CSS = """
    Banner {
        height: auto; max-height: 4; padding: 0 1; display: none;
        background: $panel; color: $state-warn; text-style: bold;
    }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self._lines: tuple[str, ...] = ()

    def show(self, lines: tuple[str, ...]) -> None:
        """Shows these conditions, or hides for none."""
        if lines != self._lines:
            self._lines = lines
            self.update(Content("\n".join(lines)))
            self.display = bool(lines)


def lasting_conditions(
    status: EngineStatus, *, read_only: bool, ascii_only: bool, of_demo: bool = True
) -> tuple[str, ...]:
    """What a person should know for as long as it is so."""
    mark = "! " if ascii_only else "▲ "
    lines = [
        status.banner,
        _("Anyone who can reach this machine may use the gateway: it listens on {address}.").format(
            address=status.address
        )
        if status.listening and not _is_loopback(status.address)
        else "",
        _("The built-in demo answers: no endpoint of your own is in use.") if status.demo and of_demo else "",
        _("Read-only: nothing can be changed here.") if read_only else "",
    ]
    return tuple(mark + line for line in lines if line)


def _is_loopback(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
