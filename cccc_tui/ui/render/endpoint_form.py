"""An endpoint while it is typed: the draft, its rows, what of it goes into the file, and where its problems stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

import msgspec

from cccc_tui.config.problems import Problem
from cccc_tui.config.schema import Endpoint
from cccc_tui.config.secrets import Secret
from cccc_tui.connect.form import Option
from cccc_tui.locales import N_, _
from cccc_tui.ui.render.fields import Field

Kind = Literal["anthropic", "openai", "both"]
KeyPlace = Literal["kept", "none", "keyring", "encrypted", "env", "literal"]
RULE = "rule."
"""Before the place of a rewrite rule in the id of its row."""
ARROW = "->"

KIND_LABELS: dict[str, str] = {
    "anthropic": N_("Anthropic Messages"),
    "openai": N_("OpenAI"),
    "both": N_("both, each with its URL"),
}
PREFERENCE_LABELS: dict[str, str] = {
    "auto": N_("found out, and remembered"),
    "responses": N_("Responses"),
    "chat_completions": N_("Chat Completions"),
}
PLACE_LABELS: dict[str, str] = {
    "kept": N_("as it is"),
    "keyring": N_("the system's keyring, where there is one"),
    "encrypted": N_("an encrypted file of cccc"),
    "env": N_("a variable of the environment"),
    "literal": N_("the configuration file itself, readable"),
    "none": N_("no key"),
}


class KeyChoice(NamedTuple):
    """Where the key is, and what is known of it."""

    place: KeyPlace = "none"
    name: str = ""
    """The variable; of a kept key what the file says, never the key."""
    secret: Secret | None = None
    """What was typed."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """The endpoint as it is typed; numbers are text until they are checked."""

    name: str = ""
    kind: Kind = "anthropic"
    url: str = ""
    url_anthropic: str = ""
    url_openai: str = ""
    openai_preference: str = "auto"
    key: KeyChoice = KeyChoice()
    priority: str = "1"
    tags: str = ""
    enabled: bool = True
    rewrites: bool = False
    target_model: str = ""
    rules: tuple[tuple[str, str], ...] = ()


def draft_of(endpoint: Endpoint) -> Draft:
    """The draft of an endpoint as the file has it."""
    rewrite = endpoint.model_rewrite
    kind: Kind = "both" if not endpoint.url else endpoint.endpoint_type or "anthropic"
    return Draft(
        name=endpoint.name,
        kind=kind,
        url=endpoint.url,
        url_anthropic=endpoint.url_anthropic,
        url_openai=endpoint.url_openai,
        openai_preference=endpoint.openai_preference,
        key=_kept_key(endpoint),
        priority=str(endpoint.priority),
        tags=", ".join(endpoint.tags),
        enabled=endpoint.enabled,
        rewrites=rewrite.enabled,
        target_model=rewrite.target_model,
        rules=tuple((rule.source_pattern, rule.target_model) for rule in rewrite.rules),
    )


def _kept_key(endpoint: Endpoint) -> KeyChoice:
    if endpoint.keys:
        return KeyChoice("kept", _("{count} keys, in the file").format(count=len(endpoint.keys)))
    ref = endpoint.auth_value
    if ref is None:
        return KeyChoice()
    return KeyChoice("kept", _("*** in the file") if ref.kind == "literal" else repr(ref))


def values_of(draft: Draft) -> dict[str, Any]:
    """What the file would say, defaults left out and the key too."""
    values: dict[str, Any] = {"name": draft.name.strip()}
    if draft.kind == "both":
        values |= {"url_anthropic": draft.url_anthropic, "url_openai": draft.url_openai}
    else:
        values["url"] = draft.url
    if draft.kind == "openai":
        values["endpoint_type"] = "openai"
    if draft.kind != "anthropic" and draft.openai_preference != "auto":
        values["openai_preference"] = draft.openai_preference
    values["priority"] = int(draft.priority) if re.fullmatch(r"[+-]?\d+", draft.priority) else draft.priority
    if tags := [tag.strip() for tag in draft.tags.split(",") if tag.strip()]:
        values["tags"] = tags
    if not draft.enabled:
        values["enabled"] = False
    if draft.rewrites or draft.rules or draft.target_model:
        values["model_rewrite"] = _rewrite_of(draft)
    return {key: value for key, value in values.items() if value != ""}


def _rewrite_of(draft: Draft) -> dict[str, Any]:
    rules = [{"source_pattern": pattern, "target_model": model} for pattern, model in draft.rules]
    target = {"target_model": draft.target_model} if draft.target_model else {}
    return {"enabled": draft.rewrites, "rules": rules, **target}


def changes(before: Draft, now: Draft) -> dict[str, Any]:
    """The keys of the file that become others; None goes."""
    old, new = values_of(before), values_of(now)
    changed: dict[str, Any] = {key: value for key, value in new.items() if old.get(key) != value}
    return changed | {key: None for key in old if key not in new}


def key_value(key: KeyChoice, stored_as: str) -> str | None:
    """What `auth_value` says; None for no key. A stored key goes by its name."""
    if key.place in ("keyring", "encrypted"):
        return f"keyring:{stored_as}"
    if key.place == "env":
        return f"env:{key.name}"
    return key.secret.reveal() if key.place == "literal" and key.secret else None


def fields_of(draft: Draft, problems: Iterable[Problem]) -> list[Field]:
    """The rows, each with what is wrong with it."""
    wrong: dict[str, Problem] = {}
    for problem in problems:
        wrong.setdefault(row_of(problem.key), problem)
    return [_with_problem(field, wrong.get(field.id)) for field in _rows(draft)]


def row_of(key: str) -> str:
    """The row of a key of the file."""
    if found := re.match(r"model_rewrite\.rules\[(\d+)\]", key):
        return f"{RULE}{found[1]}"
    head = re.split(r"[.\[]", key)[0]
    rows = {"endpoint_type": "kind", "auth_value": "key", "model_rewrite": "rewrites"}
    return rows.get(head, head)


def _with_problem(field: Field, problem: Problem | None) -> Field:
    if problem is None:
        return field
    guess = (
        "; " + _("did you mean {guess}?").format(guess=problem.did_you_mean) if problem.did_you_mean else ""
    )
    is_warning = problem.severity == "warning" and not problem.disables
    return field._replace(problem=problem.message + guess, warns=is_warning)


def _rows(draft: Draft) -> list[Field]:
    key = draft.key
    shown_key = key.name if key.place == "kept" else _(PLACE_LABELS[key.place])
    if key.place == "env":
        shown_key = f"env:{key.name}"
    return [
        Field(
            "name",
            _("Name"),
            draft.name or "–",
            _("Shown everywhere, and used by routing rules."),
            bool(draft.name),
        ),
        Field("kind", _("Format"), _(KIND_LABELS[draft.kind]), _("Which wire format its URL speaks.")),
        *_url_rows(draft),
        Field(
            "key", _("Key"), shown_key, _("Where the key is kept. It is never shown."), key.place != "none"
        ),
        Field("priority", _("Priority"), draft.priority, _("Lower is tried first.")),
        Field(
            "tags",
            _("Tags"),
            draft.tags or _("none: every request"),
            _("Tags that a request must have, with commas between them."),
            bool(draft.tags),
        ),
        Field("enabled", _("Enabled"), _("yes") if draft.enabled else _("no"), _("Whether it is used.")),
        *_rewrite_rows(draft),
    ]


def _url_rows(draft: Draft) -> list[Field]:
    def row(field_id: str, label: str, url: str) -> Field:
        return Field(field_id, label, url or "–", _("The base URL, http:// or https://."), bool(url))

    if draft.kind == "both":
        rows = [
            row("url_anthropic", _("URL (Anthropic)"), draft.url_anthropic),
            row("url_openai", _("URL (OpenAI)"), draft.url_openai),
        ]
    else:
        rows = [row("url", _("URL"), draft.url)]
    if draft.kind != "anthropic":
        shown = _(PREFERENCE_LABELS[draft.openai_preference])
        text = _("Which of the two OpenAI formats it speaks.")
        rows.append(
            Field("openai_preference", _("OpenAI format"), shown, text, draft.openai_preference != "auto")
        )
    return rows


def _rewrite_rows(draft: Draft) -> list[Field]:
    text = _("Other model names on the way; the first rule that fits wins.")
    shown = _("yes") if draft.rewrites else _("no")
    target = Field(
        "target_model",
        _("Model for tests"),
        draft.target_model or "–",
        _("Also asked in the place of a model that cannot exist there."),
        bool(draft.target_model),
    )
    rule_text = _("Pattern and model. a adds a rule, d removes it, < and > move it.")
    rules = [
        Field(
            f"{RULE}{i}", _("  rule {number}").format(number=i + 1), f"{pattern} {ARROW} {model}", rule_text
        )
        for i, (pattern, model) in enumerate(draft.rules)
    ]
    return [target, Field("rewrites", _("Rewrite models"), shown, text, draft.rewrites), *rules]


def text_of(draft: Draft, field_id: str) -> str:
    """The value of a row as it is typed or picked."""
    if field_id.startswith(RULE):
        return f" {ARROW} ".join(draft.rules[int(field_id.removeprefix(RULE))])
    value = getattr(draft, field_id)
    return ("on" if value else "") if isinstance(value, bool) else str(value)


def with_text(draft: Draft, field_id: str, text: str) -> Draft:
    """The draft with another value in a row; a rule behind the last one is added."""
    text = text.strip()
    if field_id.startswith(RULE):
        place = int(field_id.removeprefix(RULE))
        rules = (*draft.rules[:place], _rule(text), *draft.rules[place + 1 :])
        return msgspec.structs.replace(
            draft, rules=rules, rewrites=draft.rewrites or place == len(draft.rules)
        )
    if isinstance(getattr(draft, field_id), bool):
        return msgspec.structs.replace(draft, **{field_id: text == "on"})
    return msgspec.structs.replace(_with_urls_moved(draft, field_id, text), **{field_id: text})


def _with_urls_moved(draft: Draft, field_id: str, text: str) -> Draft:
    """With another format, the URL that was typed stays where it can be seen."""
    if field_id != "kind" or text == draft.kind:
        return draft
    if text == "both":
        at = "url_openai" if draft.kind == "openai" else "url_anthropic"
        return msgspec.structs.replace(draft, **{at: getattr(draft, at) or draft.url})
    if draft.kind == "both":
        url = draft.url_openai if text == "openai" else draft.url_anthropic
        return msgspec.structs.replace(draft, url=url)
    return draft


def _rule(text: str) -> tuple[str, str]:
    pattern, _arrow, model = text.partition(ARROW)
    return pattern.strip(), model.strip()


def rule_complaint(text: str) -> str:
    """What is wrong with a rule as it is typed."""
    if all(_rule(text)):
        return ""
    return _("Write it as PATTERN -> MODEL, for example claude-* -> glm-5")


def without_rule(draft: Draft, place: int) -> Draft:
    """Without one rule; without the last one nothing is rewritten any more."""
    rules = (*draft.rules[:place], *draft.rules[place + 1 :])
    return msgspec.structs.replace(draft, rules=rules, rewrites=draft.rewrites and bool(rules))


def with_rule_moved(draft: Draft, place: int, step: int) -> Draft:
    """A rule up (-1) or down; at an end it stays."""
    to = place + step
    if not 0 <= to < len(draft.rules):
        return draft
    rules = list(draft.rules)
    rules.insert(to, rules.pop(place))
    return msgspec.structs.replace(draft, rules=tuple(rules))


def options_of(field_id: str, is_new: bool) -> list[Option]:
    """What can be picked for a row; nothing for what is typed."""
    tables: Mapping[str, Mapping[str, str]] = {
        "kind": KIND_LABELS,
        "openai_preference": PREFERENCE_LABELS,
        "key": {place: label for place, label in PLACE_LABELS.items() if place != "kept" or not is_new},
    }
    return [Option(value, _(label)) for value, label in tables.get(field_id, {}).items()]
