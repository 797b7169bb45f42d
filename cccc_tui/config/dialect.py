"""The ways in which the CCCC family writes things that this program says differently.

Works on the tree, before the schema sees it: other spellings become ours, and keys that other versions know
but that change nothing here are taken out with a warning, so that a user learns it from us and not from a
surprise.
"""

from __future__ import annotations

from cccc_tui.config.dialect_tagging import translate_tagging
from cccc_tui.config.document import Entry, Mapping, Node, Scalar, Sequence, child, join, text_of
from cccc_tui.config.problems import Report, nearest

_LATER = "not supported here yet"
_LEARNED = "cccc finds this out itself"
_BY_ENDPOINT = 'write it as an entry of "endpoints"'

_WITHOUT_EFFECT: dict[str, dict[str, str]] = {
    "": {
        "web_admin": "the control center is in the terminal",
        "i18n": 'the language is set by "ui.language"',
        "conversion": _LEARNED,
        "streaming": 'the limits are in "timeouts"',
        "tools": _LATER,
        "http_client": _LEARNED,
        "monitoring": _LATER,
        "format_detection": _LEARNED,
        "oauth_config": _LATER,
        "auto_sort_endpoints": 'endpoints are tried by "priority"',
        "config_flush_interval": "edits are written at once",
        "config_max_dirty_time": "edits are written at once",
        "anthropic_endpoint": _BY_ENDPOINT,
        "openai_chat_endpoint": _BY_ENDPOINT,
        "openai_responses_endpoint": _BY_ENDPOINT,
    },
    "server": {
        "auto_sort_endpoints": 'endpoints are tried by "priority"',
        "config_flush_interval": "edits are written at once",
        "config_max_dirty_time": "edits are written at once",
        "auth_token": "only this machine can call, and no token is asked for",
        "default_model": "a test asks for the model of the endpoint's model_rewrite.target_model",
        "claude_code_auth_token": "only this machine can call, and no token is asked for",
        "token_mappings": "only this machine can call, and no token is asked for",
        "arbitrary_token_mode": "only this machine can call, and no token is asked for",
    },
    "endpoints[]": {
        "url_gemini": _LATER,
        "native_format": "it follows from the address",
        "target_format": "it follows from the address",
        "oauth_config": _LATER,
        "rate_limit_reset": "rate limits are remembered outside this file",
        "rate_limit_status": "rate limits are remembered outside this file",
        "enhanced_protection": _LATER,
        "sse_config": "streams are checked by their format's own end",
        "native_tool_support": _LEARNED,
        "tool_enhancement_mode": _LATER,
        "reorder_system_messages_first": _LATER,
        "model_alias": 'write "aliases", or a group in "routing.groups"',
    },
    "validation": {
        "strict_anthropic_format": "it is always on",
        "validate_streaming": "it is always on",
        "disconnect_on_invalid": "a broken stream always ends with an error",
    },
}

_CLIENT_TYPES = {
    "claude_code": ("claude-code",),
    "codex": ("codex",),
    "openai": ("openai-sdk", "other"),
}

Entries = dict[str, Entry]


def translate(root: Mapping, report: Report) -> Mapping:
    """The same file in the words of our schema."""
    entries = _without_dead_keys(root.entries, "", "", report)
    for section in ("server", "validation"):
        if (entry := entries.get(section)) and isinstance(entry.node, Mapping):
            kept = _without_dead_keys(entry.node.entries, section, section, report)
            entries[section] = Entry(Mapping(kept, entry.node.at), entry.at)
    if entry := entries.get("endpoints"):
        entries["endpoints"] = Entry(_endpoints(entry.node, report), entry.at)
    if entry := entries.get("tagging"):
        entries["tagging"] = Entry(translate_tagging(entry.node, report), entry.at)
    return Mapping(entries, root.at)


def _without_dead_keys(entries: Entries, section: str, key: str, report: Report) -> Entries:
    """`x-…` at the top is the reader's own, by the YAML custom of parking anchors there."""
    dead = _WITHOUT_EFFECT[section]
    for name in entries.keys() & dead.keys():
        report.warn(
            join(key, name),
            f"known from other CCCC versions, but has no effect here: {dead[name]}",
            entries[name].at,
        )
    return {
        name: entry
        for name, entry in entries.items()
        if name not in dead and not (section == "" and name.startswith("x-"))
    }


def _endpoints(node: Node, report: Report) -> Node:
    if not isinstance(node, Sequence):
        return node
    return Sequence(
        tuple(_endpoint(each, f"endpoints[{i}]", report) for i, each in enumerate(node.items)), node.at
    )


