"""The endpoints of the configuration, for commands that work on what the state knows of them."""

from __future__ import annotations

from cccc_tui.cli.arguments import Given, complain
from cccc_tui.locales import _


def endpoint_ids(given: Given) -> dict[str, str] | None:
    """Id by name, in the order of the file; None, with a sentence about it, if the file has errors."""
    from cccc_tui.config.load import load
    from cccc_tui.config.paths import find_config

    path = find_config(given.get("config"))
    config = load(path).config
    if config is None:
        complain(_("{path} has errors; `cccc check` lists them.").format(path=path))
        return None
    from cccc_tui.engine.routing_table import endpoint_id

    return {endpoint.name: endpoint_id(endpoint) for endpoint in config.endpoints}
