"""What a file may not say although every single value in it is well formed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from urllib.parse import SplitResult, urlsplit

from cccc_tui.config import addresses
from cccc_tui.config.patterns import BadPattern, Pattern
from cccc_tui.config.problems import Report, nearest
from cccc_tui.config.profiles import check_profiles
from cccc_tui.config.routing_checks import check_models, check_routing
from cccc_tui.config.schema import Config, Endpoint, Proxy, PythonJsonFixing, Retry, Tagger

_TAGGER_SETTINGS: dict[str, tuple[str, ...]] = {
    "path": ("path_pattern",),
    "header": ("header_name", "expected_value"),
    "query": ("param_name", "expected_value"),
    "body-json": ("json_path", "expected_value"),
    "user-message": ("expected_value",),
    "model": ("expected_value",),
    "thinking": ("min_budget_tokens",),
}

_HEADER_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


def check(config: Config, report: Report) -> None:
    """Reports everything that contradicts itself or cannot work."""
    _check_server(config, report)
    if not config.endpoints:
        report.warn("endpoints", "no endpoint is configured, so no request can be answered")
    endpoints = [(report.item("endpoints", i), each) for i, each in enumerate(config.endpoints)]
    _check_unique([(f"{key}.name", each.name) for key, each in endpoints], report)
    for key, endpoint in endpoints:
        _check_endpoint(endpoint, key, config.server.port, report)
    _check_mending(config.validation.python_json_fixing, report)
    taggers = [(report.item("tagging.taggers", i), each) for i, each in enumerate(config.tagging.taggers)]
    _check_unique([(f"{key}.name", each.name) for key, each in taggers], report)
    for key, tagger in taggers:
        _check_tagger(tagger, key, report)
    check_routing(config, report)
    _check_error_rules(config.retry, report)
    check_profiles(config, report)


def _check_server(config: Config, report: Report) -> None:
    host = config.server.host
    if not addresses.is_loopback(host):
        report.error(
            "server.host",
            f'"{host}" can be reached by other machines, and nothing checks who calls: use 127.0.0.1, '
            "and an SSH tunnel from elsewhere",
        )


def _check_error_rules(retry: Retry, report: Report) -> None:
    for i, rule in enumerate(retry.upstream_errors):
        key = report.item("retry.upstream_errors", i)
        try:
            _ = Pattern(rule.pattern, rule.case_insensitive) if rule.pattern else None
        except BadPattern as error:
            report.error(
                f"{key}.pattern", f"is no regular expression: {error}; a backslash takes a sign as it is"
            )
        if not rule.pattern and not rule.status:
            report.warn(key, "has neither `status` nor `pattern`, so it decides on every failure")


def _check_mending(fixing: PythonJsonFixing, report: Report) -> None:
    key = "validation.python_json_fixing"
    if fixing.enabled and not fixing.target_tools:
        report.warn(f"{key}.target_tools", 'is empty, so nothing is mended: name tools, or "*" for all')
    if fixing.enabled and not fixing.max_attempts:
        report.warn(
            f"{key}.max_attempts", "is 0, so nothing is mended: 1 or more, or switch it off by `enabled`"
        )
    if fixing.debug_logging and not fixing.enabled:
        report.warn(f"{key}.debug_logging", "has no effect, because mending is switched off")


def _check_unique(names: Iterable[tuple[str, str]], report: Report) -> None:
    first: dict[str, str] = {}
    for key, name in names:
        if name in first:
            line = report.place(first[name]).line
            report.error(key, f'the name "{name}" is taken' + (f" by the one in line {line}" if line else ""))
        first.setdefault(name, key)


def _check_endpoint(endpoint: Endpoint, key: str, port: int, report: Report) -> None:
    _check_urls(endpoint, key, port, report)
    if not addresses.is_demo(endpoint):
        _check_kind(endpoint, key, report)
        _check_preference(endpoint, key, report)
    _check_rewrite(endpoint, f"{key}.model_rewrite", report)
    check_models(endpoint, key, report)
    for name, value in endpoint.header_overrides.items():
        if not _HEADER_NAME.fullmatch(name) or re.search(r"[\x00-\x08\x0a-\x1f\x7f]", value):
            report.error(f"{key}.header_overrides.{name}", "cannot be sent: no HTTP header looks like this")
    if endpoint.proxy is not None:
        _check_proxy(endpoint.proxy, f"{key}.proxy", report)


def _check_urls(endpoint: Endpoint, key: str, port: int, report: Report) -> None:
    given = {name: url for name in ("url", "url_anthropic", "url_openai") if (url := getattr(endpoint, name))}
    if not given:
        report.disable(f"{key}.url", "there is no URL, so this endpoint is out of service; give it a url")
    if "url" in given and len(given) > 1:
        other = next(name for name in given if name != "url")
        report.error(f"{key}.{other}", "say either url or the pair url_anthropic and url_openai, not both")
    for name, url in given.items():
        if name == "url" and url == addresses.DEMO_URL:
            continue
        if complaint := url_complaint(url):
            report.error(f"{key}.{name}", complaint[0], did_you_mean=complaint[1])
        elif addresses.points_at(url, port):
            report.error(
                f"{key}.{name}",
                f'the endpoint "{endpoint.name}" points at cccc itself: requests would go in a circle',
            )


def url_complaint(url: str) -> tuple[str, str] | None:
    """What is wrong with a base URL, and what was probably meant; a URL with a password is not repeated."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  reading it is what checks it
    except ValueError as error:
        return f"not a URL: {error}", ""
    return _scheme_complaint(url, parts) or _host_complaint(parts)


