"""Pictures of the engine for front ends: plain values made of what the ledger, the health book and the facts hold."""

from __future__ import annotations

from collections.abc import Mapping

from cccc_tui.engine.book import Tally
from cccc_tui.engine.control import EndpointStatus, Health, KeyStatus, ModelStatus
from cccc_tui.engine.health import EndpointHealth, HealthBook, Place
from cccc_tui.engine.live import LiveConfig, Target
from cccc_tui.routing.select import Quota
from cccc_tui.wire.model import Usage


def endpoint_status(
    target: Target,
    book: HealthBook,
    tally: Tally,
    queued: int,
    now: float,
    *,
    stands_aside: bool = False,
) -> EndpointStatus:
    facts = target.facts
    cooling = book.cooling(facts.id)
    state, reason, back_at = _health(target, book.of(facts.id), cooling, now)
    return EndpointStatus(
        name=facts.name,
        url=target.shown_url,
        formats=facts.formats,
        enabled=facts.enabled,
        priority=facts.priority,
        tags=facts.tags,
        supported_clients=facts.supported_clients,
        health=state,
        health_reason="stands aside: another endpoint is enabled"
        if stands_aside and facts.enabled
        else reason,
        back_at=back_at,
        in_flight=tally.in_flight,
        requests=tally.requests,
        failures=tally.failures,
        first_content_ms=tally.median_first_content_ms,
        last_error=tally.last_error,
        last_used_at=tally.last_used_at,
        usage=Usage(**{name: getattr(tally.usage, name) for name in tally.usage.__struct_fields__}),
        queued=queued,
        keys=_keys(target, cooling, book.quotas(facts.id)),
        resting_models=tuple(
            ModelStatus(
                model=place.model,
                back_at=health.back_at,
                reason=health.reason,
                key=next((key.name for key in facts.keys if key.id == place.key_id), ""),
            )
            for place, health in cooling.items()
            if place.model
        ),
    )


def _keys(
    target: Target, cooling: Mapping[Place, EndpointHealth], quotas: Mapping[str, Quota]
) -> tuple[KeyStatus, ...]:
    statuses = []
    for key in target.facts.keys:
        health = cooling.get(Place(target.facts.id, key.id))
        quota = quotas.get(key.id)
        statuses.append(
            KeyStatus(
                name=key.name,
                back_at=health.back_at if health else None,
                reason=health.reason if health else key.out_of_service,
                remaining=quota.remaining if quota else None,
                resets_at=quota.resets_at if quota else None,
            )
        )
    return tuple(statuses)


def in_order(live: LiveConfig) -> list[Target]:
    """As they are tried: by priority, equals as in the file."""
    return sorted(live.targets.values(), key=lambda target: target.facts.priority)


def only_demo(live: LiveConfig) -> bool:
    """Whether the built-in demo answers. It stands in for no endpoint that is enabled, out of service or not."""
    enabled = [target for target in live.targets.values() if target.facts.enabled]
    return bool(enabled) and all(target.facts.is_demo for target in enabled)


def banner(live: LiveConfig, rejected: str) -> str:
    """The one lasting condition that a person should know first."""
    if rejected:
        return rejected
    if not live.in_service:
        return "No endpoint is in service: enable one, or add one to the configuration."
    broken = [
        target for target in live.targets.values() if target.facts.enabled and target.facts.out_of_service
    ]
    if broken:
        return f"{broken[0].facts.name} is out of service: {broken[0].facts.out_of_service}"
    return ""


def _health(
    target: Target, health: EndpointHealth, cooling: Mapping[Place, EndpointHealth], now: float
) -> tuple[Health, str, float | None]:
    if not target.facts.enabled:
        return "disabled", "", None
    if target.facts.out_of_service:
        return "misconfigured", target.facts.out_of_service, None
    if health.state == "trial":
        return "trial", health.reason, None
    if now < health.cool_until:
        return "cooling", health.reason, health.cool_until
    if health.state == "open":
        return "failing", health.reason, max(health.open_until, now)
    if limited := _limited(target, cooling):
        model, part = limited
        return "cooling", f"{model}: {part.reason}", part.back_at
    return ("untried", "", None) if health.state == "untried" else ("healthy", "", None)


def _limited(target: Target, cooling: Mapping[Place, EndpointHealth]) -> tuple[str, EndpointHealth] | None:
    """A model whose rate is limited with every key, and when the first of them may be used for it again."""
    keys = [key.id for key in target.facts.keys] if len(target.facts.keys) > 1 else [""]
    for model in {place.model: None for place in cooling if place.model}:
        parts = [cooling.get(Place(target.facts.id, key, model)) for key in keys]
        limited = [part for part in parts if part and part.error and part.error.error_class == "rate_limit"]
        if len(limited) == len(keys):
            return model, min(limited, key=lambda part: part.back_at)
    return None
