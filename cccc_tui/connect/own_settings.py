"""Endpoints out of the environment and of the clients' own settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cccc_tui.config.first_run import offers_from_environment
from cccc_tui.connect import claude, codex
from cccc_tui.connect.clients import Gateway, points_at
from cccc_tui.connect.plan import read_document, read_file
from cccc_tui.connect.takings import Item, Taken, left, with_extras
from cccc_tui.locales import N_, _


def from_environment(env: Mapping[str, str], gateway: Gateway) -> Iterator[Item]:
    """What the usual variables name."""
    for offer in offers_from_environment(env):
        if not points_at(offer.url, gateway):
            values = {"name": offer.name, "url": offer.url, "endpoint_type": offer.kind}
            yield Taken(values=values, key=offer.auth)
    url, token = env.get(claude.BASE_URL, ""), env.get(claude.AUTH_TOKEN, "")
    if url and token and not env.get("ANTHROPIC_API_KEY") and not points_at(url, gateway):
        values = {"name": "anthropic", "url": url, "endpoint_type": "anthropic", "auth_type": "auth_token"}
        yield Taken(values=values, key=f"env:{claude.AUTH_TOKEN}")


def from_clients(env: Mapping[str, str], gateway: Gateway) -> Iterator[Item]:
    """Where Claude Code and Codex go now."""
    yield from _from_claude(claude.folder(env) / "settings.json", gateway)
    yield from _from_codex(codex.folder(env) / "config.toml", gateway)
    for path in (claude.folder(env) / ".credentials.json", codex.folder(env) / "auth.json"):
        if path.exists():
            yield left(str(path), _("a login by OAuth: it would be used by two programs at once"))


def _from_claude(path: Path, gateway: Gateway) -> Iterator[Item]:
    data = read_document(path, "json", read_file(path) or b"")[1].data
    found = data.get("env")
    env = {str(k): str(v) for k, v in found.items() if v} if isinstance(found, Mapping) else {}
    for name in claude.BYPASSES:
        if name in env:
            yield left(name, _("cccc does not speak that provider's format"))
    url = env.get(claude.BASE_URL, "")
    if not url or points_at(url, gateway):
        return
    token, key = env.get(claude.AUTH_TOKEN, ""), env.get("ANTHROPIC_API_KEY", "")
    if not token and not key and data.get("apiKeyHelper"):
        yield left("apiKeyHelper", _("a program makes the key, and cccc runs none: give the endpoint a key"))
    values: dict[str, Any] = {"name": "claude-code", "url": url, "endpoint_type": "anthropic"}
    values["auth_type"] = "auth_token" if token else "api_key"
    headers = dict(_header_lines(env.get("ANTHROPIC_CUSTOM_HEADERS", "")))
    yield Taken(values=with_extras(values, _tier_rules(env), "", headers), key=token or key)


_TIER_PATTERNS = (
    ("ANTHROPIC_DEFAULT_OPUS_MODEL", "*opus*"),
    ("ANTHROPIC_DEFAULT_SONNET_MODEL", "*sonnet*"),
    ("ANTHROPIC_DEFAULT_HAIKU_MODEL", "*haiku*"),
    ("ANTHROPIC_SMALL_FAST_MODEL", "*haiku*"),
    ("ANTHROPIC_MODEL", "*"),
)


def _tier_rules(env: Mapping[str, str]) -> list[dict[str, str]]:
    wanted: dict[str, str] = {}
    for name, pattern in _TIER_PATTERNS:
        model = env.get(name, "").removesuffix("[1m]")  # which is a wish to Claude Code, not a name
        if model and model not in claude.ALIASES:
            wanted.setdefault(pattern, model)
    return [{"source_pattern": pattern, "target_model": model} for pattern, model in wanted.items()]


def _header_lines(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if colon and name.strip():
            yield name.strip(), value.strip()


def _from_codex(path: Path, gateway: Gateway) -> Iterator[Item]:
    data = read_document(path, "toml", read_file(path) or b"")[1].data
    own = str(data.get("openai_base_url") or "")
    if own and not points_at(own, gateway):
        values = {"name": "codex-openai", "url": own, "endpoint_type": "openai"}
        yield Taken(values={**values, "openai_preference": "responses"}, key="env:OPENAI_API_KEY")
    providers = data.get("model_providers")
    for name, table in (providers if isinstance(providers, Mapping) else {}).items():
        yield from _codex_provider(str(name), table if isinstance(table, Mapping) else {}, gateway)


def _codex_provider(name: str, table: Mapping[str, Any], gateway: Gateway) -> Iterator[Item]:
    url = str(table.get("base_url") or "")
    if not url:
        yield left(name, _("it has no name or no address"))
        return
    if points_at(url, gateway):
        return
    preference = "chat_completions" if table.get("wire_api") == "chat" else "responses"
    values = {"name": name, "url": url, "endpoint_type": "openai", "openai_preference": preference}
    named, headers = table.get("env_key"), table.get("http_headers")
    own = {str(k): str(v) for k, v in headers.items()} if isinstance(headers, Mapping) else {}
    key = f"env:{named}" if named else str(table.get("experimental_bearer_token") or "")
    yield Taken(values=with_extras(values, [], "", own), key=key)
    for option, why in _CODEX_LEFT.items():
        if table.get(option):
            yield left(f"{name}: {option}", _(why))


_CODEX_LEFT = {
    "query_params": N_("put them into the URL by hand, if the provider needs them"),
    "env_http_headers": N_("headers from the environment are not known here; see header_overrides"),
    "requires_openai_auth": N_("a login by OAuth: it would be used by two programs at once"),
}
