"""Where `keyring:NAME` keeps its secret: the system's keyring, or, where there is none, a file for its owner alone.

The file is encrypted with a key from another file (0600, in the state folder) or from a passphrase in the environment;
who refuses that gets a plain file, 0600, and a warning. Every call may block: callers on a loop use a thread.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import os
import secrets
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Literal, NamedTuple, TypeVar

import msgspec

from cccc_tui.config.locks import locked
from cccc_tui.config.paths import state_folder, user_config, write_private
from cccc_tui.config.secrets import KEYRING_SERVICE, Secret, SecretMissing

log = logging.getLogger(__name__)

Store = Literal["keyring", "encrypted", "plain"]
STORES: tuple[Store, ...] = ("keyring", "encrypted", "plain")

PASSPHRASE = "CCCC_PASSPHRASE"
KEYRING_TIMEOUT_S = 20.0
"""Long enough for a person to unlock the keyring."""

_SCRYPT_N = 1 << 15
_Answer = TypeVar("_Answer")


class StoredKey(NamedTuple):
    name: str
    store: Store


class _Sealed(msgspec.Struct):
    """The encrypted file."""

    salt: bytes
    by_passphrase: bool
    token: bytes


def save_key(name: str, secret: Secret, store: Store | None = None) -> Store:
    """Keeps the secret and says where: in `store`, else in the keyring, else encrypted. Raises `SecretMissing`.

    A name is in one place only: the others forget it.
    """
    if not name.strip():
        raise SecretMissing("a key needs a name")
    used = store or _first_choice(name, secret)
    if store is not None:
        _SAVERS[store](name, secret.reveal())
    for other in STORES:
        if other != used and StoredKey(name, other) in list_keys():
            _DROPPERS[other](name)
    return used


def find_key(name: str) -> Secret | None:
    """The secret of that name out of the files; None where it can only be in the keyring. Raises `SecretMissing`."""
    try:
        for path, names in ((_plain_path(), _read_plain), (_sealed_path(), _read_sealed)):
            if path.exists() and name in (found := names()):
                return Secret(found[name])
    except SecretMissing:
        if name not in _read_names(_names_path("keyring")):
            raise  # else a file that cannot be opened does not matter to it
    return None


def get_key(name: str) -> Secret:
    """The secret of that name, wherever it is. Raises `SecretMissing`."""
    return find_key(name) or Secret(_from_ring(name))


def delete_key(name: str) -> tuple[Store, ...]:
    """Forgets the secret; the places where it was."""
    places = tuple(key.store for key in list_keys() if key.name == name)
    for store in places:
        _DROPPERS[store](name)
    return places


def list_keys() -> tuple[StoredKey, ...]:
    """The names, never the secrets. The keyring cannot be asked for names, so those that cccc has put there."""
    sealed = _read_names(_names_path("encrypted")) if _sealed_path().exists() else ()
    plain = tuple(_read_plain()) if _plain_path().exists() else ()
    named = {"keyring": _read_names(_names_path("keyring")), "encrypted": sealed, "plain": plain}
    return tuple(StoredKey(name, store) for store in STORES for name in sorted(named[store]))


def free_name(name: str) -> str:
    """The name, or the next one with a number that no other key has."""
    taken = {key.name for key in list_keys()}
    free, number = name, 1
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    return free


def move_key(name: str, store: Store) -> Store:
    """Puts the secret into another place. Raises `SecretMissing`."""
    return save_key(name, get_key(name), store)


def keyring_name() -> str:
    """The system's keyring by its name; empty where there is none. Raises `SecretMissing` when it does not answer."""

    def look() -> str:
        import keyring

        backend = keyring.get_keyring()
        # What is not recommended keeps secrets in plain text or nowhere.
        return backend.name if backend.priority >= 1 else ""

    return _in_time(look)


def _first_choice(name: str, secret: Secret) -> Store:
    try:
        if keyring_name():
            _to_ring(name, secret.reveal())
            return "keyring"
    except SecretMissing as error:  # locked or silent: a server without a desktop; the file takes it
        log.info("the keyring does not take %s (%s): the encrypted file does", name, error)
    _to_sealed(name, secret.reveal())
    return "encrypted"


# ------------------------------------------------------------------------------------ keyring


def _to_ring(name: str, text: str) -> None:
    import keyring

    _in_time(lambda: keyring.set_password(KEYRING_SERVICE, name, text))
    _note_name("keyring", name)


def _from_ring(name: str) -> str:
    import keyring

    found = _in_time(lambda: keyring.get_password(KEYRING_SERVICE, name))
    if not found:
        raise SecretMissing(f'there is no key "{name}": cccc key set {name}')
    return found


def _out_of_ring(name: str) -> None:
    import keyring
    import keyring.errors

    def drop() -> None:
        try:
            keyring.delete_password(KEYRING_SERVICE, name)
        except keyring.errors.PasswordDeleteError:
            return  # somebody was faster

    _in_time(drop)
    _drop_name("keyring", name)


def _in_time(call: Callable[[], _Answer]) -> _Answer:
    """Calls in a thread of its own: a keyring may wait for a dialog that nobody sees. Raises `SecretMissing`."""
    answers: list[_Answer] = []
    failures: list[Exception] = []

    def work() -> None:
        try:
            answers.append(call())
        except Exception as error:  # backends raise errors of their own libraries
            failures.append(error)

    thread = threading.Thread(target=work, name="cccc-keyring", daemon=True)
    thread.start()
    thread.join(KEYRING_TIMEOUT_S)
    if answers:
        return answers[0]
    if not failures:
        raise SecretMissing(f"the keyring did not answer within {KEYRING_TIMEOUT_S:g} s")
    kind = type(failures[0]).__name__
    words = {
        "NoKeyringError": "this system has no keyring; an encrypted file takes keys too",
        "KeyringLocked": "the keyring is locked",
    }
    raise SecretMissing(words.get(kind, f"the keyring fails: {kind}")) from failures[0]


