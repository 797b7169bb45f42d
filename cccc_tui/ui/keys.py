"""Keys as people read them, and keys as the configuration changes them.

The keymap names actions by id. A key that names nothing, an unknown action and two actions on one key are
each said in a sentence, and the default stays in their place: a typo never leaves an action without a key.
"""

from __future__ import annotations

import difflib
import string
import unicodedata
from collections.abc import Mapping
from itertools import combinations
from typing import NamedTuple

from textual.keys import KEY_NAME_REPLACEMENTS, Keys

from cccc_tui.locales import _
from cccc_tui.ui.actions import ACTIONS, BY_ID, Action, Scope

_ARROWS = {"down": "↓", "up": "↑", "left": "←", "right": "→"}
_SHORT = {"escape": "esc", "pagedown": "pgdn", "pageup": "pgup", "delete": "del"}
_MODIFIERS = {"ctrl", "alt", "shift", "super", "meta", "hyper"}


def _sign_name(sign: str) -> str:
    name = unicodedata.name(sign).lower().replace("-", "_").replace(" ", "_")
    return KEY_NAME_REPLACEMENTS.get(name, name)


_SIGNS = {sign: _sign_name(sign) for sign in string.punctuation}
"""Signs by the names that Textual gives them: `?` is `question_mark`."""
_SIGN_OF = {name: sign for sign, name in _SIGNS.items()}
_NAMES = {key.value for key in Keys} | set(_SIGNS.values()) | {"space"}
_LIST_SCOPES: tuple[Scope, ...] = ("overview", "requests", "endpoints", "form", "log", "facts", "connect")


class Keymap(NamedTuple):
    """The keys in use: what the configuration asks for, as far as it makes sense."""

    changed: dict[str, str]
    """Action id to keys in Textual's spelling, only where they differ from the default."""
    problems: tuple[str, ...]

    def keys_of(self, action: Action) -> tuple[str, ...]:
        return tuple(self.changed.get(action.id, action.keys).split(","))


def read_keymap(asked: Mapping[str, str]) -> Keymap:
    """Checks the keymap of the configuration."""
    changed: dict[str, str] = {}
    problems: list[str] = []
    for action_id, keys in asked.items():
        problem = _unknown_action(action_id) or _unknown_key(action_id, keys)
        if problem:
            problems.append(problem)
        else:
            changed[action_id] = ",".join(_spelled(key) for key in _split(keys))
    return _without_clashes(changed, problems)


def clashes(keymap: Keymap) -> list[tuple[Action, Action, str]]:
    """Pairs of actions that one key would do at the same place."""
    return [
        (one, other, key)
        for one, other in combinations(ACTIONS, 2)
        if _meet(one.scope, other.scope)
        for key in keymap.keys_of(one)
        if key in keymap.keys_of(other)
    ]


def key_label(key: str, *, ascii_only: bool = False) -> str:
    """A key as it is shown: `question_mark` is `?`, `shift+up` is `shift+↑`."""
    modifiers, plus, name = key.rpartition("+")
    shown = _SHORT | _SIGN_OF if ascii_only else _SHORT | _SIGN_OF | _ARROWS
    return modifiers + plus + shown.get(name, name)


def key_table() -> str:
    """The table of keys for docs/keys.md, in Markdown."""
    names: dict[Scope, str] = {"app": "everywhere", "list": "in lists"}
    lines = ["| Where | Key | What it does | Id |", "|---|---|---|---|"]
    for action in ACTIONS:
        keys = " ".join(f"`{key_label(key)}`" for key in action.keys.split(","))
        where = names.get(action.scope, action.scope)
        lines.append(f"| {where} | {keys} | {action.help} | `{action.id}` |")
    return "\n".join(lines) + "\n"


def _without_clashes(changed: dict[str, str], problems: list[str]) -> Keymap:
    """Takes changes back until no key has two meanings; the defaults have none."""
    for _round in range(len(changed) + 1):
        found = clashes(Keymap(changed, ()))
        if not found:
            break
        one, other, key = found[0]
        loser = other if other.id in changed else one
        winner = one if loser is other else other
        del changed[loser.id]
        problems.append(
            _("ui.keymap.{id}: {key} is already the key of {other}; the default stays.").format(
                id=loser.id, key=key_label(key), other=winner.id
            )
        )
    return Keymap(changed, tuple(problems))


def _unknown_action(action_id: str) -> str:
    if action_id in BY_ID:
        return ""
    near = difflib.get_close_matches(action_id, BY_ID, n=1)
    if near:
        return _("ui.keymap: there is no action {id}. Did you mean {near}?").format(
            id=action_id, near=near[0]
        )
    return _("ui.keymap: there is no action {id}.").format(id=action_id)


def _unknown_key(action_id: str, keys: str) -> str:
    bad = [key for key in _split(keys) if not _is_key(_spelled(key))] if _split(keys) else [keys]
    if not bad:
        return ""
    return _("ui.keymap.{id}: {key} is no key; write it like f5, ctrl+g or ?").format(
        id=action_id, key=repr(bad[0])
    )


def _split(keys: str) -> list[str]:
    if keys.strip() == ",":
        return [","]
    return [key.strip() for key in keys.split(",") if key.strip()]


def _spelled(key: str) -> str:
    """A key in Textual's spelling: a sign by its name."""
    modifiers, plus, name = key.rpartition("+") if key != "+" else ("", "", "+")
    return modifiers + plus + _SIGNS.get(name, name)


def _is_key(key: str) -> bool:
    modifiers, _plus, name = key.rpartition("+")
    if not set(filter(None, modifiers.split("+"))) <= _MODIFIERS:
        return False
    return (len(name) == 1 and name.isprintable()) or name in _NAMES


def _meet(one: Scope, other: Scope) -> bool:
    """Whether two scopes are active at the same place."""
    if one == other or "app" in (one, other):
        return True
    return "list" in (one, other) and (one in _LIST_SCOPES or other in _LIST_SCOPES)
