"""What routing settings may not say although every single value in them is well formed: names that lead nowhere."""

from __future__ import annotations

from collections.abc import Iterable

from cccc_tui.config.problems import Report, nearest
from cccc_tui.config.schema import Config, Endpoint, Routing, RoutingRule


def check_routing(
    config: Config, report: Report, key: str = "routing", routing: Routing | None = None
) -> None:
    """Reports groups and rules that name what is not there, and groups that fall back in a circle."""
    routing = routing or config.routing
    endpoints = [endpoint.name for endpoint in config.endpoints]
    for name, group in routing.groups.items():
        at = f"{key}.groups.{name}"
        if not group.members:
            report.error(f"{at}.members", "is empty: a group needs at least one member")
        for index, member in enumerate(group.members):
            place = f"{report.item(f'{at}.members', index)}"
            _check_known(member.endpoint, endpoints, "endpoint", f"{place}.endpoint", report)
            if not member.endpoint and not member.model:
                report.error(place, "needs an endpoint, a model, or both")
        for index, fallback in enumerate(group.fallbacks):
            place = report.item(f"{at}.fallbacks", index)
            _check_known(fallback, routing.groups, "group", place, report)
        if name in group.fallbacks:
            report.error(f"{at}.fallbacks", "a group cannot fall back to itself")
    for name, fallbacks in routing.fallbacks.items():
        for each in (name, *fallbacks):
            _check_known(each, routing.groups, "group", f"{key}.fallbacks.{name}", report)
    for index, rule in enumerate(routing.rules):
        _check_rule(rule, report.item(f"{key}.rules", index), routing, endpoints, report)


def check_models(endpoint: Endpoint, key: str, report: Report) -> None:
    """Keys and names of one endpoint that contradict each other."""
    if endpoint.keys and endpoint.auth_value is not None:
        report.error(f"{key}.keys", "say either auth_value or keys, not both")
    _check_twice([each.name for each in endpoint.keys if each.name], f"{key}.keys", report)
    if endpoint.keys and not any(each.weight for each in endpoint.keys):
        report.error(f"{key}.keys", "every key has the weight 0: none would be used")
    if "/" in endpoint.prefix:
        report.error(f"{key}.prefix", "must be a word without a slash: the slash behind it is understood")
    if "*" in endpoint.excluded_models:
        report.warn(f"{key}.excluded_models", '"*" excludes every model: "enabled: false" says it plainer')
    _check_twice(
        [f"{each.alias} → {each.name}" for each in endpoint.aliases],
        f"{key}.aliases",
        report,
    )


def _check_rule(
    rule: RoutingRule, key: str, routing: Routing, endpoints: Iterable[str], report: Report
) -> None:
    _check_known(rule.endpoint, endpoints, "endpoint", f"{key}.endpoint", report)
    _check_known(rule.group, routing.groups, "group", f"{key}.group", report)
    if not (rule.group or rule.model or rule.endpoint or rule.tag):
        report.error(key, "leads nowhere: give a group, a model, an endpoint or a tag")
    if rule.group and (rule.model or rule.endpoint):
        report.error(f"{key}.group", "says already which endpoints and models: give it alone")
    if not (rule.when or rule.for_model or rule.clients):
        report.warn(key, "fits every request: rules after it are never looked at")


def _check_known(name: str, valid: Iterable[str], what: str, key: str, report: Report) -> None:
    names = list(valid)
    if name and name not in names:
        report.error(key, f'there is no {what} "{name}"', did_you_mean=nearest(name, names))


def _check_twice(names: list[str], key: str, report: Report) -> None:
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        report.error(key, f'"{name}" stands twice')