# ------------------------------------------------------------------------------------ encrypted file


def _to_sealed(name: str, text: str) -> None:
    with locked("keys"):
        _write_sealed({**(_read_sealed() if _sealed_path().exists() else {}), name: text})


def _out_of_sealed(name: str) -> None:
    with locked("keys"):
        _write_sealed({key: text for key, text in _read_sealed().items() if key != name})


def _read_sealed() -> dict[str, str]:
    from cryptography.fernet import Fernet, InvalidToken

    path = _sealed_path()
    try:
        sealed = msgspec.json.decode(path.read_bytes(), type=_Sealed)
        opened = Fernet(_key(sealed.salt, sealed.by_passphrase)).decrypt(sealed.token)
        return msgspec.json.decode(opened, type=dict[str, str])
    except InvalidToken:
        right = (
            f"{PASSPHRASE} is not the right passphrase"
            if sealed.by_passphrase
            else f"{_key_path()} is another key"
        )
        raise SecretMissing(f"{path} cannot be opened: {right}") from None
    except (OSError, ValueError) as error:  # a damaged file, or a key file that holds no key
        raise SecretMissing(f"{path} cannot be read: {error}") from None


def _write_sealed(entries: dict[str, str]) -> None:
    from cryptography.fernet import Fernet

    path = _sealed_path()
    if not entries:
        path.unlink(missing_ok=True)
        _names_path("encrypted").unlink(missing_ok=True)
        return
    by_passphrase = bool(os.environ.get(PASSPHRASE))
    salt = secrets.token_bytes(16)
    token = Fernet(_key(salt, by_passphrase, makes=True)).encrypt(msgspec.json.encode(entries))
    sealed = _Sealed(salt=salt, by_passphrase=by_passphrase, token=token)
    write_private(path, msgspec.json.encode(sealed).decode())
    _write_names("encrypted", tuple(entries))


def _key(salt: bytes, by_passphrase: bool, makes: bool = False) -> bytes:
    """The key, from the passphrase or from its file. Raises `SecretMissing`."""
    if not by_passphrase:
        return _key_from_file(makes)
    passphrase = os.environ.get(PASSPHRASE, "")
    if not passphrase:
        raise SecretMissing(f"{_sealed_path()} was written with a passphrase: set {PASSPHRASE}")
    derived = hashlib.scrypt(passphrase.encode(), salt=salt, n=_SCRYPT_N, r=8, p=1, maxmem=1 << 27, dklen=32)
    return base64.urlsafe_b64encode(derived)


def _key_from_file(makes: bool) -> bytes:
    path = _key_path()
    if makes and not path.exists():
        write_private(path, base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
    try:
        return path.read_bytes()
    except OSError as error:
        raise SecretMissing(f"{path}, the key to the stored keys, cannot be read: {error.strerror}") from None


# ------------------------------------------------------------------------------------ plain file


def _to_plain(name: str, text: str) -> None:
    with locked("keys"):
        _write_plain({**(_read_plain() if _plain_path().exists() else {}), name: text})


def _out_of_plain(name: str) -> None:
    with locked("keys"):
        _write_plain({key: text for key, text in _read_plain().items() if key != name})


def _read_plain() -> dict[str, str]:
    path = _plain_path()
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    except (OSError, msgspec.DecodeError) as error:
        raise SecretMissing(f"{path} cannot be read: {error}") from None


def _write_plain(entries: dict[str, str]) -> None:
    if entries:
        write_private(_plain_path(), msgspec.json.encode(entries).decode())
    else:
        _plain_path().unlink(missing_ok=True)


# ------------------------------------------------------------------------------------ names and places


def _note_name(store: Store, name: str) -> None:
    with locked("keys"):
        _write_names(store, (*_read_names(_names_path(store)), name))


def _drop_name(store: Store, name: str) -> None:
    with locked("keys"):
        _write_names(store, tuple(each for each in _read_names(_names_path(store)) if each != name))


def _read_names(path: Path) -> tuple[str, ...]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=tuple[str, ...])
    except (OSError, msgspec.DecodeError):
        return ()  # a list for people; the secrets are found without it


def _write_names(store: Store, names: tuple[str, ...]) -> None:
    write_private(_names_path(store), msgspec.json.encode(sorted(set(names))).decode())


def _names_path(store: Store) -> Path:
    return state_folder() / f"key-names-{store}.json"


def _key_path() -> Path:
    """Not beside what it opens: a backup or a synchronised folder should not have both."""
    return state_folder() / "keys.key"


def _sealed_path() -> Path:
    return user_config().parent / "keys.enc"


def _plain_path() -> Path:
    return user_config().parent / "keys.json"


_SAVERS: dict[Store, Callable[[str, str], None]] = {
    "keyring": _to_ring,
    "encrypted": _to_sealed,
    "plain": _to_plain,
}
_DROPPERS: dict[Store, Callable[[str], None]] = {
    "keyring": _out_of_ring,
    "encrypted": _out_of_sealed,
    "plain": _out_of_plain,
}
