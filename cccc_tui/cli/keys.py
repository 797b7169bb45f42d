"""`cccc key`: secrets into the keyring, out of it, and out of the configuration file."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from cccc_tui.cli.arguments import (
    EXIT_FAILED,
    EXIT_OK,
    EXIT_USAGE,
    Commands,
    Given,
    add_command,
    add_config,
    complain,
)
from cccc_tui.locales import _

if TYPE_CHECKING:
    from cccc_tui.config.schema import Config
    from cccc_tui.config.secrets import SecretRef

Place = tuple[str | int, ...]
STORES = ("keyring", "encrypted", "plain")


def add_commands(commands: Commands) -> None:
    key = add_command(commands, "key", _("keep keys in the keyring, to be named as keyring:NAME"))
    actions = key.add_subparsers(dest="action", metavar=_("action"), required=True)
    for action, text in (
        ("set", _("keep a key; it is asked for, or read from the standard input")),
        ("get", _("print a key")),
        ("delete", _("forget a key")),
        ("move", _("put a key into another place")),
    ):
        parser = add_command(actions, action, text)
        parser.add_argument("name", metavar=_("NAME"))
        if action in ("set", "move"):
            parser.add_argument(
                "--store",
                choices=STORES,
                required=action == "move",
                help=_("keyring, encrypted file, or plain file (mode 0600)"),
            )
    add_command(actions, "list", _("the names of the kept keys, and where they are"))
    imported = add_command(actions, "import-config", _("move plain keys out of the configuration file"))
    imported.add_argument(
        "--store", choices=STORES, help=_("keyring, encrypted file, or plain file (mode 0600)")
    )
    add_config(imported)


def run(given: Given) -> int:
    """`cccc key …`."""
    from cccc_tui.config.secrets import SecretMissing

    actions = {"set": _set, "get": _get, "delete": _delete, "move": _move, "list": _list}
    try:
        return actions.get(given["action"], _import_config)(given)
    except SecretMissing as missing:
        complain(f"cccc: {missing}")
        return EXIT_FAILED


def _set(given: Given) -> int:
    from cccc_tui.config.keystore import save_key
    from cccc_tui.config.secrets import Secret

    text = _typed(given["name"])
    if not text:
        complain(_("Nothing is kept: the key is empty."))
        return EXIT_USAGE
    store = save_key(given["name"], Secret(text), given.get("store"))
    print(_kept(given["name"], store))
    _warn(store)
    return EXIT_OK


def _typed(name: str) -> str:
    """The key: never an argument, which the process list and the shell's history would show."""
    if sys.stdin.isatty():
        import getpass

        return getpass.getpass(_("Key for {name} (not shown): ").format(name=name)).strip()
    return sys.stdin.readline().strip()


def _kept(name: str, store: str) -> str:
    words = {
        "keyring": _("Kept in the keyring. Name it in the configuration as: {reference}"),
        "encrypted": _("Kept in an encrypted file. Name it in the configuration as: {reference}"),
        "plain": _("Kept in a plain file. Name it in the configuration as: {reference}"),
    }
    return words[store].format(reference=f"keyring:{name}")


def _warn(store: str) -> None:
    if store == "plain":
        complain(_("Warning: whoever reads your files, backups included, reads this key."))


def _get(given: Given) -> int:
    from cccc_tui.config.keystore import get_key

    print(get_key(given["name"]).reveal())
    return EXIT_OK


def _delete(given: Given) -> int:
    from cccc_tui.config.keystore import delete_key

    if not delete_key(given["name"]):
        complain(_("There is no key {name}.").format(name=given["name"]))
        return EXIT_FAILED
    print(_("Forgotten: {name}").format(name=given["name"]))
    return EXIT_OK


def _move(given: Given) -> int:
    from cccc_tui.config.keystore import move_key

    store = move_key(given["name"], given["store"])
    print(_kept(given["name"], store))
    _warn(store)
    return EXIT_OK


def _list(given: Given) -> int:
    from cccc_tui.config.keystore import list_keys

    keys = list_keys()
    width = max((len(key.name) for key in keys), default=0)
    for key in keys:
        print(f"{key.name:<{width}}  {key.store}")
    if not keys:
        print(_("No key is kept here."))
    return EXIT_OK


def _import_config(given: Given) -> int:
    from cccc_tui.config.edit import EditRefused, set_nested_text
    from cccc_tui.config.keystore import delete_key, free_name, save_key
    from cccc_tui.config.load import load
    from cccc_tui.config.paths import find_config
    from cccc_tui.config.secrets import read_secret

    path = find_config(given.get("config"))
    loaded = load(path)
    if loaded.config is None:
        complain(loaded.errors[0].sentence())
        return EXIT_USAGE
    moved = 0
    try:
        for endpoint, place, ref in _plain_keys(loaded.config):
            name = free_name(endpoint if len(place) == 1 else f"{endpoint}-{_label(place)}")
            store = save_key(name, read_secret(ref), given.get("store"))
            try:
                set_nested_text(path, endpoint, place, f"keyring:{name}")
            except EditRefused:
                delete_key(name)  # nothing names it
                raise
            print(f"{endpoint}: {_kept(name, store)}")
            _warn(store)
            moved += 1
    except EditRefused as refused:
        complain(f"cccc: {refused}")
        return EXIT_FAILED
    finally:
        if moved:
            _drop_backup(path)
    if not moved:
        print(_("{path} has no plain key in it.").format(path=path))
    return EXIT_OK


def _plain_keys(config: Config) -> Iterator[tuple[str, Place, SecretRef]]:
    """The endpoint's name, the place in it, and the literal that stands there."""
    from cccc_tui.config.secrets import looks_like_key

    for endpoint in config.endpoints:
        if endpoint.auth_value is not None and looks_like_key(endpoint.auth_value):
            yield endpoint.name, ("auth_value",), endpoint.auth_value
        for number, key in enumerate(endpoint.keys):
            if looks_like_key(key.value):
                yield endpoint.name, ("keys", number, "value"), key.value
        password = endpoint.proxy.password if endpoint.proxy else None
        if password is not None and password.kind == "literal":
            yield endpoint.name, ("proxy", "password"), password


def _label(place: Place) -> str:
    """What is added to the endpoint's name: `2` for its second key, `proxy` for the proxy's password."""
    return str(place[1] + 1) if isinstance(place[1], int) else str(place[0])


def _drop_backup(path: Path) -> None:
    """The editor's backup has the plain key in it still."""
    backup = path.resolve().with_name(f"{path.resolve().name}.backup")
    if backup.exists():
        backup.unlink()
        print(_("{path} is removed: the keys were in it.").format(path=backup))
