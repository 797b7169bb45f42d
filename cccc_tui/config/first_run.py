"""The first configuration file: works as it is (the demo endpoint answers), and shows where to go from there.

What a person would pay for is offered, never enabled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from cccc_tui.config.writing import one_line

Kind = Literal["anthropic", "openai"]


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """An endpoint that could be used: found in the environment or on this machine."""

    name: str
    url: str
    kind: Kind
    auth: str = ""
    """As `auth_value` in the file (`env:NAME`); empty where none is needed."""
    why: str
    """Why it is offered, as a clause: `OPENAI_API_KEY is set`."""


_HEAD = """\
# The configuration of cccc. Saved changes apply at once; a mistake changes nothing and is shown.
# Every key: config.example.yaml of the project. Check this file with: cccc check

server:
  host: 127.0.0.1
  port: 8080

# The upstreams, tried in the order of their priority (1 first). A key is written as it is, or better as
# env:NAME (environment variable), keyring:NAME (cccc key set NAME) or file:PATH.
endpoints:
  # Built in: answers by itself, needs no key and no network, and serves only while no other is enabled.
  - name: demo
    url: "demo:"
    enabled: true
    priority: 100
"""

_EXAMPLES = (
    Offer(
        name="anthropic",
        url="https://api.anthropic.com",
        kind="anthropic",
        auth="env:ANTHROPIC_API_KEY",
        why="An Anthropic endpoint, for Claude Code. To use it, set the key and enable it.",
    ),
    Offer(
        name="openai",
        url="https://api.openai.com",
        kind="openai",
        auth="env:OPENAI_API_KEY",
        why="An OpenAI endpoint, for Codex.",
    ),
    Offer(
        name="openai-compatible",
        url="https://llm.example.com/v1",
        kind="openai",
        auth="env:MY_PROVIDER_KEY",
        why="Any provider with an OpenAI-compatible API.",
    ),
)


def first_config(offers: Sequence[Offer] = ()) -> str:
    """The text of the first file: the demo endpoint enabled, the offers and one example a kind disabled."""
    taken = {"demo"}
    parts = [_HEAD]
    for offer in (*offers, *_EXAMPLES):
        found = offer not in _EXAMPLES
        if not found and _is_offered(offer, offers):
            continue
        why = f"Found: {offer.why}. To use it, enable it." if found else offer.why
        parts.append(_entry(offer, _free_name(offer.name, taken), why, len(parts)))
    return "\n".join(parts)


def offers_from_environment(env: Mapping[str, str]) -> tuple[Offer, ...]:
    """What the usual variables of the providers' own tools offer."""
    found = (
        _offer(env, "anthropic", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "https://api.anthropic.com"),
        _offer(env, "openai", "OPENAI_API_KEY", "OPENAI_BASE_URL", "https://api.openai.com"),
    )
    return tuple(offer for offer in found if offer is not None)


def _offer(env: Mapping[str, str], kind: Kind, key: str, base: str, usual: str) -> Offer | None:
    if not env.get(key, "").strip():
        return None
    given = env.get(base, "").strip()
    url = given if given.startswith(("http://", "https://")) and "@" not in given else usual
    why = f"{key} is set" + (f", and {base}" if url == given else "")
    return Offer(name=kind, url=url, kind=kind, auth=f"env:{key}", why=why)


def _is_offered(example: Offer, offers: Sequence[Offer]) -> bool:
    """An example of what was found would be the same entry twice."""
    return any(offer.name == example.name or offer.auth == example.auth for offer in offers)


def _free_name(name: str, taken: set[str]) -> str:
    free, number = name, 1
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    taken.add(free)
    return free


def _entry(offer: Offer, name: str, why: str, priority: int) -> str:
    lines = [
        *(f"# {line}" for line in why.splitlines()),
        f"- name: {one_line(name)}",
        f"  url: {one_line(offer.url)}",
        f"  endpoint_type: {offer.kind}",
        *([f"  auth_value: {one_line(offer.auth)}"] if offer.auth else []),
        "  enabled: false",
        f"  priority: {priority}",
    ]
    return "".join(f"  {line}\n" for line in lines)
