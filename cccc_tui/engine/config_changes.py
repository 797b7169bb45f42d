"""What a reload of the configuration has changed, in a sentence."""

from __future__ import annotations

from cccc_tui.config.schema import Config


def what_changed(before: Config | None, now: Config) -> str:
    """Of the first configuration how many endpoints it has."""
    if before is None:
        return f"configuration loaded: {len(now.endpoints)} endpoints"
    if before == now:
        return "configuration read again: nothing changed"
    changes = [
        section for section in now.__struct_fields__ if getattr(before, section) != getattr(now, section)
    ]
    if "endpoints" in changes:
        changes[changes.index("endpoints")] = _endpoint_changes(before, now)
    return f"configuration reloaded: {', '.join(changes)} changed"


def _endpoint_changes(before: Config, now: Config) -> str:
    old = {endpoint.name: endpoint for endpoint in before.endpoints}
    new = {endpoint.name: endpoint for endpoint in now.endpoints}
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return f"endpoints ({', '.join(names)})" if names else "the order of the endpoints"
