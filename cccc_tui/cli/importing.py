"""`cccc import`: endpoints out of another tool's configuration: shows them, asks, adds them, keeps their keys."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from cccc_tui.cli.arguments import (
    EXIT_FAILED,
    EXIT_OK,
    Commands,
    Given,
    add_command,
    add_config,
    complain,
    not_agreed,
)
from cccc_tui.locales import _, ngettext

if TYPE_CHECKING:
    from cccc_tui.config.schema import Config, Endpoint
    from cccc_tui.connect.takings import Found, Taken

SOURCES = ("cccc", "claude-code-router", "cliproxyapi", "environment", "clients")


def add_commands(commands: Commands) -> None:
    parser = add_command(commands, "import", _("take endpoints from another tool's configuration"))
    parser.add_argument(
        "source",
        metavar=_("SOURCE"),
        help=_("{sources}, or a file of one of the first three").format(sources=", ".join(SOURCES)),
    )
    parser.add_argument(
        "--dry-run", action="store_true", help=_("show what would be taken, and write nothing")
    )
    parser.add_argument("--yes", action="store_true", help=_("do not ask"))
    parser.add_argument("--enable", action="store_true", help=_("enable what is taken"))
    parser.add_argument(
        "--keys",
        choices=("store", "literal"),
        help=_("keep keys as `cccc key set` does (the default), or write them into the configuration"),
    )
    add_config(parser)


def run(given: Given) -> int:
    """`cccc import`."""
    from cccc_tui.config.edit import EditRefused
    from cccc_tui.config.secrets import SecretMissing
    from cccc_tui.connect.plan import PlanRefused

    try:
        return _run(given)
    except (PlanRefused, EditRefused, SecretMissing) as refused:
        complain(f"cccc: {refused}")
        return EXIT_FAILED


def _run(given: Given) -> int:
    from cccc_tui.config.load import load
    from cccc_tui.config.paths import find_config
    from cccc_tui.config.schema import Config

    path = find_config(given.get("config"))
    config = load(path).config if path.exists() else Config()
    if config is None:
        complain(load(path).errors[0].sentence())
        return EXIT_FAILED
    found = _read(given["source"], config)
    wanted = _new_ones(found, config)
    _show(found, wanted)
    if not wanted:
        print(_("Nothing to take from {place}.").format(place=found.place))
        return EXIT_OK
    if given.get("dry_run"):
        return EXIT_OK
    if not given.get("yes") and (refusal := not_agreed(_("Add these to {path}?").format(path=path))):
        return refusal
    _add(path, wanted, given)
    text = ngettext(
        "{count} endpoint is added to {path}.", "{count} endpoints are added to {path}.", len(wanted)
    )
    print(text.format(count=len(wanted), path=path))
    if not given.get("enable"):
        print(_("They are not enabled yet: press space on the Endpoints screen, or set `enabled: true`."))
    return EXIT_OK


def _read(named: str, config: Config) -> Found:
    from cccc_tui.connect.clients import gateway_of
    from cccc_tui.connect.plan import PlanRefused
    from cccc_tui.connect.sources import read_source, source_of

    gateway = gateway_of(config.server)
    if named in SOURCES:
        return read_source(named, None, os.environ, gateway)  # type: ignore[arg-type]  # one of them
    path = Path(named).expanduser()
    if not path.is_file():
        words = _("{name} is no file, and none of: {sources}")
        raise PlanRefused(words.format(name=named, sources=", ".join(SOURCES)))
    return read_source(source_of(path), path, os.environ, gateway)


def _new_ones(found: Found, config: Config) -> list[tuple[str, Taken]]:
    """What is not there yet, each under a free name."""
    addresses = {(e.url, e.url_anthropic, e.url_openai) for e in config.endpoints}
    names = {endpoint.name for endpoint in config.endpoints}
    wanted = []
    for taken in found.taken:
        address = tuple(str(taken.values.get(key) or "") for key in ("url", "url_anthropic", "url_openai"))
        if address in addresses and not taken.key:
            continue
        name = _free(str(taken.values.get("name") or "endpoint"), names)
        if any(_is_same(taken, address, each, _key_of(each)) for each in config.endpoints):
            continue
        names.add(name)
        wanted.append((name, taken))
    return wanted


def _key_of(endpoint: Endpoint) -> str:
    """The key of an endpoint as text, for comparison only; empty where it cannot be read."""
    from cccc_tui.config.secrets import SecretMissing, read_secret

    if endpoint.auth_value is None:
        return ""
    try:
        return read_secret(endpoint.auth_value).reveal()
    except SecretMissing:
        return ""


def _is_same(taken: Taken, address: tuple[str, ...], endpoint: Endpoint, key: str) -> bool:
    from cccc_tui.config.secrets import SecretRef

    same_place = address == (endpoint.url, endpoint.url_anthropic, endpoint.url_openai)
    return same_place and (taken.key == key or endpoint.auth_value == SecretRef(taken.key))


def _free(name: str, names: set[str]) -> str:
    free, number = name, 1
    while free in names:
        number += 1
        free = f"{name}-{number}"
    return free


def _show(found: Found, wanted: list[tuple[str, Taken]]) -> None:
    from cccc_tui.connect.clients import whose

    print(f"{found.source}: {found.place}")
    for name, taken in wanted:
        kind = str(taken.values.get("endpoint_type") or "anthropic")
        print(f"  + {name}  {kind}  {whose(_url(taken))}  {_shown(taken.key)}{_rules(taken)}{_extras(taken)}")
    for left in found.left:
        print(f"  - {left.what}: {left.why}")


def _url(taken: Taken) -> str:
    urls = (taken.values.get(key) for key in ("url", "url_anthropic", "url_openai"))
    return next((str(url) for url in urls if url), "")


def _shown(key: str) -> str:
    if key.startswith(("env:", "file:", "keyring:")):
        return key
    return "***" if key else _("no key")


def _rules(taken: Taken) -> str:
    rewrite = taken.values.get("model_rewrite")
    rules = rewrite.get("rules") or () if isinstance(rewrite, dict) else ()
    pairs = (f"{rule.get('source_pattern')} → {rule.get('target_model')}" for rule in rules)
    return "".join(f"\n      {pair}" for pair in pairs)


def _extras(taken: Taken) -> str:
    """The proxy without its password, and the names of headers."""
    proxy, headers = taken.values.get("proxy"), taken.values.get("header_overrides")
    shown = (
        [_("by the proxy {address}").format(address=proxy.get("address"))] if isinstance(proxy, dict) else []
    )
    if isinstance(headers, dict):
        shown.append(_("headers: {names}").format(names=", ".join(map(str, headers))))
    return "".join(f"\n      {text}" for text in shown)


def _add(path: Path, wanted: list[tuple[str, Taken]], given: Given) -> None:
    from cccc_tui.first_run import write_first_config

    if not path.exists():
        for words in write_first_config(path):
            print(words)
    for name, taken in wanted:
        _add_one(path, name, taken, given)


def _add_one(path: Path, name: str, taken: Taken, given: Given) -> None:
    from cccc_tui.config.edit import EditRefused, add_endpoint
    from cccc_tui.config.keystore import delete_key

    values = {**taken.values, "name": name, "enabled": given.get("enable", False)}
    how, proxy = given.get("keys", "store"), taken.values.get("proxy")
    if taken.key:
        values["auth_value"] = _kept(name, taken.key, how)
    if isinstance(proxy, dict) and proxy.get("password"):
        values["proxy"] = {**proxy, "password": _kept(f"{name}-proxy", str(proxy["password"]), how)}
    try:
        add_endpoint(path, values)
    except EditRefused:
        for reference in (values.get("auth_value"), values.get("proxy", {}).get("password")):
            if reference and reference not in (taken.key, (proxy or {}).get("password")):
                delete_key(str(reference).removeprefix("keyring:"))  # nothing names it
        raise


def _kept(name: str, key: str, how: str) -> str:
    """The key as the configuration names it."""
    from cccc_tui.config.keystore import free_name, save_key
    from cccc_tui.config.secrets import Secret, SecretRef

    if how == "literal" or SecretRef(key).kind != "literal":
        return key
    name = free_name(name)
    save_key(name, Secret(key))
    return f"keyring:{name}"
