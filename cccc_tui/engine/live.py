"""The configuration as the engine works with it: compiled once per load, never changed, held by each request.

A reload builds a new one; requests in flight finish with the one they began with.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import msgspec

from cccc_tui.config import addresses
from cccc_tui.config.patterns import Pattern
from cccc_tui.config.profiles import with_profile
from cccc_tui.config.schema import Config, Endpoint, Tagger, UpstreamErrorRule
from cccc_tui.config.secrets import Secret
from cccc_tui.engine.attempt import Limits
from cccc_tui.engine.heads import Lines
from cccc_tui.engine.routing_table import endpoint_facts, endpoint_id, routing_table
from cccc_tui.routing.detect import Operation
from cccc_tui.routing.expressions import Expression
from cccc_tui.routing.plan import RoutingTable
from cccc_tui.routing.policy import Action, ErrorRule, PolicySettings
from cccc_tui.routing.select import EndpointFacts
from cccc_tui.routing.tags import TaggerKind, TaggerRule
from cccc_tui.wire.model import Format
from cccc_tui.wire.reuse import Memo

__all__ = ["LiveConfig", "Target", "compile_config", "endpoint_id"]


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """One endpoint, ready to be asked."""

    endpoint: Endpoint
    facts: EndpointFacts
    secrets: dict[str, Secret]
    """By key id; none where nothing is to be sent."""
    proxy_password: Secret | None
    base: str
    """Base URL in place of the endpoint's own, for the demo provider; else empty."""
    _urls: dict[tuple[Format, Operation], str] = msgspec.field(default_factory=dict)

    def url(self, form: Format, operation: Operation) -> str:
        """Where to send it. Every request asks, so each answer is worked out once."""
        url = self._urls.get((form, operation))
        if url is None:
            url = self._urls[form, operation] = addresses.request_url(
                self.endpoint, form, operation, base=self.base
            )
        return url

    def secret(self, key_id: str = "") -> str:
        """The credential itself, of no particular key the first that there is; empty sends none."""
        secret = self.secrets.get(key_id) or next(iter(self.secrets.values()), None)
        return secret.reveal() if secret else ""

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
    table: RoutingTable
    secrets: tuple[str, ...]
    """Every secret value, for redaction."""
    max_body_bytes: int
    limits: Limits
    """Deadlines of every attempt."""
    heads: dict[object, Lines] = msgspec.field(default_factory=dict)
    """Of upstream requests, by what decides about them."""
    memo: Memo = msgspec.field(default_factory=Memo)
    """What was converted of the requests so far, for those that repeat it."""

    @property
    def in_service(self) -> list[Target]:
        return [
            target
            for target in self.targets.values()
            if target.facts.enabled and not target.facts.out_of_service
        ]


def compile_config(
    config: Config,
    *,
    auth: Mapping[str, Secret],
    proxy_passwords: Mapping[str, Secret],
    out_of_service: Mapping[str, str],
    demo_base: str,
    own_port: int,
    keys: Mapping[tuple[str, int], Secret] | None = None,
    missing_keys: Mapping[tuple[str, int], str] | None = None,
) -> LiveConfig:
    """Builds what requests work with. The mappings are by endpoint name (`keys` by place in the endpoint's list
    too); `own_port` is where we listen. The profile in use is laid over the configuration here."""
    config, keys = with_profile(config), keys or {}
    targets = {}
    for endpoint in config.endpoints:
        problem = out_of_service.get(endpoint.name, "") or _self_loop(endpoint, own_port)
        facts = endpoint_facts(endpoint, problem, missing_keys or {}, config.routing.implicit_rewrite)
        targets[facts.id] = Target(
            endpoint=endpoint,
            facts=facts,
            secrets=_secrets(endpoint, facts, auth, keys),
            proxy_password=proxy_passwords.get(endpoint.name),
            base=demo_base if facts.is_demo else "",
        )
    facts_of_all = tuple(target.facts for target in targets.values())
    return LiveConfig(
        config=config,
        targets=targets,
        policy=_policy(config),
        taggers=_taggers(config),
        tag_rules=tuple((rule.pattern, rule.tag) for rule in config.tagging.rules if config.tagging.enabled),
        endpoint_facts=facts_of_all,
        table=routing_table(config, facts_of_all),
        secrets=tuple(
            secret.reveal() for secret in (*auth.values(), *keys.values(), *proxy_passwords.values())
        ),
        max_body_bytes=int(config.server.max_body_mb * 1024 * 1024),
        limits=Limits.of(config.timeouts),
    )


def _secrets(
    endpoint: Endpoint,
    facts: EndpointFacts,
    auth: Mapping[str, Secret],
    keys: Mapping[tuple[str, int], Secret],
) -> dict[str, Secret]:
    if not endpoint.keys:
        return {facts.keys[0].id: auth[endpoint.name]} if endpoint.name in auth else {}
    return {
        key.id: keys[endpoint.name, place]
        for place, key in enumerate(facts.keys)
        if (endpoint.name, place) in keys
    }


def _policy(config: Config) -> PolicySettings:
    blacklist, retry = config.blacklist, config.retry
    return PolicySettings(
        enabled=blacklist.enabled,
        auto_blacklist=blacklist.auto_blacklist,
        business_error_safe=blacklist.business_error_safe,
        config_error_safe=blacklist.config_error_safe,
        server_error_safe=blacklist.server_error_safe,
        sse_validation_safe=blacklist.sse_validation_safe,
        attempts=retry.attempts,
        backoff_s=retry.backoff,
        max_backoff_s=retry.max_backoff,
        rules=tuple(map(_error_rule, retry.upstream_errors)),
    )


def _error_rule(rule: UpstreamErrorRule) -> ErrorRule:
    actions: dict[str, Action] = {"retry_endpoint": "retry", "switch_endpoint": "next"}
    return ErrorRule(
        statuses=rule.status,
        pattern=Pattern(rule.pattern, rule.case_insensitive) if rule.pattern else None,
        action=actions.get(rule.action, cast(Action, rule.action)),
        retries=rule.max_retries,
        cool_s=rule.cool_down,
    )


def _taggers(config: Config) -> tuple[TaggerRule, ...]:
    if not config.tagging.enabled:
        return ()
    return tuple(_tagger(tagger) for tagger in config.tagging.taggers if tagger.enabled and _kind(tagger))


def _tagger(tagger: Tagger) -> TaggerRule:
    kind = _kind(tagger)
    assert kind is not None
    # An expression that cannot be read was refused with the file.
    expression = Expression(str(tagger.config["expression"])) if kind == "expression" else None
    return TaggerRule(
        name=tagger.name, kind=kind, tag=tagger.tag, config=tagger.config, expression=expression
    )


def _kind(tagger: Tagger) -> TaggerKind | None:
    return "expression" if tagger.type == "expression" else tagger.builtin_type


def _self_loop(endpoint: Endpoint, own_port: int) -> str:
    urls = (endpoint.url, endpoint.url_anthropic, endpoint.url_openai)
    if any(addresses.points_at(url, own_port) for url in urls if url):
        return "its address is cccc's own: every request would come back here"
    return ""
