"""Whether an endpoint can answer a kind of request at all, however healthy it is, and in which format."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from cccc_tui.routing.detect import Operation
from cccc_tui.routing.endpoints import EndpointFacts
from cccc_tui.wire.model import Format

_CONVERT_TO: dict[Format, tuple[Format, ...]] = {
    # Of several formats that an endpoint speaks, the one that can say the most of what the request says.
    "anthropic": ("anthropic", "responses", "chat"),
    "chat": ("chat", "responses", "anthropic"),
    "responses": ("responses", "anthropic", "chat"),
}


class Kind(Protocol):
    """What fitting looks at of a request."""

    @property
    def operation(self) -> Operation: ...
    @property
    def format(self) -> Format: ...
    @property
    def client(self) -> str: ...
    @property
    def tags(self) -> tuple[str, ...]: ...


def spoken_format(wanted: Format, formats: Sequence[Format]) -> Format:
    """The format to ask in; there must be one."""
    return next(form for form in _CONVERT_TO[wanted] if form in formats)


def misfit(
    kind: Kind, endpoint: EndpointFacts, formats: Sequence[Format], *, demo_alone: bool, by_tags: bool
) -> str:
    """Why the endpoint cannot answer; empty if it can. Who is named by a group or a rule needs no tags."""
    if not endpoint.enabled:
        return "disabled"
    if endpoint.is_demo and not demo_alone:
        return "the demo answers only while no other endpoint is enabled"
    if endpoint.out_of_service:
        return f"out of service: {endpoint.out_of_service}"
    return (
        _wrong_format(kind, endpoint, formats)
        or _wrong_client(kind, endpoint)
        or (_wrong_tags(kind.tags, endpoint) if by_tags else "")
    )


def _wrong_format(kind: Kind, endpoint: EndpointFacts, formats: Sequence[Format]) -> str:
    if kind.operation == "count_tokens" and not endpoint.count_tokens:
        return "count_tokens is switched off for it"
    if kind.format in formats or (formats and kind.operation in ("generate", "compact")):
        return ""
    spoken = ", ".join(formats) or "no format"
    if kind.operation != "generate":
        return f"speaks {spoken}, and {kind.operation} cannot be converted from {kind.format}"
    return f"speaks {spoken}, the request is {kind.format}"


def _wrong_client(kind: Kind, endpoint: EndpointFacts) -> str:
    if not endpoint.supported_clients or kind.client in endpoint.supported_clients:
        return ""
    return f"only for {', '.join(endpoint.supported_clients)}, the client is {kind.client}"


def _wrong_tags(tags: Sequence[str], endpoint: EndpointFacts) -> str:
    """An untagged request takes untagged endpoints only; a tagged one those with all its tags, or with none."""
    if not endpoint.tags:
        return ""
    if not tags:
        return f"only for requests tagged {', '.join(endpoint.tags)}, this one has no tag"
    missing = [tag for tag in tags if tag not in endpoint.tags]
    return f"lacks the request's tag {', '.join(missing)}" if missing else ""
