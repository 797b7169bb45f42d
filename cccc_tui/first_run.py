"""The first start: writes a configuration that works, offers what is at hand, and says so."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

from cccc_tui.config.first_run import Offer, first_config, offers_from_environment
from cccc_tui.config.paths import write_private
from cccc_tui.config.schema import Server
from cccc_tui.discovery import Found, find_local_servers
from cccc_tui.locales import _


def write_first_config(path: Path, port: int | None = None) -> tuple[str, ...]:
    """Writes the file, for its owner alone; the sentences about it. `port` is where cccc will listen."""
    offers = asyncio.run(offers_at_hand(Server().port if port is None else port))
    write_private(path, first_config(offers))
    return (
        _("There was no configuration, so a first one was written: {path}").format(path=path),
        *_worded(offers),
        _("Its demo endpoint answers until you enable one of your own."),
    )


async def offers_at_hand(own_port: int) -> tuple[Offer, ...]:
    """What could be used right now: keys in the environment, model servers on this machine."""
    found = await find_local_servers(own_port)
    return (*offers_from_environment(os.environ), *(offer_of(each) for each in found))


def offer_of(found: Found) -> Offer:
    """A local server as an endpoint of the first configuration."""
    name = found.server.name.lower().replace(" ", "-")
    count = len(found.models)
    models = ", ".join(found.models[:3]) + (", …" if count > 3 else "")
    why = f"{found.server.name} answers on port {found.server.port} ({models})"
    return Offer(name=name, url=f"{found.server.url}/v1", kind="openai", why=why)


def _worded(offers: Sequence[Offer]) -> list[str]:
    return [
        _("Found: {why}. To use it, set `enabled: true` for `{name}` in that file.").format(
            why=offer.why, name=offer.name
        )
        for offer in offers
    ]
