"""The file behind the endpoint form: what stands there, and the steps that write it. All of it blocks."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import msgspec

from cccc_tui.config import edit
from cccc_tui.config.edit import Edit, EditRefused
from cccc_tui.config.keystore import delete_key, free_name, save_key
from cccc_tui.config.load import load
from cccc_tui.config.schema import Config
from cccc_tui.config.secrets import SecretMissing
from cccc_tui.ui.render.endpoint_form import Draft, changes, draft_of, key_value, values_of

log = logging.getLogger(__name__)


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """What the form begins with."""

    draft: Draft
    other_names: tuple[str, ...] = ()
    port: int = 8080


class Saved(msgspec.Struct, frozen=True, kw_only=True):
    """What saving did: enough to take it back."""

    edit: Edit
    stored_key: str = ""
    """The name under which a key was stored for it; empty for none."""


def open_endpoint(path: Path, name: str | None) -> Opened:
    """The endpoint of that name, or a new one that is tried last. Raises `EditRefused`."""
    loaded = load(path)
    if loaded.config is None:
        raise EditRefused(loaded.errors[0].sentence())
    config = loaded.config
    others = tuple(each.name for each in config.endpoints if each.name != name)
    return Opened(draft=_draft(config, name), other_names=others, port=config.server.port)


def _draft(config: Config, name: str | None) -> Draft:
    if name is None:
        last = max((each.priority for each in config.endpoints), default=0)
        return Draft(priority=str(last + 1))
    found = next((each for each in config.endpoints if each.name == name), None)
    if found is None:
        raise EditRefused(f'There is no endpoint "{name}".')
    return draft_of(found)


def save(path: Path, name: str | None, before: Draft, draft: Draft) -> Saved:
    """Stores the key where it belongs and writes the endpoint. Raises `EditRefused` and `SecretMissing`."""
    stored = _stored_key(draft)
    try:
        if name is None:
            key = key_value(draft.key, stored)
            done = edit.add_endpoint(path, values_of(draft) | ({"auth_value": key} if key else {}))
        else:
            wanted = changes(before, draft) | _key_change(before, draft, stored)
            done = edit.change_endpoint(path, name, wanted)
    except EditRefused:
        if stored:
            delete_key(stored)  # nothing names it
        raise
    return Saved(edit=done, stored_key=stored)


def take_back(path: Path, saved: Saved) -> Edit:
    """The file as it was before, and the key that was stored for it forgotten. Raises `EditRefused`."""
    taken_back = edit.restore(path, saved.edit)
    if saved.stored_key:
        try:
            delete_key(saved.stored_key)
        except SecretMissing as problem:  # the file is right; a key that nothing names does no harm
            log.warning("the key %s could not be forgotten: %s", saved.stored_key, problem)
    return taken_back


def _key_change(before: Draft, draft: Draft, stored: str) -> dict[str, str | None]:
    if draft.key == before.key or draft.key.place == "kept":
        return {}
    return {"auth_value": key_value(draft.key, stored), "keys": None}


def _stored_key(draft: Draft) -> str:
    """The name under which the key is stored; empty when it is not to be."""
    place, secret = draft.key.place, draft.key.secret
    if secret is None or place not in ("keyring", "encrypted"):
        return ""
    name = free_name(re.sub(r"[^A-Za-z0-9_.-]+", "-", draft.name.strip()))
    save_key(name, secret, None if place == "keyring" else "encrypted")
    return name