def _scheme_complaint(url: str, parts: SplitResult) -> tuple[str, str] | None:
    if re.search(r"\s|[\x00-\x1f]", url):
        return "not a URL: it has a space or a control character in it", ""
    if parts.scheme in ("http", "https"):
        return None
    if "://" in url:
        return f'must begin with http:// or https://, not "{parts.scheme}://"', ""
    host = re.split(r"[/:]", url, maxsplit=1)[0]
    scheme = "http" if addresses.is_loopback(host) else "https"
    return (
        "has no scheme: it must begin with http:// or https://",
        f"{scheme}://{url}" if "@" not in url else "",
    )


def _host_complaint(parts: SplitResult) -> tuple[str, str] | None:
    if not parts.hostname:
        return "has no host", ""
    if parts.username is not None or parts.password is not None:
        return "has a user name or password in it: put the key into auth_value", ""
    return None


def _check_kind(endpoint: Endpoint, key: str, report: Report) -> None:
    """Keys of one kind of endpoint on the other kind."""
    speaks_anthropic = bool(addresses.anthropic_url(endpoint))
    speaks_openai = bool(addresses.openai_url(endpoint))
    if not endpoint.url and endpoint.endpoint_type and (speaks_anthropic or speaks_openai):
        report.warn(f"{key}.endpoint_type", "has no effect: url_anthropic and url_openai say it themselves")
    if endpoint.path_prefix and speaks_anthropic and not speaks_openai:
        report.error(f"{key}.path_prefix", "belongs to OpenAI endpoints; here, write the path into the URL")
    if endpoint.openai_preference != "auto" and speaks_anthropic and not speaks_openai:
        report.warn(f"{key}.openai_preference", "has no effect on an Anthropic endpoint")
    if endpoint.leaked_tool_calls and speaks_anthropic and not speaks_openai:
        report.warn(
            f"{key}.leaked_tool_calls", "has no effect on an Anthropic endpoint: only Chat models leak"
        )
    if endpoint.auth_type == "api_key" and speaks_openai and not speaks_anthropic:
        report.warn(
            f"{key}.auth_type",
            "api_key sends x-api-key, which few OpenAI endpoints accept; auth_token sends a Bearer token",
        )


def _check_preference(endpoint: Endpoint, key: str, report: Report) -> None:
    try:
        fixed = addresses.fixed_openai_format(endpoint)
    except ValueError:  # the URL is no URL, which is already reported
        return
    wanted = {"responses": "responses", "chat_completions": "chat"}.get(endpoint.openai_preference)
    if fixed and wanted and fixed != wanted:
        report.error(f"{key}.openai_preference", f"contradicts the path, which is that of {fixed}")


