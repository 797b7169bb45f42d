"""Endpoints out of the files of claude-code-router and CLIProxyAPI."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cccc_tui.connect.plan import read_document, read_file
from cccc_tui.connect.takings import Item, Taken, left, mappings, reference, with_extras, yaml_of
from cccc_tui.locales import N_, _

_ROUTER_ALL = "*"
_ROUTER_SMALL = "*haiku*"


def from_router(path: Path) -> Iterator[Item]:
    """Out of `config.json` of claude-code-router."""
    data = read_document(path, "json", read_file(path) or b"")[1].data
    routes = data.get("Router")
    routes = routes if isinstance(routes, Mapping) else {}
    for provider in mappings(data.get("Providers") or data.get("providers")):
        yield from _router_provider(provider, routes, str(data.get("PROXY_URL") or ""))
    for name, route in routes.items():
        if name not in ("default", "background") and route:
            yield left(
                f"Router.{name}",
                _("{route}: no rule is made for it; see tags and taggers").format(route=route),
            )
    if data.get("APIKEY"):
        yield left("APIKEY", _("the key for its own clients; cccc asks for none on this computer"))


def _router_provider(provider: Mapping[str, Any], routes: Mapping[str, Any], proxy: str) -> Iterator[Item]:
    name, url = str(provider.get("name") or ""), str(provider.get("api_base_url") or "")
    if not name or not url:
        yield left(name or "Providers", _("it has no name or no address"))
        return
    uses = _names(provider.get("transformer"))
    is_anthropic = "anthropic" in uses or "/messages" in url
    if "gemini" in uses or "vertex" in " ".join(uses) or "generativelanguage" in url:
        yield left(name, _("cccc does not speak that provider's format"))
        return
    models = [str(model) for model in provider.get("models") or ()]
    rules = _router_rules(name, models, routes)
    values = {"name": name, "url": url, "endpoint_type": "anthropic" if is_anthropic else "openai"}
    if not is_anthropic:
        values["openai_preference"] = "chat_completions"
    yield Taken(
        values=with_extras(values, rules, proxy, {}), key=reference(str(provider.get("api_key") or ""))
    )
    if unused := [model for model in models if model not in {rule["target_model"] for rule in rules}]:
        rest = ", ".join(unused)
        yield left(
            f"{name}: {rest}", _("only its first or routed model gets a rule; the client may ask for others")
        )
    if others := sorted(uses - {"anthropic", "openrouter", "deepseek", "tooluse", "maxtoken", "openai"}):
        yield left(
            f"{name}: {', '.join(others)}", _("transformers are not known here; conversion is built in")
        )


def _router_rules(name: str, models: list[str], routes: Mapping[str, Any]) -> list[dict[str, str]]:
    """What the router would have asked this provider for: by its routes, else its first model."""
    wanted = {}
    for route, pattern in (("background", _ROUTER_SMALL), ("default", _ROUTER_ALL)):
        provider, _comma, model = str(routes.get(route) or "").partition(",")
        if provider == name and model:
            wanted[pattern] = model
    if _ROUTER_ALL not in wanted and models:
        wanted[_ROUTER_ALL] = models[0]
    return [{"source_pattern": pattern, "target_model": model} for pattern, model in wanted.items()]


def _names(transformer: Any) -> set[str]:
    """`{"use": ["openrouter", ["maxtoken", {…}]]}` as names in lower case."""
    uses = transformer.get("use") if isinstance(transformer, Mapping) else None
    first = (each[0] if isinstance(each, list) and each else each for each in uses or ())
    return {str(each).lower() for each in first}


def from_cliproxy(path: Path) -> Iterator[Item]:
    """Out of `config.yaml` of CLIProxyAPI."""
    data = yaml_of(path)
    for section, kind in (("claude-api-key", "anthropic"), ("codex-api-key", "openai")):
        usual = "https://api.anthropic.com" if kind == "anthropic" else "https://api.openai.com/v1"
        for number, entry in enumerate(mappings(data.get(section)), 1):
            values = {
                "name": f"{section.removesuffix('-api-key')}-{number}",
                "url": entry.get("base-url") or usual,
            }
            yield _cliproxy_endpoint(
                {**values, "endpoint_type": kind}, entry, str(entry.get("api-key") or "")
            )
    for entry in mappings(data.get("openai-compatibility")):
        yield from _cliproxy_compatible(entry)
    for section, why in _CLIPROXY_LEFT.items():
        if data.get(section):
            yield left(section, _(why))


_CLIPROXY_LEFT = {
    "gemini-api-key": N_("cccc does not speak that provider's format"),
    "generative-language-api-key": N_("cccc does not speak that provider's format"),
    "vertex-api-key": N_("cccc does not speak that provider's format"),
    "auth-dir": N_("logins by OAuth: they would be used by two programs at once"),
    "api-keys": N_("the keys for its own clients; cccc asks for none on this computer"),
}


def _cliproxy_compatible(entry: Mapping[str, Any]) -> Iterator[Item]:
    name, url = str(entry.get("name") or ""), str(entry.get("base-url") or "")
    if not name or not url:
        yield left(name or "openai-compatibility", _("it has no name or no address"))
        return
    keys = list(mappings(entry.get("api-key-entries")))
    keys += [{"api-key": key} for key in entry.get("api-keys") or ()]
    for number, each in enumerate(keys or [{}], 1):
        own = name if number == 1 else f"{name}-{number}"
        values = {"name": own, "url": url, "endpoint_type": "openai", "openai_preference": "chat_completions"}
        yield _cliproxy_endpoint(values, {**entry, **each}, str(each.get("api-key") or ""))


def _cliproxy_endpoint(values: dict[str, Any], entry: Mapping[str, Any], key: str) -> Taken:
    models = [model for model in mappings(entry.get("models")) if model.get("name") and model.get("alias")]
    rules = [{"source_pattern": str(m["alias"]), "target_model": str(m["name"])} for m in models]
    headers = entry.get("headers")
    own = {str(k): str(v) for k, v in headers.items()} if isinstance(headers, Mapping) else {}
    return Taken(
        values=with_extras(values, rules, str(entry.get("proxy-url") or ""), own), key=reference(key)
    )