def _endpoint(node: Node, key: str, report: Report) -> Node:
    if not isinstance(node, Mapping):
        return node
    entries = _without_dead_keys(node.entries, "endpoints[]", key, report)
    for rewrite in (_client_type, _supported_clients, _supports_responses, _oauth, _overrides, _header_texts):
        rewrite(entries, key, report)
    return Mapping(entries, node.at)


def _client_type(entries: Entries, key: str, report: Report) -> None:
    """`client_type: claude_code` is `supported_clients: [claude-code]`."""
    entry = entries.pop("client_type", None)
    if (
        entry is None
        or not isinstance(entry.node, Scalar)
        or not entry.node.text
        or "supported_clients" in entries
    ):
        return
    name = entry.node.text.replace("-", "_")
    if name not in _CLIENT_TYPES:
        valid = ", ".join(_CLIENT_TYPES)
        report.error(f"{key}.client_type", f"must be one of {valid}", entry.at, nearest(name, _CLIENT_TYPES))
        return
    clients = tuple(Scalar(client, client, entry.at) for client in _CLIENT_TYPES[name])
    entries["supported_clients"] = Entry(Sequence(clients, entry.at), entry.at)


def _supported_clients(entries: Entries, key: str, report: Report) -> None:
    """`claude_code` is `claude-code` in a list too."""
    entry = entries.get("supported_clients")
    if entry is None or not isinstance(entry.node, Sequence):
        return
    clients = tuple(
        Scalar(each.text.replace("_", "-"), each.value, each.at) if isinstance(each, Scalar) else each
        for each in entry.node.items
    )
    entries["supported_clients"] = Entry(Sequence(clients, entry.node.at), entry.at)


def _supports_responses(entries: Entries, key: str, report: Report) -> None:
    """`supports_responses: false` is `openai_preference: chat_completions`; `true` leaves it at `auto`."""
    entry = entries.pop("supports_responses", None)
    said = entries.get("openai_preference")
    if said is not None and isinstance(said.node, Scalar) and said.node.text not in ("", "auto"):
        return
    if entry is not None and isinstance(entry.node, Scalar) and entry.node.value is False:
        word = "chat_completions"
        entries["openai_preference"] = Entry(Scalar(word, word, entry.at), entry.at)


def _oauth(entries: Entries, key: str, report: Report) -> None:
    entry = entries.get("auth_type")
    if entry is not None and isinstance(entry.node, Scalar) and entry.node.text == "oauth":
        report.disable(
            f"{key}.auth_type",
            "oauth is not supported here yet, so this endpoint is out of service; use an API key or a token",
        )
        del entries["auth_type"]


def _overrides(entries: Entries, key: str, report: Report) -> None:
    """A list of `{key, value}` is a mapping."""
    for name in ("parameter_overrides", "header_overrides"):
        entry = entries.get(name)
        if entry is None or not isinstance(entry.node, Sequence):
            continue
        values: Entries = {}
        for index, item in enumerate(entry.node.items):
            _add_override(values, item, f"{key}.{name}[{index}]", report)
        entries[name] = Entry(Mapping(values, entry.node.at), entry.at)


def _add_override(values: Entries, item: Node, key: str, report: Report) -> None:
    if not isinstance(item, Mapping) or not isinstance(child(item, "key"), Scalar):
        report.error(key, 'must be "key: NAME" with "value: …"', item.at)
        return
    for name in item.entries.keys() - {"key", "value"}:
        report.error(join(key, name), "unknown key", item.entries[name].at, nearest(name, ("key", "value")))
    name = text_of(item, "key")
    if name in values:
        report.error(key, f'"{name}" stands twice', item.at)
    value = item.entries.get("value")
    values[name] = value if value is not None else Entry(Scalar("", None, item.at), item.at)


def _header_texts(entries: Entries, key: str, report: Report) -> None:
    """A header's value is what stands there, not its JSON form; nothing (`null`) removes it."""
    entry = entries.get("header_overrides")
    if entry is None or not isinstance(entry.node, Mapping):
        return
    texts = {name: _as_header_text(each) for name, each in entry.node.entries.items()}
    entries["header_overrides"] = Entry(Mapping(texts, entry.node.at), entry.at)


def _as_header_text(entry: Entry) -> Entry:
    if not isinstance(entry.node, Scalar):
        return entry
    text = "" if entry.node.value is None else entry.node.text
    return Entry(Scalar(text, text, entry.node.at), entry.at)
