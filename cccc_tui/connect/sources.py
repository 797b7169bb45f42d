"""Endpoints out of the configurations of other tools: what can be taken, and what cannot, with the reason.

Nothing is written here. Keys are taken as they stand; who writes the endpoints puts them where keys belong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from cccc_tui.config.document import parse, plain
from cccc_tui.config.first_run import offers_from_environment
from cccc_tui.config.load import load
from cccc_tui.config.problems import Report
from cccc_tui.connect import claude, codex
from cccc_tui.connect.clients import Gateway, points_at
from cccc_tui.connect.plan import PlanRefused, read_document, read_file
from cccc_tui.locales import N_, _

SourceName = Literal["cccc", "claude-code-router", "cliproxyapi", "environment", "clients"]

_ROUTER_ALL = "*"
_ROUTER_SMALL = "*haiku*"


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """One endpoint that can be taken."""

    values: dict[str, Any]
    """As in the configuration, without the key."""
    key: str = ""
    """The credential: a literal, or `env:NAME`; empty for none."""


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """Something that cannot be taken."""

    what: str
    why: str


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a source has."""

    source: SourceName
    place: str
    taken: tuple[Taken, ...] = ()
    left: tuple[Left, ...] = ()


Item = Taken | Left


def read_source(source: SourceName, path: Path | None, env: Mapping[str, str], gateway: Gateway) -> Found:
    """Reads one source; without a path the file where that tool has it. Raises `PlanRefused`."""
    match source:
        case "environment":
            return _found(source, "environment", _from_environment(env, gateway))
        case "clients":
            place = f"{claude.folder(env)}, {codex.folder(env)}"
            return _found(source, place, _from_clients(env, gateway))
    file = path or usual_path(source)
    readers: dict[str, Callable[[Path], Iterator[Item]]] = {
        "cccc": _from_cccc,
        "claude-code-router": _from_router,
        "cliproxyapi": _from_cliproxy,
    }
    if not file.is_file():
        raise PlanRefused(_("{path}: there is no such file.").format(path=file))
    return _found(source, str(file), readers[source](file))


def usual_path(source: SourceName) -> Path:
    """Where the tool keeps its configuration."""
    home = Path.home()
    return {
        "claude-code-router": home / ".claude-code-router" / "config.json",
        "cliproxyapi": home / ".cli-proxy-api" / "config.yaml",
    }.get(source, home / ".claude-code-companion" / "config.yaml")


def source_of(path: Path) -> SourceName:
    """Which tool a file is of, by what is in it. Raises `PlanRefused`."""
    if path.suffix == ".json":
        return "claude-code-router"
    data = _yaml(path)
    theirs = {
        "openai-compatibility",
        "claude-api-key",
        "codex-api-key",
        "gemini-api-key",
        "auth-dir",
        "api-keys",
    }
    return "cliproxyapi" if theirs & data.keys() else "cccc"


def _found(source: SourceName, place: str, items: Iterator[Item]) -> Found:
    listed = list(items)
    return Found(
        source=source,
        place=place,
        taken=tuple(each for each in listed if isinstance(each, Taken)),
        left=tuple(each for each in listed if isinstance(each, Left)),
    )


def _left(what: str, why: str) -> Left:
    return Left(what=what, why=why)


# ------------------------------------------------------------------------------------ CCCC and its family


def _from_cccc(path: Path) -> Iterator[Item]:
    loaded = load(path)
    for problem in loaded.problems:
        yield _left(problem.key or str(path), problem.sentence())
    data = _yaml(path)
    for endpoint in _mappings(data.get("endpoints")):
        values = {
            key: value for key, value in endpoint.items() if key not in ("auth_value", "enabled", "priority")
        }
        if values.get("auth_type") == "oauth" or "oauth_config" in values:
            yield _left(
                str(values.get("name")), _("a login by OAuth: it would be used by two programs at once")
            )
            continue
        yield Taken(values=values, key=str(endpoint.get("auth_value") or ""))
    others = ", ".join(sorted(set(data) - {"endpoints"}))
    if others:
        yield _left(others, _("only endpoints are taken; cccc can use the whole file: cccc --config PATH"))


# ------------------------------------------------------------------------------------ claude-code-router


def _from_router(path: Path) -> Iterator[Item]:
    data = read_document(path, "json", read_file(path) or b"")[1].data
    routes = data.get("Router")
    routes = routes if isinstance(routes, Mapping) else {}
    for provider in _mappings(data.get("Providers") or data.get("providers")):
        yield from _router_provider(provider, routes, str(data.get("PROXY_URL") or ""))
    for name, route in routes.items():
        if name not in ("default", "background") and route:
            yield _left(
                f"Router.{name}",
                _("{route}: no rule is made for it; see tags and taggers").format(route=route),
            )
    if data.get("APIKEY"):
        yield _left("APIKEY", _("the key for its own clients; cccc asks for none on this computer"))


