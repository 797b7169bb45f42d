"""From the configuration to what routing works with: facts of each endpoint, groups and rules, resolved."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from urllib.parse import urlsplit

from cccc_tui.config import addresses
from cccc_tui.config.schema import Config, Endpoint, Key, RoutingRule
from cccc_tui.routing.endpoints import ONE_KEY, Alias, EndpointFacts, KeyFacts, Naming, Price
from cccc_tui.routing.plan import Group, Member, RoutingTable
from cccc_tui.routing.rules import Aim, Rule

_OWN_HOSTS = {
    "api.anthropic.com": (("claude",), "claude-sonnet-4-5"),
    "api.openai.com": (("gpt", ""), "gpt-5"),
}
"""Whose models exist there and nobody else's, and which of them stands in for a name that does not."""


def endpoint_id(endpoint: Endpoint) -> str:
    """Stable over edits of everything but name and address: health and facts hang on it."""
    address = "|".join((endpoint.name, endpoint.url, endpoint.url_anthropic, endpoint.url_openai))
    return _hashed(address, 12)


def key_id(key: Key, place: int) -> str:
    """By its name, else by where the secret is, else by its place: never by the secret itself."""
    source = key.name or (repr(key.value) if key.value.kind != "literal" else f"#{place + 1}")
    return _hashed(source, 8)


def endpoint_facts(
    endpoint: Endpoint, problem: str, missing_keys: Mapping[tuple[str, int], str], implicit_rewrite: bool
) -> EndpointFacts:
    """What routing knows of the endpoint; `problem` says why it is out of service."""
    is_demo = addresses.is_demo(endpoint)
    return EndpointFacts(
        id=endpoint_id(endpoint),
        name=endpoint.name,
        formats=addresses.formats(endpoint),
        enabled=endpoint.enabled,
        priority=endpoint.priority,
        weight=endpoint.weight,
        keys=_keys(endpoint, missing_keys),
        tags=endpoint.tags,
        supported_clients=endpoint.supported_clients,
        out_of_service=problem,
        count_tokens=endpoint.count_tokens_enabled,
        is_demo=is_demo,
        naming=_naming(endpoint, implicit_rewrite and not is_demo),
        context_tokens=endpoint.context_tokens,
        supports_images=endpoint.supports_images,
        prices=tuple(
            Price(model=price.model, input_usd=price.input, output_usd=price.output)
            for price in endpoint.prices
        ),
    )


def routing_table(config: Config, endpoints: tuple[EndpointFacts, ...]) -> RoutingTable:
    """Everything that decides where a request goes."""
    routing = config.routing
    groups = {
        name: Group(
            members=tuple(
                Member(endpoint=each.endpoint, model=each.model, weight=each.weight) for each in group.members
            ),
            strategy=group.strategy,
            fallbacks=routing.fallbacks.get(name, group.fallbacks),
        )
        for name, group in routing.groups.items()
    }
    return RoutingTable(
        endpoints,
        groups=groups,
        rules=[_rule(rule) for rule in routing.rules],
        strategy=routing.strategy,
        expiring_first=routing.prefer == "expiring-quota",
        force_prefix=routing.force_prefix,
    )


def _keys(endpoint: Endpoint, missing_keys: Mapping[tuple[str, int], str]) -> tuple[KeyFacts, ...]:
    if not endpoint.keys:
        return ONE_KEY
    return tuple(
        KeyFacts(
            id=key_id(key, place),
            name=key.name or str(place + 1),
            weight=key.weight,
            out_of_service=missing_keys.get((endpoint.name, place), ""),
        )
        for place, key in enumerate(endpoint.keys)
    )


def _naming(endpoint: Endpoint, implicit_rewrite: bool) -> Naming:
    rewrite = endpoint.model_rewrite
    families, default = _makers(endpoint) if implicit_rewrite else ((), "")
    return Naming(
        rules=tuple((rule.source_pattern, rule.target_model) for rule in rewrite.rules)
        if rewrite.enabled
        else (),
        aliases=tuple(Alias(name=each.name, alias=each.alias, fork=each.fork) for each in endpoint.aliases),
        models=endpoint.models,
        excluded=endpoint.excluded_models,
        prefix=endpoint.prefix,
        default_model=rewrite.target_model or default,
        families=families,
    )


def _makers(endpoint: Endpoint) -> tuple[tuple[str, ...], str]:
    """Whose models can exist there. A host that we do not know may serve anybody's under one format, so only a model
    that the user names for it takes the place of another."""
    urls = (endpoint.url, endpoint.url_anthropic, endpoint.url_openai)
    hosts = {urlsplit(url).hostname for url in urls if url}
    if len(hosts) == 1 and (known := _OWN_HOSTS.get(hosts.pop() or "")):
        return known
    if not endpoint.model_rewrite.target_model:
        return (), ""
    formats = addresses.formats(endpoint)
    if "anthropic" not in formats:
        return ("gpt", "gemini", ""), ""
    return (("claude", "gemini", ""), "") if len(formats) == 1 else ((), "")


def _rule(rule: RoutingRule) -> Rule:
    name = rule.name or " ".join((*rule.when, rule.for_model, *rule.clients)).strip() or "for every request"
    return Rule(
        aim=Aim(name, rule.group, rule.model, rule.endpoint, rule.tag),
        when=rule.when,
        min_tokens=rule.min_tokens,
        for_model=rule.for_model,
        clients=rule.clients,
    )


def _hashed(text: str, length: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]
