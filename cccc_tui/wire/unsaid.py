"""What a request may ask for and its upstream's format has no word for: noted on the attempt, and told in the docs."""

from __future__ import annotations

from typing import Final

from cccc_tui.wire.model import Format, Request

_OTHER_CACHE: Final = "cache breakpoints are placed instead"
_FOLLOWER: Final = "said to OpenAI alone: servers that follow its format refuse what they do not know"

UNSAID: Final[dict[Format, dict[str, str]]] = {
    "anthropic": {
        "metadata": "Anthropic keeps no answers that could be found by it",
        "moderation": "Anthropic has none",
        "prompt_cache_key": _OTHER_CACHE,
        "prompt_cache_options": _OTHER_CACHE,
        "prompt_cache_retention": _OTHER_CACHE,
        "service_tier": "Anthropic knows `default`, and takes its priority capacity by itself",
        "store": "Anthropic keeps no answers",
        "verbosity": "Anthropic has none",
    },
    "chat": {
        "metadata": _FOLLOWER,
        "moderation": _FOLLOWER,
        "prompt_cache_key": _FOLLOWER,
        "prompt_cache_options": _FOLLOWER,
        "prompt_cache_retention": _FOLLOWER,
        "safety_identifier": _FOLLOWER,
        "service_tier": _FOLLOWER,
        "store": _FOLLOWER,
        "verbosity": _FOLLOWER,
        "top_k": "Chat has none",
    },
    "responses": {"stop": "Responses has none", "top_k": "Responses has none"},
}
"""By the upstream's format. What Anthropic alone says stands with its own fields, in dropped.py."""

_MATCHED: Final = frozenset(("prompt_cache_key", "auto", "default"))
"""What is no loss: each upstream gets a key or breakpoints of its own, and serves so by itself."""


def note_unsaid(request: Request, target: Format, genuine: bool, notes: list[str]) -> None:
    """Says what of the request the upstream will not hear; `genuine`: it is the format's own provider."""
    lost: dict[str, list[str]] = {}
    for name, reason in UNSAID[target].items():
        is_heard = name in _MATCHED or (genuine and reason == _FOLLOWER)
        if not is_heard and _is_asked(request, name):
            lost.setdefault(reason, []).append(name)
    notes += [f"{', '.join(names)} left out: {reason}" for reason, names in lost.items()]


def _is_asked(request: Request, name: str) -> bool:
    if name in request.openai:
        return True
    value = getattr(request, name, None)
    return bool(value) and value not in _MATCHED if isinstance(value, str) else bool(value)


def as_markdown() -> str:
    """The table as sections of the page on what a conversion leaves out."""
    return "\n".join(
        f"## Asked of an upstream that speaks {form.capitalize()}\n\n| left out | why |\n|---|---|\n"
        + "".join(f"| `{name}` | {reason} |\n" for name, reason in sorted(entries.items()))
        for form, entries in UNSAID.items()
    )