def _check_rewrite(endpoint: Endpoint, key: str, report: Report) -> None:
    rewrite = endpoint.model_rewrite
    if not rewrite.enabled:
        return
    if not rewrite.rules:
        report.error(f"{key}.rules", "is empty although model_rewrite is enabled: give a rule, or disable it")
    seen: set[str] = set()
    for index, rule in enumerate(rewrite.rules):
        if rule.source_pattern in seen:
            report.error(
                f"{report.item(f'{key}.rules', index)}.source_pattern",
                f'"{rule.source_pattern}" stands twice',
            )
        seen.add(rule.source_pattern)


def _check_proxy(proxy: Proxy, key: str, report: Report) -> None:
    try:
        parts = urlsplit(f"//{proxy.address}")
        sound = bool(parts.hostname and parts.port) and not parts.path and "@" not in proxy.address
    except ValueError:
        sound = False
    if not sound:
        report.error(f"{key}.address", 'must be "host:port", like 127.0.0.1:1080')
    if proxy.username and proxy.password is None:
        report.error(f"{key}.username", "has no password with it: give both or neither")
    if proxy.password is not None and not proxy.username:
        report.error(f"{key}.password", "has no username with it: give both or neither")


def _check_tagger(tagger: Tagger, key: str, report: Report) -> None:
    if tagger.type == "starlark":
        report.warn(
            f"{key}.type",
            f'Starlark is not run: "{tagger.name}" is skipped; write it as "type: expression" with '
            "config.expression, a condition such as: contains(path, '/v1/') and header('x-team') == 'a'",
        )
        return
    if tagger.type == "expression":
        _check_expression(tagger, key, report)
        return
    if tagger.builtin_type is None:
        report.error(key, f"needs a builtin_type: one of {', '.join(_TAGGER_SETTINGS)}")
        return
    needed = _TAGGER_SETTINGS[tagger.builtin_type]
    for name in _missing(tagger, needed):
        report.error(f"{key}.config", f'a "{tagger.builtin_type}" tagger needs {name}')
    for name in tagger.config.keys() - set(needed):
        report.error(f"{key}.config.{name}", "unknown key", did_you_mean=nearest(name, needed))
    _check_tagger_values(tagger, f"{key}.config", report)


EXPRESSION_NAMES = (
    *("model", "path", "format", "client", "agent", "stream", "thinking", "thinking_tokens", "user_message"),
    *("tokens", "images", "header", "query", "body"),
    *("contains", "startswith", "endswith", "lower", "upper", "len", "matches", "int", "str"),
)
"""What an expression may name; routing knows what each means."""


def _check_expression(tagger: Tagger, key: str, report: Report) -> None:
    source = tagger.config.get("expression")
    if not isinstance(source, str) or not source.strip():
        report.error(f"{key}.config", 'an "expression" tagger needs expression, a condition in one line')
        return
    for name in tagger.config.keys() - {"expression"}:
        report.error(f"{key}.config.{name}", "unknown key", did_you_mean=nearest(name, ("expression",)))
    key = f"{key}.config.expression"
    try:
        tree = ast.parse(source.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        report.error(key, f"is no expression: {getattr(error, 'msg', None) or error}")
        return
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    for name in sorted(names - set(EXPRESSION_NAMES)):
        report.error(key, f'nothing is called "{name}"', did_you_mean=nearest(name, EXPRESSION_NAMES))
    if any(isinstance(node, ast.Attribute) for node in ast.walk(tree)):
        report.error(key, 'knows no attributes: say body("metadata.user_id") and contains(text, part)')


def _missing(tagger: Tagger, needed: tuple[str, ...]) -> Iterator[str]:
    return (name for name in needed if tagger.config.get(name) in (None, ""))


def _check_tagger_values(tagger: Tagger, key: str, report: Report) -> None:
    for name, value in tagger.config.items():
        if isinstance(value, dict | list):
            report.error(f"{key}.{name}", "must be a single value")
    budget = tagger.config.get("min_budget_tokens")
    if budget is not None and not re.fullmatch(r"\d+(\.\d+)?", str(budget)):
        report.error(f"{key}.min_budget_tokens", f'must be a number of tokens, not "{budget}"')
