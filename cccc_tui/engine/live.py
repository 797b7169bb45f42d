"""The configuration as the engine works with it: compiled once per load, never changed, held by each request.

A reload builds a new one; requests in flight finish with the one they began with.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import msgspec

from cccc_tui.config import addresses
from cccc_tui.config.schema import Config, Endpoint
from cccc_tui.config.secrets import Secret
from cccc_tui.routing.detect import Operation
from cccc_tui.routing.endpoints import Naming
from cccc_tui.routing.policy import PolicySettings
from cccc_tui.routing.select import EndpointFacts
from cccc_tui.routing.tags import TaggerRule
from cccc_tui.wire.model import Format


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """One endpoint, ready to be asked."""

    endpoint: Endpoint
    facts: EndpointFacts
    auth: Secret | None
    proxy_password: Secret | None
    base: str
    """Base URL in place of the endpoint's own, for the demo provider; else empty."""

    def url(self, form: Format, operation: Operation) -> str:
        return addresses.request_url(self.endpoint, form, operation, base=self.base)

    def secret(self, key_id: str = "") -> str:
        """The credential itself; empty sends none."""
        return self.auth.reveal() if self.auth else ""

    @property
    def rules(self) -> tuple[tuple[str, str], ...]:
        return self.facts.naming.rules

    @property
    def shown_url(self) -> str:
        parts = (self.endpoint.url, self.endpoint.url_anthropic, self.endpoint.url_openai)
        return "  ".join(part for part in parts if part)


class LiveConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The configuration, compiled."""

    config: Config
    targets: dict[str, Target]
    """By endpoint id, in the order of the file."""
    policy: PolicySettings
    taggers: tuple[TaggerRule, ...]
    tag_rules: tuple[tuple[str, str], ...]
    endpoint_facts: tuple[EndpointFacts, ...]
    secrets: tuple[str, ...]
    """Every secret value, for redaction."""
    max_body_bytes: int

    @property
    def in_service(self) -> list[Target]:
        return [
            target
            for target in self.targets.values()
            if target.facts.enabled and not target.facts.out_of_service
        ]


def endpoint_id(endpoint: Endpoint) -> str:
    """Stable over edits of everything but name and address: health and facts hang on it."""
    address = "|".join((endpoint.name, endpoint.url, endpoint.url_anthropic, endpoint.url_openai))
    return hashlib.sha256(address.encode()).hexdigest()[:12]


def compile_config(
    config: Config,
    *,
    auth: Mapping[str, Secret],
    proxy_passwords: Mapping[str, Secret],
    out_of_service: Mapping[str, str],
    demo_base: str,
    own_port: int,
) -> LiveConfig:
    """Builds what requests work with. The mappings are by endpoint name; `own_port` is where we listen."""
    targets = {}
    for endpoint in config.endpoints:
        problem = out_of_service.get(endpoint.name, "") or _self_loop(endpoint, own_port)
        target = _target(endpoint, auth, proxy_passwords, problem, demo_base)
        targets[target.facts.id] = target
    return LiveConfig(
        config=config,
        targets=targets,
        policy=_policy(config),
        taggers=_taggers(config),
        tag_rules=tuple((rule.pattern, rule.tag) for rule in config.tagging.rules if config.tagging.enabled),
        endpoint_facts=tuple(target.facts for target in targets.values()),
        secrets=tuple(secret.reveal() for secret in (*auth.values(), *proxy_passwords.values())),
        max_body_bytes=int(config.server.max_body_mb * 1024 * 1024),
    )


def _target(
    endpoint: Endpoint,
    auth: Mapping[str, Secret],
    proxy_passwords: Mapping[str, Secret],
    problem: str,
    demo_base: str,
) -> Target:
    is_demo = addresses.is_demo(endpoint)
    rewrite = endpoint.model_rewrite
    rules = (
        tuple((rule.source_pattern, rule.target_model) for rule in rewrite.rules) if rewrite.enabled else ()
    )
    facts = EndpointFacts(
        id=endpoint_id(endpoint),
        name=endpoint.name,
        formats=("anthropic", "chat", "responses") if is_demo else addresses.formats(endpoint),
        enabled=endpoint.enabled,
        priority=endpoint.priority,
        tags=endpoint.tags,
        supported_clients=endpoint.supported_clients,
        out_of_service=problem,
        count_tokens=endpoint.count_tokens_enabled,
        is_demo=is_demo,
        naming=Naming(rules=rules),
    )
    return Target(
        endpoint=endpoint,
        facts=facts,
        auth=auth.get(endpoint.name),
        proxy_password=proxy_passwords.get(endpoint.name),
        base=demo_base if is_demo else "",
    )


def _policy(config: Config) -> PolicySettings:
    blacklist = config.blacklist
    return PolicySettings(
        enabled=blacklist.enabled,
        auto_blacklist=blacklist.auto_blacklist,
        business_error_safe=blacklist.business_error_safe,
        config_error_safe=blacklist.config_error_safe,
        server_error_safe=blacklist.server_error_safe,
        sse_validation_safe=blacklist.sse_validation_safe,
    )


def _taggers(config: Config) -> tuple[TaggerRule, ...]:
    if not config.tagging.enabled:
        return ()
    return tuple(
        TaggerRule(name=tagger.name, kind=tagger.builtin_type, tag=tagger.tag, config=tagger.config)
        for tagger in config.tagging.taggers
        if tagger.enabled and tagger.type == "builtin" and tagger.builtin_type
    )


def _self_loop(endpoint: Endpoint, own_port: int) -> str:
    urls = (endpoint.url, endpoint.url_anthropic, endpoint.url_openai)
    if any(addresses.points_at(url, own_port) for url in urls if url):
        return "its address is cccc's own: every request would come back here"
    return ""
