"""Lists of models: read from any provider, written in the shape that the asker can read.

Codex replaces its whole bundled catalogue, system prompts included, by a good answer to its question, and
keeps it when the answer's `models` is empty. So it gets the empty one: its own knowledge of its models
(tools, prompts, limits) is better than anything that can be derived from a list of names. Names that it
does not know still work; it warns that their metadata is missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

Asker = Literal["openai", "anthropic", "codex"]


class Model(msgspec.Struct, frozen=True):
    """One model of a list."""

    id: str
    display_name: str = ""
    owned_by: str = ""
    created: int = 0
    """Unix seconds; 0 when unknown."""


def write_models(asker: Asker, models: Iterable[Model]) -> bytes:
    """The body of `GET /v1/models`."""
    if asker == "anthropic":
        entries = [_anthropic_entry(model) for model in models]
        first, last = (entries[0]["id"], entries[-1]["id"]) if entries else (None, None)
        return msgspec.json.encode({"data": entries, "has_more": False, "first_id": first, "last_id": last})
    listing: dict[str, Any] = {"object": "list", "data": [_openai_entry(model) for model in models]}
    return msgspec.json.encode(listing | ({"models": []} if asker == "codex" else {}))


def read_models(body: bytes) -> list[Model]:
    """The models of a provider's list, in its order; none when the body is no such list."""
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return []
    return merge(filter(None, map(_read_entry, _entries(value))))


def merge(*lists: Iterable[Model]) -> list[Model]:
    """All models once, in order of appearance; what the first mention leaves open, a later one fills."""
    merged: dict[str, Model] = {}
    for model in (model for models in lists for model in models):
        known = merged.get(model.id, model)
        merged[model.id] = Model(
            id=model.id,
            display_name=known.display_name or model.display_name,
            owned_by=known.owned_by or model.owned_by,
            created=known.created or model.created,
        )
    return list(merged.values())


def _openai_entry(model: Model) -> dict[str, Any]:
    owner = model.owned_by or "unknown"
    return {"id": model.id, "object": "model", "created": model.created, "owned_by": owner}


def _anthropic_entry(model: Model) -> dict[str, Any]:
    created = datetime.fromtimestamp(model.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    name = model.display_name or model.id
    return {
        "type": "model",
        "id": model.id,
        "display_name": name,
        "created_at": created,
        "lifecycle": "active",
    }


def _entries(value: Any) -> list[Any]:
    """The list inside, wherever the provider keeps it."""
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        return []
    inside = next((value[key] for key in ("data", "models", "result") if value.get(key)), None)
    return _entries(inside)


def _read_entry(entry: Any) -> Model | None:
    if isinstance(entry, str):
        return Model(entry) if entry else None
    if not isinstance(entry, dict):
        return None
    name = _text(entry, "id", "slug", "model", "name").removeprefix("models/")  # the prefix is Gemini's
    if not name:
        return None
    return Model(
        id=name,
        display_name=_text(entry, "display_name", "displayName"),
        owned_by=_text(entry, "owned_by", "organization", "publisher"),
        created=_moment(entry),
    )


def _text(entry: dict[str, Any], *keys: str) -> str:
    return next((entry[key] for key in keys if isinstance(entry.get(key), str) and entry[key]), "")


def _moment(entry: dict[str, Any]) -> int:
    for key in ("created", "created_at", "modified_at"):
        value = entry.get(key)
        if isinstance(value, int | float) and 0 < value < 1e10:
            return int(value)
        if isinstance(value, str):
            try:
                return max(0, int(datetime.fromisoformat(value).timestamp()))
            except ValueError:
                # A date in a spelling of its own is no reason to lose the model.
                continue
    return 0