def _router_provider(provider: Mapping[str, Any], routes: Mapping[str, Any], proxy: str) -> Iterator[Item]:
    name, url = str(provider.get("name") or ""), str(provider.get("api_base_url") or "")
    if not name or not url:
        yield _left(name or "Providers", _("it has no name or no address"))
        return
    uses = _names(provider.get("transformer"))
    is_anthropic = "anthropic" in uses or "/messages" in url
    if "gemini" in uses or "vertex" in " ".join(uses) or "generativelanguage" in url:
        yield _left(name, _("cccc does not speak that provider's format"))
        return
    models = [str(model) for model in provider.get("models") or ()]
    rules = _router_rules(name, models, routes)
    values = {"name": name, "url": url, "endpoint_type": "anthropic" if is_anthropic else "openai"}
    if not is_anthropic:
        values["openai_preference"] = "chat_completions"
    yield Taken(
        values=_with_extras(values, rules, proxy, {}), key=_reference(str(provider.get("api_key") or ""))
    )
    if unused := [model for model in models if model not in {rule["target_model"] for rule in rules}]:
        rest = ", ".join(unused)
        yield _left(
            f"{name}: {rest}", _("only its first or routed model gets a rule; the client may ask for others")
        )
    if others := sorted(uses - {"anthropic", "openrouter", "deepseek", "tooluse", "maxtoken", "openai"}):
        yield _left(
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


# ------------------------------------------------------------------------------------ CLIProxyAPI


def _from_cliproxy(path: Path) -> Iterator[Item]:
    data = _yaml(path)
    for section, kind in (("claude-api-key", "anthropic"), ("codex-api-key", "openai")):
        usual = "https://api.anthropic.com" if kind == "anthropic" else "https://api.openai.com/v1"
        for number, entry in enumerate(_mappings(data.get(section)), 1):
            values = {
                "name": f"{section.removesuffix('-api-key')}-{number}",
                "url": entry.get("base-url") or usual,
            }
            yield _cliproxy_endpoint(
                {**values, "endpoint_type": kind}, entry, str(entry.get("api-key") or "")
            )
    for entry in _mappings(data.get("openai-compatibility")):
        yield from _cliproxy_compatible(entry)
    for section, why in _CLIPROXY_LEFT.items():
        if data.get(section):
            yield _left(section, _(why))


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
        yield _left(name or "openai-compatibility", _("it has no name or no address"))
        return
    keys = list(_mappings(entry.get("api-key-entries")))
    keys += [{"api-key": key} for key in entry.get("api-keys") or ()]
    for number, each in enumerate(keys or [{}], 1):
        own = name if number == 1 else f"{name}-{number}"
        values = {"name": own, "url": url, "endpoint_type": "openai", "openai_preference": "chat_completions"}
        yield _cliproxy_endpoint(values, {**entry, **each}, str(each.get("api-key") or ""))


def _cliproxy_endpoint(values: dict[str, Any], entry: Mapping[str, Any], key: str) -> Taken:
    models = [model for model in _mappings(entry.get("models")) if model.get("name") and model.get("alias")]
    rules = [{"source_pattern": str(m["alias"]), "target_model": str(m["name"])} for m in models]
    headers = entry.get("headers")
    own = {str(k): str(v) for k, v in headers.items()} if isinstance(headers, Mapping) else {}
    return Taken(
        values=_with_extras(values, rules, str(entry.get("proxy-url") or ""), own), key=_reference(key)
    )


# ------------------------------------------------------------------------------------ environment and clients


def _from_environment(env: Mapping[str, str], gateway: Gateway) -> Iterator[Item]:
    for offer in offers_from_environment(env):
        if not points_at(offer.url, gateway):
            values = {"name": offer.name, "url": offer.url, "endpoint_type": offer.kind}
            yield Taken(values=values, key=offer.auth)
    url, token = env.get(claude.BASE_URL, ""), env.get(claude.AUTH_TOKEN, "")
    if url and token and not env.get("ANTHROPIC_API_KEY") and not points_at(url, gateway):
        values = {"name": "anthropic", "url": url, "endpoint_type": "anthropic", "auth_type": "auth_token"}
        yield Taken(values=values, key=f"env:{claude.AUTH_TOKEN}")


def _from_clients(env: Mapping[str, str], gateway: Gateway) -> Iterator[Item]:
    yield from _from_claude(claude.folder(env) / "settings.json", gateway)
    yield from _from_codex(codex.folder(env) / "config.toml", gateway)
    for path in (claude.folder(env) / ".credentials.json", codex.folder(env) / "auth.json"):
        if path.exists():
            yield _left(str(path), _("a login by OAuth: it would be used by two programs at once"))


def _from_claude(path: Path, gateway: Gateway) -> Iterator[Item]:
    data = read_document(path, "json", read_file(path) or b"")[1].data
    found = data.get("env")
    env = {str(k): str(v) for k, v in found.items() if v} if isinstance(found, Mapping) else {}
    for name in claude.BYPASSES:
        if name in env:
            yield _left(name, _("cccc does not speak that provider's format"))
    url = env.get(claude.BASE_URL, "")
    if not url or points_at(url, gateway):
        return
    token, key = env.get(claude.AUTH_TOKEN, ""), env.get("ANTHROPIC_API_KEY", "")
    if not token and not key and data.get("apiKeyHelper"):
        yield _left("apiKeyHelper", _("a program makes the key, and cccc runs none: give the endpoint a key"))
    values: dict[str, Any] = {"name": "claude-code", "url": url, "endpoint_type": "anthropic"}
    values["auth_type"] = "auth_token" if token else "api_key"
    headers = dict(_header_lines(env.get("ANTHROPIC_CUSTOM_HEADERS", "")))
    yield Taken(values=_with_extras(values, _tier_rules(env), "", headers), key=token or key)


_TIER_PATTERNS = (
    ("ANTHROPIC_DEFAULT_OPUS_MODEL", "*opus*"),
    ("ANTHROPIC_DEFAULT_SONNET_MODEL", "*sonnet*"),
    ("ANTHROPIC_DEFAULT_HAIKU_MODEL", "*haiku*"),
    ("ANTHROPIC_SMALL_FAST_MODEL", "*haiku*"),
    ("ANTHROPIC_MODEL", "*"),
)
_ALIASES = frozenset({"default", "best", "opus", "sonnet", "haiku", "fable", "opusplan"})
"""What Claude Code itself turns into the name of a model."""


def _tier_rules(env: Mapping[str, str]) -> list[dict[str, str]]:
    wanted: dict[str, str] = {}
    for name, pattern in _TIER_PATTERNS:
        model = env.get(name, "").removesuffix("[1m]")  # which is a wish to Claude Code, not a name
        if model and model not in _ALIASES:
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
        yield _left(name, _("it has no name or no address"))
        return
    if points_at(url, gateway):
        return
    preference = "chat_completions" if table.get("wire_api") == "chat" else "responses"
    values = {"name": name, "url": url, "endpoint_type": "openai", "openai_preference": preference}
    named, headers = table.get("env_key"), table.get("http_headers")
    own = {str(k): str(v) for k, v in headers.items()} if isinstance(headers, Mapping) else {}
    key = f"env:{named}" if named else str(table.get("experimental_bearer_token") or "")
    yield Taken(values=_with_extras(values, [], "", own), key=key)
    for option, why in _CODEX_LEFT.items():
        if table.get(option):
            yield _left(f"{name}: {option}", _(why))


_CODEX_LEFT = {
    "query_params": N_("put them into the URL by hand, if the provider needs them"),
    "env_http_headers": N_("headers from the environment are not known here; see header_overrides"),
    "requires_openai_auth": N_("a login by OAuth: it would be used by two programs at once"),
}


# ------------------------------------------------------------------------------------ what they share


def _with_extras(
    values: dict[str, Any], rules: list[dict[str, str]], proxy: str, headers: dict[str, str]
) -> dict[str, Any]:
    result = dict(values)
    if rules:
        result["model_rewrite"] = {"enabled": True, "rules": rules}
    if headers:
        result["header_overrides"] = headers
    parts = urlsplit(proxy)
    if parts.hostname:
        kind = "socks5" if parts.scheme.startswith("socks") else "http"
        port = parts.port or (1080 if kind == "socks5" else 80)
        result["proxy"] = {"type": kind, "address": f"{parts.hostname}:{port}"}
        if parts.username and parts.password:
            result["proxy"] |= {"username": parts.username, "password": parts.password}
    return result


def _reference(key: str) -> str:
    """`$NAME` and `${NAME}` are variables of the environment."""
    found = re.fullmatch(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?", key.strip())
    return f"env:{found[1]}" if found else key.strip()


def _mappings(value: Any) -> Iterator[Mapping[str, Any]]:
    yield from (each for each in value if isinstance(each, Mapping)) if isinstance(value, list) else ()


def _yaml(path: Path) -> dict[str, Any]:
    report = Report(str(path))
    try:
        text = (read_file(path) or b"").decode("utf-8-sig")
    except UnicodeDecodeError:
        raise PlanRefused(f"{path}: {_('is not UTF-8 text')}") from None
    root = parse(text, report)
    if root is None:
        raise PlanRefused(report.finished()[0].sentence())
    data = plain(root)
    return data if isinstance(data, dict) else {}
